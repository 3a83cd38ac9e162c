"""Table of the rest of an address: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.address_tail import AddressTailRecogniser
from unit.redaction.tables import values_of

RECOGNISER = AddressTailRecogniser()

FOUND = [
    ("Suite 910\nHellendoorn, OV 21072", "Suite 910\nHellendoorn, OV 21072"),  # town, region and code over a line break
]

LEFT = [
    "no address here",  # nothing to read on from
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
