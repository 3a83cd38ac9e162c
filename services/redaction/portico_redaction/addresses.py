"""One address is one identifier: its pieces are joined over what stands between them, and its edges are taken along.

Part of settling what was found. Recognisers find streets, units, towns and codes; untidy addresses have between and
around them what alone is nothing: a region's letters, a missing value, a country, "the corner of". A place counts as an
address when it holds a digit, so that "from Dayton to Peoria" stays two places.
Source: UPU S42 address elements; USPS Publication 28 (secondary units, military mail).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import regex

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S
from portico_redaction.recognisers.states import ABBREVIATIONS, NAMES
from portico_redaction.recognisers.word_lists import country_names

_COUNTRIES = "|".join(sorted(sorted(country_names()), key=len, reverse=True))
_MARKS = r"[\s,.;:()/#>?*|–-]"
_REGION = (
    r"(?:\p{Lu}{1,3}|[Nn][Aa][Nn]|[Nn]/?[Aa]|[Nn]one|null|\(?\p{Lu}\p{Ll}{1,13}\)?"
    r"|st|nd|rd|th|u|v|na|do|de|of|pod|nad|in)"
)
_BETWEEN = regex.compile(rf"{_MARKS}{{1,8}}(?:{_REGION}{_MARKS}{{1,6}})?")
_UNIT = r"(?:apt|apartment|suite|ste|unit|flat|room|rm|floor|bldg|building|lot|piso|depto|no)\b\.? ?#?[0-9]{1,5}\p{L}?"
_STREET = r"(?:avenida|avenue|calle|rue|rua|via|colonia|barrio|urb\.?|carretera)"
_BEFORE = regex.compile(
    rf"(?:(?<![\p{{L}}\d./$-])(?:{_UNIT}|[0-9]{{1,5}}\p{{L}}?|{_STREET})[ ,]{{1,2}}){{1,2}}\Z", regex.IGNORECASE
)
_STATE = rf"(?:(?-i:{ABBREVIATIONS})|{NAMES}|{_COUNTRIES})"
_STREET_BEFORE = regex.compile(rf"\b{_STREET} (?:de |del |la )?\Z", regex.IGNORECASE)
_AFTER = regex.compile(
    rf"(?:[,.]?[\s>?]{{1,4}}(?:{_UNIT}))?(?:,? {{0,2}}[\s,>?]{{1,4}}\(?{_STATE}\b\)?)?"
    r"(?:[\s,]{1,2}[0-9]{4,6}(?:-[0-9]{4})?(?![\w/]|[.,-][0-9]))?",
    regex.IGNORECASE,
)
_CORNER = regex.compile(
    r"(?:the |la )?(?:corner|intersection|esquina|cruce) (?:of|de) (?:(?:the|la|el) )?\Z", regex.IGNORECASE
)
_AND = regex.compile(r"\.? (?:and|&|y|with|at) (?:[\p{L}'-]{1,20} ){0,2}")
_SECOND_STREET = regex.compile(r"\.? (?:and|&|y)(?: \p{Lu}[\p{L}'-]{1,20}\b\.?){1,3}")
_LOOK_BACK = 40


def join_addresses(text: str, spans: Iterable[PhiSpan]) -> list[PhiSpan]:
    """Return the spans, those of one address joined and widened to its edges; raise TimeoutError rather than skip."""
    kept = list(spans)
    places = sorted((s for s in kept if s.type is PhiType.GEOGRAPHIC), key=lambda s: (s.start, s.end))
    others = [span for span in kept if span.type is not PhiType.GEOGRAPHIC]
    return [*others, *(_widened(text, span) for span in _joined(text, places))]


def _joined(text: str, places: Sequence[PhiSpan]) -> list[PhiSpan]:
    joined: list[PhiSpan] = []
    for place in places:
        last = joined[-1] if joined else None
        if last and (place.start <= last.end or _is_one_address(text, last, place)):
            joined[-1] = replace(last, end=max(last.end, place.end), score=max(last.score, place.score))
        else:
            joined.append(place)
    return joined


def _is_one_address(text: str, first: PhiSpan, second: PhiSpan) -> bool:
    if _at_corner(text, first.start) and _AND.fullmatch(text, first.end, second.start, timeout=PATTERN_TIMEOUT_S):
        return True
    has_number = _has_digit(text, first) or _has_digit(text, second)
    return has_number and _BETWEEN.fullmatch(text, first.end, second.start, timeout=PATTERN_TIMEOUT_S) is not None


def _widened(text: str, place: PhiSpan) -> PhiSpan:
    """Take along what stands at the edges of an address."""
    start, end = place.start, place.end
    if corner := _at_corner(text, start):
        start = corner.start()
        second = _SECOND_STREET.match(text, end, timeout=PATTERN_TIMEOUT_S)
        end = second.end() if second else end
    if street := _STREET_BEFORE.search(text, max(0, start - _LOOK_BACK), start, timeout=PATTERN_TIMEOUT_S):
        start = street.start()
    if _has_digit(text, place):
        before = _BEFORE.search(text, max(0, start - _LOOK_BACK), start, timeout=PATTERN_TIMEOUT_S)
        start = before.start() if before and before.end() > before.start() else start
        after = _AFTER.match(text, end, timeout=PATTERN_TIMEOUT_S)
        end = after.end() if after else end
    return replace(place, start=start, end=end)


def _at_corner(text: str, start: int) -> "regex.Match[str] | None":
    return _CORNER.search(text, max(0, start - _LOOK_BACK), start, timeout=PATTERN_TIMEOUT_S)


def _has_digit(text: str, place: PhiSpan) -> bool:
    return any(character.isdigit() for character in text[place.start : place.end])
