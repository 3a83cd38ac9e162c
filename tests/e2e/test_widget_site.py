"""A site of its own numbers, and the language of each text: what a patient outside the United States sees and hears."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, expect

from e2e.browser import Watch, open_context, serve
from e2e.portal import Portal, open_portal
from e2e.widget_stub import Stub
from portico_core.site import Crisis, SiteFile
from portico_gateway.texts import SiteTexts

ELSEWHERE = SiteFile(emergency="112", crisis=Crisis(call="116 123", text="85258"), violence="")
ELM = SiteTexts("Elm Clinic", "+44-20-5555-0100", site=ELSEWHERE)
ALWAYS = ["tel:112", "tel:116123", "sms:85258"]


@contextmanager
def open_elsewhere(chromium: Browser, own_words: dict[str, dict[str, Any]]) -> Iterator[Portal]:
    """Open the demo portal as a gateway with these words of its site serves it."""
    stub = Stub(own_words=own_words)
    with serve(stub.app()) as url, open_context(chromium) as context:
        page = context.new_page()
        watch = Watch(page, origin=url)
        page.goto(url + "/demo")
        yield Portal(page, stub, watch, url)


def lines_of(portal: Portal) -> list[str | None]:
    return [link.get_attribute("href") for link in portal.widget.locator(".safety .lines a").all()]


def said(author: str, text: str, lang: str | None) -> dict[str, Any]:
    """A message of a transcript."""
    return {"author": author, "text": text, "lang": lang, "time": "2026-11-23T21:00:00Z"}


def test_the_widget_names_the_sites_numbers_also_with_the_server_gone(chromium: Browser) -> None:
    with open_elsewhere(chromium, ELM.for_widget()) as portal:
        portal.open()
        portal.page.context.set_offline(True)
        portal.ask("What is metformin used for?")
        expect(portal.log).to_contain_text("You seem to be offline")
        assert lines_of(portal) == ALWAYS
        portal.widget.get_by_role("button", name="Español").click()
        assert lines_of(portal) == ALWAYS
        expect(portal.widget.locator(".safety .lines")).to_have_text(
            "No es para emergencias:llame al 112·llame al 116 123oenvíe un texto al 85258"
        )
        assert "911" not in portal.widget.inner_text() and "988" not in portal.widget.inner_text()


def test_half_a_site_is_none(chromium: Browser) -> None:
    """The control: a document without its lines is not shown in part."""
    broken = {"en": {**ELM.for_widget()["en"], "lines": [{"label": "call", "uri": "javascript:alert(1)"}]}}
    with open_elsewhere(chromium, broken) as portal:
        portal.open()
        assert lines_of(portal) == ["tel:911", "tel:988", "sms:988"]
        expect(portal.widget.locator(".header")).to_contain_text("Answers come from an AI.")


def test_every_text_says_its_language_and_a_switch_leaves_it(chromium: Browser) -> None:
    with open_portal(chromium) as portal:
        portal.stub.transcript = [
            said("patient", "¿Puedo tomar dos pastillas?", "es"),
            said("assistant", "Esta pregunta es para su equipo.", "es"),
            said("clinician", "One is enough.", "en"),
            said("patient", "metformin", None),
        ]
        portal.page.evaluate("""base => sessionStorage.setItem(`portico:conversation:${base}`, "c-1")""", portal.url)
        portal.reload()
        for name in ("Español", "English"):
            expect(portal.log.get_by_text("Puedo tomar")).to_have_attribute("lang", "es")
            expect(portal.log.get_by_text("para su equipo")).to_have_attribute("lang", "es")
            expect(portal.log.get_by_text("One is enough")).to_have_attribute("lang", "en")
            assert portal.log.get_by_text("metformin", exact=True).get_attribute("lang") is None
            portal.widget.get_by_role("button", name=name).click()


def test_a_spanish_fixed_text_in_an_english_page_is_marked_and_the_page_tells_its_language(chromium: Browser) -> None:
    with open_portal(chromium) as portal:
        portal.ask("me duele el pecho")
        alarm = portal.widget.get_by_role("alert")
        expect(alarm.get_by_text("emergencia médica")).to_have_attribute("lang", "es")
        expect(portal.log.get_by_text("me duele el pecho")).to_have_attribute("lang", "es")
        expect(portal.widget.locator("section")).to_have_attribute("lang", "en")
        portal.widget.get_by_role("button", name="Español").click()
        portal.widget.get_by_label("Su mensaje").fill("metformin")
        portal.widget.get_by_label("Su mensaje").press("Enter")
        expect(portal.log).to_contain_text("metformin")
        assert portal.stub.log.locales == ["en", "es"]
