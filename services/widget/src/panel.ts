// Everything inside the shadow root: launcher, header, safety bar, banner, log, message box. Drawn from the conversation.

import { Composer } from "./composer";
import type { Conversation, Entry } from "./conversation";
import { icon, ICONS, make } from "./dom";
import { button, contactList, drawEntry, type Looks, sayEntry, words } from "./entries";
import { copyAsText, print, save } from "./paper";
import { type Locale, type Texts, textsIn } from "./texts";
import type { Banner, Contact } from "./wire";

export interface PanelCalls {
  setOpen(open: boolean): void;
  setLocale(locale: Locale): void;
  announce(text: string): void;
}

/** After this long the progress line admits that it is slow. */
const SLOW_MS = 8_000;

export class Panel {
  readonly element: HTMLElement;
  readonly composer: Composer;

  readonly #texts: Texts;
  readonly #launcher: HTMLButtonElement;
  readonly #panel: HTMLElement;
  readonly #reach: HTMLElement;
  readonly #reachToggle: HTMLButtonElement;
  readonly #copy: HTMLElement;
  readonly #copyToggle: HTMLButtonElement;
  readonly #bannerSlot = make("div", { class: "banner-slot", role: "alert" });
  readonly #log: HTMLElement;
  readonly #welcome: HTMLElement;
  readonly #progress = make("div", { class: "progress", hidden: true });
  readonly #badge = make("span", { class: "badge", hidden: true });
  readonly #drawn = new Map<Entry, HTMLElement>();
  #drawnBanner: Banner | null = null;
  #slow = 0;
  #open = false;

