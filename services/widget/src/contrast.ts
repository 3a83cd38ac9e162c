// A themed accent must stay readable: below 4.5:1 against what it is written on, the widget keeps its own colours
// (WCAG 2.2, 1.4.3; relative luminance as defined there).

const LEAST = 4.5;

/** The contrast of two colours as `getComputedStyle` gives them (`rgb(…)`); 21 where one cannot be read. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  if (a === null || b === null) return 21;
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Say whether the host page's accent can be read on the panel, and the words on it. */
export function isReadable(element: HTMLElement): boolean {
  const probe = document.createElement("span");
  probe.className = "probe";
  element.append(probe);
  const { color, backgroundColor, borderTopColor } = getComputedStyle(probe);
  probe.remove();
  return contrast(color, backgroundColor) >= LEAST && contrast(color, borderTopColor) >= LEAST;
}

function luminance(colour: string): number | null {
  const parts = /^rgba?\(([\d.]+),? ([\d.]+),? ([\d.]+)/.exec(colour)?.slice(1).map(Number);
  if (!parts) return null;
  const [r = 0, g = 0, b = 0] = parts.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
