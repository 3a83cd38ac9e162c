"""The fixed texts a patient sees when no answer is given. Local and constant, so that they come with every part down.

The numbers in them, and any phrase that a site words otherwise, come from its site file (`portico_core.site`); a text
without a number that a patient may need is refused at the start (docs/adr/0041). The built-in wording follows
988lifeline.org and the American Heart Association's public advice to call 911 for warning signs. AI disclosure:
California AB 3030. The texts await clinician review.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portico_core.errors import ConfigurationError
from portico_core.labels import Label, Route
from portico_core.language import Language, language_of_tag
from portico_core.site import UNITED_STATES, SiteFile
from portico_core.turn import Contact, Disclosure
from portico_gateway.phrases import CALLS_ONLY, MESSAGES, ONE_NUMBER, PHRASES, TWO_NUMBERS

WITH_NUMBERS = {*MESSAGES[Language.ENGLISH], "after_error", "not_for_emergencies"}


@dataclass(frozen=True, slots=True)
class SiteTexts:
    """Fixed texts of one site; raise ConfigurationError for a phrase that lacks a number or names what there is not."""

    clinic_name: str
    clinic_phone: str
    education_url: str = "https://medlineplus.gov/"
    site: SiteFile = UNITED_STATES
    _phrases: dict[Language, Mapping[str, str]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Fill in every phrase once, at the start, where a fault of the site file is still harmless."""
        for language in Language:
            self._phrases[language] = said = self._filled(language)
            for key in sorted(WITH_NUMBERS):
                if not (_holds(said[key], self.site.emergency) and _holds(said[key], self.site.crisis.call)):
                    raise ConfigurationError(f"site text {language}.{key} lacks the emergency or the crisis number")

    def message(
        self, route: Route, label: Label | None, *, locale: str, reply_by: str | None = None, paused: bool = False
    ) -> str | None:
        """Return the text for a route, or None for an answer. `paused`: an operator has turned answers off."""
        if route is Route.ANSWER:
            return None
        key = "attack" if route is Route.DECLINE and label is Label.ATTACK else route.value
        if route is Route.ESCALATE and reply_by is None:
            key = "escalate_unqueued"
        elif route is Route.ESCALATE and paused:
            key = "escalate_paused"
        return self._said(locale)[key]

    def contacts(self, locale: str, *, with_education: bool = False) -> list[Contact]:
        """Return emergency, crisis and clinic contacts, in that order, and where to read if nothing is answered."""
        said = self._said(locale)
        lines = self._lines(said["call_emergency"], said["call_crisis"], said["text_crisis"])
        reading = [Contact(label=said["health_topics"], uri=self.education_url)] if with_education else []
        return [*lines, Contact(label=said["call_clinic"], uri=_uri("tel", self.clinic_phone)), *reading]

    def disclosure(self, locale: str) -> Disclosure:
        """Return the AI disclosure and the way to a person."""
        said = self._said(locale)
        return Disclosure(text=said["disclosure"], human_contact=said["reach_person"])

    def after_error(self, locale: str) -> str:
        """Return whom to call when this service does not help."""
        return self._said(locale)["after_error"]

    def for_widget(self) -> dict[str, dict[str, Any]]:
        """Return, by language, what the widget says of its own, also while this server is down."""
        return {language.value: self._own_words(said) for language, said in self._phrases.items()}

    def _own_words(self, said: Mapping[str, str]) -> dict[str, Any]:
        lines = self._lines(said["link_emergency"], said["link_crisis"], said["link_text"])
        clinic = Contact(label=said["call_clinic"], uri=_uri("tel", self.clinic_phone))
        words = {"disclosure": "short_disclosure", "notOnPaper": "not_for_emergencies", "nextWorse": "if_worse"}
        contacts = {"lines": [line.model_dump() for line in lines], "clinic": clinic.model_dump()}
        return {name: said[key] for name, key in words.items()} | contacts

    def _lines(self, emergency: str, crisis: str, message: str) -> list[Contact]:
        numbers = self.site
        read = [Contact(label=message, uri=_uri("sms", numbers.crisis.text))] if numbers.crisis.text else []
        return [
            Contact(label=emergency, uri=_uri("tel", numbers.emergency)),
            Contact(label=crisis, uri=_uri("tel", numbers.crisis.call)),
            *read,
        ]

    def _filled(self, language: Language) -> Mapping[str, str]:
        """Return every phrase of a language with its numbers; phrases stand within messages, so they come first."""
        numbers, given = self.site, _own(self.site, language)
        values = {
            "clinic": self.clinic_name,
            "phone": self.clinic_phone,
            "emergency": numbers.emergency,
            "crisis": numbers.crisis.call,
            "crisis_text": numbers.crisis.text,
            "violence": numbers.violence,
        }
        ways = {**_ways(numbers)[language], **given}
        line = _fill(ways, "crisis_line", values)
        now = _fill(ways, "crisis_now", values) if "crisis_now" in ways else line
        values |= {"crisis_line": line, "Crisis_line": _capital(line), "crisis_now": now, "Crisis_now": _capital(now)}
        phrases = {**PHRASES[language], **ways}
        values["violence_line"] = _fill(phrases, "violence_line", values) + " " if numbers.violence else ""
        every = {**MESSAGES[language], **phrases}
        return {key: _fill(every, key, values) for key in every}

    def _said(self, locale: str) -> Mapping[str, str]:
        return self._phrases[language_of_tag(locale)]


def _own(site: SiteFile, language: Language) -> Mapping[str, str]:
    """Return a site's own phrases; what belongs to the American lines stays with whoever names those lines."""
    american = (site.crisis, site.violence) == (UNITED_STATES.crisis, UNITED_STATES.violence)
    told = [UNITED_STATES.texts.get(language) if american else None, site.texts.get(language)]
    return {key: phrase for own in told if own for key, phrase in own.model_dump(exclude_none=True).items()}


def _ways(site: SiteFile) -> Mapping[Language, Mapping[str, str]]:
    if not site.crisis.text:
        return CALLS_ONLY
    return ONE_NUMBER if site.crisis.text == site.crisis.call else TWO_NUMBERS


def _fill(phrases: Mapping[str, str], key: str, values: Mapping[str, str]) -> str:
    try:
        return phrases[key].format_map(values)
    except (KeyError, ValueError, IndexError, AttributeError):
        raise ConfigurationError(f"site text {key} names a place that there is not") from None


def _holds(said: str, number: str) -> bool:
    """Say whether a number stands in a text as itself, and not as digits of another."""
    return re.search(rf"(?<![0-9-]){re.escape(number)}(?![0-9-])", said) is not None


def _capital(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]


def _uri(scheme: str, number: str) -> str:
    return f"{scheme}:{number.replace(' ', '')}"
