// The script: defines <portico-chat>, once, however often it is embedded. Reading the script is one task of the page and
// drawing the element another, so that neither holds the portal for long.

import { define } from "./portico-chat";

setTimeout(define);
