// What happens to a message: sent once under one key, kept on every failure, followed until a person has replied.

import { CallError, type Client, type Message } from "./client";
import type { ServerEvent } from "./sse";
import type { Locale } from "./texts";
import {
  type Banner,
  parseJson,
  readBanner,
  readFailure,
  type Reason,
  readReply,
  readStage,
  readEscalationId,
  readTicketState,
  readTurn,
  type Reply,
  type Stage,
  type TicketState,
  type TranscriptMessage,
  type Turn,
} from "./wire";

/** One thing in the log. `live` is false for what a reload brought back: it is shown but not announced. */
export type Entry = { readonly live: boolean } & (
  | { readonly kind: "patient"; readonly text: string; readonly lang: string }
  | { readonly kind: "text"; readonly text: string; readonly lang: string }
  | { readonly kind: "turn"; readonly turn: Turn; readonly retry: Message | null }
  | { readonly kind: "reply"; readonly reply: Reply }
  | { readonly kind: "notice"; readonly code: string; readonly message: string; readonly retry: Message | null }
);
export type EntryOf<K extends Entry["kind"]> = Extract<Entry, { kind: K }>;

export interface Listener {
  /** Something to see has changed. */
  changed(): void;
  /** The words of a message that was not answered go back to the patient. */
  giveBack(text: string): void;
  /** A fact for the host page, free of text. */
  tell(event: "message" | "escalated" | "emergency" | "error", detail: Record<string, string>): void;
}

export interface Options {
  readonly client: Client;
  readonly locale: () => Locale;
  readonly deadlineMs: number;
  /** Where the id of this instance's conversation is kept. */
  readonly storageKey: string;
  readonly listener: Listener;
}

/** The server's code for a conversation that has ended. */
export const CLOSED = "conversation_closed";
const SILENCE_MS = 90_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const CONFLICT_TRIES = 4;
const CONFLICT_WAIT_MS = 1_500;
/** Answers that no retry of the event feed can change: signed out, forbidden, gone. */
const FINAL_STATUSES = [401, 403, 404];

export class Conversation {
  entries: readonly Entry[] = [];
  stage: Stage | null = null;
  banner: Banner | null = null;

  readonly #tickets = new Map<string, TicketState>();
  #id: string | null = null;
  #sending: AbortController | null = null;
  #kept: Message | null = null;
  #feed: AbortController | null = null;
  #lastEventId = "";
  #over = false;

  constructor(private readonly options: Options) {}

  get busy(): boolean {
    return this.#sending !== null;
  }

