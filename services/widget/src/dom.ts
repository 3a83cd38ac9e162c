// The only way this widget makes elements: text becomes text nodes, so nothing that arrives can become markup.

type Child = Node | string | null;
type Attributes = Record<string, string | boolean | EventListener>;

const SVG = "http://www.w3.org/2000/svg";

/** Make an element. A function is a listener, `true` an empty attribute, `false` none; strings become text nodes. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A 24-unit line icon, hidden from assistive technology: the button that holds it carries the words. */
export function icon(path: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export const ICONS = {
  chat: "M4 5h16v11H9l-5 4z",
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M7 7h10v10H7z",
  up: "M7 11v9H4v-9zM7 11l4-8c2 0 2.500 1.500 2 3.500L12.500 9H19l1 2-2 8-2 1H7",
  down: "M17 13V4h3v9zM17 13l-4 8c-2 0-2.500-1.500-2-3.500l.5-2.500H5l-1-2 2-8 2-1h9",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.500-6 8-6s8 2 8 6",
  phone: "M6 3h3l2 5-2.500 1.500a11 11 0 0 0 6 6L16 13l5 2v3c0 2-1 3-3 3C10 21 3 14 3 6c0-2 1-3 3-3z",
  text: "M4 5h16v11H9l-5 4z",
  page: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2",
  check: "M5 13l4 4L19 7",
  alert: "M12 4l9 16H3zM12 10v4M12 17v.5",
} as const;

const LINK_SCHEMES = ["https:", "tel:", "sms:"];

/** The given address if a patient may be sent there, else null. `javascript:`, `data:` and `http:` are not. */
export function safeUri(uri: string, schemes: readonly string[] = LINK_SCHEMES): string | null {
  try {
    const { protocol, href } = new URL(uri);
    return schemes.includes(protocol) ? href : null;
  } catch {
    return null;
  }
}
