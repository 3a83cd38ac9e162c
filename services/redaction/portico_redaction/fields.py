"""Identifiers that a record names by its keys: JSON, XML, FHIR attributes, form data, HL7 v2 segments, vCards.

A patient pastes what a portal, a phone or a printer gave out. There the key or the position says what a value is,
whatever the value looks like, so values are taken whole. Keys are compared without case, spaces and signs
("dateOfBirth", "date_of_birth"). A key that also names other things ("name" of a drug) counts only where the value can
be a person's.
Sources: RFC 8259; HL7 v2.5.1 chapters 3 and 6 (PID, NK1, PV1, GT1, IN1, field numbers); RFC 6350 and RFC 2426 (vCard);
FHIR R4 Patient (https://hl7.org/fhir/R4/patient.html). States, sexes and years are no identifiers and stay.
"""

from collections.abc import Iterator
from functools import cache
from importlib import resources

import regex

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S
from portico_redaction.recognisers.word_lists import is_drug_name, is_given_name, is_never_name

_SCORE = 0.93


@cache
def _type_of_key() -> dict[str, PhiType]:
    """Return key → class, from the lines of field_keys.txt: a class, then its keys in lower case without signs."""
    lines = resources.files(__package__).joinpath("field_keys.txt").read_text(encoding="utf-8").splitlines()
    return {key: PhiType(kind) for kind, *keys in map(str.split, lines) for key in keys}


_JSON = regex.compile(
    r"(?P<quote>\\{0,3}[\"'])(?P<key>[A-Za-z][\w .-]{0,40})(?P=quote)\s{0,5}+[:=]\s{0,5}+"
    r"(?:\[\s{0,5}+)?+(?:(?P=quote)(?P<value>(?:(?!(?P=quote))[^\n]){1,400})(?P=quote)|(?P<value>-?[0-9]{3,30}))"
)
_XML = regex.compile(
    r"<(?:\w{1,20}:)?(?P<key>[A-Za-z][\w.-]{0,40})(?:\s[^<>]{0,200})?>(?P<value>[^<>]{1,400})</"
    r"|<(?:\w{1,20}:)?(?P<key>[A-Za-z][\w.-]{0,40})\s[^<>]{0,80}?value=\"(?P<value>[^\"<>]{1,400})\""
)
_FORM = regex.compile(r"(?<![\w.])(?P<key>[A-Za-z][\w.-]{1,40})=(?P<value>[^\s&;,\"'<>=]{1,200})")
_SIGNS = regex.compile(r"[\W_]+")
_EMPTY = frozenset(["null", "none", "unknown", "n/a", "na", "nil", "true", "false", "string"])


def keyed_spans(text: str) -> Iterator[PhiSpan]:
    """Yield what keys of JSON, XML or form data name, in folded text."""
    patterns = [p for p, sign in ((_JSON, ":"), (_XML, "</"), (_XML, "value="), (_FORM, "=")) if sign in text]
    for pattern in dict.fromkeys(patterns):
        for match in pattern.finditer(text, timeout=PATTERN_TIMEOUT_S):
            kind = _type_of_key().get(_SIGNS.sub("", match.group("key")).lower())
            if kind and _may_be(kind, match.group("value")):
                yield PhiSpan(*match.span("value"), kind, _SCORE)


def _may_be(kind: PhiType, value: str) -> bool:
    """Say whether a value can be what its key says."""
    if value.strip().lower() in _EMPTY:
        return False
    match kind:
        case PhiType.NAME:
            return can_be_name(value)
        case PhiType.EMAIL | PhiType.URL:
            return "@" in value or "." in value
        case PhiType.GEOGRAPHIC:
            return any(map(str.isalnum, value))
        case _:
            return sum(map(str.isdigit, value)) >= 3 or kind is PhiType.OTHER_ID


def can_be_name(value: str) -> bool:
    """Say whether a value can be a person's name: no drug, no dose, and a word that is no everyday word."""
    words = regex.findall(r"[^\W\d_]{2,}", value)
    if not words or any(map(is_drug_name, words)) or any(map(str.isdigit, value)):
        return False
    return any(not is_never_name(word) or is_given_name(word) for word in words)
