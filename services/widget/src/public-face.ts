// Holds the class against the types that hosts get; nothing of it is in any bundle.

import type { PorticoChatElement } from "../portico";
import type { PorticoChat } from "./portico-chat";

export const face = (element: PorticoChat): PorticoChatElement => element;
