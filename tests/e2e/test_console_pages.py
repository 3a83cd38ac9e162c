"""The clinicians' console in a real Chromium over a desk in memory: keyboard, refresh, axe, and what it looks like."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.browser import Watch, assert_accessible, open_context, serve, take_screenshot
from portico_console.app import ConsoleSite, build_console
from portico_console.ports import GuardReview, NoteLine, Presence
from portico_core.labels import Label, Route, TicketState, Urgency
from unit.console.memory_audit_desk import PATIENT, TURN, audit_desk
from unit.console.memory_desk import (
    LETTER,
    NOW,
    SAM,
    MemoryDesk,
    authenticate,
    demo_token,
    desk_with_tickets,
    new_sessions,
    row,
)

LOOKS: dict[str, dict[str, Any]] = {"light": {}, "dark": {"dark": True}, "small": {"width": 320, "height": 640}}


@dataclass(slots=True)
class Desk:
    """The console in a browser, and the desk behind it."""

    page: Page
    desk: MemoryDesk
    watch: Watch
    url: str

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
    desk = desk_with_tickets()
    site = ConsoleSite(https=False, demo=True)
    app = build_console(
        desk=desk,
        audit=audit_desk(),
        authenticate=authenticate,
        site=site,
        sessions=new_sessions(),
        demo_token=demo_token,
        now=lambda: NOW,
    )
    with serve(app) as url, open_context(chromium, **looks) as context:
        page = context.new_page()
        watch = Watch(page, origin=url)
        page.goto(url)
        yield Desk(page, desk, watch, url)


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Desk]:
    with open_desk(chromium) as desk:
        yield desk


def show_sign_in(_: Desk) -> None:
    """The page that everybody meets first."""


def show_refused(opened: Desk) -> None:
    opened.page.get_by_label("Access token").fill("junk")
    opened.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(opened.page.get_by_role("alert")).to_be_visible()


def show_inbox(opened: Desk) -> None:
    opened.sign_in()


def show_empty(opened: Desk) -> None:
    opened.desk.tickets.clear()
    opened.sign_in()


def show_ticket(opened: Desk) -> None:
    opened.sign_in()
    opened.page.goto(f"{opened.url}/tickets/t-dose")


def show_rule(opened: Desk) -> None:
    opened.sign_in()
    opened.page.goto(f"{opened.url}/tickets/t-crisis")


def show_claimed(opened: Desk) -> None:
    opened.claim()


def show_sent(opened: Desk) -> None:
    opened.claim()
    opened.page.get_by_label("Reply to the patient").fill("Please take your usual dose. I will call you tomorrow.")
    opened.page.get_by_role("button", name="Approve and send").click()
    expect(opened.page.get_by_role("status")).to_contain_text("Your reply was sent.")


def show_lost(opened: Desk) -> None:
    opened.claim()
    opened.desk.lose_claim("t-dose")
    opened.page.get_by_label("Reply to the patient").fill("Words worth keeping")
    opened.page.get_by_role("button", name="Approve and send").click()
    expect(opened.page.get_by_role("alert")).to_contain_text("Your claim has run out")


def show_held(opened: Desk) -> None:
    """A colleague holds the ticket, is writing, and has left a note."""
    opened.desk.lose_claim("t-dose")
    view = opened.desk.tickets["t-dose"]
    words = NoteLine(SAM.actor, NOW, "Called once, no answer. [NAME_1] works nights.", "words", "")
    handed = NoteLine(SAM.actor, NOW, "", "hand_over", "pharmacists")
    claimed = replace(view.row, state=TicketState.CLAIMED, pool="pharmacists")
    opened.desk.tickets["t-dose"] = replace(view, row=claimed, notes=(words, handed))
    opened.desk.here[SAM.actor] = Presence(SAM.name, writing=True)
    opened.sign_in()
    opened.page.goto(f"{opened.url}/tickets/t-dose")
    expect(opened.page.get_by_text("Sam Okafor is writing a reply")).to_be_visible()


def show_filtered(opened: Desk) -> None:
    opened.sign_in()
    opened.page.get_by_role("link", name="Pharmacists").click()
    expect(opened.page.get_by_text("What is immediate or urgent is always shown.")).to_be_visible()


def show_announcements(opened: Desk) -> None:
    opened.desk.dead.append(LETTER)
    opened.sign_in()
    opened.page.get_by_role("link", name="Announcements").click()
    expect(opened.page.get_by_role("button", name="Send again")).to_be_visible()


def show_closed(opened: Desk) -> None:
    """A closed ticket with the identifiers shown, and the form for a further opinion."""
    view = opened.desk.tickets["t-dose"]
    row_closed = replace(view.row, state=TicketState.CLOSED, replied_at=NOW)
    opened.desk.tickets["t-dose"] = replace(view, row=row_closed, disposition="called", guard_right=False)
    opened.sign_in()
    opened.page.goto(f"{opened.url}/tickets/t-dose")
    opened.page.get_by_role("button", name="Show the identifiers").click()
    expect(opened.page.get_by_text("Jordan Rivera")).to_be_visible()
    expect(opened.page.get_by_role("heading", name="A further opinion")).to_be_visible()


def show_compliance(opened: Desk) -> None:
    opened.sign_in_as("compliance officer")
    opened.page.get_by_role("link", name="Compliance").click()
    expect(opened.page.get_by_text("The chains hold")).to_be_visible()


def show_patient_records(opened: Desk) -> None:
    show_compliance(opened)
    opened.page.get_by_label("Patient id").fill(PATIENT)
    opened.page.get_by_role("button", name="Search").click()
    expect(opened.page.get_by_text("saw the identifiers of the conversation")).to_be_visible()


def show_trail(opened: Desk) -> None:
    show_patient_records(opened)
    opened.page.get_by_role("link", name="Hand to a person").click()
    expect(opened.page.get_by_text("directives: fail")).to_be_visible()


def show_access_log(opened: Desk) -> None:
    show_compliance(opened)
    opened.page.get_by_role("button", name="Show the access log").click()
    expect(opened.page.get_by_role("heading", name="3 accesses, the newest first")).to_be_visible()


def show_workload(opened: Desk) -> None:
    opened.sign_in_as("supervisor")
    opened.page.get_by_role("link", name="Workload").click()
    expect(opened.page.get_by_role("heading", name="By pool")).to_be_visible()


def show_forbidden(opened: Desk) -> None:
    opened.sign_in()
    opened.page.goto(f"{opened.url}/compliance/turns/{TURN}")
    expect(opened.page.get_by_text("This is not yours to open")).to_be_visible()


def show_missing(opened: Desk) -> None:
    opened.sign_in()
    opened.page.goto(f"{opened.url}/tickets/none")


STATES: dict[str, Callable[[Desk], None]] = {
    "sign-in": show_sign_in,
    "refused": show_refused,
    "inbox": show_inbox,
    "empty": show_empty,
    "ticket": show_ticket,
    "rule": show_rule,
    "claimed": show_claimed,
    "sent": show_sent,
    "claim-lost": show_lost,
    "held": show_held,
    "filtered": show_filtered,
    "closed": show_closed,
    "announcements": show_announcements,
    "compliance": show_compliance,
    "patient-records": show_patient_records,
    "trail": show_trail,
    "access-log": show_access_log,
    "workload": show_workload,
    "forbidden": show_forbidden,
    "not-found": show_missing,
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES)
def test_every_page_is_accessible_in_every_look(chromium: Browser, state: str, look: str) -> None:
    with open_desk(chromium, **LOOKS[look]) as opened:
        STATES[state](opened)
        take_screenshot(opened.page, f"console-{state}-{look}")
        assert_accessible(opened.page)
        assert opened.watch.errors == []
        assert opened.watch.foreign == []
        assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_ticket_is_answered_and_closed_with_the_keyboard_alone(opened: Desk) -> None:
    keys = opened.page.keyboard

    def tab_to(role: Any, name: str) -> None:
        target = opened.page.get_by_role(role, name=name)
        for _ in range(30):
            if target.first.evaluate("element => element === document.activeElement"):
                return
            keys.press("Tab")
        raise AssertionError(f"the keyboard does not reach {name}")

    tab_to("button", "Sign in as demo clinician")
    keys.press("Enter")
    tab_to("link", "Crisis")
    keys.press("Enter")
    tab_to("button", "Claim")
    keys.press("Enter")
    tab_to("textbox", "Reply to the patient")
    keys.type("I am calling you now.")
    tab_to("button", "Approve and send")
    keys.press("Enter")
    tab_to("combobox", "What became of it")
    keys.type("Called")
    tab_to("radio", "Yes")
    keys.press("Space")
    tab_to("button", "Close ticket")
    keys.press("Enter")
    expect(opened.page.get_by_role("heading", name="Inbox")).to_be_visible()
    assert opened.desk.tickets["t-crisis"].disposition == "called"
    assert opened.desk.reviews == {"t-crisis": GuardReview(Label.CRISIS, Route.CRISIS)}
    assert [step for _, _, step in opened.desk.access if step != "view"] == ["claim", "reply", "close"]


def test_the_inbox_looks_again_by_itself_and_leaves_the_focus_alone(opened: Desk) -> None:
    opened.sign_in()
    link = opened.page.get_by_role("link", name="Signs of an emergency")
    link.focus()
    fresh = row("t-new", Urgency.IMMEDIATE, Label.CRISIS, opened_min=0, due_min=15)
    opened.desk.tickets["t-new"] = replace(opened.desk.tickets["t-crisis"], row=fresh)
    expect(opened.page.get_by_text("5 open")).to_be_visible(timeout=9_000)
    expect(link).to_be_focused()
    assert opened.watch.errors == []


def test_the_inbox_sends_who_was_signed_out_to_sign_in(opened: Desk) -> None:
    opened.sign_in()
    opened.page.context.clear_cookies()
    expect(opened.page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=9_000)


def test_a_prepared_text_goes_where_the_cursor_is_and_others_see_the_writing(opened: Desk) -> None:
    opened.claim()
    draft = opened.page.get_by_label("Reply to the patient")
    draft.fill("Dear patient,")
    opened.page.get_by_role("button", name="Please call us").click()
    expect(draft).to_be_focused()
    assert draft.input_value().startswith("Dear patient,\n\nThank you for writing.")
    opened.page.wait_for_timeout(300)
    assert [present.writing for present in opened.desk.here.values()] == [True]
    assert opened.watch.errors == []


def test_hostile_words_run_nothing(opened: Desk) -> None:
    bad = "<img src=x onerror=window.pwned=1><script>window.pwned=1</script>{{ 7*7 }}"
    view = opened.desk.tickets["t-dose"]
    opened.desk.tickets["t-dose"] = replace(view, lines=(replace(view.lines[0], text=bad),))
    opened.sign_in()
    opened.page.goto(f"{opened.url}/tickets/t-dose")
    expect(opened.page.get_by_text("<img src=x")).to_be_visible()
    assert opened.page.evaluate("window.pwned") is None
    assert opened.watch.foreign == []
