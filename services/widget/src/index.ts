// Defines <portico-chat>, once, however often the script is embedded.

import { PorticoChat } from "./portico-chat";

if (!customElements.get("portico-chat")) customElements.define("portico-chat", PorticoChat);
