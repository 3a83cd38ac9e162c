// The conversation to keep: as plain text, and as a page for the printer. It is made on this device and sent nowhere.

import type { Entry } from "./conversation";
import { make } from "./dom";
import { authorOf, sayCitation, timeIn } from "./entries";
import type { Locale, Texts } from "./texts";

/** One paragraph of the copy: who said it, and the words. */
interface Part {
  readonly who: string;
  readonly lines: readonly string[];
  readonly lang?: string;
}

/** Return the conversation as text; what is only a notice of this page is left out. */
export function copyAsText(entries: readonly Entry[], texts: Texts, locale: Locale): string {
  const said = parts(entries, texts, locale).map(({ who, lines }) => [`${who}:`, ...lines].join("\n"));
  return [texts.name, `${texts.disclosure}\n${texts.notOnPaper}`, ...said, ""].join("\n\n");
}

/** Offer the text as a file. The name says nothing of the patient. */
export function save(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = make("a", { href: url, download: "conversation.txt" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Print the conversation alone, from a frame of its own: the portal's page keeps its own print style. */
export function print(entries: readonly Entry[], texts: Texts, locale: Locale): void {
  const frame = make("iframe", { "aria-hidden": "true", tabindex: "-1" });
  Object.assign(frame.style, { position: "fixed", width: "0", height: "0", border: "0" });
  document.body.append(frame);
  const { contentDocument: page, contentWindow: view } = frame;
  if (!page || !view) return frame.remove();
  page.documentElement.lang = locale;
  page.title = texts.name;
  page.body.append(
    make("h1", {}, texts.name),
    make("p", {}, `${texts.disclosure} ${texts.notOnPaper}`),
    ...parts(entries, texts, locale).flatMap(({ who, lines, lang }) => [
      make("h2", {}, who),
      ...lines.map((line) => make("p", { dir: "auto", lang: lang || false }, line)),
    ]),
  );
  view.addEventListener("afterprint", () => frame.remove(), { once: true });
  view.focus();
  view.print();
}

function parts(entries: readonly Entry[], texts: Texts, locale: Locale): Part[] {
  return entries.flatMap((entry): Part[] => {
    switch (entry.kind) {
      case "patient":
        return [{ who: texts.you, lines: [entry.text], lang: entry.lang }];
      case "text":
        return [{ who: texts.assistant, lines: [entry.text], lang: entry.lang }];
      case "reply":
        return [{ who: `${authorOf(entry.reply, texts)}, ${timeIn(entry.reply.time, locale)}`, lines: [entry.reply.text], lang: entry.reply.lang }];
      case "turn": {
        const { turn } = entry;
        const said = turn.sentences.map(({ text, citations }) => `${text} ${citations.map((n) => `[${n}]`).join("")}`);
        const lines = turn.route === "answer" ? [said.join(" "), ...turn.citations.map((c) => sayCitation(c, texts, locale))] : [turn.message];
        const lang = turn.route === "answer" ? turn.answerLang : turn.lang;
        return [{ who: texts.assistant, lines: [...lines, ...turn.contacts.map(({ label }) => label)], lang }];
      }
      case "notice":
        return [];
    }
  });
}
