"""The fixed texts: whatever fails, a patient reads 911, 988 and a number where a person answers."""

import itertools

import pytest

from portico_core.errors import ConfigurationError
from portico_core.labels import Label, Route
from portico_core.language import Language
from portico_core.site import UNITED_STATES, Crisis, SiteFile, Wording
from portico_gateway.phrases import MESSAGES, ONE_NUMBER, PHRASES
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


# A site of its own: docs/how-to/site.md, docs/adr/0041.

ELSEWHERE = SiteFile(emergency="112", crisis=Crisis(call="116 123", text="85258"), violence="")
CALLED = Crisis(call="024", text="")
AMERICAN = ("911", "988", "799-7233", "AYUDA", "oprima")


def every_text(texts: SiteTexts) -> list[str]:
    """Everything that a patient of a site may read, in both languages."""
    said = [
        str(texts.message(route, label, locale=locale, reply_by=reply_by, paused=paused))
        for route, label, locale, reply_by, paused in itertools.product(
            SPOKEN, [None, Label.ATTACK], ["en", "es"], [None, REPLY_BY], [False, True]
        )
    ]
    shown = [text for locale in ("en", "es") for text in (texts.disclosure(locale).text, texts.after_error(locale))]
    contacts = [str(contact) for locale in ("en", "es") for contact in texts.contacts(locale)]
    return [*said, *shown, *contacts, str(texts.for_widget())]


def test_a_site_elsewhere_names_its_own_numbers_and_never_an_american_one() -> None:
    texts = SiteTexts("Elm Clinic", "+44-20-5555-0100", site=ELSEWHERE)
    for said in every_text(texts):
        assert not any(number in said for number in AMERICAN), said
    assert "Call 112 now" in str(texts.message(Route.EMERGENCY, None, locale="en", reply_by=REPLY_BY))
    assert "Call 116 123 or text 85258 now" in str(texts.message(Route.CRISIS, None, locale="en", reply_by=REPLY_BY))
    assert [c.uri for c in texts.contacts("es")] == ["tel:112", "tel:116123", "sms:85258", "tel:+44-20-5555-0100"]
    assert any("911" in said for said in every_text(TEXTS))  # The control: it is there to be found.


def test_a_line_that_reads_no_messages_is_only_called() -> None:
    texts = SiteTexts("Elm Clinic", "+44-20-5555-0100", site=ELSEWHERE.model_copy(update={"crisis": CALLED}))
    assert [contact.uri for contact in texts.contacts("en")] == ["tel:112", "tel:024", "tel:+44-20-5555-0100"]
    assert "text" not in str(texts.message(Route.CRISIS, None, locale="en", reply_by=REPLY_BY))
    assert [line["uri"] for line in texts.for_widget()["es"]["lines"]] == ["tel:112", "tel:024"]


def test_a_site_words_a_text_its_own_way() -> None:
    own = {Language.ENGLISH: Wording(attack="No. Call {clinic}, {emergency}, {crisis}.", disclosure="A machine.")}
    texts = SiteTexts("Elm Clinic", "+44-20-5555-0100", site=ELSEWHERE.model_copy(update={"texts": own}))
    assert texts.message(Route.DECLINE, Label.ATTACK, locale="en") == "No. Call Elm Clinic, 112, 116 123."
    assert texts.disclosure("en").text == "A machine." and "IA" in texts.disclosure("es").text


def test_an_american_site_of_its_own_words_keeps_what_its_lines_do() -> None:
    own = {Language.SPANISH: Wording(disclosure="Responde una máquina.")}
    texts = SiteTexts("Elm Clinic", "+1-503-555-0111", site=UNITED_STATES.model_copy(update={"texts": own}))
    assert texts.disclosure("es").text == "Responde una máquina."
    assert "oprima 2" in texts.contacts("es")[1].label
    assert "National Domestic Violence Hotline" in str(texts.message(Route.CRISIS, None, locale="en"))


@pytest.mark.parametrize(
    ("wording", "named"),
    [
        (Wording(emergency="Call somebody. In a crisis {crisis_line}."), "en.emergency"),
        (Wording(unavailable="Call {emergency}."), "en.unavailable"),
        (Wording(crisis="Call 1120 or {crisis}."), "en.crisis"),  # The emergency number as part of another.
        (Wording(decline="Call {emergancy} or {crisis}."), "decline"),
        (Wording(crisis_line="talk to somebody"), "en."),
    ],
)
def test_a_text_without_its_numbers_stops_the_start(wording: Wording, named: str) -> None:
    site = ELSEWHERE.model_copy(update={"texts": {Language.ENGLISH: wording}})
    with pytest.raises(ConfigurationError, match=named):
        SiteTexts("Elm Clinic", "+44-20-5555-0100", site=site)


@pytest.mark.parametrize("language", Language)
def test_a_site_can_word_every_phrase_and_nothing_else(language: Language) -> None:
    phrases = {*MESSAGES[language], *PHRASES[language], *ONE_NUMBER[language], "crisis_now"}
    assert set(Wording.model_fields) == phrases
