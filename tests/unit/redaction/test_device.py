"""Table of devices: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.device import DeviceRecogniser
from unit.redaction.tables import values_of

RECOGNISER = DeviceRecogniser()

FOUND = [
    ("pacemaker serial number PX88213A", "PX88213A"),  # serial beside its cue
    ("(01)00844588003288(17)141120(21)A213B1", "(01)00844588003288(17)141120(21)A213B1"),  # GS1 UDI
    ("my cgm mac address 00:1A:2B:3C:4D:5E", "00:1A:2B:3C:4D:5E"),  # MAC
]

LEFT = [
    "my pump runs at 0.8 units",  # a rate
    "serial troponins were normal",  # an everyday sense of serial
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
