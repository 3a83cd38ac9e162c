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
    ("acct # 448812-7", "448812-7"),  # shorthand
    ("my checking account at the credit union is 88213345", "88213345"),  # words between
    ("SWIFT code DEUTDEFF500", "DEUTDEFF500"),  # bank code
    ("xxxx-xxxx-xxxx-1234", "xxxx-xxxx-xxxx-1234"),  # a masked card
    ("visa ending in 4471", "4471"),  # last four of a card
    ("cvv 887", "887"),  # card security code
    ("número de cuenta 88213345", "88213345"),  # Spanish
    ("guarantor # G-448812", "G-448812"),  # guarantor account
    ("account ending 4471", "4471"),  # last four without "in"
]

LEFT = [
    "my account since 2019",  # a year
    "on account of 2 falls",  # no number of an account
    "on account of 3 falls",  # another sense of account
    "account since 2019",  # a year
    "the card reader shows 98",  # a reading
    "discover a lump of 12 mm",  # another sense of a card brand
    "sort by 2 columns",  # another sense of sort
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
