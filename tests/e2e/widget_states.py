"""The states that a patient can bring the widget to, each with what must be seen when it is there."""

from collections.abc import Callable

from playwright.sync_api import expect

from e2e.portal import REPLY, Portal, take_tokens_from


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


def show_sign_in_slow(portal: Portal) -> None:
    portal.page.clock.install()
    take_tokens_from(portal, "() => new Promise(() => {})")
    portal.ask("What is metformin used for?")
    portal.page.clock.run_for(10_100)
    expect(portal.log).to_contain_text("The portal takes too long")


def show_why(portal: Portal) -> None:
    show_answer(portal)
    portal.log.get_by_role("button", name="Not helpful").click()
    expect(portal.log.get_by_role("group", name="What was wrong?")).to_be_visible()


def show_copy(portal: Portal) -> None:
    show_answer(portal)
    portal.widget.get_by_role("button", name="Keep a copy").click()
    expect(portal.widget.get_by_role("button", name="Save as text")).to_be_visible()


def show_ended(portal: Portal) -> None:
    show_reply(portal)
    portal.stub.replies.append({"event": "closed"})
    expect(portal.log).to_contain_text("This conversation has ended.")


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
    expect(portal.widget.locator("#counter")).to_contain_text("1000 characters too long")


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
    "sign-in-slow": show_sign_in_slow,
    "why": show_why,
    "copy": show_copy,
    "ended": show_ended,
    "offline": show_offline,
    "too-long": show_too_long,
    "person": show_person,
    "spanish": show_spanish,
}
