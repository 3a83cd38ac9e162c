"""The patient's widget in a real Chromium, against a server that speaks the gateway's contract from a script.

Every state is checked with axe in light, dark and at 320 pixels, and kept as a picture under docs/screenshots/ when
PORTICO_SCREENSHOTS is set.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from e2e.browser import assert_accessible, take_screenshot
from e2e.portal import REPLY, Portal, open_portal
from e2e.widget_stub import answer_turn, escalate_turn

LOOKS: dict[str, dict[str, Any]] = {"light": {}, "dark": {"dark": True}, "small": {"width": 320, "height": 640}}


# Every state, in every look.


def show_closed(portal: Portal) -> None:
    expect(portal.widget.get_by_role("button", name="Ask a health question")).to_be_visible()


def show_welcome(portal: Portal) -> None:
    portal.open()
    expect(portal.widget.get_by_role("heading", name="Hello, how can I help?")).to_be_visible()


def show_working(portal: Portal) -> None:
    portal.ask("hang on")
    expect(portal.log).to_contain_text("Looking in approved material")


def show_answer(portal: Portal) -> None:
    portal.ask("What is metformin used for?")
    expect(portal.log).to_contain_text("lowers blood sugar")


def show_sources(portal: Portal) -> None:
    show_answer(portal)
    portal.widget.get_by_role("button", name="Source 2", exact=True).first.click()
    expect(portal.log.get_by_role("listitem", name="Source 2: Metformin")).to_be_focused()


def show_escalated(portal: Portal) -> None:
    portal.ask("Should I double my lisinopril tonight? My pressure was 160")
    expect(portal.log.get_by_role("group", name="Sent to your care team")).to_be_visible()


def show_reply(portal: Portal) -> None:
    show_escalated(portal)
    portal.stub.replies.append(dict(REPLY))
    expect(portal.log).to_contain_text("Nurse, a person")


def show_emergency(portal: Portal) -> None:
    portal.ask("my husband's face is drooping and he can't lift his arm")
    expect(portal.widget.get_by_role("alert")).to_contain_text("This may be an emergency")
    expect(portal.log.get_by_role("group", name="Sent to your care team")).to_be_visible()


def show_crisis(portal: Portal) -> None:
    portal.ask("i dont want to be alive anymore, i have pills here")
    expect(portal.widget.get_by_role("alert")).to_contain_text("You are not alone")
    expect(portal.log.get_by_role("group", name="Sent to your care team")).to_be_visible()


def show_acknowledged(portal: Portal) -> None:
    show_emergency(portal)
    portal.widget.get_by_role("button", name="I have read this").click()
    expect(portal.log).to_contain_text("This may be an emergency")


def show_declined(portal: Portal) -> None:
    portal.ask("Find me a pizza place")
    expect(portal.log).to_contain_text("I can only help with general questions")


def show_unavailable(portal: Portal) -> None:
    portal.ask("unavailable")
    expect(portal.log).to_contain_text("The assistant is not available")


def show_interrupted(portal: Portal) -> None:
    portal.ask("half an answer")
    expect(portal.log).to_contain_text("The connection broke")


def show_expired(portal: Portal) -> None:
    portal.stub.refuse_tokens = 2
    portal.ask("What is metformin used for?")
    expect(portal.log).to_contain_text("Your session has ended")


def show_offline(portal: Portal) -> None:
    portal.open()
    portal.page.context.set_offline(True)
    portal.ask("What is metformin used for?")
    expect(portal.log).to_contain_text("You seem to be offline")


def show_too_long(portal: Portal) -> None:
    portal.open()
    portal.box.fill("word " * 1_000)
    expect(portal.widget.get_by_text("1000 characters too long")).to_be_visible()


def show_person(portal: Portal) -> None:
    show_answer(portal)
    portal.widget.get_by_role("button", name="Talk to a person").click()
    expect(portal.widget.get_by_text("Reach a person", exact=True)).to_be_visible()


def show_spanish(portal: Portal) -> None:
    show_escalated(portal)
    portal.widget.get_by_role("button", name="Español").click()
    expect(portal.log.get_by_role("group", name="Enviado a su equipo de atención")).to_be_visible()


STATES: dict[str, Callable[[Portal], None]] = {
    "closed": show_closed,
    "welcome": show_welcome,
    "working": show_working,
    "answer": show_answer,
    "sources": show_sources,
    "escalated": show_escalated,
    "reply": show_reply,
    "emergency": show_emergency,
    "crisis": show_crisis,
    "acknowledged": show_acknowledged,
    "declined": show_declined,
    "unavailable": show_unavailable,
    "interrupted": show_interrupted,
    "expired": show_expired,
    "offline": show_offline,
    "too-long": show_too_long,
    "person": show_person,
    "spanish": show_spanish,
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES)
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


def test_the_accessibility_check_can_fail(portal: Portal) -> None:
    portal.page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    with pytest.raises(AssertionError, match="button-name"):
        assert_accessible(portal.page)


# What the patient does, and what happens.


def test_an_answer_stands_whole_with_numbered_sources_and_a_safe_link(portal: Portal) -> None:
    show_sources(portal)
    link = portal.log.get_by_role("link", name="Open the source: Metformin").first
    assert link.get_attribute("href") == "https://medlineplus.gov/druginfo/meds/a696005.html"
    assert "noopener" in str(link.get_attribute("rel"))
    portal.page.keyboard.press("Escape")
    expect(portal.widget.get_by_role("button", name="Source 2", exact=True).first).to_be_focused()
    expect(portal.box).to_be_visible()


def test_a_finished_message_is_announced_once_and_focus_stays(portal: Portal) -> None:
    show_answer(portal)
    expect(portal.page.locator("portico-chat > [role=status]")).to_contain_text("lowers blood sugar")
    expect(portal.box).to_be_focused()
    assert portal.log.get_attribute("aria-live") == "off"


def test_a_clinicians_reply_arrives_by_itself_and_is_marked(portal: Portal) -> None:
    show_reply(portal)
    expect(portal.log).to_contain_text("Answered")
    expect(portal.box).to_be_focused()
    expect(portal.page.locator("portico-chat > [role=status]")).to_contain_text("Nurse, a person: Hello Jordan")


def test_a_reply_while_the_panel_is_closed_shows_on_the_launcher(portal: Portal) -> None:
    show_escalated(portal)
    portal.page.keyboard.press("Escape")
    portal.stub.replies.append(dict(REPLY))
    expect(portal.widget.get_by_role("button", name=re.compile("new reply"))).to_be_visible()


def test_a_claim_by_a_clinician_shows_on_the_card(portal: Portal) -> None:
    show_escalated(portal)
    portal.stub.replies.append({"event": "escalation", "escalation_id": "e-1", "state": "in-progress"})
    expect(portal.log).to_contain_text("Being read")


@pytest.mark.parametrize("show", [show_emergency, show_crisis])
def test_an_alarm_stays_until_it_is_read_and_the_chat_stays_usable(
    portal: Portal, show: Callable[[Portal], None]
) -> None:
    show(portal)
    alarm = portal.widget.get_by_role("alert")
    targets = {link.get_attribute("href") for link in alarm.get_by_role("link").all()}
    assert targets <= {"tel:911", "tel:988", "sms:988"} and "tel:911" in targets
    portal.ask("What is metformin used for?")
    expect(portal.log).to_contain_text("lowers blood sugar")
    expect(alarm.get_by_role("button", name="I have read this")).to_be_visible()
    alarm.get_by_role("button", name="I have read this").click()
    expect(alarm).to_be_empty()
    expect(portal.box).to_be_focused()


def test_the_lines_to_people_are_always_there(portal: Portal) -> None:
    for show in (show_welcome, show_answer, show_crisis):
        show(portal) if show is not show_welcome else portal.open()
        for target in ("tel:911", "tel:988", "sms:988"):
            expect(portal.widget.locator(f".safety a[href='{target}']")).to_be_visible()
        expect(portal.widget.get_by_text("Answers come from an AI.")).to_be_visible()


def test_unavailable_offers_people_and_a_retry_under_the_same_key(portal: Portal) -> None:
    show_unavailable(portal)
    expect(portal.log.get_by_role("link", name="Riverbend nurse line")).to_be_visible()
    portal.log.get_by_role("button", name="Try again").click()
    expect(portal.log).to_contain_text("lowers blood sugar")
    expect(portal.log).not_to_contain_text("not available")
    assert len(portal.stub.log.keys) == 2 and len(set(portal.stub.log.keys)) == 1
    expect(portal.box).to_be_focused()


@pytest.mark.parametrize("text", ["half an answer", "error please"])
def test_a_broken_stream_gives_the_words_back_and_retries_under_the_same_key(portal: Portal, text: str) -> None:
    portal.ask(text)
    retry = portal.log.get_by_role("button", name="Try again")
    expect(retry).to_be_visible()
    assert portal.box.input_value() == text
    expect(portal.log).not_to_contain_text("lowers blood sugar")
    retry.click()
    expect(portal.log).to_contain_text("lowers blood sugar")
    assert portal.box.input_value() == ""
    assert len(portal.stub.log.keys) == 2 and len(set(portal.stub.log.keys)) == 1


def test_another_message_has_another_key(portal: Portal) -> None:
    portal.ask("half an answer")
    expect(portal.log).to_contain_text("The connection broke")
    portal.ask("half an answer, changed")
    expect(portal.log).to_contain_text("lowers blood sugar")
    assert len(set(portal.stub.log.keys)) == 2


def test_events_of_a_later_version_are_passed_over(portal: Portal) -> None:
    portal.ask("unknown events")
    expect(portal.log).to_contain_text("lowers blood sugar")
    assert portal.watch.errors == []


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_lines_may_end_in_any_of_the_three_ways(portal: Portal, line_end: str) -> None:
    portal.stub.line_end = line_end
    show_answer(portal)


def test_an_expired_token_is_renewed_once_without_a_word(portal: Portal) -> None:
    portal.stub.refuse_tokens = 1
    show_answer(portal)
    assert portal.stub.log.tokens == 2


def test_an_ended_session_keeps_the_words_and_works_again_after_sign_in(portal: Portal) -> None:
    show_expired(portal)
    assert portal.box.input_value() == "What is metformin used for?"
    portal.log.get_by_role("button", name="Try again").click()
    expect(portal.log).to_contain_text("lowers blood sugar")


def test_a_busy_gateway_says_so_and_keeps_the_words(portal: Portal) -> None:
    portal.ask("busy?")
    expect(portal.log).to_contain_text("The assistant is busy.")
    assert portal.box.input_value() == "busy?"


def test_a_server_that_hangs_gives_the_words_back(portal: Portal) -> None:
    portal.page.evaluate(
        """() => {
          const old = document.querySelector("portico-chat");
          const fresh = old.cloneNode();
          fresh.setAttribute("deadline-s", "1");
          old.replaceWith(fresh);
        }"""
    )
    portal.ask("hang please")
    expect(portal.log).to_contain_text("The answer took too long.")
    assert portal.box.input_value() == "hang please"


def test_stop_gives_the_words_back(portal: Portal) -> None:
    show_working(portal)
    portal.widget.get_by_role("button", name="Stop").click()
    expect(portal.box).to_have_value("hang on")


def test_enter_sends_shift_enter_breaks_and_a_composition_is_left_alone(portal: Portal) -> None:
    portal.open()
    portal.box.fill("one")
    portal.box.press("Shift+Enter")
    portal.box.press_sequentially("two")
    assert portal.box.input_value() == "one\ntwo"
    portal.box.evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    assert portal.stub.log.texts == []
    portal.box.press("Enter")
    expect(portal.log).to_contain_text("lowers blood sugar")
    assert portal.stub.log.texts == ["one\ntwo"]


def test_escape_closes_and_focus_goes_back_to_the_launcher(portal: Portal) -> None:
    portal.open()
    expect(portal.box).to_be_focused()
    portal.page.keyboard.press("Escape")
    expect(portal.widget.get_by_role("button", name="Ask a health question")).to_be_focused()


def test_the_language_changes_in_place_and_keeps_the_draft(portal: Portal) -> None:
    show_answer(portal)
    portal.box.fill("half written")
    portal.widget.get_by_role("button", name="Español").click()
    spanish = portal.widget.get_by_label("Su mensaje")
    expect(spanish).to_have_value("half written")
    expect(portal.widget.get_by_text("2 fuentes")).to_be_visible()
    assert portal.widget.locator(".root").get_attribute("lang") == "es"


def test_feedback_is_sent(portal: Portal) -> None:
    show_answer(portal)
    thumb = portal.log.get_by_role("button", name="Helpful", exact=True)
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "true")
    expect(portal.page.locator("portico-chat > [role=status]")).to_have_text("Thank you for telling us.")
    assert portal.stub.log.feedback == [(True, None)]


def test_a_reload_brings_the_conversation_back_without_announcing_it(portal: Portal) -> None:
    show_escalated(portal)
    message = "Should I double my lisinopril tonight?"
    portal.stub.transcript = [
        {"author": "patient", "text": "What is metformin?", "time": "2026-11-23T21:00:00Z", "turn_id": "t-0"},
        {"author": "assistant", "text": "", "time": "2026-11-23T21:00:01Z", "turn_id": "t-0", "turn": answer_turn()},
        {"author": "patient", "text": message, "time": "2026-11-23T21:01:00Z", "turn_id": "t-1"},
        {"author": "assistant", "text": "", "time": "2026-11-23T21:01:01Z", "turn_id": "t-1", "turn": escalate_turn()},
    ]
    portal.reload()
    for words in ("lowers blood sugar", message, "Sent to your care team"):
        expect(portal.log).to_contain_text(words)
    assert portal.heard() == ""
    portal.stub.replies.append(dict(REPLY))
    expect(portal.log).to_contain_text("Hello Jordan")


def test_storage_holds_the_id_and_nothing_else(portal: Portal) -> None:
    show_answer(portal)
    stored = portal.page.evaluate("JSON.stringify({...sessionStorage, ...localStorage}) + document.cookie")
    assert "c-1" in stored
    assert "metformin" not in stored.lower()


def test_events_tell_the_page_what_happened_and_not_what_was_said(portal: Portal) -> None:
    portal.page.evaluate(
        """() => {
          window.seen = [];
          for (const name of ["open", "message", "escalated", "emergency", "error"])
            document.addEventListener("portico:" + name, (e) => window.seen.push([name, JSON.stringify(e.detail)]));
        }"""
    )
    show_emergency(portal)
    portal.ask("half an answer")
    expect(portal.log).to_contain_text("The connection broke")
    seen = portal.page.evaluate("window.seen")
    assert ["emergency", '{"route":"emergency"}'] in seen
    assert ["escalated", '{"urgency":"urgent"}'] in seen
    assert ["message", '{"route":"emergency"}'] in seen
    assert ["error", '{"code":"interrupted"}'] in seen
    assert "drooping" not in str(seen)


def test_the_examples_fill_the_box_and_do_not_send(portal: Portal) -> None:
    portal.page.get_by_role("button", name="What is metformin used for?").click()
    expect(portal.box).to_have_value("What is metformin used for?")
    expect(portal.box).to_be_focused()
    assert portal.stub.log.texts == []


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


def test_a_conversation_that_is_gone_is_begun_anew(portal: Portal) -> None:
    key = f"portico:conversation:{portal.url}"
    portal.page.evaluate("([key]) => sessionStorage.setItem(key, 'of-somebody-else')", [key])
    portal.reload()
    show_answer(portal)
    assert portal.page.evaluate("([key]) => sessionStorage.getItem(key)", [key]) == "c-1"
