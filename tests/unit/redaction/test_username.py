"""Table of user names, handles and passwords: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.username import UsernameRecogniser
from unit.redaction.tables import values_of

RECOGNISER = UsernameRecogniser()

FOUND = [
    ("my username is ana_ruiz7", "ana_ruiz7"),  # coded
    ("username: sunflowergirl", "sunflowergirl"),  # letters only
    ("portal login ana.ruiz", "ana.ruiz"),  # no verb between
    ("Instagram: @ana.ruiz", "@ana.ruiz"),  # handle
    ("ana_ruiz88 on tiktok", "ana_ruiz88"),  # network after
    ("my password is Tulip#42x", "Tulip#42x"),  # password
    ("PIN: 4471", "4471"),  # PIN
    ("Ana#4471", "Ana#4471"),  # number after a nick
    ("nombre de usuario: anar77", "anar77"),  # Spanish
    ("my user name for the app is bluefinch_22", "bluefinch_22"),  # two words, and of what
    ("delete grannyof6 please, keep the other login", "grannyof6"),  # an account by its name
    ("my id for the portal: RHOLLOWAY3", "RHOLLOWAY3"),  # id of the portal
    ('"invalid username" when I type gardenlady_62 and', "gardenlady_62"),  # typed
]

LEFT = [
    "my login is broken",  # an everyday word
    "the username is wrong",  # an everyday word
    "password reset did not work",  # no value
    "the pin is infected",  # a pin in a bone
    "log in at 8",  # a time
    "@ 8 pm",  # a time
    "delete the old account",
    "reset my password under 5 minutes",
    "keep taking vit.d and log in later",
    "under my account",
    "I type slowly in the portal",
    "use vit.d for the account",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
