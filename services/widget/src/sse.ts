// Server-sent events from a fetch body (EventSource cannot send a token). Format: WHATWG HTML, section 9.2.6.

export interface ServerEvent {
  readonly name: string;
  readonly data: string;
  readonly id: string;
}

/** Longer than any honest event; a server that never ends a line must not fill the patient's memory. */
const LONGEST_BUFFER = 1_000_000;

/** Splits text into events as it comes. Lines may end in CRLF, LF or CR, also when a chunk ends between the two. */
export class EventParser {
  #rest = "";
  #afterCarriageReturn = false;
  #name = "";
  #data: string[] = [];
  #id = "";

  /** Take the next piece of text; return the events it completes. A half event stays unseen until its blank line. */
  feed(chunk: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    for (const line of this.#lines(chunk)) {
      const event = this.#take(line);
      if (event) events.push(event);
    }
    return events;
  }

  #lines(chunk: string): string[] {
    let text = chunk;
    if (this.#afterCarriageReturn && text.startsWith("\n")) text = text.slice(1);
    if (chunk) this.#afterCarriageReturn = text.endsWith("\r");
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > LONGEST_BUFFER) throw new Error("event too long");
    return lines;
  }

  #take(line: string): ServerEvent | null {
    if (line === "") return this.#dispatch();
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "event") this.#name = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    return null;
  }

  #dispatch(): ServerEvent | null {
    const event = { name: this.#name || "message", data: this.#data.join("\n"), id: this.#id };
    const empty = this.#data.length === 0;
    this.#name = "";
    this.#data = [];
    return empty ? null : event;
  }
}

/** Every event of a response, in order; `heard` is called for each chunk, so that a caller can tell silence. */
export async function* readEvents(response: Response, heard: () => void = () => {}): AsyncGenerator<ServerEvent> {
  if (!response.body) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      yield* parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