  constructor(
    private readonly locale: Locale,
    private readonly conversation: Conversation,
    private readonly careTeam: Contact | null,
    private readonly calls: PanelCalls,
    label: string | null,
  ) {
    const texts = (this.#texts = label ? { ...textsIn(locale), name: label } : textsIn(locale));
    this.composer = new Composer(texts, {
      send: (text) => void conversation.send(text),
      stop: () => conversation.stop(),
      announce: (text) => calls.announce(text),
    });
    this.#launcher = make("button", { type: "button", class: "launcher", part: "launcher", click: () => calls.setOpen(true) });
    this.#launcher.append(icon(ICONS.chat), texts.launcher, this.#badge);
    this.#reach = make("div", { class: "reach", id: "reach", hidden: true });
    this.#reachToggle = disclosure("reach", ICONS.person, texts.person, () => this.#toggleReach(this.#reach.hidden === true));
    this.#copy = this.#drawCopy();
    this.#copyToggle = disclosure("copy", ICONS.page, texts.copy, () => this.#toggleCopy(this.#copy.hidden === true));
    this.#welcome = this.#drawWelcome();
    this.#log = make("div", { class: "log", role: "log", "aria-live": "off", "aria-label": texts.conversation, tabindex: "0" });
    this.#log.append(this.#welcome, this.#progress);
    this.#panel = this.#drawPanel();
    this.element = make("section", { class: "root", lang: locale, dir: texts.direction, "aria-label": texts.name }, this.#launcher, this.#panel);
    this.element.addEventListener("keydown", (event) => this.#escape(event));
    // A reader that draws a language anew must not hear the old conversation again.
    for (const entry of conversation.entries) this.#place(entry);
    this.draw();
  }

  setOpen(open: boolean): void {
    this.#open = open;
    this.#panel.hidden = !open;
    this.#launcher.hidden = open;
    if (!open) return;
    this.#setUnread(false);
    this.composer.measure();
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  focusInput(): void {
    this.composer.input.focus();
  }

  focusLauncher(): void {
    this.#launcher.focus();
  }

  /** Bring what is seen up to date with the conversation. */
  draw(): void {
    this.#drawBanner();
    this.#dropStale();
    for (const entry of this.conversation.entries) {
      if (this.#drawn.has(entry)) continue;
      const element = this.#place(entry);
      this.#reveal(entry, element);
    }
    this.#welcome.hidden = this.conversation.entries.length > 0;
    this.#copyToggle.hidden = this.conversation.entries.length === 0;
    if (this.#copyToggle.hidden) this.#toggleCopyOff();
    this.composer.setBusy(this.conversation.busy);
    this.#drawProgress();
  }

  #place(entry: Entry): HTMLElement {
    const element = drawEntry(entry, this.#looks());
    const next = this.conversation.entries
      .slice(this.conversation.entries.indexOf(entry) + 1)
      .map((later) => this.#drawn.get(later))
      .find((later) => later);
    element.dataset.look = this.#lookOf(entry);
    this.#log.insertBefore(element, next ?? this.#progress);
    this.#drawn.set(entry, element);
    return element;
  }

  #reveal(entry: Entry, element: HTMLElement): void {
    if (entry.live) this.calls.announce(sayEntry(entry, this.#looks()));
    if (entry.kind === "reply" && !this.#open) this.#setUnread(true);
    this.#log.scrollTop = entry.live && entry.kind !== "patient" ? this.#startOf(element) : this.#log.scrollHeight;
  }

  /** Where to scroll so that what is new is read from its first line, under a short question that it answers. */
  #startOf(element: HTMLElement): number {
    const before = element.previousElementSibling;
    const asked = before instanceof HTMLElement && before.offsetHeight < this.#log.clientHeight / 3 ? before : element;
    return asked.offsetTop - 16;
  }

  /** Take away what is gone, and draw anew what looks different now (a ticket's state, an alarm unpinned). */
  #dropStale(): void {
    for (const [entry, element] of this.#drawn) {
      const gone = !this.conversation.entries.includes(entry);
      // A card that the patient stands in keeps its old look for now: its focus must not be taken.
      if (!gone && (element.dataset.look === this.#lookOf(entry) || this.#hasFocus(element))) continue;
      if (gone) this.#keepFocusFrom(element);
      element.remove();
      this.#drawn.delete(entry);
      if (!gone) this.#place(entry);
    }
  }

  /** What an entry's look depends on beside itself. */
  #lookOf(entry: Entry): string {
    const { conversation } = this;
    if (entry.kind !== "turn" || entry.turn.route === "answer") return "";
    return `${conversation.stateOf(entry.turn)} ${conversation.banner !== null}`;
  }

  /** A button that goes away while it has the focus hands it to the message box. */
  #keepFocusFrom(element: HTMLElement): void {
    if (this.#hasFocus(element)) this.focusInput();
  }

  #hasFocus(element: HTMLElement): boolean {
    const root = element.getRootNode();
    return root instanceof ShadowRoot && element.contains(root.activeElement);
  }

  #looks(): Looks {
    const { conversation } = this;
    return {
      texts: this.#texts,
      locale: this.locale,
      stateOf: (turn) => conversation.stateOf(turn),
      pinned: conversation.banner !== null,
      retry: (entry) => {
        if (this.composer.text === entry.retry?.text) this.composer.text = "";
        void conversation.retry(entry);
      },
      startNew: () => conversation.reset(),
      dismiss: (entry) => conversation.dismiss(entry),
      rate: (turnId, helpful, reason) => void conversation.rate(turnId, helpful, reason),
      announce: (text) => this.calls.announce(text),
    };
  }

  #drawPanel(): HTMLElement {
    const texts = this.#texts;
    return make(
      "div",
      { class: "panel", part: "panel", role: "dialog", "aria-label": texts.name, hidden: true },
      this.#drawHeader(),
      this.#drawSafety(),
      this.#bannerSlot,
      this.#log,
      this.composer.element,
    );
  }

  /** The disclosure stands beside the name, so that it is read with it (California AB 3030: visible throughout). */
  #drawHeader(): HTMLElement {
    const texts = this.#texts;
    const close = make("button", { type: "button", class: "icon close", "aria-label": texts.close, title: texts.close }, icon(ICONS.close));
    close.addEventListener("click", () => this.calls.setOpen(false));
    const title = make("div", { class: "title" }, make("h2", {}, texts.name), make("p", { class: "meta" }, texts.disclosure));
    return make("div", { class: "header" }, make("span", { class: "emblem" }, icon(ICONS.chat)), title, close);
  }

  /** Always visible: what this is not for, and the way to a person. */
  #drawSafety(): HTMLElement {
    const texts = this.#texts;
    const other: Locale = this.locale === "en" ? "es" : "en";
    const language = button(texts.otherLanguage, () => this.calls.setLocale(other), "quiet");
    language.lang = other;
    const between = ["", "·", texts.or];
    const lines = make(
      "p",
      { class: "lines" },
      make("strong", {}, texts.notForEmergencies),
      ...texts.lines.flatMap(({ label, uri }, at) => [between[at] ?? "·", make("a", { href: uri }, label)]),
    );
    const ways = make("div", { class: "ways" }, this.#reachToggle, this.#copyToggle, language);
    return make("div", { class: "safety" }, lines, ways, this.#reach, this.#copy);
  }

  /** A copy to keep, on paper or as a file. */
  #drawCopy(): HTMLElement {
    const texts = this.#texts;
    const entries = () => this.conversation.entries;
    return make(
      "div",
      { class: "reach", id: "copy", hidden: true },
      make("p", {}, texts.copyBody),
      make(
        "div",
        { class: "ways" },
        button(texts.print, () => print(entries(), texts, this.locale), "outline"),
        button(texts.save, () => save(copyAsText(entries(), texts, this.locale)), "outline"),
      ),
    );
  }

  #toggleCopyOff(): void {
    this.#copy.hidden = true;
    this.#copyToggle.setAttribute("aria-expanded", "false");
  }

  #toggleCopy(open: boolean): void {
    this.#toggleReach(false);
    this.#copy.hidden = !open;
    this.#copyToggle.setAttribute("aria-expanded", String(open));
  }

  #toggleReach(open: boolean): void {
    const texts = this.#texts;
    this.#reach.hidden = !open;
    this.#reachToggle.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.#toggleCopyOff();
    const turns = this.conversation.entries.filter((entry) => entry.kind === "turn").map((entry) => entry.turn);
    const last = turns.at(-1);
    const careTeam = this.careTeam ?? texts.clinic;
    const seen = [...(careTeam ? [careTeam] : []), ...turns.flatMap((turn) => turn.contacts)];
    const contacts = [...new Map(seen.map((contact) => [contact.uri, contact])).values()];
    this.#reach.replaceChildren(
      make("strong", {}, texts.personTitle),
      make("p", {}, last?.humanContact || texts.personBody),
      contactList(contacts) ?? "",
      button(texts.personWrite, () => this.#writeToPerson(), "outline"),
    );
  }

  #writeToPerson(): void {
    this.#toggleReach(false);
    if (!this.composer.text) this.composer.text = this.#texts.personDraft;
    this.focusInput();
  }

