// What may come from the gateway (contracts.md, HTTP), checked on arrival: a wrong shape is null, never a guess.

export const ROUTES = ["answer", "escalate", "emergency", "crisis", "decline", "unavailable"] as const;
export type Route = (typeof ROUTES)[number];
export type AlarmRoute = "emergency" | "crisis";

export const STAGES = ["accept", "redact", "classify", "retrieve", "respond", "validate", "record"] as const;
export type Stage = (typeof STAGES)[number];

export const ROLES = ["nurse", "physician", "pharmacist", "staff"] as const;
export type Role = (typeof ROLES)[number];

export const TICKET_STATES = ["requested", "in-progress", "completed"] as const;
/** The server's states, and `answered`: a reply has come, whatever the paperwork says. */
export type TicketState = (typeof TICKET_STATES)[number] | "answered";

/** Why an answer did not help; the gateway's closed set. */
export const REASONS = ["incomplete", "unclear", "wrong", "other"] as const;
export type Reason = (typeof REASONS)[number];

export interface Contact {
  readonly label: string;
  readonly uri: string;
}
export interface Sentence {
  readonly text: string;
  readonly citations: readonly number[];
}
export interface Citation {
  readonly n: number;
  readonly title: string;
  readonly section: string;
  readonly url: string;
  /** A clinician has signed the passage; what an older gateway does not say is not taken for signed. */
  readonly reviewed: boolean;
  readonly reviewedOn: string;
  readonly quote: string;
}
export interface Escalation {
  readonly id: string;
  readonly urgency: string;
  readonly replyBy: string;
}
export interface Banner {
  readonly route: AlarmRoute;
  readonly lang: string;
  readonly message: string;
  readonly contacts: readonly Contact[];
}
export interface Turn {
  readonly turnId: string;
  readonly route: Route;
  /** The language of the fixed texts; empty where the gateway does not say. */
  readonly lang: string;
  /** The language of the approved passages that an answer is made of. */
  readonly answerLang: string;
  readonly sentences: readonly Sentence[];
  readonly citations: readonly Citation[];
  readonly message: string;
  readonly escalation: Escalation | null;
  readonly contacts: readonly Contact[];
  readonly humanContact: string;
}
export interface Reply {
  readonly text: string;
  readonly lang: string;
  readonly role: Role | null;
  readonly time: string;
  readonly turnId: string;
}
export type TranscriptMessage =
  | { readonly author: "patient"; readonly text: string; readonly lang: string; readonly turnId: string; readonly turn: Turn | null }
  | { readonly author: "assistant"; readonly text: string; readonly lang: string; readonly turnId: string; readonly turn: Turn | null }
  | { readonly author: "clinician"; readonly reply: Reply };
export interface Transcript {
  readonly closed: boolean;
  readonly messages: readonly TranscriptMessage[];
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const oneOf = <T extends string>(set: readonly T[], value: unknown): T | null =>
  set.find((member) => member === value) ?? null;

export function listOf<T>(value: unknown, read: (item: Fields) => T | null): T[] {
  const items: unknown[] = Array.isArray(value) ? value : [];
  return items.map((item) => read(fieldsOf(item))).filter((item) => item !== null);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

export const readStage = (value: unknown): Stage | null => oneOf(STAGES, fieldsOf(value).stage);
export const readTicketState = (value: unknown): TicketState | null => oneOf(TICKET_STATES, fieldsOf(value).state);
export const readEscalationId = (value: unknown): string => textOf(fieldsOf(value).escalation_id);
export const readId = (value: unknown): string => textOf(fieldsOf(value).id);
export const readToken = (value: unknown): string => textOf(fieldsOf(value).token);

/** The code and the patient-safe message of the one error shape. */
export function readFailure(value: unknown): { code: string; message: string } {
  const error = fieldsOf(fieldsOf(value).error);
  return { code: textOf(error.code), message: textOf(error.message) };
}

/** A language tag, or nothing. */
const langOf = (from: Fields): string => (/^[a-z]{2,3}$/.test(textOf(from.lang)) ? textOf(from.lang) : "");

export const readContact = (from: Fields): Contact | null => {
  const contact = { label: textOf(from.label), uri: textOf(from.uri) };
  return contact.label && contact.uri ? contact : null;
};

const readSentence = (from: Fields): Sentence | null => {
  const numbers: unknown[] = Array.isArray(from.citations) ? from.citations : [];
  const citations = numbers.filter((n): n is number => Number.isInteger(n));
  return textOf(from.text) ? { text: textOf(from.text), citations } : null;
};

const readCitation = (from: Fields): Citation | null =>
  typeof from.n === "number"
    ? {
        n: from.n,
        title: textOf(from.title),
        section: textOf(from.section),
        url: textOf(from.url),
        reviewed: from.reviewed === true,
        reviewedOn: textOf(from.reviewed_on),
        quote: textOf(from.quote),
      }
    : null;

export function readEscalation(value: unknown): Escalation | null {
  const from = fieldsOf(value);
  const id = textOf(from.id);
  return id ? { id, urgency: textOf(from.urgency), replyBy: textOf(from.reply_by) } : null;
}

export function readBanner(value: unknown): Banner | null {
  const from = fieldsOf(value);
  const route = oneOf(["emergency", "crisis"], from.route);
  return route && { route, lang: langOf(from), message: textOf(from.message), contacts: listOf(from.contacts, readContact) };
}

/** A turn, or null when the route is unknown, the answer is empty, or a route other than answer has no text. */
export function readTurn(value: unknown): Turn | null {
  const from = fieldsOf(value);
  const route = oneOf(ROUTES, from.route);
  const answer = fieldsOf(from.answer);
  const turn = {
    turnId: textOf(from.turn_id),
    lang: langOf(from),
    answerLang: langOf(answer) || "en",
    sentences: route === "answer" ? listOf(answer.sentences, readSentence) : [],
    citations: route === "answer" ? listOf(answer.citations, readCitation) : [],
    message: textOf(from.message),
    escalation: readEscalation(from.escalation),
    contacts: listOf(from.contacts, readContact),
    humanContact: textOf(fieldsOf(from.disclosure).human_contact),
  };
  const says = route === "answer" ? turn.sentences.length > 0 : turn.message !== "";
  return route && turn.turnId && says ? { ...turn, route } : null;
}

export function readReply(value: unknown): Reply | null {
  const from = fieldsOf(value);
  const text = textOf(from.text);
  return text ? { text, lang: langOf(from), role: oneOf(ROLES, from.role), time: textOf(from.time), turnId: textOf(from.turn_id) } : null;
}

const readMessage = (from: Fields): TranscriptMessage | null => {
  const author = oneOf(["patient", "assistant", "clinician"], from.author);
  if (author === null) return null;
  if (author !== "clinician") {
    return { author, text: textOf(from.text), lang: langOf(from), turnId: textOf(from.turn_id), turn: readTurn(from.turn) };
  }
  const reply = readReply(from);
  return reply && { author, reply };
};

export function readTranscript(value: unknown): Transcript {
  const from = fieldsOf(value);
  return { closed: from.closed === true, messages: listOf(from.messages, readMessage) };
}
