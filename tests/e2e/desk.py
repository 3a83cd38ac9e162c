"""The clinicians' console in a browser, over a desk in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette

from e2e.browser import Watch, open_context, serve
from portico_console.app import ConsoleSite, build_console
from unit.console.memory_audit_desk import MemoryAuditDesk, audit_desk
from unit.console.memory_desk import NOW, MemoryDesk, authenticate, demo_token, desk_with_tickets, new_sessions


@dataclass(slots=True)
class Desk:
    """The console in a browser, and the desk behind it."""

    page: Page
    desk: MemoryDesk
    watch: Watch
    url: str
    app: Starlette
    audit: MemoryAuditDesk

    def sign_in(self) -> None:
        self.page.get_by_role("button", name="Sign in as demo clinician").click()
        expect(self.page.get_by_role("heading", name="Inbox")).to_be_visible()

    def sign_in_as(self, role: str) -> None:
        self.page.get_by_role("button", name=f"Demo {role}").click()
        expect(self.page.get_by_role("heading", name="Inbox")).to_be_visible()

    def claim(self) -> None:
        self.sign_in()
        self.page.goto(f"{self.url}/tickets/t-dose")
        self.page.get_by_role("button", name="Claim").click()
        expect(self.page.get_by_label("Reply to the patient")).to_be_visible()


@contextmanager
def open_desk(chromium: Browser, **looks: Any) -> Iterator[Desk]:
    """Open the console's sign-in page in a fresh browser profile over a fresh desk."""
    desk, audit = desk_with_tickets(), audit_desk()
    app = build_console(
        desk=desk,
        audit=audit,
        authenticate=authenticate,
        site=ConsoleSite(https=False, demo=True),
        sessions=new_sessions(),
        demo_token=demo_token,
        now=lambda: NOW,
    )
    with serve(app) as url, open_context(chromium, **looks) as context:
        page = context.new_page()
        watch = Watch(page, origin=url)
        page.goto(url)
        yield Desk(page, desk, watch, url, app, audit)
