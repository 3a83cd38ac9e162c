"""The demo portal with the widget on it, in a browser, over the scripted gateway of `widget_stub`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Locator, Page

from e2e.browser import Watch, open_context, serve
from e2e.widget_stub import Stub

REPLY = {
    "event": "reply",
    "text": "Hello Jordan, this is Dana. Please take your usual dose tonight and do not double it.",
    "role": "nurse",
    "time": "2026-11-23T21:40:00Z",
    "turn_id": "t-1",
}


@dataclass(slots=True)
class Portal:
    """The demo portal in a browser, with the widget on it."""

    page: Page
    stub: Stub
    watch: Watch
    url: str

    @property
    def widget(self) -> Locator:
        return self.page.locator("portico-chat")

    @property
    def box(self) -> Locator:
        return self.widget.get_by_label("Your message")

    @property
    def log(self) -> Locator:
        return self.widget.get_by_role("log")

    def open(self) -> None:
        self.widget.get_by_role("button", name="Ask a health question").click()

    def ask(self, text: str) -> None:
        if not self.box.is_visible():
            self.open()
        self.box.fill(text)
        self.box.press("Enter")

    def heard(self) -> str:
        """Return what a screen reader was told last."""
        return self.page.locator("portico-chat > [role=status]").inner_text()

    def reload(self) -> None:
        self.page.reload()
        self.open()


@contextmanager
def open_portal(chromium: Browser, *, at: str = "/demo", **looks: Any) -> Iterator[Portal]:
    """Open the demo portal, or another page of the stub, in a fresh browser profile over a fresh server."""
    stub = Stub()
    with serve(stub.app()) as url, open_context(chromium, **looks) as context:
        page = context.new_page()
        watch = Watch(page, origin=url)
        page.goto(url + at)
        yield Portal(page, stub, watch, url)


def take_tokens_from(portal: Portal, source: str) -> None:
    """Put an element in place whose tokens come from a function of the portal."""
    portal.page.evaluate(
        f"""() => {{
          const old = document.querySelector("portico-chat");
          const fresh = document.createElement("portico-chat");
          window.given = [];
          fresh.getToken = {source};
          old.replaceWith(fresh);
        }}"""
    )
