"""The clinicians' console in a real Chromium over a desk in memory: keyboard, refresh, axe, and what it looks like."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from e2e.browser import assert_accessible, take_screenshot
from e2e.desk import Desk, open_desk
from e2e.keyboard import assert_every_control_is_reached
from e2e.payloads import PAYLOADS, SEED
from portico_console.ports import NoteLine, Presence
from portico_core.labels import Label, TicketState, Urgency
from portico_core.turn import AnswerSentence, AnswerView, Suggestion
from unit.console.memory_audit_desk import PATIENT, PATIENT_HASHES, TURN
from unit.console.memory_desk import LETTER, NOW, SAM, SUGGESTION, row

LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"dark": True},
    "small": {"width": 320, "height": 640},
    "forced": {"forced": True},
}
# What a contrast theme of the system makes of it: the pages with chips, bars and figures of their own.
FORCED = ("inbox", "claimed", "trail", "workload")
# Long pages whose forms nobody would see in a picture of the first screen.
WHOLE = ("claimed", "closed")


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
    """A colleague holds the ticket, is writing, and has left a note; how the glass is broken is open."""
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
    opened.page.get_by_text("In an emergency: see the identifiers").click()
    expect(opened.page.get_by_role("button", name="Break the glass")).to_be_visible()


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
    """A closed ticket whose glass was broken, with the identifiers shown, and the form for a further opinion."""
    view = opened.desk.tickets["t-dose"]
    row_closed = replace(view.row, state=TicketState.CLOSED, replied_at=NOW)
    opened.desk.tickets["t-dose"] = replace(view, row=row_closed, disposition="called", guard_right=False)
    opened.sign_in()
    opened.page.goto(f"{opened.url}/tickets/t-dose")
    opened.page.get_by_text("In an emergency: see the identifiers").click()
    opened.page.get_by_label("What the emergency is").select_option(label="Somebody's life may be at risk")
    opened.page.get_by_label("In your words").fill("They wrote that they took all of them.")
    opened.page.get_by_role("button", name="Break the glass").click()
    opened.page.get_by_role("button", name="Show the identifiers").click()
    expect(opened.page.get_by_text("Jordan Rivera")).to_be_visible()
    expect(opened.page.get_by_role("heading", name="A further opinion")).to_be_visible()


def show_compliance(opened: Desk) -> None:
    opened.sign_in_as("compliance officer")
    opened.page.get_by_role("link", name="Compliance").click()
    expect(opened.page.get_by_text("The chains hold")).to_be_visible()
    expect(opened.page.get_by_text("The glass was broken 1 time")).to_be_visible()


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


SHOWN = [(state, look) for state in STATES for look in LOOKS if look != "forced" or state in FORCED]


@pytest.mark.parametrize(("state", "look"), SHOWN)
def test_every_page_is_accessible_in_every_look(chromium: Browser, state: str, look: str) -> None:
    with open_desk(chromium, **LOOKS[look]) as opened:
        STATES[state](opened)
        take_screenshot(opened.page, f"console-{state}-{look}", whole=state in WHOLE)
        assert_accessible(opened.page)
        assert opened.watch.errors == []
        assert opened.watch.foreign == []
        assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if look == "light":
            assert_every_control_is_reached(opened.page)


def test_back_leads_from_a_trail_to_the_search_and_on_again(opened: Desk) -> None:
    """The result of a search is a page of its own: "Back" asks for it anew, on record, and no address tells whose."""
    show_trail(opened)
    for step in (opened.page.go_back, opened.page.go_forward, opened.page.go_back, opened.page.reload):
        answer = step()
        assert answer is not None and answer.status == 200
    expect(opened.page.get_by_text("saw the identifiers of the conversation")).to_be_visible()
    assert "/compliance/searches/" in opened.page.url
    assert not any(secret in opened.page.url for secret in (PATIENT, *PATIENT_HASHES))
    looks = [purpose for _, purpose, query in opened.audit.looked if query]
    assert (looks.count("audit.search"), looks.count("audit.trail")) == (4, 2)
    opened.page.go_back()
    expect(opened.page.get_by_role("heading", name="Compliance")).to_be_visible()


@pytest.mark.parametrize("state", ["inbox", "claimed", "compliance", "trail"])
def test_text_of_twice_the_size_still_fits(opened: Desk, state: str) -> None:
    """The reader's own text size, not zoom (WCAG 1.4.4)."""
    STATES[state](opened)
    opened.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(opened.page)


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


def test_two_hundred_hostile_payloads_run_nothing_and_call_nobody(opened: Desk) -> None:
    """As messages, passages, draft, notes, a colleague's name, and what the placeholders stand for."""
    print(f"seed {SEED}, {len(PAYLOADS)} payloads")  # noqa: T201
    assert len(set(PAYLOADS)) == 200
    view = opened.desk.tickets["t-dose"]
    passages = [
        SUGGESTION.passages[0].model_copy(update=dict.fromkeys(("id", "title", "text"), bad)) for bad in PAYLOADS
    ]
    sentences = [AnswerSentence(text=bad, citations=[]) for bad in PAYLOADS]
    draft = AnswerView(sentences=sentences, citations=[], reading_grade=1)
    opened.desk.tickets["t-dose"] = replace(
        view,
        lines=tuple(replace(view.lines[0], text=bad) for bad in PAYLOADS),
        notes=tuple(NoteLine(bad, NOW, bad, "words", "") for bad in PAYLOADS),
        suggestion=Suggestion(passages=passages, draft=draft),
    )
    opened.desk.revealed = {f"[NAME_{number}]": bad for number, bad in enumerate(PAYLOADS)}
    opened.desk.here[SAM.actor] = Presence(" ".join(PAYLOADS), writing=True)
    opened.claim()
    opened.page.get_by_role("button", name="Put into my reply").click()
    opened.page.get_by_role("button", name="Show the identifiers").click()
    expect(opened.page.locator(".revealed dd")).to_have_count(200)
    expect(opened.page.locator(".presence .writing")).to_contain_text("<script>")
    opened.page.wait_for_timeout(300)
    assert opened.page.locator(".line .words").count() == 200
    assert opened.page.evaluate("window.pwned") is None
    assert (opened.watch.foreign, opened.watch.errors) == ([], [])
