// The site's own numbers and words. The gateway writes them into the loader and the module (`porticoSite`), so that they
// are there before the first request and with the server down; the built-in ones are those of the United States.

import { safeUri } from "./dom";
import type { Locale, Texts } from "./texts";
import { fieldsOf, listOf, readContact, textOf } from "./wire";

export type OwnWords = Partial<Pick<Texts, "disclosure" | "notOnPaper" | "nextWorse" | "lines" | "clinic">>;

/** A site's words for a language, all of them; none where the lines to call are not whole, for then nothing is sure. */
export function ownWords(locale: Locale): OwnWords {
  const from = fieldsOf(fieldsOf((globalThis as { porticoSite?: unknown }).porticoSite)[locale]);
  const clinic = readContact(fieldsOf(from.clinic));
  const lines = listOf(from.lines, readContact).filter(({ uri }) => safeUri(uri, ["tel:", "sms:"]));
  const words = { disclosure: textOf(from.disclosure), notOnPaper: textOf(from.notOnPaper), nextWorse: textOf(from.nextWorse) };
  const whole = lines.length >= 2 && Object.values(words).every(Boolean);
  return whole ? { ...words, lines, clinic } : {};
}
