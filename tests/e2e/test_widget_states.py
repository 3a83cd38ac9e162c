"""How the patient's widget looks, in a real Chromium against a server that speaks the gateway's contract by script.

Every state is checked with axe in light, dark and at 320 pixels, and kept as a picture under docs/screenshots/ when
PORTICO_SCREENSHOTS is set. What the patient does in it: test_widget_conversation.py.
"""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from e2e.browser import assert_accessible, take_screenshot
from e2e.keyboard import assert_every_control_is_reached
from e2e.portal import Portal, open_portal
from e2e.widget_states import STATES, show_answer, show_sources

LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"dark": True},
    "small": {"width": 320, "height": 640},
    "forced": {"forced": True},
}
# What a contrast theme of the system makes of it: the states that have grounds and edges of their own.
FORCED = ("welcome", "sources", "escalated", "crisis", "interrupted")

SHOWN = [(state, look) for state in STATES for look in LOOKS if look != "forced" or state in FORCED]


@pytest.mark.parametrize(("state", "look"), SHOWN)
def test_every_state_is_accessible_in_every_look(chromium: Browser, state: str, look: str) -> None:
    with open_portal(chromium, **LOOKS[look]) as portal:
        STATES[state](portal)
        panel = None if state in {"closed", "welcome"} else portal.widget.locator(".panel")
        take_screenshot(portal.page, f"widget-{state}-{look}", only=panel)
        assert_accessible(portal.page)
        if state != "closed":
            expect(portal.widget.locator("textarea")).to_be_in_viewport(ratio=1)
        assert portal.watch.errors == []
        assert portal.watch.foreign == []
        assert portal.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if look == "light":
            assert_every_control_is_reached(portal.page)


def test_the_accessibility_check_can_fail(portal: Portal) -> None:
    portal.page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    with pytest.raises(AssertionError, match="button-name"):
        assert_accessible(portal.page)


def test_small_targets_are_at_least_24_pixels(portal: Portal) -> None:
    show_sources(portal)
    sizes = portal.widget.evaluate(
        """host => [...host.shadowRoot.querySelectorAll("button, a")]
          .map((e) => [e.textContent, e.getBoundingClientRect()])
          .filter(([, r]) => r.width > 0)
          .map(([text, r]) => [text, r.width, r.height])"""
    )
    assert len(sizes) > 10
    assert [size for size in sizes if min(size[1:]) < 24] == []


def test_twice_the_text_size_still_fits(chromium: Browser) -> None:
    # 200 % zoom of a 1280-pixel window, and 400 %: WCAG 1.4.4 and 1.4.10.
    for width, height in ((640, 410), (320, 256)):
        with open_portal(chromium, width=width, height=height) as portal:
            show_answer(portal)
            portal.box.scroll_into_view_if_needed()
            expect(portal.box).to_be_in_viewport()
            assert portal.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert_accessible(portal.page)


def test_text_of_twice_the_size_still_fits(portal: Portal) -> None:
    """The reader's own text size, not zoom (WCAG 1.4.4)."""
    portal.page.evaluate("document.querySelector('portico-chat').style.fontSize = '32px'")
    show_sources(portal)
    assert portal.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_nothing_sticks_out(portal)
    assert_accessible(portal.page)


@pytest.mark.parametrize("whole", [False, True])
def test_right_to_left_is_safe(portal: Portal, whole: bool) -> None:
    """On a page in Arabic, fixed texts keep their own direction; with `whole`, as in a language that is written so."""
    portal.page.evaluate("document.documentElement.dir = 'rtl'")
    portal.ask("هل الميتفورمين دواء lisinopril؟")
    expect(portal.log.get_by_role("group", name="Sent to your care team")).to_be_visible()
    if whole:
        portal.widget.locator(".root").evaluate("root => (root.dir = 'rtl')")
    else:
        line = portal.widget.locator(".lines")
        first, last = line.get_by_text("Not for emergencies:"), line.get_by_role("link", name="text 988")
        assert first.bounding_box()["x"] < last.bounding_box()["x"]
    words = portal.log.locator(".patient p")
    assert words.evaluate("p => getComputedStyle(p).direction") == "rtl"
    take_screenshot(
        portal.page, f"widget-right-to-left{'-whole' if whole else ''}", only=portal.widget.locator(".panel")
    )
    assert_nothing_sticks_out(portal)
    assert_accessible(portal.page)


def assert_nothing_sticks_out(portal: Portal) -> None:
    """Fail with the words of whatever in the panel stands over its sides."""
    out = portal.widget.locator(".panel").evaluate(
        """panel => {
          const { left, right } = panel.getBoundingClientRect();
          return [...panel.querySelectorAll("*")]
            .filter((e) => !e.closest(".unseen") && e.checkVisibility())
            .filter((e) => e.getBoundingClientRect().left < left - 1 || e.getBoundingClientRect().right > right + 1)
            .map((e) => e.textContent);
        }"""
    )
    assert out == []
