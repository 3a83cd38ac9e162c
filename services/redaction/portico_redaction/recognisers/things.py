"""What is called after a person or a place and is neither: plants, foods, brands, devices, diseases, signs, procedures.

A phrase of `things.txt` is a thing whatever stands around it ("St. John's wort", "Earl Grey"). A single eponym that no
cue announced is one where it has an indefinite article ("a Foley"), a word of Spanish clinics before it ("la sonda
Foley"), or where it stands in one enumeration with a clinical word or with an eponym that nobody is called ("Duchenne
or Becker"). A name that the session knows, and one after a title or a relation, stay identifiers.
"""

from functools import cache
from importlib import resources

import regex
from presidio_analyzer import RecognizerResult

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S
from portico_redaction.recognisers.word_lists import is_clinical_word, is_drug_name, is_eponym, is_listed_person

_WITHOUT_CUE = frozenset({"TaggedRecogniser", "ListedNameRecogniser", "BareNameRecogniser"})
_REACH = 40
_WORD = r"[^\W\d_](?:[^\W\d_]|['-](?=[^\W\d_])){1,30}"
_LINK = r"(?:,? (?:and|or|vs\.?|versus|y|o) |, (?:an? |the )?|/)"
_BEFORE = regex.compile(
    r"(?:\b(?:an?|una?|sonda|cat[eé]ter|signo|signos|prueba|test|maniobra|f[eé]rula|way of|method of) )\Z",
    regex.IGNORECASE,
)
_NEIGHBOUR_BEFORE = regex.compile(rf"(?<![\w'’-])(?P<word>{_WORD}){_LINK}\Z", regex.IGNORECASE)
_NEIGHBOUR_AFTER = regex.compile(rf"(?:'s)?{_LINK}(?P<word>{_WORD})", regex.IGNORECASE)


_NOUN = regex.compile(
    r" (?:protein(?:s|uria)?|bod(?:y|ies)|cells?|ganglion|fistula|tubes?|valve|stain)\b", regex.IGNORECASE
)


class Things:
    """Where a folded text speaks of things that bear a name."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._phrases = [match.span() for match in _phrases().finditer(text, timeout=PATTERN_TIMEOUT_S)]

    def hold(self, found: RecognizerResult) -> bool:
        """Say whether what a recogniser took for a name or a place belongs to a thing."""
        if found.entity_type not in (PhiType.NAME, PhiType.GEOGRAPHIC):
            return False
        if any(start <= found.start and found.end <= end for start, end in self._phrases):
            return True
        recogniser = found.recognition_metadata[RecognizerResult.RECOGNIZER_NAME_KEY]
        return recogniser in _WITHOUT_CUE and _is_eponym(self._text, found.start, found.end)


def _is_eponym(text: str, start: int, end: int) -> bool:
    words = text[start:end].split()
    if not words or not all(map(is_eponym, words)):
        return False
    before = max(0, start - _REACH)
    if len(words) > 1:  # A pair is more often a person, so only its noun tells ("Bence Jones protein").
        return len(words) == 2 and _NOUN.match(text, end, timeout=PATTERN_TIMEOUT_S) is not None
    if _BEFORE.search(text, before, start, timeout=PATTERN_TIMEOUT_S):
        return True
    neighbours = (
        _NEIGHBOUR_BEFORE.search(text, before, start, timeout=PATTERN_TIMEOUT_S),
        _NEIGHBOUR_AFTER.match(text, end, timeout=PATTERN_TIMEOUT_S),
    )
    return any(match is not None and _is_thing(match["word"]) for match in neighbours)


def _is_thing(word: str) -> bool:
    if is_listed_person(word):
        return False
    return is_eponym(word) or is_clinical_word(word) or is_drug_name(word)


@cache
def _phrases() -> "regex.Pattern[str]":
    lines = resources.files(__package__).joinpath("things.txt").read_text(encoding="utf-8").splitlines()
    return regex.compile(r"(?<![\w'-])\L<phrases>(?![\w-])", regex.IGNORECASE, phrases=lines)
