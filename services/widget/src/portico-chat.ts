// The element: attributes in, methods and text-free events out. It owns the shadow root and the one announcer.

import { Client, tokenEndpoint, type TokenSource } from "./client";
import { isReadable } from "./contrast";
import { Conversation, type Listener } from "./conversation";
import { make } from "./dom";
import { Panel } from "./panel";
import css from "./style.css";
import { type Locale, localeOf } from "./texts";
import type { Contact } from "./wire";

/** Where this code came from: the module's own address, or the script's, which is known only while it first runs. */
declare const __ADDRESS__: string;
const SCRIPT_ORIGIN = new URL(__ADDRESS__, location.href).origin;
const DEFAULT_DEADLINE_S = 45;

export class PorticoChat extends HTMLElement {
  static readonly observedAttributes = ["locale", "open"];

  /** Asked for a token when there is no `token-endpoint`; a value set before this script ran is kept. */
  getToken: TokenSource | null = (this as { getToken?: TokenSource }).getToken ?? null;

  readonly #root = this.attachShadow({ mode: "open" });
  readonly #announcer = make("span", { slot: "announcer", role: "status", "aria-live": "polite" });
  #conversation: Conversation | null = null;
  #panel: Panel | null = null;
  readonly #unsaid: string[] = [];
  #signedOut: BroadcastChannel | null = null;
  #speaking = 0;

  connectedCallback(): void {
    if (this.#conversation) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    this.#root.adoptedStyleSheets = [sheet];
    this.append(this.#announcer);
    this.#conversation = this.#converse();
    this.#listenForSignOut();
    this.#draw();
    void this.#conversation.restore();
    this.#tell("ready", {});
  }

  disconnectedCallback(): void {
    // A move within the page connects again at once and must not lose the conversation.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#conversation?.end();
      this.#signedOut?.close();
      this.#conversation = this.#panel = null;
      this.#root.replaceChildren();
      this.#announcer.remove();
    });
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.#panel || before === now) return;
    if (name === "open") this.#showOpen();
    else this.#draw();
  }

  open(): void {
    this.toggleAttribute("open", true);
  }

  close(): void {
    this.toggleAttribute("open", false);
  }

  /** Put text into the message box and open the panel; the patient sends. */
  prefill(text: string): void {
    this.open();
    if (!this.#panel) return;
    this.#panel.composer.text = text;
    this.#panel.focusInput();
  }

  setLocale(locale: Locale): void {
    this.setAttribute("locale", locale);
  }

  /** Forget the conversation here and in the browser's other tabs: for the portal's sign-out. */
  reset(): void {
    this.#forget();
    this.#signedOut?.postMessage("reset");
  }

  destroy(): void {
    this.remove();
  }

  get #locale(): Locale {
    return localeOf(this.getAttribute("locale") ?? document.documentElement.lang);
  }

  get #base(): string {
    return (this.getAttribute("base-url") ?? SCRIPT_ORIGIN).replace(/\/+$/, "");
  }

  /** Each instance on a page has its own conversation; an element with an id keeps it over a reload. */
  get #storageKey(): string {
    return ["portico:conversation", this.#base, ...(this.id ? [this.id] : [])].join(":");
  }

  #forget(): void {
    this.#conversation?.reset();
    if (this.#panel) this.#panel.composer.text = "";
    this.#announcer.textContent = "";
  }

  #listenForSignOut(): void {
    if (!("BroadcastChannel" in window)) return;
    this.#signedOut = new BroadcastChannel(`portico:${this.#base}`);
    this.#signedOut.onmessage = () => this.#forget();
  }

  #converse(): Conversation {
    const endpoint = this.getAttribute("token-endpoint");
    const ask = endpoint ? tokenEndpoint(endpoint) : async () => (await this.getToken?.()) ?? "";
    const listener: Listener = {
      changed: () => this.#panel?.draw(),
      giveBack: (text) => this.#giveBack(text),
      tell: (event, detail) => this.#tell(event, detail),
    };
    const deadlineMs = 1000 * (Number(this.getAttribute("deadline-s")) || DEFAULT_DEADLINE_S);
    const client = new Client(this.#base, ask);
    return new Conversation({ client, locale: () => this.#locale, deadlineMs, storageKey: this.#storageKey, listener });
  }

  #draw(): void {
    if (!this.#conversation) return;
    const draft = this.#panel?.composer.text ?? "";
    const had = this.#root.activeElement !== null;
    const calls = {
      setOpen: (open: boolean) => this.toggleAttribute("open", open),
      setLocale: (locale: Locale) => this.setLocale(locale),
      announce: (text: string) => this.#announce(text),
    };
    const label = this.getAttribute("label");
    this.#panel = new Panel(this.#locale, this.#conversation, this.#careTeam(), calls, label);
    this.#panel.element.append(make("slot", { name: "announcer" }));
    // Before the panel is on the page: there, every measure of the box makes the portal's page lay itself out.
    this.#panel.composer.text = draft;
    this.#root.replaceChildren(this.#panel.element);
    this.#panel.element.classList.toggle("own-accent", !isReadable(this.#panel.element));
    this.#panel.setOpen(this.hasAttribute("open") || this.hasAttribute("embedded"));
    if (had) this.#panel.focusInput();
  }

  #showOpen(): void {
    const open = this.hasAttribute("open") || this.hasAttribute("embedded");
    const inside = this.#root.activeElement !== null;
    this.#panel?.setOpen(open);
    // Opening is the patient's own act and takes the focus; closing gives it back only if it was inside.
    if (open) this.#panel?.focusInput();
    else if (inside) this.#panel?.focusLauncher();
    this.#tell("open", { open });
  }

  #careTeam(): Contact | null {
    const label = this.getAttribute("care-team-label");
    const uri = this.getAttribute("care-team-uri");
    return label && uri ? { label, uri } : null;
  }

  /** Words of a failed message return to the box, unless the patient is already writing the next. */
  #giveBack(text: string): void {
    const composer = this.#panel?.composer;
    if (composer && !composer.text) composer.text = text;
  }

  #announce(text: string): void {
    const words = text.trim();
    if (!words) return;
    // Emptied first, so that the same words twice are heard twice; what comes in the same moment is said together.
    this.#announcer.textContent = "";
    this.#unsaid.push(words);
    clearTimeout(this.#speaking);
    this.#speaking = window.setTimeout(() => {
      this.#announcer.textContent = this.#unsaid.splice(0).join(" ");
    }, 50);
  }

  #tell(event: string, detail: Record<string, string | boolean>): void {
    this.dispatchEvent(new CustomEvent(`portico:${event}`, { detail, bubbles: true, composed: true }));
  }
}

export function define(): void {
  if (!customElements.get("portico-chat")) customElements.define("portico-chat", PorticoChat);
}
