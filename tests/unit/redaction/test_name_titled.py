"""Table of titled names: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.name_titled import TitledNameRecogniser
from unit.redaction.tables import values_of

RECOGNISER = TitledNameRecogniser()

FOUND = [
    ("Dr. Smith called", "Dr. Smith"),  # the title goes with the name
    ("Mrs. Van der Berg", "Mrs. Van der Berg"),  # particles
    ("dr patel said", "dr patel"),  # lower case
    ("Sra. Gomez", "Sra. Gomez"),  # Spanish
    ("nurse Amy", "Amy"),  # a long title stays
    ("uncle Wilson fell", "Wilson"),
]

LEFT = [
    ("my doctor may stop it"),  # a name that is an everyday word
    "dr said so",  # an everyday word
    "the doctor will see you",  # an everyday word
    "my Dr. prescribed it",  # a verb
    "dr says mercy",
    "Dr. puts me on it",
    "uncle Wilson disease",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
