"""Names beside a relation: "my daughter Emma", "son, Luca", "Emma, my daughter", "mi hija Sofia".

Class A of 45 CFR 164.514(b)(2)(i). Format: relation, then one to three name words; lower case only from the lists of names.
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, Found, ReadingRecogniser
from portico_redaction.recognisers.name_words import is_capitalised_name, names_a_disease, read_name
from portico_redaction.recognisers.word_lists import KIN, is_eponym, is_given_name, is_ordinary_word

_KIN = regex.compile(rf"\b(?:{KIN})(?:'s name is|,| is named| named| called|:)? (?=[^\W\d_])", regex.IGNORECASE)
_BEFORE = regex.compile(
    rf"\b([^\W\d_](?:[^\W\d_]|['-]){{1,30}}),? (?=(?:is )?(?:my|our|mi) (?:\w{{1,12}} )?(?:{KIN})\b)", regex.IGNORECASE
)

_CLAUSE_ENDS = regex.compile(r"\s*(?:[,;.]|\Z)")


class KinNameRecogniser(ReadingRecogniser):
    """Find names beside a relation."""

    phi_type = PhiType.NAME

    def find(self, text: str) -> Iterator[Found]:
        """Yield names after and before a relation."""
        for match in _KIN.finditer(text, timeout=PATTERN_TIMEOUT_S):
            end = read_name(text, match.end(), reads=_given_or_capital, most=3)
            if end is not None and not names_a_disease(text, end) and not _has_it(text, match.end(), end):
                yield Found(match.end(), end, 0.8)
        for match in _BEFORE.finditer(text, timeout=PATTERN_TIMEOUT_S):
            word = match.group(1)
            if is_given_name(word) and not (is_ordinary_word(word) and word[0].islower()):
                yield Found(*match.span(1), 0.75)


def _has_it(text: str, start: int, end: int) -> bool:
    """Say whether an eponym with a possessive and nothing after it is the relation's disease ("aunt Addison's, cousin ...")."""
    possessive = text[end - 2 : end] in ("'s", "’s")
    return possessive and is_eponym(text[start:end]) and _CLAUSE_ENDS.match(text, end) is not None


def _given_or_capital(word: str) -> bool:
    if word[0].isupper():
        return is_capitalised_name(word)
    return is_given_name(word) and not is_ordinary_word(word)
