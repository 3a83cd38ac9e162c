// HTTP with a token: one fresh token after a 401, and every failure as one kind of error with a code.

import { readEvents, type ServerEvent } from "./sse";
import { parseJson, readFailure, readId, readToken, readTranscript, type Reason, type Transcript } from "./wire";

export type TokenSource = () => Promise<string>;

/** Codes that this side adds to the server's own. */
export type LocalCode = "network" | "interrupted" | "deadline" | "session_expired" | "sign_in_slow" | "stopped";

/** A portal that has not said within this time who the patient is will hardly say it later. */
const TOKEN_MS = 10_000;

/** Why a call failed. `code` may go into events and logs; `message` is the server's patient-safe text, or empty. */
export class CallError extends Error {
  constructor(
    readonly code: string,
    override readonly message: string = "",
    readonly status: number = 0,
  ) {
    super(message);
  }
}

export interface Message {
  readonly text: string;
  readonly key: string;
}

export class Client {
  #token: string | null = null;

  constructor(
    readonly base: string,
    private readonly tokens: TokenSource,
  ) {}

  async startConversation(locale: string, signal: AbortSignal): Promise<string> {
    const response = await this.#call("/v1/conversations", { method: "POST", body: { locale }, signal });
    const id = readId(await bodyOf(response));
    if (!id) throw new CallError("interrupted");
    return id;
  }

  async readTranscript(id: string, signal: AbortSignal): Promise<Transcript> {
    return readTranscript(await bodyOf(await this.#call(pathOf(id), { signal })));
  }

  async *sendTurn(id: string, message: Message, locale: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    const headers = { accept: "text/event-stream", "idempotency-key": message.key };
    const body = { text: message.text, locale };
    const response = await this.#call(`${pathOf(id)}/turns`, { method: "POST", headers, body, signal });
    if (isJson(response)) yield { name: "turn", data: await response.text(), id: "" };
    else yield* readEvents(response);
  }

  async sendFeedback(id: string, turnId: string, helpful: boolean, reason?: Reason): Promise<void> {
    const path = `${pathOf(id)}/turns/${encodeURIComponent(turnId)}/feedback`;
    await this.#call(path, { method: "POST", body: reason ? { helpful, reason } : { helpful } });
  }

  async *followEvents(id: string, after: string, signal: AbortSignal, heard: () => void): AsyncGenerator<ServerEvent> {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (after) headers["last-event-id"] = after;
    yield* readEvents(await this.#call(`${pathOf(id)}/events`, { headers, signal }), heard);
  }

  async #call(path: string, request: Request): Promise<Response> {
    let response = await this.#fetch(path, request);
    if (response.status === 401) {
      this.#token = null;
      response = await this.#fetch(path, request);
    }
    if (response.ok) return response;
    if (response.status === 401) {
      this.#token = null;
      throw new CallError("session_expired", "", 401);
    }
    const { code, message } = readFailure(await bodyOf(response));
    throw new CallError(code || "unavailable", message, response.status);
  }

  async #fetch(path: string, { method = "GET", headers = {}, body, signal }: Request): Promise<Response> {
    this.#token ??= await this.#freshToken(signal);
    const sent: Record<string, string> = { ...headers };
    if (this.#token) sent.authorization = `Bearer ${this.#token}`;
    if (body) sent["content-type"] = "application/json";
    const init: RequestInit = { method, headers: sent, cache: "no-store", signal: signal ?? null };
    if (body) init.body = JSON.stringify(body);
    return reach(this.base + path, init);
  }

  /** Ask the portal for a token, and not for ever: a source that never settles must not hold the patient's words. */
  async #freshToken(signal?: AbortSignal): Promise<string> {
    let timer = 0;
    try {
      const token = this.tokens();
      const ended = new Promise<never>((_, refuse) => {
        timer = window.setTimeout(() => refuse(new CallError("sign_in_slow")), TOKEN_MS);
        signal?.addEventListener("abort", () => refuse(signal.reason), { once: true });
      });
      return await Promise.race([token, ended]);
    } catch (error) {
      throw error instanceof CallError ? error : new CallError("session_expired");
    } finally {
      clearTimeout(timer);
    }
  }
}

interface Request {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Record<string, unknown>;
  readonly signal?: AbortSignal;
}

/** A token source that asks the portal's own endpoint; the portal knows the patient by its cookie. */
export function tokenEndpoint(url: string): TokenSource {
  return async () => {
    const response = await reach(url, { method: "POST", credentials: "same-origin", cache: "no-store" });
    const token = response.ok ? readToken(await bodyOf(response)) : "";
    if (!token) throw new CallError("session_expired");
    return token;
  };
}

const pathOf = (id: string): string => `/v1/conversations/${encodeURIComponent(id)}`;

/** A replayed turn may come as plain JSON. */
const isJson = (response: Response): boolean => response.headers.get("content-type")?.includes("json") ?? false;

async function bodyOf(response: Response): Promise<unknown> {
  return parseJson(await response.text().catch(() => ""));
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new CallError("network");
  }
}
