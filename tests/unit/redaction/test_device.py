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
    ("about my loop monitor. card says QP-118/2204913", "QP-118/2204913"),  # the card of a device
    ("the sn on the back is 8NF2QK", "8NF2QK"),  # where it stands, then the number
    ("equipment number WC 00871 is due", "WC 00871"),  # a hospital's own tag
    ("asset tag BME-04417", "BME-04417"),  # the same
    ("serial RNB 551 208 S", "RNB 551 208 S"),  # in groups, one letter last
    ("wire RNB774512H or so", "RNB774512H"),  # form of pacemakers and leads
    ("card: +H6529901000/$$+7240911A. Was", "+H6529901000/$$+7240911A"),  # HIBCC with its second part
    ("loop recorder s/n RLB609218G", "RLB609218G"),  # a device of more words
    ("The sensor says 0M0074KQ9L3 on the box", "0M0074KQ9L3"),  # what a device says
    ("sticker of my implants: left 8841207-011, right 8841207-038", "8841207-038"),  # one of two
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
    "my pump and the card says 24 hours",  # a duration
    "the machine at home is 4 years old",
    "the number on the scale is 182.5",
    "my pump is an Omnipod 5",
    "unit price was 240 dollars",
    "ask for the MRI 2024 report",
    "The sensor says 94 now",
    "monitor says 120-80",
    "left 20 minutes ago with hearing aids",
    "my scale says 182.5",
    "left knee 10/10",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
