// The public face of <portico-chat>, for hosts in TypeScript. `src/public-face.ts` fails the build when it lies.

export type PorticoLocale = "en" | "es";

export interface PorticoChatElement extends HTMLElement {
  /** Asked for a token when there is no `token-endpoint`: at the first call, and again once after a 401. */
  getToken: (() => Promise<string>) | null;
  open(): void;
  close(): void;
  /** Put text into the message box and open the panel; the patient sends. */
  prefill(text: string): void;
  setLocale(locale: PorticoLocale): void;
  /** Forget the conversation on this device, in every tab: for the portal's sign-out. */
  reset(): void;
  /** Stop every connection and remove the element. */
  destroy(): void;
}

/** No event carries what anybody wrote. */
export interface PorticoEvents {
  "portico:ready": CustomEvent<Record<string, never>>;
  "portico:open": CustomEvent<{ open: boolean }>;
  "portico:message": CustomEvent<{ route: "answer" | "escalate" | "emergency" | "crisis" | "decline" | "unavailable" }>;
  "portico:escalated": CustomEvent<{ urgency: "immediate" | "urgent" | "routine" }>;
  "portico:emergency": CustomEvent<{ route: "emergency" | "crisis" }>;
  "portico:error": CustomEvent<{ code: string }>;
}

export declare const PorticoChat: { new (): PorticoChatElement };

declare global {
  interface HTMLElementTagNameMap {
    "portico-chat": PorticoChatElement;
  }
  interface HTMLElementEventMap extends PorticoEvents {}
}
