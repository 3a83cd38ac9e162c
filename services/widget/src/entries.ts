// How each thing in the log looks and what of it is read aloud.

import { CLOSED, type Entry, type EntryOf } from "./conversation";
import { icon, ICONS, make, safeUri } from "./dom";
import type { Locale, Texts } from "./texts";
import { type AlarmRoute, type Citation, type Contact, type Escalation, type Reason, REASONS, type Reply, type TicketState, type Turn } from "./wire";

/** How long a thumb down waits for its reason before it is sent without. */
const REASON_MS = 15_000;

export interface Looks {
  readonly texts: Texts;
  readonly locale: Locale;
  readonly stateOf: (turn: Turn) => TicketState;
  /** The alarm is pinned above the log and need not stand in it twice. */
  readonly pinned: boolean;
  readonly retry: (entry: EntryOf<"turn"> | EntryOf<"notice">) => void;
  readonly startNew: () => void;
  readonly dismiss: (entry: Entry) => void;
  readonly rate: (turnId: string, helpful: boolean, reason?: Reason) => void;
  readonly announce: (text: string) => void;
}

export function drawEntry(entry: Entry, looks: Looks): HTMLElement {
  switch (entry.kind) {
    case "patient":
      return bubble("patient", looks.texts.you, words(entry));
    case "text":
      return bubble("assistant", looks.texts.assistant, words(entry));
    case "turn":
      return drawTurn(entry, looks);
    case "reply":
      return drawReply(entry.reply, looks);
    case "notice":
      return drawNotice(entry, looks);
  }
}

/** What a screen reader hears once the entry is finished; empty for what the patient wrote themselves. */
export function sayEntry(entry: Entry, looks: Looks): string {
  const { texts } = looks;
  switch (entry.kind) {
    case "patient":
      return "";
    case "text":
      return entry.text;
    case "turn":
      return sayTurn(entry.turn, looks);
    case "reply":
      return `${authorOf(entry.reply, texts)}: ${entry.reply.text}`;
    case "notice":
      return `${noticeText(entry, texts)} ${keepsDraft(entry) ? texts.keptDraft : ""}`;
  }
}

function sayTurn(turn: Turn, looks: Looks): string {
  const { texts } = looks;
  if (turn.route === "answer") {
    const words = turn.sentences.map((sentence) => sentence.text).join(" ");
    return `${texts.assistant}: ${words} ${texts.sources(turn.citations.length)}.`;
  }
  const next = turn.escalation ? [texts.escalated, ...nextSteps(turn.escalation, "requested", looks)] : [];
  // The pinned banner is an alert of its own and has spoken already.
  return [looks.pinned ? "" : turn.message, ...next].filter(Boolean).join(" ");
}

function drawTurn(entry: EntryOf<"turn">, looks: Looks): HTMLElement {
  const { turn } = entry;
  const { texts } = looks;
  switch (turn.route) {
    case "answer":
      return drawAnswer(turn, looks);
    case "escalate":
      return bubble("assistant", texts.assistant, message(turn), escalationCard(turn, looks));
    case "emergency":
    case "crisis":
      return bubble("assistant", texts.assistant, alarmCard(turn, turn.route, looks), escalationCard(turn, looks));
    case "decline":
      return bubble("assistant", texts.assistant, message(turn));
    case "unavailable":
      return bubble("assistant", texts.assistant, unavailableCard(entry, looks));
  }
}

/** Words that came in, in their own language and direction, whatever the page's. */
export const words = ({ text, lang }: { text: string; lang: string }): HTMLElement => make("p", { dir: "auto", lang: lang || false }, text);

const message = (turn: Turn): HTMLElement => words({ text: turn.message, lang: turn.lang });

function bubble(from: "patient" | "assistant" | "person", author: string, ...content: (HTMLElement | null)[]): HTMLElement {
  // Its place and colour show the patient which words are their own; a screen reader needs it said.
  const look = from === "patient" ? "unseen" : "author";
  return make("div", { class: `entry ${from}` }, make("span", { class: look }, author), ...content);
}

