"""The fixed texts: whatever fails, a patient reads 911, 988 and a number where a person answers."""

import itertools

import pytest

from portico_core.labels import Label, Route
from portico_gateway.texts import SiteTexts

TEXTS = SiteTexts("Riverbend Clinic", "+1-555-0100")
LOCALES = ["en", "en-US", "es", "es-MX", "fr", "zh-Hans"]  # A language we do not have gets English.
SPOKEN = [route for route in Route if route is not Route.ANSWER]
REPLY_BY = "2026-11-24T10:00:00.000Z"


def message(route: Route, *, label: Label | None = None, locale: str = "en", reply_by: str | None = REPLY_BY) -> str:
    said = TEXTS.message(route, label, locale=locale, reply_by=reply_by)
    assert said is not None
    return said


@pytest.mark.parametrize(
    ("route", "label", "locale", "reply_by"), itertools.product(SPOKEN, [None, *Label], LOCALES, [None, REPLY_BY])
)
def test_every_text_has_911_and_988_and_no_gap(
    route: Route, label: Label | None, locale: str, reply_by: str | None
) -> None:
    said = message(route, label=label, locale=locale, reply_by=reply_by)
    assert "911" in said and "988" in said
    assert "{" not in said and "}" not in said


@pytest.mark.parametrize("locale", LOCALES)
def test_an_answer_has_no_fixed_text(locale: str) -> None:
    assert TEXTS.message(Route.ANSWER, Label.INFORMATIONAL, locale=locale) is None


@pytest.mark.parametrize(("locale", "word"), [("en", "Call 911 now"), ("es", "Llame al 911 ahora"), ("es-US", "Llame")])
def test_an_emergency_says_first_what_to_do(locale: str, word: str) -> None:
    assert word in message(Route.EMERGENCY, locale=locale)[:80]


@pytest.mark.parametrize("locale", ["ES", "es_MX", "Es-mx"])
def test_a_language_is_read_in_any_case(locale: str) -> None:
    assert message(Route.EMERGENCY, locale=locale) == message(Route.EMERGENCY, locale="es")


def test_another_language_that_begins_alike_is_not_spanish() -> None:
    assert message(Route.EMERGENCY, locale="est") == message(Route.EMERGENCY, locale="en")


@pytest.mark.parametrize("locale", ["en", "es"])
def test_a_crisis_text_gives_988_before_911_and_the_domestic_violence_line(locale: str) -> None:
    said = message(Route.CRISIS, locale=locale)
    assert said.index("988") < said.index("911")
    assert "1-800-799-7233" in said


@pytest.mark.parametrize("locale", ["en", "es"])
def test_attack_and_out_of_scope_are_declined_in_different_words(locale: str) -> None:
    attack = message(Route.DECLINE, label=Label.ATTACK, locale=locale)
    other = message(Route.DECLINE, label=Label.OUT_OF_SCOPE, locale=locale)
    assert attack != other
    assert all("portal" in said for said in (attack, other))  # Both say what the assistant can do.


@pytest.mark.parametrize("locale", ["en", "es"])
def test_nobody_is_promised_a_reply_that_is_not_queued(locale: str) -> None:
    queued = message(Route.ESCALATE, locale=locale)
    unqueued = message(Route.ESCALATE, locale=locale, reply_by=None)
    assert queued != unqueued
    assert "+1-555-0100" in queued and "+1-555-0100" in unqueued
    assert ("They will reply here" in queued) or ("Le responderán aquí" in queued)
    assert "reply here" not in unqueued and "responderán" not in unqueued


@pytest.mark.parametrize("locale", LOCALES)
def test_contacts_are_emergency_crisis_and_clinic_in_this_order(locale: str) -> None:
    assert [contact.uri for contact in TEXTS.contacts(locale)] == ["tel:911", "tel:988", "sms:988", "tel:+1-555-0100"]
    assert "Riverbend Clinic" in TEXTS.contacts(locale)[-1].label


@pytest.mark.parametrize(
    ("locale", "words"), [("en", "AI assistant"), ("es", "asistente de IA"), ("fr", "AI assistant")]
)
def test_the_disclosure_says_ai_and_how_to_reach_a_person(locale: str, words: str) -> None:
    shown = TEXTS.disclosure(locale)
    assert words in shown.text
    assert "Riverbend Clinic" in shown.human_contact and "+1-555-0100" in shown.human_contact


def test_a_clinic_name_with_braces_does_no_harm() -> None:
    odd = SiteTexts("The {phone} Clinic", "911")
    assert "The {phone} Clinic" in str(odd.message(Route.ESCALATE, None, locale="en", reply_by=REPLY_BY))