  #drawWelcome(): HTMLElement {
    const texts = this.#texts;
    const examples = texts.examples.map((example) =>
      button(example, () => this.#useExample(example), "outline"),
    );
    return make(
      "div",
      { class: "welcome" },
      make("h3", {}, texts.hello),
      make("p", {}, texts.introduction),
      make("p", { class: "meta" }, texts.tryAsking),
      ...examples,
    );
  }

  #useExample(example: string): void {
    this.composer.text = example;
    this.focusInput();
  }

  #drawBanner(): void {
    const { banner } = this.conversation;
    if (banner === this.#drawnBanner) return;
    this.#drawnBanner = banner;
    if (banner) this.#bannerSlot.replaceChildren(this.#bannerCard(banner));
    else {
      this.#keepFocusFrom(this.#bannerSlot);
      this.#bannerSlot.replaceChildren();
    }
  }

  #bannerCard(banner: Banner): HTMLElement {
    const texts = this.#texts;
    return make(
      "div",
      { class: `banner ${banner.route}` },
      make("div", { class: "card-head" }, icon(ICONS.alert), make("strong", {}, texts.alarms[banner.route])),
      // The way to help comes before the words about it: on a small screen they may need scrolling.
      contactList(banner.contacts, banner.lang),
      words({ text: banner.message, lang: banner.lang }),
      make("div", { class: "ending" }, button(texts.acknowledge, () => this.conversation.acknowledge(), "onalarm")),
    );
  }

  #drawProgress(): void {
    const { busy, stage } = this.conversation;
    if (busy && this.#progress.hidden) this.#slow = window.setTimeout(() => this.#admitSlow(), SLOW_MS);
    if (!busy) clearTimeout(this.#slow);
    this.#progress.hidden = !busy;
    const now = this.#texts.stages[stage ?? "accept"];
    const dots = make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i"));
    if (busy) this.#progress.replaceChildren(dots, make("span", {}, now));
  }

  #admitSlow(): void {
    this.#progress.append(make("span", { class: "meta" }, this.#texts.slow));
    this.calls.announce(this.#texts.slow);
  }

  #setUnread(unread: boolean): void {
    this.#badge.hidden = !unread;
    this.#badge.textContent = unread ? this.#texts.unread : "";
  }

  #escape(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    const opened = [this.#reach, this.#copy].find((part) => !part.hidden);
    if (!opened) return this.calls.setOpen(false);
    this.#toggleReach(false);
    this.#toggleCopyOff();
    (opened === this.#copy ? this.#copyToggle : this.#reachToggle).focus();
  }
}

function disclosure(controls: string, path: string, words: string, click: () => void): HTMLButtonElement {
  const toggle = make("button", { type: "button", class: "quiet", "aria-expanded": "false", "aria-controls": controls, click });
  toggle.append(icon(path), words);
  return toggle;
}
