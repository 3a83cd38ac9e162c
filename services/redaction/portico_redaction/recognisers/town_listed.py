"""Towns of the world after a word of place: "in Springfield", "from Porto Alegre", "near Aurora".

Class B of 45 CFR 164.514(b)(2)(i): geographic subdivisions smaller than a state. Format: preposition, then one to three
capitalised words that are a town of the list, or that open like one ("San …", "Fort …").
Source: GeoNames (https://www.geonames.org, CC BY 4.0), towns over 8,000 in the United States and 60,000 elsewhere,
without those that are everyday words, drugs or eponyms.
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, Found, ReadingRecogniser
from portico_redaction.recognisers.name_words import names_a_disease
from portico_redaction.recognisers.states import NAMES
from portico_redaction.recognisers.word_lists import country_names, is_never_name, is_town

_WORD = r"\p{Lu}(?:\p{L}|['-](?=\p{L})){1,24}"
_AFTER = regex.compile(
    rf"\b(?:in|at|from|near|to|(?<!mutual )(?<!Mutual )of|our|outside|around|leaving|visit(?:ing|ed)?|via|en|de|desde"
    rf"|@) (?P<value>{_WORD}(?:[ -]{_WORD}){{0,2}})"
)
_OPENS = regex.compile(
    rf"(?:San|Santa|Santo|Fort|New|Los|Las|Mount|Lake|Port|Saint|El|La|West|East|North|South|Upper"
    rf"|Lower|Downtown) {_WORD}"
)
_CONTINENTS = frozenset({"Africa", "America", "Asia", "Europe", "Indies"})
_AREAS = frozenset(NAMES.split("|")) | country_names()


class ListedTownRecogniser(ReadingRecogniser):
    """Find towns of the list after a preposition."""

    phi_type = PhiType.GEOGRAPHIC

    def find(self, text: str) -> Iterator[Found]:
        """Yield the longest run of words that is a town."""
        for match in _AFTER.finditer(text, overlapped=True, timeout=PATTERN_TIMEOUT_S):
            value = match.group("value")
            length = _town_length(value)
            end = match.start("value") + length
            if length and not names_a_disease(text, end):
                yield Found(match.start("value"), end, 0.67)


def _town_length(value: str) -> int:
    """Return how many characters of the words are a town; a state or country alone is none."""
    opened = _OPENS.match(value)
    if (
        opened
        and opened.group().split()[1] not in _CONTINENTS
        and opened.group() not in _AREAS
        and not is_never_name(opened.group().split()[1])
    ):
        return opened.end()
    ends = [match.start() for match in regex.finditer(r"[ -]|$", value)]
    return next(
        (
            end
            for end in reversed(ends)
            if is_town(value[:end]) and not is_never_name(value[:end]) and value[:end] not in _AREAS
        ),
        0,
    )