// An answer: each sentence with its numbers, one tray of sources, and two thumbs.

function drawAnswer(turn: Turn, looks: Looks): HTMLElement {
  const tray = sourceTray(turn, looks);
  // Approved passages have a language of their own; a reader in Spanish must not pronounce English as Spanish.
  const text = make("p", { class: "answer", dir: "auto", lang: turn.answerLang });
  for (const sentence of turn.sentences) {
    const marks = sentence.citations
      .filter((n) => turn.citations.some((citation) => citation.n === n))
      .map((n) => citationButton(n, tray, looks.texts));
    text.append(make("span", {}, sentence.text, ...marks), " ");
  }
  let said = "";
  const rate = (helpful: boolean, reason?: Reason): void => {
    // A thousand clicks are one opinion.
    const now = `${helpful} ${reason}`;
    if (now !== said) looks.rate(turn.turnId, helpful, reason);
    said = now;
  };
  const why = reasons(rate, looks);
  const foot = make("div", { class: "foot" }, tray.toggle, thumbs(why, rate, looks));
  return bubble("assistant", looks.texts.assistant, text, foot, why.element, tray.list);
}

interface Tray {
  readonly list: HTMLElement;
  readonly toggle: HTMLButtonElement;
  /** Open the tray at one source, or close it again; focus goes to the source and comes back to `from`. */
  readonly show: (n: number, from: HTMLElement) => void;
}

function sourceTray(turn: Turn, looks: Looks): Tray {
  const id = `sources-${turn.turnId}`;
  const cards = new Map(turn.citations.map((citation) => [citation.n, sourceCard(citation, turn.answerLang, looks)]));
  const list = make("ol", { class: "sources", id, hidden: true }, ...cards.values());
  const toggle = make("button", { type: "button", class: "quiet", "aria-expanded": "false", "aria-controls": id });
  let opener: HTMLElement = toggle;
  toggle.append(icon(ICONS.page), looks.texts.sources(cards.size));
  const open = (now: boolean): void => {
    list.hidden = !now;
    toggle.setAttribute("aria-expanded", String(now));
  };
  const show = (n: number, from: HTMLElement): void => {
    open(true);
    opener = from;
    for (const [other, card] of cards) card.classList.toggle("chosen", other === n);
    cards.get(n)?.focus();
  };
  toggle.addEventListener("click", () => {
    opener = toggle;
    for (const card of cards.values()) card.classList.remove("chosen");
    open(list.hidden === true);
  });
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    open(false);
    opener.focus();
  });
  return { list, toggle, show };
}

function citationButton(n: number, tray: Tray, texts: Texts): HTMLElement {
  const button = make("button", { type: "button", class: "mark", "aria-label": texts.source(n) }, String(n));
  button.addEventListener("click", () => tray.show(n, button));
  return button;
}

/** Say where a passage comes from, and whether a clinician has signed it: only then is it called reviewed. */
function provenance(citation: Citation, texts: Texts, locale: Locale): string {
  const reviewed = citation.reviewed ? texts.reviewed(dateIn(citation.reviewedOn, locale)) : texts.awaiting;
  return [citation.section, reviewed].filter(Boolean).join(" · ");
}

export const sayCitation = (citation: Citation, texts: Texts, locale: Locale): string =>
  [`[${citation.n}] ${citation.title}`, provenance(citation, texts, locale), safeUri(citation.url, ["https:"])].filter(Boolean).join(" · ");

function sourceCard(citation: Citation, lang: string, { texts, locale }: Looks): HTMLElement {
  const from = provenance(citation, texts, locale);
  const url = safeUri(citation.url, ["https:"]);
  const label = `${texts.source(citation.n)}: ${citation.title}`;
  return make(
    "li",
    { tabindex: "-1", "aria-label": label },
    make("span", { class: "number", "aria-hidden": "true" }, String(citation.n)),
    make(
      "div",
      {},
      make("strong", { dir: "auto", lang }, citation.title),
      make("span", { class: "meta" }, from),
      citation.quote ? make("blockquote", { dir: "auto", lang }, citation.quote) : null,
      url ? outsideLink(url, texts.openSource, `${texts.openSource}: ${citation.title} (${texts.newTab})`) : null,
    ),
  );
}

