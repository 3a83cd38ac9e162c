"""What the patient does in the widget, and what happens, in a real Chromium against a server that follows a script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from e2e.portal import REPLY, Portal
from e2e.widget_states import (
    show_answer,
    show_crisis,
    show_emergency,
    show_escalated,
    show_expired,
    show_reply,
    show_sources,
    show_unavailable,
    show_welcome,
    show_working,
)
from e2e.widget_stub import answer_turn, escalate_turn


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
    expect(portal.log).to_contain_text("A person has replied to you below.")
    expect(portal.log).not_to_contain_text("You get a reply here by")
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
    expect(portal.page.locator("portico-chat > [role=status]")).to_contain_text("Thank you for telling us.")
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


def test_a_conversation_that_is_gone_is_begun_anew(portal: Portal) -> None:
    key = f"portico:conversation:{portal.url}"
    portal.page.evaluate("([key]) => sessionStorage.setItem(key, 'of-somebody-else')", [key])
    portal.reload()
    show_answer(portal)
    assert portal.page.evaluate("([key]) => sessionStorage.getItem(key)", [key]) == "c-1"
