// Every fixed text, English and Spanish. Spanish is reviewed by a qualified person before a site goes live (Section 1557).

import type { LocalCode } from "./client";
import { ownWords } from "./site";
import type { AlarmRoute, Contact, Reason, Role, Stage, TicketState } from "./wire";

export const LOCALES = ["en", "es"] as const;
export type Locale = (typeof LOCALES)[number];

export interface Texts {
  readonly locale: Locale;
  /** Of the fixed texts, whatever the portal's page says of its own; messages choose theirs by their words. */
  readonly direction: "ltr" | "rtl";
  readonly launcher: string;
  readonly name: string;
  readonly close: string;
  readonly otherLanguage: string;
  readonly disclosure: string;
  readonly notForEmergencies: string;
  /** Whom to call or text in an emergency and in a crisis, in that order; always visible. */
  readonly lines: readonly Contact[];
  readonly or: string;
  /** The care team's own line, where the site says one. */
  readonly clinic: Contact | null;
  readonly person: string;
  readonly personTitle: string;
  readonly personBody: string;
  readonly personWrite: string;
  readonly personDraft: string;
  readonly hello: string;
  readonly introduction: string;
  readonly tryAsking: string;
  readonly examples: readonly string[];
  readonly conversation: string;
  readonly message: string;
  readonly placeholder: string;
  readonly send: string;
  readonly stop: string;
  readonly left: (n: number) => string;
  readonly tooLong: (n: number) => string;
  readonly you: string;
  readonly assistant: string;
  readonly roles: Record<Role, string>;
  readonly fromPerson: string;
  readonly stages: Record<Stage, string>;
  readonly slow: string;
  readonly sources: (n: number) => string;
  readonly source: (n: number) => string;
  readonly reviewed: (date: string) => string;
  readonly awaiting: string;
  readonly openSource: string;
  readonly newTab: string;
  readonly helpful: string;
  readonly yes: string;
  readonly no: string;
  readonly thanks: string;
  readonly whyNot: string;
  readonly reasons: Record<Reason, string>;
  readonly copy: string;
  readonly print: string;
  readonly save: string;
  readonly copyBody: string;
  readonly notOnPaper: string;
  readonly escalated: string;
  readonly states: Record<TicketState, string>;
  readonly nextRead: string;
  readonly nextReply: (time: string) => string;
  readonly nextWorse: string;
  readonly nextAnswered: string;
  readonly nextClosed: string;
  readonly alarms: Record<AlarmRoute, string>;
  readonly acknowledge: string;
  readonly unavailable: string;
  readonly retry: string;
  readonly startNew: string;
  readonly dismiss: string;
  readonly failures: Record<Exclude<LocalCode, "stopped"> | "overloaded" | "rate_limited", string>;
  readonly failed: string;
  readonly closed: string;
  readonly keptDraft: string;
  readonly unread: string;
}

