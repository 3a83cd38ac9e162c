// Builds dist/, or with --check fails when a committed file differs from a fresh build or is over its budget.
//
//   portico.js           the loader, at the stable address
//   portico-<hash>.js    the widget as a script; the loader names it with its integrity
//   portico.mjs          the widget as an ES module
//   portico.d.ts         types
import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const here = (path) => new URL(path, import.meta.url);
const DIST = here("dist/");
// Patients on slow phones pay for every kilobyte: the loader is in the way of nothing, the widget with both languages
// is less than a photograph.
const LOADER_BYTES = 3 * 1024;
const WIDGET_BYTES = 20 * 1024;

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

async function bundle(entry, format, define) {
  const { outputFiles } = await build({
    entryPoints: [here(`src/${entry}`).pathname],
    bundle: true,
    minify: true,
    format,
    define,
    target: ["es2022"],
    charset: "utf8",
    legalComments: "none",
    banner: { js: "/* <portico-chat> | Apache-2.0 */" },
    plugins: [minifiedCss],
    write: false,
  });
  return Buffer.from(outputFiles[0].contents);
}

const script = await bundle("index.ts", "iife", { __ADDRESS__: "document.currentScript.src" });
const hash = createHash("sha256").update(script).digest("hex").slice(0, 16);
const integrity = `sha384-${createHash("sha384").update(script).digest("base64")}`;
const file = `portico-${hash}.js`;
const loader = await bundle("loader.ts", "iife", {
  __FILE__: JSON.stringify(file),
  __INTEGRITY__: JSON.stringify(integrity),
});
const module = await bundle("module.ts", "esm", { __ADDRESS__: "import.meta.url" });
const types = await readFile(here("portico.d.ts"));
const fresh = { "portico.js": loader, [file]: script, "portico.mjs": module, "portico.d.ts": types };

const measure = (name, bytes, budget) => {
  const zipped = gzipSync(bytes, { level: 9 }).length;
  console.log(`${name}: ${bytes.length} bytes, ${zipped} gzipped (budget ${budget})`);
  if (zipped > budget) fail(`${name} is over its budget`);
};
measure("portico.js", loader, LOADER_BYTES);
measure(file, script, WIDGET_BYTES - gzipSync(loader, { level: 9 }).length);
measure("portico.mjs", module, WIDGET_BYTES);

const stale = (await readdir(DIST)).filter((name) => !(name in fresh));
if (process.argv.includes("--check")) {
  for (const [name, bytes] of Object.entries(fresh)) {
    const committed = await readFile(new URL(name, DIST)).catch(() => Buffer.alloc(0));
    if (!committed.equals(bytes)) fail(`dist/${name} differs from a fresh build: run \`npm run build\``);
  }
  if (stale.length) fail(`dist/ holds what no build makes: ${stale.join(", ")}`);
} else {
  for (const name of stale) await rm(new URL(name, DIST));
  for (const [name, bytes] of Object.entries(fresh)) await writeFile(new URL(name, DIST), bytes);
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
