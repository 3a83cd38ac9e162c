"""Table of signatures: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.name_signed import SignedNameRecogniser
from unit.redaction.tables import values_of

RECOGNISER = SignedNameRecogniser()

FOUND = [
    ("Thanks,\nMaria Lopez", "Maria Lopez"),  # after a closing
    ("regards,\nana", "ana"),  # lower case
    ("ok then - Rosa", "Rosa"),  # a dash at the very end
    ("Refill please. Thx. Bo", "Bo"),  # a closing that ends its sentence
    ("no rush, thank you! Ines Duarte", "Ines Duarte"),
]

LEFT = [
    "thanks, doctor",  # no name
    "Thanks, see you soon",  # a sentence
    "Thanks! Bye",  # no name
    "Thanks. Tylenol helped",  # a sentence
    "thx. Metformin",  # a drug
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