  /** Where a turn's escalation stands: answered once a reply to that turn is in the log. */
  stateOf(turn: Turn): TicketState {
    const answered = this.entries.some((entry) => entry.kind === "reply" && entry.reply.turnId === turn.turnId);
    return answered ? "answered" : (this.#tickets.get(turn.escalation?.id ?? "") ?? "requested");
  }

  /** Send text. The same words after a failure keep their key, so that the gateway answers them once. */
  async send(text: string): Promise<void> {
    if (this.busy || this.#over || !text.trim()) return;
    const message = this.#kept?.text === text ? this.#kept : { text, key: newKey() };
    this.#removeWhere((entry) => entry.kind === "notice");
    await this.#deliver(message);
  }

  /** Send the message of a failed entry again, in its place. */
  async retry(entry: EntryOf<"turn"> | EntryOf<"notice">): Promise<void> {
    if (this.busy || !entry.retry) return;
    const at = this.entries.indexOf(entry);
    const asked = entry.kind === "turn" ? this.entries[at - 1] : undefined;
    this.#removeWhere((other) => other === entry || other === asked);
    await this.#deliver(entry.retry);
  }

  /** Stop waiting; the words go back into the box. */
  stop(): void {
    this.#sending?.abort(new CallError("stopped"));
  }

  acknowledge(): void {
    this.banner = null;
    this.options.listener.changed();
  }

  dismiss(entry: Entry): void {
    this.#removeWhere((other) => other === entry);
    this.options.listener.changed();
  }

  async rate(turnId: string, helpful: boolean, reason?: Reason): Promise<void> {
    if (this.#id) await this.options.client.sendFeedback(this.#id, turnId, helpful, reason).catch(() => {});
  }

  /** Bring back the conversation of this browser tab, if it still is this patient's. */
  async restore(): Promise<void> {
    const id = storedId(this.options.storageKey);
    if (!id) return;
    try {
      const transcript = await this.options.client.readTranscript(id, new AbortController().signal);
      if (this.#over || this.#id) return;
      this.#id = id;
      this.#show(transcript.messages);
      if (transcript.closed) this.#addClosed();
    } catch (error) {
      if (error instanceof CallError && error.status === 404) storeId(this.options.storageKey, null);
    }
    this.options.listener.changed();
  }

  /** Forget the conversation on this device. */
  reset(): void {
    this.stop();
    this.#stopFollowing();
    this.#forgetId();
    this.entries = [];
    this.banner = null;
    this.#kept = null;
    this.options.listener.changed();
  }

  /** Stop every connection; the conversation itself stays. */
  end(): void {
    this.#over = true;
    this.stop();
    this.#stopFollowing();
  }

  async #deliver(message: Message): Promise<void> {
    const sending = new AbortController();
    this.#sending = sending;
    const timer = setTimeout(() => sending.abort(new CallError("deadline")), this.options.deadlineMs);
    const patient: EntryOf<"patient"> = { kind: "patient", live: true, text: message.text, lang: "" };
    this.#add(patient);
    this.options.listener.changed();
    try {
      this.#settle(message, patient, await this.#receive(message, sending.signal));
    } catch (error) {
      // Browsers differ in what an aborted read throws; why we aborted is what counts.
      this.#fail(message, patient, sending.signal.aborted ? sending.signal.reason : error);
    } finally {
      clearTimeout(timer);
      this.#sending = null;
      this.stage = null;
      this.options.listener.changed();
    }
  }

  /** A conversation that is gone is begun anew, once; a first try that still runs under our key is waited for. */
  async #receive(message: Message, signal: AbortSignal): Promise<Turn> {
    for (let again = 0; ; again++) {
      try {
        return await this.#receiveFrom(await this.#conversationId(signal), message, signal);
      } catch (error) {
        const code = error instanceof CallError ? error.code : "";
        if (code === "not_found" && again < 1) this.#forgetId();
        else if (code === "conflict" && again < CONFLICT_TRIES) await pause(CONFLICT_WAIT_MS);
        else throw error;
        signal.throwIfAborted();
      }
    }
  }

  async #receiveFrom(id: string, message: Message, signal: AbortSignal): Promise<Turn> {
    for await (const event of this.options.client.sendTurn(id, message, this.options.locale(), signal)) {
      const turn = this.#watch(event);
      if (turn) return turn;
    }
    throw new CallError("interrupted");
  }

  /** Take one event of a turn. Sentences and citations wait for `turn`, which holds them whole; unknown names pass. */
  #watch(event: ServerEvent): Turn | null {
    const value = parseJson(event.data);
    switch (event.name) {
      case "status":
        this.stage = readStage(value) ?? this.stage;
        this.options.listener.changed();
        return null;
      case "banner":
        this.#alarm(readBanner(value));
        return null;
      case "turn": {
        const turn = readTurn(value);
        if (!turn) throw new CallError("interrupted");
        return turn;
      }
      case "error": {
        const { code, message } = readFailure(value);
        throw new CallError(code || "internal", message);
      }
      default:
        return null;
    }
  }

