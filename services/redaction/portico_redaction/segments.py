"""Identifiers by position in HL7 v2 segments and by property in vCards, as `fields` finds them by key.

A patient pastes a message of a hospital system or a contact of a phone. Whole fields go, with all their components;
what is no identifier by the standard (sex, results) stays and is looked at by the recognisers.
Sources: HL7 v2.5.1 chapters 2, 3 and 6 (field numbers below); RFC 6350 and RFC 2426 (vCard properties).
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_core.text import PhiSpan

_SCORE = 0.94

_SEGMENTS: dict[str, dict[int, PhiType]] = {
    "PID": {
        **dict.fromkeys((2, 3, 4), PhiType.MRN),
        **dict.fromkeys((5, 6, 9), PhiType.NAME),
        **dict.fromkeys((7, 29), PhiType.DATE),
        **dict.fromkeys((11, 12, 23), PhiType.GEOGRAPHIC),
        **dict.fromkeys((13, 14), PhiType.PHONE),
        18: PhiType.ACCOUNT,
        19: PhiType.SSN,
        20: PhiType.LICENSE,
        21: PhiType.OTHER_ID,
    },
    "NK1": {
        **dict.fromkeys((2, 30), PhiType.NAME),
        **dict.fromkeys((4, 32), PhiType.GEOGRAPHIC),
        **dict.fromkeys((5, 6, 31), PhiType.PHONE),
        16: PhiType.DATE,
        12: PhiType.OTHER_ID,
        33: PhiType.OTHER_ID,
        37: PhiType.SSN,
    },
    "PV1": {
        **dict.fromkeys((7, 8, 9, 17, 52), PhiType.NAME),
        **dict.fromkeys((3, 5, 6, 19, 50), PhiType.OTHER_ID),
        **dict.fromkeys((44, 45), PhiType.DATE),
    },
    "GT1": {
        2: PhiType.ACCOUNT,
        **dict.fromkeys((3, 4), PhiType.NAME),
        5: PhiType.GEOGRAPHIC,
        **dict.fromkeys((6, 7), PhiType.PHONE),
        8: PhiType.DATE,
        12: PhiType.SSN,
    },
    "IN1": {
        **dict.fromkeys((2, 8, 36, 49), PhiType.HEALTH_PLAN),
        **dict.fromkeys((16,), PhiType.NAME),
        **dict.fromkeys((5, 19), PhiType.GEOGRAPHIC),
        7: PhiType.PHONE,
        18: PhiType.DATE,
    },
    "MRG": {**dict.fromkeys((1, 4), PhiType.MRN), 3: PhiType.ACCOUNT, 7: PhiType.NAME},
    "ORC": {**dict.fromkeys((2, 3), PhiType.OTHER_ID), 9: PhiType.DATE, **dict.fromkeys((10, 11, 12), PhiType.NAME)},
    "OBR": {**dict.fromkeys((2, 3), PhiType.OTHER_ID), **dict.fromkeys((6, 7, 8, 14, 22), PhiType.DATE)}
    | dict.fromkeys((10, 16, 28), PhiType.NAME),
    "MSH": {7: PhiType.DATE, 10: PhiType.OTHER_ID},
    "EVN": {**dict.fromkeys((2, 3, 6), PhiType.DATE), 5: PhiType.NAME},
}
_SEGMENT = regex.compile(rf"(?<![A-Z0-9])(?P<name>{'|'.join(_SEGMENTS)})\|(?P<fields>[^\n\r]*+)")
_NEXT_SEGMENT = regex.compile(r"[\s\\]+(?:\\?[rn])?[A-Z][A-Z0-9]{2}\|")
"""Where a chat window put spaces for line ends, or a log wrote them as escapes, the next segment ends this one."""

_PROPERTIES = {
    **dict.fromkeys(("N", "FN", "NICKNAME", "AGENT", "RELATED", "SORT-STRING"), PhiType.NAME),
    "TEL": PhiType.PHONE,
    **dict.fromkeys(("ADR", "LABEL", "GEO"), PhiType.GEOGRAPHIC),
    **dict.fromkeys(("BDAY", "ANNIVERSARY", "DEATHDATE"), PhiType.DATE),
    "EMAIL": PhiType.EMAIL,
    "URL": PhiType.URL,
    **dict.fromkeys(("UID", "IMPP", "X-SSN", "KEY"), PhiType.OTHER_ID),
    **dict.fromkeys(("PHOTO", "LOGO", "SOUND"), PhiType.PHOTO),
}
_PROPERTY = regex.compile(
    rf"^[ \t]*(?:[\w-]{{1,20}}\.)?(?P<name>{'|'.join(_PROPERTIES)})(?P<parameters>(?:;[^:\n]{{0,80}})?)"
    r":(?P<value>[^\n]+(?:\n[ \t][^\n]+)*+)",
    regex.MULTILINE,
)
_CARD = regex.compile(r"BEGIN:VCARD", regex.IGNORECASE)
_CARD_EDGE = 20_000
"""Longest stretch after BEGIN:VCARD that is read as a card, where nothing ends it."""


def segment_spans(text: str) -> Iterator[PhiSpan]:
    """Yield identifiers of HL7 v2 segments and vCards in folded text."""
    if "|" in text:
        for match in _SEGMENT.finditer(text):
            yield from _hl7_spans(match)
    done = 0
    for card in _CARD.finditer(text):
        if card.start() >= done:
            end = text.find("END:VCARD", card.end())
            done = end if end > 0 else min(len(text), card.end() + _CARD_EDGE)
            yield from _card_spans(text, card.end(), done)


def _hl7_spans(segment: regex.Match[str]) -> Iterator[PhiSpan]:
    fields = _SEGMENTS[segment.group("name")]
    start = segment.start("fields")
    following = _NEXT_SEGMENT.search(segment.string, start, segment.end())
    number = 2 if segment.group("name") == "MSH" else 1
    for value in segment.string[start : following.start() if following else segment.end()].split("|"):
        kind = fields.get(number)
        if kind and any(map(str.isalnum, value)):
            stripped = value.strip(" ^~&\\")
            begin = start + value.index(stripped)
            yield PhiSpan(begin, begin + len(stripped), kind, _SCORE)
        start += len(value) + 1
        number += 1


def _card_spans(text: str, start: int, end: int) -> Iterator[PhiSpan]:
    for match in _PROPERTY.finditer(text, start, end):
        value = match.group("value").rstrip()
        if any(map(str.isalnum, value)):
            kind = PhiType.FAX if "fax" in match.group("parameters").lower() else _PROPERTIES[match.group("name")]
            yield PhiSpan(match.start("value"), match.start("value") + len(value), kind, _SCORE)
