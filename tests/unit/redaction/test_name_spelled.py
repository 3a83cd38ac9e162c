"""Table of names spelled out letter by letter: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.name_spelled import SpelledNameRecogniser
from unit.redaction.tables import values_of

RECOGNISER = SpelledNameRecogniser()

FOUND = [
    ("it's spelled W-i-s-n-i-e-w", "W-i-s-n-i-e-w"),  # hyphens
    ("that's h a s s a n ok", "h a s s a n"),  # blanks, as dictation leaves them
    ("write O.S.E.I please", "O.S.E.I"),  # dots
]

LEFT = [
    "vitamins a b c d e",  # the alphabet
    "q 4 h p r n",  # a prescription in letters
    "p.r.n. only",  # three letters
    "type A or B",  # words between
    "e-mail me",  # a word
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
