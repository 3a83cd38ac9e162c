// The ES module: importing it defines <portico-chat>; the class is for those who want to extend or define it elsewhere.

import { define } from "./portico-chat";

define();

export { PorticoChat } from "./portico-chat";
