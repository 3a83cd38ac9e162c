"""Names that people spell out: "that's d o l a n", "S-z-c-z-e-p-a-n-i-a-k".

Class A of 45 CFR 164.514(b)(2)(i). Format: four single letters or more with a hyphen or a dot between them, five with a
blank, but not the alphabet in order ("a b c d e").
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, Found, ReadingRecogniser

_SPELLED = regex.compile(r"(?<![\w.'-])\p{L}(?P<gap>[ .-])(?:\p{L}(?P=gap)){2,28}\p{L}(?![\w-])")
_LEAST_SPACED = 5
"""With blanks between them four letters may be a prescription ("q 4 h p r n")."""
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class SpelledNameRecogniser(ReadingRecogniser):
    """Find names letter by letter."""

    phi_type = PhiType.NAME

    def find(self, text: str) -> Iterator[Found]:
        """Yield runs of single letters."""
        for match in _SPELLED.finditer(text, timeout=PATTERN_TIMEOUT_S):
            letters = match.group().replace(match["gap"], "").lower()
            if letters not in _ALPHABET and (match["gap"] != " " or len(letters) >= _LEAST_SPACED):
                yield Found(match.start(), match.end(), 0.7)
