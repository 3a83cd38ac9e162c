"""Names with the family name first: "Gustafson, Elwood.", "filed under Okonjo, Beatriz", "DELACROIX, HYACINTH: called".

Class A of 45 CFR 164.514(b)(2)(i). Format: at the start of a line or after a word that a record's name follows, two
capitalised words with a comma and perhaps an initial. Neither may be an English word, a drug, a firm, a state or a
country, and one of them must be on the lists of names, unless a colon or such a word says that it is a name.
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.known.lists import is_everyday, is_region
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, Found, ReadingRecogniser
from portico_redaction.recognisers.word_lists import (
    fold_name,
    is_clinical_word,
    is_drug_name,
    is_eponym,
    is_firm,
    is_given_name,
    is_listed_person,
)

_WORD = r"\p{Lu}[\p{L}'-]{2,24}"
_REVERSED = regex.compile(
    rf"(?:^[ \t>*-]{{0,3}}|(?P<cue>\b(?i:under|as|pt|patient|name|file[d]?|chart|record|for|re|is)[ :]{{1,2}}))"
    rf"(?P<name>(?P<family>{_WORD}(?:-{_WORD})?), (?P<given>{_WORD})(?: \p{{Lu}}\b\.?)?)(?P<colon>:)?(?![\w'’-])",
    regex.MULTILINE,
)


class ReversedNameRecogniser(ReadingRecogniser):
    """Find names with the family name first."""

    phi_type = PhiType.NAME

    def find(self, text: str) -> Iterator[Found]:
        """Yield family name, comma and given name."""
        for match in _REVERSED.finditer(text, overlapped=True, timeout=PATTERN_TIMEOUT_S):
            words = [*regex.findall(r"[\p{L}']+", match["family"]), match["given"]]
            announced = bool(match["cue"] or match["colon"])
            if all(map(_may_be_name, words)) and (announced or any(map(is_listed_person, words))):
                yield Found(*match.span("name"), 0.72)


def _may_be_name(word: str) -> bool:
    if any(check(word) for check in (is_drug_name, is_clinical_word, is_firm, is_eponym)) or is_region(fold_name(word)):
        return False
    return not is_everyday(fold_name(word)) or is_given_name(word)