const en: Texts = {
  locale: "en",
  direction: "ltr",
  launcher: "Ask a health question",
  name: "Portal assistant",
  close: "Close",
  otherLanguage: "Español",
  disclosure: "Answers come from an AI. General information, not medical advice.",
  notForEmergencies: "Not for emergencies:",
  lines: [
    { label: "call 911", uri: "tel:911" },
    { label: "call", uri: "tel:988" },
    { label: "text 988", uri: "sms:988" },
  ],
  or: "or",
  clinic: null,
  person: "Talk to a person",
  personTitle: "Reach a person",
  personBody: "You do not have to use this assistant. These lines are answered by people.",
  personWrite: "Write to my care team here",
  personDraft: "I would like a person from my care team to contact me. ",
  hello: "Hello, how can I help?",
  introduction:
    "I explain medicines, procedures and lab tests in plain words, using material your hospital has approved. Questions about your own care go to your care team.",
  tryAsking: "For example",
  examples: ["What is metformin used for?", "How do I get ready for a colonoscopy?", "What does an A1C test measure?"],
  conversation: "Conversation",
  message: "Your message",
  placeholder: "Type your question",
  send: "Send",
  stop: "Stop",
  left: (n) => `${n} characters left`,
  tooLong: (n) => `${n} characters too long. Please shorten your message.`,
  you: "You",
  assistant: "Assistant · AI",
  roles: { nurse: "Nurse", physician: "Physician", pharmacist: "Pharmacist", staff: "Care team" },
  fromPerson: "a person",
  stages: {
    accept: "Sending your question",
    redact: "Setting personal details aside",
    classify: "Checking your question",
    retrieve: "Looking in approved material",
    respond: "Preparing an answer",
    validate: "Checking the answer",
    record: "Almost done",
  },
  slow: "This takes longer than usual. You can wait or stop.",
  sources: (n) => (n === 1 ? "1 source" : `${n} sources`),
  source: (n) => `Source ${n}`,
  reviewed: (date) => `Reviewed ${date}`,
  awaiting: "Awaiting clinician review",
  openSource: "Open the source",
  newTab: "opens in a new tab",
  helpful: "Was this helpful?",
  yes: "Helpful",
  no: "Not helpful",
  thanks: "Thank you for telling us.",
  whyNot: "What was wrong?",
  reasons: { incomplete: "Not what I asked", unclear: "Hard to understand", wrong: "Seems wrong", other: "Something else" },
  copy: "Keep a copy",
  print: "Print",
  save: "Save as text",
  copyBody: "The copy is made on this device. Anyone who can use the device can read it.",
  notOnPaper: "Not for emergencies: call 911. In a crisis call or text 988.",
  escalated: "Sent to your care team",
  states: { requested: "Waiting", "in-progress": "Being read", answered: "Answered", completed: "Closed" },
  nextRead: "A clinician reads your message.",
  nextReply: (time) => `You get a reply here by ${time}.`,
  nextWorse: "If you feel worse before then, do not wait: call your clinic, or 911.",
  nextAnswered: "A person has replied to you below.",
  nextClosed: "Your care team has closed this request. Call your clinic if you still need help.",
  alarms: { emergency: "This may be an emergency", crisis: "You are not alone" },
  acknowledge: "I have read this",
  unavailable: "The assistant is not available",
  retry: "Try again",
  startNew: "Start a new conversation",
  dismiss: "Dismiss",
  failures: {
    network: "You seem to be offline. Your message may not have arrived.",
    interrupted: "The connection broke before the answer was complete.",
    deadline: "The answer took too long.",
    session_expired: "Your session has ended. Sign in to the portal again, then try again.",
    sign_in_slow: "The portal takes too long to confirm that you are signed in. Try again, or sign in once more.",
    overloaded: "The assistant is busy. Please wait a moment, then try again.",
    rate_limited: "There were too many messages at once. Please wait a moment, then try again.",
  },
  failed: "Something went wrong. Please try again in a moment.",
  closed: "This conversation has ended.",
  keptDraft: "Your words are still in the message box.",
  unread: "new reply",
};

