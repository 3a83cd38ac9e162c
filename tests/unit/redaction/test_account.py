"""Table of account numbers: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.account import AccountRecogniser
from unit.redaction.tables import values_of

RECOGNISER = AccountRecogniser()

FOUND = [
    ("my account number is 00482913", "00482913"),  # a number beside its cue
    ("acct# 88-2231-9", "88-2231-9"),  # short cue, hyphens
    ("the card ending in 4411", "4411"),  # last four digits
    ("routing number: 021000021", "021000021"),  # ABA
]

LEFT = [
    "my account since 2019",  # a year
    "on account of 2 falls",  # no number of an account
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
