// Builds dist/portico.js, or with --check fails when the committed file differs from a fresh build.
import { readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const OUT = new URL("dist/portico.js", import.meta.url);
// Patients on slow phones pay for every kilobyte; the whole widget with two languages stays below this.
const BUDGET_BYTES = 16 * 1024;

const minifiedCss = {
  name: "minified-css",
  setup(bundle) {
    bundle.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const { code } = await transform(css, { loader: "css", minify: true, target: "safari16" });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

const { outputFiles } = await build({
  entryPoints: [new URL("src/index.ts", import.meta.url).pathname],
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  charset: "utf8",
  legalComments: "none",
  banner: { js: "/* <portico-chat> | Apache-2.0 */" },
  plugins: [minifiedCss],
  write: false,
});

const fresh = Buffer.from(outputFiles[0].contents);
const zipped = gzipSync(fresh, { level: 9 }).length;
console.log(`portico.js: ${fresh.length} bytes, ${zipped} gzipped (budget ${BUDGET_BYTES})`);
if (zipped > BUDGET_BYTES) fail("the bundle is over its budget");

if (process.argv.includes("--check")) {
  const committed = await readFile(OUT).catch(() => Buffer.alloc(0));
  if (!committed.equals(fresh)) fail("dist/portico.js differs from a fresh build: run `npm run build`");
} else {
  await writeFile(OUT, fresh);
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
