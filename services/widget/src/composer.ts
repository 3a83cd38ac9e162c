// The message box: Enter sends, Shift+Enter breaks the line, and nothing typed is ever cut or lost.

import { icon, ICONS, make } from "./dom";
import type { Texts } from "./texts";

/** The gateway's limit (contracts.md), counted like it counts: in Unicode code points. */
const LONGEST_TEXT = 4_000;
const WARN_FROM = 3_600;
const STOP_AFTER_MS = 700;

export interface ComposerCalls {
  send(text: string): void;
  stop(): void;
  announce(text: string): void;
}

export class Composer {
  readonly element: HTMLFormElement;
  readonly input: HTMLTextAreaElement;
  readonly #counter = make("span", { class: "counter", id: "counter" });
  readonly #action = make("button", { class: "send" });
  #busy = false;
  #offering = 0;
  #tooLong = false;

  constructor(
    private readonly texts: Texts,
    private readonly calls: ComposerCalls,
  ) {
    this.input = make("textarea", {
      id: "message",
      rows: "1",
      placeholder: texts.placeholder,
      autocomplete: "off",
      "aria-describedby": "counter",
    });
    const label = make("label", { for: "message", class: "unseen" }, texts.message);
    this.element = make("form", { class: "composer" }, label, this.input, this.#action, this.#counter);
    this.element.addEventListener("submit", (event) => this.#submit(event));
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("input", () => this.measure());
    this.#offer(false);
    this.measure();
  }

  get text(): string {
    return this.input.value;
  }

  set text(text: string) {
    this.input.value = text;
    this.measure();
  }

  /** While a message is on its way the button stops it, but not at once: a double click on Send must not. */
  setBusy(busy: boolean): void {
    if (busy === this.#busy) return;
    this.#busy = busy;
    clearTimeout(this.#offering);
    if (busy) this.#offering = window.setTimeout(() => this.#offer(true), STOP_AFTER_MS);
    else this.#offer(false);
  }

  #offer(stop: boolean): void {
    const label = stop ? this.texts.stop : this.texts.send;
    this.#action.setAttribute("aria-label", label);
    this.#action.title = label;
    this.#action.replaceChildren(icon(stop ? ICONS.stop : ICONS.send));
    this.#action.onclick = stop ? (event) => this.#stop(event) : null;
  }

  #stop(event: Event): void {
    // The words come back before the click is over; it must not go on to submit them.
    event.preventDefault();
    this.calls.stop();
  }

  #key(event: KeyboardEvent): void {
    // Enter that ends an input-method composition chooses a word; it must not send.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#submit(event);
  }

  #submit(event: Event): void {
    event.preventDefault();
    const text = this.text.trim();
    if (this.#busy || this.#tooLong || !text) return;
    this.text = "";
    this.calls.send(text);
  }

  /** Fit the box to its text and count it; called again when the box is first seen. */
  measure(): void {
    const length = Array.from(this.text).length;
    const tooLong = length > LONGEST_TEXT;
    const excess = this.texts.tooLong(length - LONGEST_TEXT);
    this.#counter.textContent = tooLong ? excess : length >= WARN_FROM ? this.texts.left(LONGEST_TEXT - length) : "";
    this.element.classList.toggle("over", tooLong);
    this.input.setAttribute("aria-invalid", String(tooLong));
    if (tooLong && !this.#tooLong) this.calls.announce(excess);
    this.#tooLong = tooLong;
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }
}