  #alarm(banner: Banner | null): void {
    if (!banner) return;
    this.banner = banner;
    this.options.listener.changed();
    this.options.listener.tell("emergency", { route: banner.route });
  }

  #settle(message: Message, patient: EntryOf<"patient">, turn: Turn): void {
    // The fixed texts are in another language than the page only where the patient wrote in it.
    const { lang } = turn;
    if (lang && lang !== this.options.locale()) {
      this.entries = this.entries.map((entry) => (entry === patient ? { ...patient, lang } : entry));
    }
    const unanswered = turn.route === "unavailable";
    this.#kept = unanswered ? message : null;
    if (!this.banner) this.#alarm(readBanner(turn));
    this.#add({ kind: "turn", live: true, turn, retry: unanswered ? message : null });
    this.options.listener.tell("message", { route: turn.route });
    if (turn.escalation) this.options.listener.tell("escalated", { urgency: turn.escalation.urgency });
    this.#followAfter(turn);
  }

  #fail(message: Message, patient: Entry, error: unknown): void {
    const { code, message: words } = error instanceof CallError ? error : new CallError("interrupted");
    this.#removeWhere((entry) => entry === patient);
    this.#kept = message;
    this.options.listener.giveBack(message.text);
    if (code === "stopped") return;
    this.#add({ kind: "notice", live: true, code, message: words, retry: message });
    this.options.listener.tell("error", { code });
  }

  async #conversationId(signal: AbortSignal): Promise<string> {
    if (!this.#id) {
      this.#id = await this.options.client.startConversation(this.options.locale(), signal);
      storeId(this.options.storageKey, this.#id);
    }
    return this.#id;
  }

  #forgetId(): void {
    this.#id = null;
    this.#lastEventId = "";
    storeId(this.options.storageKey, null);
  }

  #show(messages: readonly TranscriptMessage[]): void {
    const restored = messages.map(entryOf).filter((entry) => entry !== null);
    this.entries = [...restored, ...this.entries];
    const last = messages.at(-1);
    if (last && last.author !== "clinician" && last.turn) this.banner = readBanner(last.turn);
    for (const entry of restored) if (entry.kind === "turn") this.#followAfter(entry.turn);
  }

  /** Keep a connection open for replies once a person has been asked, and only then. */
  #followAfter(turn: Turn): void {
    const awaited = turn.escalation !== null || ["escalate", "emergency", "crisis"].includes(turn.route);
    if (awaited && this.#id && !this.#feed) void this.#follow(this.#id);
  }

  async #follow(id: string): Promise<void> {
    let quiet = 0;
    const heard = (): void => {
      quiet = 0;
    };
    let feed = (this.#feed = new AbortController());
    for (let first = true; this.#feed === feed; first = false) {
      const final = await this.#listen(id, feed, heard, !first && !this.#lastEventId);
      if (this.#feed !== feed) return;
      if (final) return this.#stopFollowing();
      await pause(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** quiet++) * (0.5 + Math.random() / 2));
      if (this.#feed === feed) feed = this.#feed = new AbortController();
    }
  }

  /** Read one connection to its end; true when another would be refused as well. */
  async #listen(id: string, feed: AbortController, heard: () => void, missed: boolean): Promise<boolean> {
    let timer = setTimeout(() => feed.abort(), SILENCE_MS);
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => feed.abort(), SILENCE_MS);
      heard();
    };
    try {
      if (missed) void this.#catchUp(id, feed.signal).catch(() => {});
      for await (const event of this.options.client.followEvents(id, this.#lastEventId, feed.signal, alive)) {
        this.#hear(event);
      }
      return false;
    } catch (error) {
      return error instanceof CallError && FINAL_STATUSES.includes(error.status);
    } finally {
      clearTimeout(timer);
    }
  }

  #hear(event: ServerEvent): void {
    this.#lastEventId = event.id || this.#lastEventId;
    const value = parseJson(event.data);
    const state = readTicketState(value);
    if (event.name === "reply") this.#hearReply(readReply(value));
    else if (event.name === "closed") this.#addClosed();
    else if (state) this.#tickets.set(readEscalationId(value), state);
    this.options.listener.changed();
  }

  #addClosed(): void {
    if (this.entries.some((entry) => entry.kind === "notice" && entry.code === CLOSED)) return;
    this.#add({ kind: "notice", live: false, code: CLOSED, message: "", retry: null });
  }

  #hearReply(reply: Reply | null): void {
    if (!reply || this.#knows(reply)) return;
    this.#add({ kind: "reply", live: true, reply });
  }

  /** Replies that came while no connection was open and no event had yet been seen to resume from. */
  async #catchUp(id: string, signal: AbortSignal): Promise<void> {
    const { messages } = await this.options.client.readTranscript(id, signal);
    for (const message of messages) if (message.author === "clinician") this.#hearReply(message.reply);
    this.options.listener.changed();
  }

  #knows(reply: Reply): boolean {
    return this.entries.some(
      (entry) => entry.kind === "reply" && entry.reply.text === reply.text && entry.reply.time === reply.time,
    );
  }

  #stopFollowing(): void {
    const feed = this.#feed;
    this.#feed = null;
    feed?.abort();
  }

  #add(entry: Entry): void {
    this.entries = [...this.entries, entry];
  }

  #removeWhere(gone: (entry: Entry) => boolean): void {
    this.entries = this.entries.filter((entry) => !gone(entry));
  }
}

function entryOf(message: TranscriptMessage): Entry | null {
  if (message.author === "clinician") return { kind: "reply", live: false, reply: message.reply };
  if (message.author === "patient") return message.text ? { kind: "patient", live: false, text: message.text, lang: message.lang } : null;
  if (message.turn) return { kind: "turn", live: false, turn: message.turn, retry: null };
  return message.text ? { kind: "text", live: false, text: message.text, lang: message.lang } : null;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** A UUID; `randomUUID` is missing on pages served without TLS. */
function newKey(): string {
  if ("randomUUID" in crypto) return crypto.randomUUID();
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The id alone is kept, for this tab and this gateway; never a word of the conversation.
function storedId(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function storeId(key: string, id: string | null): void {
  try {
    if (id === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, id);
  } catch {
    // Storage is off in this browser: the conversation then lasts as long as the page.
  }
}
