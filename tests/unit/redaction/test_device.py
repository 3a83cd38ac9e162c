"""Table of devices: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.device import DeviceRecogniser
from unit.redaction.tables import values_of

RECOGNISER = DeviceRecogniser()

FOUND = [
    ("pacemaker serial number PX88213A", "PX88213A"),  # serial beside its cue
    ("(01)00844588003288(17)141120(21)A213B1", "(01)00844588003288(17)141120(21)A213B1"),  # GS1 UDI
    ("my cgm mac address 00:1A:2B:3C:4D:5E", "00:1A:2B:3C:4D:5E"),  # MAC
    ("SN: 8GT-44881", "8GT-44881"),  # serial in shorthand
    ("0100844588003288112806301721013110A213B1", "0100844588003288112806301721013110A213B1"),  # GS1 without brackets
    ("+H658PX4488121", "+H658PX4488121"),  # HIBCC
    ("=/W4567XYZ100T0944=,000025", "=/W4567XYZ100T0944=,000025"),  # ICCBBA
    ("mac 0012.4b00.01ac", "0012.4b00.01ac"),  # MAC in three groups
    ("IMEI 356938035643809", "356938035643809"),  # telephone hardware
    ("pacemaker implant card 448812", "448812"),  # card of an implant
    ("lot # LX4488 of my sensors", "LX4488"),  # lot
    ("leads LDA220145R and LDA220198R", "LDA220145R"),
]

LEFT = [
    "my pump runs at 0.8 units",  # a rate
    "serial troponins were normal",  # an everyday sense of serial
    "ICD-10 code I48.91",  # a code system, no device
    "pump at 12 units",  # a rate
    "sensor every 14 days",  # a duration
    "a lot of 2 mm stones",  # another sense of lot
    "monitor for 48 hours",  # a duration
    "serial ECGs at 0, 3 and 6 hours",  # another sense of serial
    "port placed in 2021",  # a year
    "leads I and II",
    "leads V1 to V6",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
