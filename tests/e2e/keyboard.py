"""Somebody without a mouse: moves by Tab, acts by keys, and must see where they are at every stop.

Nothing here clicks, hovers or sets the focus. `tab_to` fails where Tab does not lead, and where the place it leads to
does not show the focus (WCAG 2.2: 2.1.1, 2.1.2, 2.4.7).
"""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

MOST_STOPS = 90
_HERE = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at;
}"""
# A ring on the element, or on what stands around it where the element is a part of a larger target.
_SHOWS_FOCUS = """element => {
  for (let at = element, n = 0; at instanceof Element && n < 3; at = at.parentElement, n++) {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
    if (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) return true;
    if (boxShadow !== "none" && at.matches(":focus-within")) return true;
  }
  return false;
}"""
_CONTROLS = """() => {
  const found = [];
  const walk = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches("a[href], button, input, select, textarea, summary, [tabindex='0']")) found.push(element);
      if (element.shadowRoot) walk(element.shadowRoot);
    }
  };
  walk(document);
  const seen = found.filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled);
  // Tab goes to one of a group of radio buttons; the arrows go to the others.
  const group = (e) => seen.find((other) => other.name === e.name && other.form === e.form);
  window.controls = seen.filter((e) => e.type !== "radio" || group(e) === e);
  return window.controls.map((e) => (e.ariaLabel || e.textContent || e.name || e.tagName).trim().slice(0, 60));
}"""


@dataclass(frozen=True, slots=True)
class Keyboard:
    """The keyboard of a page, and nothing else of it."""

    page: Page

    def tab_to(self, target: Locator, *, back: bool = False) -> None:
        """Press Tab, or Shift+Tab, until the target has the focus; fail where it never has, or does not show it."""
        # A control that is offered a moment later would be passed, and ninety Tabs can be over before it stands.
        expect(target.first).to_be_attached()
        for _ in range(MOST_STOPS):
            if target.first.evaluate("e => e.getRootNode().activeElement === e"):
                assert target.first.evaluate(_SHOWS_FOCUS), f"the focus on {target} does not show"
                return
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"Tab does not lead to {target}")

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Type a text, letter by letter, where the focus is."""
        self.page.keyboard.type(text)

    def use(self, target: Locator, key: str = "Enter", *, back: bool = False) -> None:
        """Go to a target and press it."""
        self.tab_to(target, back=back)
        self.press(key)

    def choose(self, target: Locator, text: str) -> None:
        """Go to a list and choose from it by its first letters."""
        self.tab_to(target)
        self.write(text)
        assert target.evaluate("e => e.selectedOptions[0].text").startswith(text)


def assert_every_control_is_reached(page: Page) -> None:
    """Press Tab all the way round; fail with the names of the controls that were not met."""
    names: list[str] = page.evaluate(_CONTROLS)
    met: set[int] = set()
    for _ in range(3 * len(names) + 9):  # A date has a stop for each of its parts.
        if len(met - {-1}) == len(names):
            return
        page.keyboard.press("Tab")
        at: Any = page.evaluate(f"() => window.controls.indexOf(({_HERE})())")
        met.add(int(at))
    assert [name for number, name in enumerate(names) if number not in met] == []
