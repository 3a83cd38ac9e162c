"""Every task of the staff with the keyboard alone, in a real Chromium, and every address of the console by it.

`TASKS` is the list of docs/how-to/accessibility.md, and a test holds the two together.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect
from starlette.routing import Route

from e2e.desk import Desk, open_desk
from e2e.keyboard import Keyboard
from portico_console.ports import GuardReview
from portico_core.labels import Label, TicketState
from portico_core.labels import Route as Way
from portico_state.reviews import DraftFit, DraftReview
from unit.console.memory_audit_desk import PATIENT
from unit.console.memory_desk import LETTER, SAM

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "accessibility.md"
DEMO = {"clinician": "Sign in as demo clinician", "supervisor": "Demo supervisor", "compliance": "Demo compliance"}
# The hospital's own sign-in page lies between these two; tests/unit/console/test_staff_sign_in.py drives them.
ELSEWHERE = {"GET /sign-in/start", "GET /sign-in/callback", "GET /healthz"}
BY_TIMER = {"GET /inbox/rows"}  # Asked for by the page itself, if a task lasts long enough.


def button(opened: Desk, name: str) -> Locator:
    return opened.page.get_by_role("button", name=name)


def sign_in(opened: Desk, role: str = "clinician") -> Keyboard:
    keys = Keyboard(opened.page)
    keys.use(button(opened, DEMO[role]))
    expect(opened.page.get_by_role("heading", name="Inbox")).to_be_visible()
    return keys


def open_ticket(opened: Desk, row: str = "t-dose") -> Keyboard:
    keys = sign_in(opened)
    keys.use(opened.page.locator(f"#row-{row} a"))
    expect(opened.page.get_by_role("heading", name="Conversation")).to_be_visible()
    return keys


def claim(opened: Desk, row: str = "t-dose") -> Keyboard:
    keys = open_ticket(opened, row)
    keys.use(button(opened, "Claim"))
    expect(opened.page.get_by_role("status").first).to_contain_text("This ticket is yours")
    return keys


def write_reply(opened: Desk, words: str = "I am calling you now.") -> Keyboard:
    keys = claim(opened)
    keys.tab_to(opened.page.get_by_label("Reply to the patient"))
    keys.write(words)
    return keys


def told(opened: Desk, words: str) -> None:
    expect(opened.page.locator(".notice[role]")).to_contain_text(words)


def do_token(opened: Desk) -> None:
    keys = Keyboard(opened.page)
    for token in ("junk", "token-dana"):
        keys.tab_to(opened.page.get_by_label("Access token"))
        keys.write(token)
        keys.press("Enter")
    expect(opened.page.get_by_role("heading", name="Inbox")).to_be_visible()


def do_filter(opened: Desk) -> None:
    keys = sign_in(opened)
    for name in ("Pharmacists", "Mine"):
        keys.use(opened.page.get_by_role("link", name=name, exact=True))
        expect(opened.page.get_by_text("What is immediate or urgent is always shown.")).to_be_visible()
    expect(opened.page.locator("#row-t-crisis")).to_be_visible()


def do_pages(opened: Desk) -> None:
    view = opened.desk.tickets["t-dose"]
    more = {f"t-{n}": replace(view, row=replace(view.row, id=f"t-{n}")) for n in range(60)}
    opened.desk.tickets.update(more)
    keys = sign_in(opened)
    keys.use(opened.page.get_by_role("link", name="Later due"))
    keys.use(opened.page.get_by_role("link", name="Earlier due"))
    expect(opened.page.get_by_text("Page 1 of 2")).to_be_visible()


def do_note(opened: Desk) -> None:
    keys = open_ticket(opened)
    keys.tab_to(opened.page.get_by_label("Add a note"))
    keys.write("Called once, no answer.")
    keys.use(button(opened, "Keep note"))
    told(opened, "The note is kept.")


def do_glass(opened: Desk) -> None:
    keys = open_ticket(opened)
    keys.use(opened.page.locator("summary").filter(has_text="In an emergency"))
    keys.choose(opened.page.get_by_label("What the emergency is"), "Somebody's life may be at risk")
    keys.tab_to(opened.page.get_by_label("In your words"))
    keys.write("They wrote that they took all of them.")
    keys.use(button(opened, "Break the glass"))
    told(opened, "You may see the identifiers of this ticket")
    keys.use(button(opened, "Show the identifiers"))
    expect(opened.page.get_by_text("Jordan Rivera")).to_be_visible()


def do_look(opened: Desk) -> None:
    keys = claim(opened)
    keys.use(button(opened, "Show the identifiers"))
    expect(opened.page.get_by_text("Jordan Rivera")).to_be_visible()
    keys.use(opened.page.locator("summary").filter(has_text="If a dose is missed"))
    expect(opened.page.locator("details[open] .words")).to_contain_text("A double dose is not taken")


def do_canned(opened: Desk) -> None:
    keys = write_reply(opened, "Dear patient,")
    keys.use(button(opened, "Please call us"))
    expect(opened.page.get_by_label("Reply to the patient")).to_be_focused()
    expect(opened.page.get_by_label("Reply to the patient")).to_have_value(re.compile("^Dear patient,\n\nThank you"))


def do_draft(opened: Desk) -> None:
    keys = claim(opened)
    keys.use(button(opened, "Put into my reply"))
    expect(opened.page.get_by_label("Reply to the patient")).to_be_focused()
    expect(opened.page.get_by_label("Reply to the patient")).to_have_value(re.compile("usually taken once a day"))


def do_reply(opened: Desk) -> None:
    keys = write_reply(opened)
    keys.use(button(opened, "Approve and send"))
    told(opened, "Your reply was sent.")
    assert opened.desk.tickets["t-dose"].lines[-1].text == "I am calling you now."


def do_hand_over(opened: Desk) -> None:
    keys = claim(opened)
    keys.use(opened.page.locator("summary").filter(has_text="Hand over"))
    keys.choose(opened.page.get_by_label("Hand over to"), "Pharmacists")
    keys.tab_to(opened.page.get_by_label("What they should know"))
    keys.write("Asks about a double dose.")
    keys.use(button(opened, "Hand over"))
    told(opened, "The ticket was handed over.")


def do_release(opened: Desk) -> None:
    keys = claim(opened)
    keys.use(opened.page.locator("summary").filter(has_text="Hand over"), "Space")
    keys.use(button(opened, "Give it back to the queue"))
    told(opened, "The ticket is back in the queue.")


def do_take_over(opened: Desk) -> None:
    view = opened.desk.tickets["t-dose"]
    row = replace(view.row, state=TicketState.CLAIMED, holder=SAM.actor)
    opened.desk.tickets["t-dose"] = replace(view, row=row)
    keys = open_ticket(opened)
    keys.choose(opened.page.get_by_label("Why you take it over"), "It cannot wait")
    keys.use(button(opened, "Take over"))
    told(opened, "This ticket is yours")
    assert opened.desk.tickets["t-dose"].notes[0].reason == "more_urgent"


def do_close(opened: Desk) -> None:
    keys = claim(opened, "t-crisis")
    keys.choose(opened.page.get_by_label("What became of it"), "Called the patient")
    keys.use(opened.page.get_by_role("radio", name="Yes, both"), "Space")
    keys.use(button(opened, "Close ticket"))
    told(opened, "The ticket is closed.")
    assert opened.desk.reviews == {"t-crisis": GuardReview(Label.CRISIS, Way.CRISIS)}


def correct(opened: Desk, keys: Keyboard) -> None:
    keys.tab_to(opened.page.get_by_role("radio", name="Yes, both"))
    keys.press("ArrowDown", "Space")
    keys.choose(opened.page.get_by_label("Said"), "General question")
    keys.choose(opened.page.get_by_label("Done"), "Answer from approved material")


def do_correct(opened: Desk) -> None:
    keys = claim(opened)
    keys.choose(opened.page.get_by_label("What became of it"), "Answered here")
    correct(opened, keys)
    keys.use(opened.page.locator("summary").filter(has_text="Was the draft fit"))
    keys.tab_to(opened.page.get_by_role("radio", name="Yes, as it stands"))
    keys.press("ArrowDown")
    keys.tab_to(opened.page.get_by_label("How it should read"))
    keys.press("ControlOrMeta+a")
    keys.write("Once a day.")
    keys.use(button(opened, "Close ticket"))
    told(opened, "The ticket is closed.")
    said = opened.desk.reviews["t-dose"]
    assert said.says_as(Label.INFORMATIONAL, Way.ANSWER)
    assert said.draft == DraftReview(opened.desk.tickets["t-dose"].draft, DraftFit.AFTER_CHANGES, "Once a day.")


def do_second_opinion(opened: Desk) -> None:
    view = opened.desk.tickets["t-dose"]
    opened.desk.tickets["t-dose"] = replace(view, row=replace(view.row, state=TicketState.CLOSED))
    sign_in(opened)
    opened.page.goto(f"{opened.url}/tickets/t-dose")
    keys = Keyboard(opened.page)
    correct(opened, keys)
    keys.use(button(opened, "Keep my opinion"))
    told(opened, "Your opinion is kept")


def do_announce(opened: Desk) -> None:
    opened.desk.dead.append(LETTER)
    keys = sign_in(opened)
    keys.use(opened.page.get_by_role("link", name="Announcements"))
    keys.use(button(opened, "Send again"))
    told(opened, "It is being sent again.")


def do_workload(opened: Desk) -> None:
    keys = sign_in(opened, "supervisor")
    keys.use(opened.page.get_by_role("link", name="Workload"))
    keys.tab_to(opened.page.get_by_role("link", name="Ticket due").first)


def search(opened: Desk) -> Keyboard:
    keys = sign_in(opened, "compliance")
    keys.use(opened.page.get_by_role("link", name="Compliance"))
    keys.tab_to(opened.page.get_by_label("Patient id"))
    keys.write(PATIENT)
    keys.press("Enter")
    expect(opened.page.get_by_role("heading", name="Records of one patient")).to_be_visible()
    return keys


def do_audit(opened: Desk) -> None:
    keys = search(opened)
    for name in ("Records as CSV", "Report as JSON"):
        with opened.page.expect_download() as saving:
            keys.use(button(opened, name))
        assert saving.value.suggested_filename.endswith(name[-3:].lower().replace("son", "json"))
    keys.use(opened.page.get_by_role("link", name="Hand to a person"))
    expect(opened.page.get_by_text("directives: fail")).to_be_visible()


def do_access(opened: Desk) -> None:
    keys = sign_in(opened, "compliance")
    keys.use(opened.page.get_by_role("link", name="Compliance"))
    keys.use(button(opened, "Show the access log"))
    expect(opened.page.get_by_role("heading", name="3 accesses, the newest first")).to_be_visible()


def do_sign_out(opened: Desk) -> None:
    keys = sign_in(opened)
    keys.use(opened.page.get_by_role("link", name="Skip to content"))
    expect(opened.page.locator("main")).to_be_focused()
    keys.use(button(opened, "Sign out"))
    expect(opened.page.get_by_role("heading", name="Sign in")).to_be_visible()


# Each task, and the script in which it is done.
TASKS: dict[str, Callable[[Desk], None]] = {
    "Skip to the content": do_sign_out,
    "Sign in": do_sign_out,
    "Sign in with a token, at the second try": do_token,
    "Narrow the inbox": do_filter,
    "Turn the inbox's pages": do_pages,
    "Open a ticket": do_note,
    "Claim a ticket": do_reply,
    "Leave a note": do_note,
    "Show the identifiers": do_look,
    "Break the glass in an emergency": do_glass,
    "Read the passages found": do_look,
    "Put a prepared text into the reply": do_canned,
    "Put the draft into the reply": do_draft,
    "Reply to the patient": do_reply,
    "Hand a ticket over": do_hand_over,
    "Give a ticket back": do_release,
    "Take a ticket over, with a reason": do_take_over,
    "Close a ticket where the guard was right": do_close,
    "Close a ticket and correct the guard": do_correct,
    "Rank the draft, or write it better": do_correct,
    "Give a further opinion on a closed ticket": do_second_opinion,
    "Send an announcement again": do_announce,
    "See the workload": do_workload,
    "Find the records of a patient": do_audit,
    "Export records": do_audit,
    "Follow a turn": do_audit,
    "Read the access log": do_access,
    "Sign out": do_sign_out,
}
ASKED: set[str] = set()


@pytest.mark.parametrize("script", dict.fromkeys(TASKS.values()))
def test_a_task_of_the_staff_is_done_with_the_keyboard_alone(chromium: Browser, script: Callable[[Desk], None]) -> None:
    with open_desk(chromium) as opened:
        opened.page.on("request", lambda request: ASKED.update(routes_of(opened, request.method, request.url)))
        opened.page.goto(opened.url)
        script(opened)
        assert opened.watch.errors == []


def routes_of(opened: Desk, method: str, url: str) -> list[str]:
    path = url.removeprefix(opened.url).partition("?")[0]
    routes = [route for route in opened.app.routes if isinstance(route, Route) and method in (route.methods or ())]
    return [f"{method} {route.path}" for route in routes if route.path_regex.match(path)]


def test_every_address_of_the_console_was_asked_for_by_keyboard(chromium: Browser) -> None:
    """Runs after the tasks, in this file's order: a new page needs a task of its own above."""
    with open_desk(chromium) as opened:
        routes = [route for route in opened.app.routes if isinstance(route, Route)]
        every = {f"{method} {route.path}" for route in routes for method in (route.methods or set()) - {"HEAD"}}
    assert sorted(every - ASKED - BY_TIMER) == sorted(ELSEWHERE)


def test_the_page_for_people_lists_the_same_tasks() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## Tasks of the staff")[1].split("\n## ")[0]
    assert re.findall(r"^- (.+)$", section, re.M) == list(TASKS)