const es: Texts = {
  locale: "es",
  direction: "ltr",
  launcher: "Haga una pregunta de salud",
  name: "Asistente del portal",
  close: "Cerrar",
  otherLanguage: "English",
  disclosure: "Responde una IA. Información general, no consejo médico.",
  notForEmergencies: "No es para emergencias:",
  lines: [
    { label: "llame al 911", uri: "tel:911" },
    { label: "llame", uri: "tel:988" },
    { label: "envíe un texto al 988", uri: "sms:988" },
  ],
  or: "o",
  clinic: null,
  person: "Hablar con una persona",
  personTitle: "Comuníquese con una persona",
  personBody: "No tiene que usar este asistente. En estas líneas responden personas.",
  personWrite: "Escribir aquí a mi equipo de atención",
  personDraft: "Quisiera que una persona de mi equipo de atención se comunique conmigo. ",
  hello: "Hola, ¿cómo puedo ayudarle?",
  introduction:
    "Explico medicamentos, procedimientos y análisis en palabras sencillas, con material aprobado por su hospital. Las preguntas sobre su propia atención van a su equipo de atención.",
  tryAsking: "Por ejemplo",
  examples: ["¿Para qué se usa la metformina?", "¿Cómo me preparo para una colonoscopia?", "¿Qué mide la prueba A1C?"],
  conversation: "Conversación",
  message: "Su mensaje",
  placeholder: "Escriba su pregunta",
  send: "Enviar",
  stop: "Detener",
  left: (n) => `Quedan ${n} caracteres`,
  tooLong: (n) => `Sobran ${n} caracteres. Acorte su mensaje, por favor.`,
  you: "Usted",
  assistant: "Asistente · IA",
  roles: { nurse: "Enfermería", physician: "Médico", pharmacist: "Farmacia", staff: "Equipo de atención" },
  fromPerson: "una persona",
  stages: {
    accept: "Enviando su pregunta",
    redact: "Apartando sus datos personales",
    classify: "Revisando su pregunta",
    retrieve: "Buscando en material aprobado",
    respond: "Preparando una respuesta",
    validate: "Revisando la respuesta",
    record: "Casi listo",
  },
  slow: "Tarda más de lo normal. Puede esperar o detener.",
  sources: (n) => (n === 1 ? "1 fuente" : `${n} fuentes`),
  source: (n) => `Fuente ${n}`,
  reviewed: (date) => `Revisado: ${date}`,
  awaiting: "A la espera de revisión clínica",
  openSource: "Abrir la fuente",
  newTab: "se abre en otra pestaña",
  helpful: "¿Le sirvió?",
  yes: "Sí me sirvió",
  no: "No me sirvió",
  thanks: "Gracias por decirnos.",
  whyNot: "¿Qué falló?",
  reasons: { incomplete: "No es lo que pregunté", unclear: "Difícil de entender", wrong: "Parece incorrecto", other: "Otra cosa" },
  copy: "Guardar una copia",
  print: "Imprimir",
  save: "Guardar como texto",
  copyBody: "La copia se hace en este dispositivo. Quien lo use puede leerla.",
  notOnPaper: "No es para emergencias: llame al 911. En una crisis llame o envíe un texto al 988.",
  escalated: "Enviado a su equipo de atención",
  states: { requested: "En espera", "in-progress": "En revisión", answered: "Respondido", completed: "Cerrado" },
  nextRead: "Un profesional clínico lee su mensaje.",
  nextReply: (time) => `Recibirá una respuesta aquí antes de: ${time}.`,
  nextWorse: "Si se siente peor antes, no espere: llame a su clínica o al 911.",
  nextAnswered: "Una persona le respondió más abajo.",
  nextClosed: "Su equipo de atención cerró esta solicitud. Llame a su clínica si aún necesita ayuda.",
  alarms: { emergency: "Esto puede ser una emergencia", crisis: "Usted no está solo" },
  acknowledge: "Ya lo leí",
  unavailable: "El asistente no está disponible",
  retry: "Intentar de nuevo",
  startNew: "Empezar otra conversación",
  dismiss: "Cerrar aviso",
  failures: {
    network: "Parece que no tiene conexión. Quizás su mensaje no llegó.",
    interrupted: "La conexión se cortó antes de completar la respuesta.",
    deadline: "La respuesta tardó demasiado.",
    session_expired: "Su sesión terminó. Inicie sesión en el portal e intente de nuevo.",
    sign_in_slow: "El portal tarda demasiado en confirmar su sesión. Intente de nuevo o vuelva a iniciar sesión.",
    overloaded: "El asistente está ocupado. Espere un momento e intente de nuevo.",
    rate_limited: "Llegaron demasiados mensajes a la vez. Espere un momento e intente de nuevo.",
  },
  failed: "Algo salió mal. Intente de nuevo en un momento.",
  closed: "Esta conversación ha terminado.",
  keptDraft: "Sus palabras siguen en el cuadro de mensaje.",
  unread: "respuesta nueva",
};

const TEXTS: Record<Locale, Texts> = { en, es };

export const textsIn = (locale: Locale): Texts => ({ ...TEXTS[locale], ...ownWords(locale) });

/** The supported language of a tag such as `es-MX`; English for any other. */
export function localeOf(tag: string): Locale {
  return LOCALES.find((locale) => tag.toLowerCase().startsWith(locale)) ?? "en";
}
