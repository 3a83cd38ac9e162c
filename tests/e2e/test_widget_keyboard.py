"""Every task of a patient with the keyboard alone, in a real Chromium.

`TASKS` is the list of docs/how-to/accessibility.md, and a test holds the two together.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from e2e.browser import wait_until
from e2e.keyboard import Keyboard
from e2e.portal import REPLY, Portal

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "accessibility.md"
QUESTION = "What is metformin used for?"


def open_panel(portal: Portal) -> Keyboard:
    keys = Keyboard(portal.page)
    keys.use(portal.widget.get_by_role("button", name="Ask a health question"))
    expect(portal.box).to_be_focused()
    return keys


def ask(portal: Portal, text: str = QUESTION) -> Keyboard:
    keys = open_panel(portal)
    keys.write(text)
    keys.press("Enter")
    return keys


def ask_and_read(portal: Portal, text: str = QUESTION, shown: str = "lowers blood sugar") -> Keyboard:
    keys = ask(portal, text)
    expect(portal.log).to_contain_text(shown)
    expect(portal.box).to_be_focused()
    return keys


def do_skip_and_open(portal: Portal) -> None:
    keys = Keyboard(portal.page)
    keys.use(portal.page.get_by_role("link", name="Skip to content"))
    expect(portal.page.locator("main")).to_be_focused()
    open_panel(portal)


def do_ask_by_button(portal: Portal) -> None:
    keys = open_panel(portal)
    keys.write("What is")
    keys.press("Shift+Enter")
    keys.write("metformin?")
    keys.use(portal.widget.get_by_role("button", name="Send"), "Space")
    expect(portal.log).to_contain_text("lowers blood sugar")
    assert portal.stub.log.texts == ["What is\nmetformin?"]


def do_example(portal: Portal) -> None:
    keys = open_panel(portal)
    keys.use(portal.widget.get_by_role("button", name=QUESTION), back=True)
    expect(portal.box).to_be_focused()
    expect(portal.box).to_have_value(QUESTION)
    keys.press("Enter")
    expect(portal.log).to_contain_text("lowers blood sugar")


def do_read(portal: Portal) -> None:
    """The arrows move a log that is longer than its place."""
    keys = ask_and_read(portal)
    for number in (2, 3):
        keys.write(QUESTION)
        keys.press("Enter")
        expect(portal.log.locator(".answer")).to_have_count(number)
    keys.tab_to(portal.log, back=True)
    keys.press("Home")
    wait_until(portal.page, lambda: portal.log.evaluate("e => e.scrollTop === 0"))
    keys.press("End")
    wait_until(portal.page, lambda: portal.log.evaluate("e => e.scrollTop > 0"))


def do_sources(portal: Portal) -> None:
    keys = ask_and_read(portal)
    mark = portal.log.get_by_role("button", name="Source 2", exact=True).first
    keys.use(mark, back=True)
    expect(portal.log.get_by_role("listitem", name="Source 2: Metformin")).to_be_focused()
    keys.tab_to(portal.log.get_by_role("link", name="Open the source").last)
    keys.press("Escape")
    expect(mark).to_be_focused()
    keys.use(portal.log.get_by_role("button", name="2 sources"))
    expect(portal.log.get_by_role("listitem", name="Source 1: Metformin")).to_be_visible()


def do_rate(portal: Portal) -> None:
    keys = ask_and_read(portal)
    keys.use(portal.log.get_by_role("button", name="Helpful", exact=True), "Space", back=True)
    expect(portal.page.locator("portico-chat > [role=status]")).to_have_text("Thank you for telling us.")
    keys.use(portal.log.get_by_role("button", name="Not helpful"))
    keys.use(portal.log.get_by_role("button", name="Hard to understand"))
    expect(portal.log.get_by_text("Thank you for telling us.")).to_be_focused()
    portal.page.wait_for_timeout(100)
    assert portal.stub.log.feedback == [(True, None), (False, "unclear")]
    keys.tab_to(portal.box)


def do_retry(portal: Portal) -> None:
    keys = ask_and_read(portal, "half an answer", "The connection broke")
    keys.use(portal.log.get_by_role("button", name="Try again"), back=True)
    expect(portal.log).to_contain_text("lowers blood sugar")
    expect(portal.box).to_be_focused()
    assert len(set(portal.stub.log.keys)) == 1


def do_dismiss_and_stop(portal: Portal) -> None:
    keys = ask_and_read(portal, "half an answer", "The connection broke")
    keys.use(portal.log.get_by_role("button", name="Dismiss"), back=True)
    expect(portal.log).not_to_contain_text("The connection broke")
    expect(portal.box).to_be_focused()
    expect(portal.box).to_have_value("half an answer")
    keys.press("ControlOrMeta+a")
    keys.write("hang on")
    keys.press("Enter")
    expect(portal.log).to_contain_text("Looking in approved material")
    keys.use(portal.widget.get_by_role("button", name="Stop"))
    expect(portal.box).to_have_value("hang on")


def do_language(portal: Portal) -> None:
    keys = ask_and_read(portal)
    keys.use(portal.widget.get_by_role("button", name="Español"), back=True)
    expect(portal.widget.get_by_label("Su mensaje")).to_be_focused()
    keys.use(portal.widget.get_by_role("button", name="English"), back=True)
    expect(portal.box).to_be_focused()


def do_acknowledge(portal: Portal) -> None:
    keys = ask_and_read(portal, "my husband's face is drooping and he can't lift his arm", "Sent to your care team")
    alarm = portal.widget.get_by_role("alert")
    keys.tab_to(alarm.get_by_role("link", name="Call 911"), back=True)
    keys.use(alarm.get_by_role("button", name="I have read this"))
    expect(alarm).to_be_empty()
    expect(portal.box).to_be_focused()


def do_lines(portal: Portal) -> None:
    keys = open_panel(portal)
    for target in ("sms:988", "tel:988", "tel:911"):
        keys.tab_to(portal.widget.locator(f".safety a[href='{target}']"), back=True)


def do_person(portal: Portal) -> None:
    keys = open_panel(portal)
    keys.use(portal.widget.get_by_role("button", name="Talk to a person"), back=True)
    keys.tab_to(portal.widget.get_by_role("link", name="Call Riverbend Clinic"))
    keys.use(portal.widget.get_by_role("button", name="Write to my care team here"))
    expect(portal.box).to_be_focused()
    expect(portal.box).to_have_value(re.compile("a person from my care team"))


def do_copy(portal: Portal) -> None:
    keys = ask_and_read(portal)
    copy = portal.widget.get_by_role("button", name="Keep a copy")
    keys.use(copy, back=True)
    keys.use(portal.widget.get_by_role("button", name="Print"))
    assert "lowers blood sugar" in portal.page.frames[-1].locator("body").inner_text()
    keys.use(copy, back=True)
    keys.use(copy)
    with portal.page.expect_download() as saving:
        keys.use(portal.widget.get_by_role("button", name="Save as text"))
    assert saving.value.suggested_filename == "conversation.txt"
    keys.press("Escape")
    expect(copy).to_be_focused()


def do_follow(portal: Portal) -> None:
    """A reply comes while somebody writes: it is there to be read, and nobody is moved."""
    keys = ask_and_read(portal, "Should I double my lisinopril tonight?", "Sent to your care team")
    keys.write("One more thing")
    portal.stub.replies.append(dict(REPLY))
    expect(portal.log).to_contain_text("Nurse, a person")
    expect(portal.box).to_be_focused()
    expect(portal.box).to_have_value("One more thing")
    keys.tab_to(portal.log, back=True)


def do_close(portal: Portal) -> None:
    keys = open_panel(portal)
    keys.use(portal.widget.get_by_role("button", name="Close"), back=True)
    launcher = portal.widget.get_by_role("button", name="Ask a health question")
    expect(launcher).to_be_focused()
    keys.press("Enter", "Escape")
    expect(launcher).to_be_focused()


def do_start_anew(portal: Portal) -> None:
    keys = ask_and_read(portal, "Should I double my lisinopril tonight?", "Sent to your care team")
    portal.stub.replies.append({"event": "closed"})
    keys.use(portal.log.get_by_role("button", name="Start a new conversation"), back=True)
    expect(portal.widget.get_by_role("heading", name="Hello, how can I help?")).to_be_visible()
    expect(portal.box).to_be_focused()


def do_sign_out(portal: Portal) -> None:
    keys = ask_and_read(portal)
    keys.press("Escape")
    keys.use(portal.page.get_by_role("button", name="Sign out"))
    expect(portal.page.get_by_text("You are signed out.")).to_be_visible()
    assert portal.page.evaluate("sessionStorage.length") == 0
    open_panel(portal)
    expect(portal.log).not_to_contain_text("lowers blood sugar")


# Each task, and the script in which it is done.
TASKS: dict[str, Callable[[Portal], None]] = {
    "Skip to the portal's content": do_skip_and_open,
    "Open the assistant": do_skip_and_open,
    "Ask a question": do_example,
    "Use an example": do_example,
    "Write several lines and send by the button": do_ask_by_button,
    "Read back through the conversation": do_read,
    "Read the sources and come back": do_sources,
    "Say that an answer helped": do_rate,
    "Say that an answer did not help, and why": do_rate,
    "Stop waiting": do_dismiss_and_stop,
    "Try again after a failure": do_retry,
    "Dismiss a notice": do_dismiss_and_stop,
    "Switch the language": do_language,
    "Acknowledge the emergency banner": do_acknowledge,
    "Reach the emergency and crisis lines": do_lines,
    "Ask for a person": do_person,
    "Print a copy": do_copy,
    "Save a copy": do_copy,
    "Receive a clinician's reply while writing": do_follow,
    "Close the assistant": do_close,
    "Start a new conversation after an ended one": do_start_anew,
    "Sign out and leave nothing on the device": do_sign_out,
}


@pytest.mark.parametrize("script", dict.fromkeys(TASKS.values()))
def test_a_patients_task_is_done_with_the_keyboard_alone(portal: Portal, script: Callable[[Portal], None]) -> None:
    script(portal)
    assert portal.watch.errors == []


def test_the_page_for_people_lists_the_same_tasks() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## Tasks of a patient")[1].split("\n## ")[0]
    assert re.findall(r"^- (.+)$", section, re.M) == list(TASKS)


def test_nobody_is_held_in_the_panel(portal: Portal) -> None:
    """Forward out of the open panel, back into it, and out of its other end."""
    keys = ask_and_read(portal)
    for back in (False, True):
        keys.tab_to(portal.page.get_by_role("link", name="Model card"), back=back)
        keys.tab_to(portal.box, back=not back)


def test_a_control_that_tab_does_not_reach_is_noticed(portal: Portal) -> None:
    portal.page.evaluate("document.querySelector('#console-link, nav a').tabIndex = -1")
    with pytest.raises(AssertionError, match="Tab does not lead"):
        Keyboard(portal.page).tab_to(portal.page.locator("#console-link, nav a").first)