function outsideLink(href: string, text: string, label: string): HTMLElement {
  return make("a", { href, target: "_blank", rel: "noopener noreferrer", "aria-label": label }, text);
}

function thumbs(why: Why, rate: (helpful: boolean) => void, looks: Looks): HTMLElement {
  const { texts } = looks;
  const group = make("div", { class: "thumbs", role: "group", "aria-label": texts.helpful });
  const vote = (helpful: boolean) => () => {
    why.ask(!helpful);
    if (helpful) rate(true);
    looks.announce(helpful ? texts.thanks : texts.whyNot);
    yes.setAttribute("aria-pressed", String(helpful));
    no.setAttribute("aria-pressed", String(!helpful));
  };
  const thumb = (label: string, path: string, helpful: boolean): HTMLElement =>
    make("button", { type: "button", class: "thumb", "aria-label": label, title: label, "aria-pressed": "false", click: vote(helpful) }, icon(path));
  const yes = thumb(texts.yes, ICONS.up, true);
  const no = thumb(texts.no, ICONS.down, false);
  group.append(yes, no);
  return group;
}

interface Why {
  readonly element: HTMLElement;
  readonly ask: (now: boolean) => void;
}

/** Why an answer did not help: a closed set, never words of the patient's. A thumb down is sent once, with its reason
 * or, where none is chosen, without. */
function reasons(rate: (helpful: boolean, reason?: Reason) => void, { texts, announce }: Looks): Why {
  const element = make("div", { class: "why", role: "group", "aria-label": texts.whyNot, hidden: true });
  let waiting = 0;
  const ask = (now: boolean): void => {
    clearTimeout(waiting);
    element.hidden = !now;
    if (now) element.scrollIntoView({ block: "nearest" });
    if (now) waiting = window.setTimeout(() => rate(false), REASON_MS);
  };
  const choose = (reason: Reason) => () => {
    clearTimeout(waiting);
    rate(false, reason);
    announce(texts.thanks);
    element.replaceChildren(make("span", { class: "meta", tabindex: "-1" }, texts.thanks));
    (element.firstChild as HTMLElement).focus();
  };
  const choices = REASONS.map((reason) => button(texts.reasons[reason], choose(reason), "outline"));
  element.append(make("span", { class: "meta" }, texts.whyNot), ...choices);
  return { element, ask };
}

// What happens next.

function nextSteps(escalation: Escalation, state: TicketState, { texts, locale }: Looks): string[] {
  if (state === "answered") return [texts.nextAnswered];
  if (state === "completed") return [texts.nextClosed];
  const by = timeIn(escalation.replyBy, locale);
  return [texts.nextRead, ...(by ? [texts.nextReply(by)] : []), texts.nextWorse];
}

function escalationCard(turn: Turn, looks: Looks): HTMLElement | null {
  if (!turn.escalation) return null;
  const { texts } = looks;
  const state = looks.stateOf(turn);
  const steps = nextSteps(turn.escalation, state, looks);
  const [only] = steps;
  return make(
    "div",
    { class: "card", role: "group", "aria-label": texts.escalated },
    make(
      "div",
      { class: "card-head" },
      icon(ICONS.person),
      make("strong", {}, texts.escalated),
      make("span", { class: `chip ${state}` }, texts.states[state]),
    ),
    steps.length === 1 ? make("p", {}, only ?? "") : make("ol", { class: "steps" }, ...steps.map((step) => make("li", {}, step))),
    turn.route === "escalate" ? contactList(turn.contacts, turn.lang) : null,
  );
}

