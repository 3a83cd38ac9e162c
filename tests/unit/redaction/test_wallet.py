"""Table of wallet addresses: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.wallet import WalletRecogniser
from unit.redaction.tables import values_of

RECOGNISER = WalletRecogniser()

FOUND = [
    ("send to 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),  # Bitcoin, base 58
    ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),  # Bitcoin, bech32
    ("0x52908400098527886E0F7030069857D2E4169EE7", "0x52908400098527886E0F7030069857D2E4169EE7"),  # Ethereum
]

LEFT = [
    "3000000000000000000000000000",  # digits only
    "1 bitcoin costs 60000",  # a price
    "methylenedioxymethamphetamine1",  # a long word
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
