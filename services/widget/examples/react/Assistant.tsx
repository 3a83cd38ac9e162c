// <portico-chat> in React: the element, its token, and what the page does when a message went to a person.

import "portico-chat";
import { useEffect, useRef } from "react";
import type { PorticoChatElement, PorticoEvents } from "portico-chat";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "portico-chat": React.DetailedHTMLProps<React.HTMLAttributes<PorticoChatElement>, PorticoChatElement> & {
        "base-url"?: string;
        locale?: "en" | "es";
      };
    }
  }
}

export interface AssistantProps {
  /** Where the gateway is. */
  readonly assistantUrl: string;
  /** Gives a token of the signed-in patient. */
  readonly getToken: () => Promise<string>;
  readonly onEscalated?: (urgency: string) => void;
  readonly signedIn: boolean;
}

export function Assistant({ assistantUrl, getToken, onEscalated, signedIn }: AssistantProps) {
  const chat = useRef<PorticoChatElement>(null);

  useEffect(() => {
    if (chat.current) chat.current.getToken = getToken;
  }, [getToken]);

  useEffect(() => {
    const element = chat.current;
    const heard = (event: PorticoEvents["portico:escalated"]) => onEscalated?.(event.detail.urgency);
    element?.addEventListener("portico:escalated", heard);
    return () => element?.removeEventListener("portico:escalated", heard);
  }, [onEscalated]);

  // Whoever signs out leaves nothing on the device.
  useEffect(() => {
    if (!signedIn) chat.current?.reset();
  }, [signedIn]);

  return <portico-chat ref={chat} base-url={assistantUrl} locale="en" />;
}