function alarmCard(turn: Turn, route: AlarmRoute, looks: Looks): HTMLElement | null {
  if (looks.pinned) return null;
  const title = make("div", { class: "card-head" }, icon(ICONS.alert), make("strong", {}, looks.texts.alarms[route]));
  return make("div", { class: `card alarm ${route}` }, title, message(turn), contactList(turn.contacts, turn.lang));
}

/** Ways to a person as buttons; an address of another kind than tel, sms or https is shown as text only. */
export function contactList(contacts: readonly Contact[], lang = ""): HTMLElement | null {
  if (contacts.length === 0) return null;
  const items = contacts.map(({ label, uri }) => {
    const href = safeUri(uri);
    const path = uri.startsWith("sms:") ? ICONS.text : ICONS.phone;
    return make("li", {}, href ? make("a", { href, class: "contact" }, icon(path), label) : make("span", {}, label));
  });
  return make("ul", { class: "contacts", lang: lang || false }, ...items);
}

function unavailableCard(entry: EntryOf<"turn">, looks: Looks): HTMLElement {
  const { texts } = looks;
  return make(
    "div",
    { class: "card", role: "group", "aria-label": texts.unavailable },
    make("div", { class: "card-head" }, icon(ICONS.alert), make("strong", {}, texts.unavailable)),
    message(entry.turn),
    contactList(entry.turn.contacts, entry.turn.lang),
    entry.retry ? button(texts.retry, () => looks.retry(entry)) : null,
  );
}

// A clinician's reply, and what went wrong.

export const authorOf = (reply: Reply, texts: Texts): string => `${texts.roles[reply.role ?? "staff"]}, ${texts.fromPerson}`;

function drawReply(reply: Reply, looks: Looks): HTMLElement {
  const time = timeIn(reply.time, looks.locale);
  const stamp = time ? make("time", { class: "meta", datetime: reply.time }, time) : null;
  return bubble("person", authorOf(reply, looks.texts), words(reply), stamp);
}

const keepsDraft = (entry: EntryOf<"notice">): boolean => entry.retry !== null;

function noticeText(entry: EntryOf<"notice">, texts: Texts): string {
  const known: Record<string, string> = { ...texts.failures, [CLOSED]: texts.closed };
  // The gateway's own words are English, and in the other language no help.
  const given = texts.locale === "en" ? entry.message : "";
  return (Object.hasOwn(known, entry.code) && known[entry.code]) || given || texts.failed;
}

function drawNotice(entry: EntryOf<"notice">, looks: Looks): HTMLElement {
  const { texts } = looks;
  const closed = entry.code === CLOSED;
  const again = closed ? button(texts.startNew, looks.startNew) : entry.retry && button(texts.retry, () => looks.retry(entry));
  return make(
    "div",
    { class: "entry notice" },
    make("p", {}, make("strong", {}, noticeText(entry, texts)), keepsDraft(entry) ? ` ${texts.keptDraft}` : null),
    make("div", { class: "foot" }, again, button(texts.dismiss, () => looks.dismiss(entry), "quiet")),
  );
}

export function button(text: string, click: () => void, look = "solid"): HTMLButtonElement {
  return make("button", { type: "button", class: look, click }, text);
}

// Dates and times in the patient's language and zone; what cannot be read is left out rather than shown raw.

export function timeIn(rfc3339: string, locale: Locale): string {
  const time = new Date(rfc3339);
  const format: Intl.DateTimeFormatOptions = { weekday: "long", month: "long", day: "numeric", hour: "numeric", minute: "2-digit" };
  return Number.isNaN(time.valueOf()) ? "" : new Intl.DateTimeFormat(locale, format).format(time);
}

function dateIn(day: string, locale: Locale): string {
  const time = new Date(`${day}T12:00:00Z`);
  const format: Intl.DateTimeFormatOptions = { year: "numeric", month: "short", day: "numeric", timeZone: "UTC" };
  return Number.isNaN(time.valueOf()) ? day : new Intl.DateTimeFormat(locale, format).format(time);
}
