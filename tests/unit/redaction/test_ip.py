"""Table of IP addresses: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.ip import IpRecogniser
from unit.redaction.tables import values_of

RECOGNISER = IpRecogniser()

FOUND = [
    ("from 10.0.3.77 today", "10.0.3.77"),  # version 4
    ("2001:db8::8a2e:370:7334", "2001:db8::8a2e:370:7334"),  # version 6
    ("203.0.113.7:8080", "203.0.113.7:8080"),  # with a port
    ("fe80::1ff:fe23:4567:890a%eth0", "fe80::1ff:fe23:4567:890a%eth0"),  # with a zone
    ("ip address 203.0.113.x", "203.0.113.x"),  # last group masked
    ("203[.]0[.]113[.]7", "203[.]0[.]113[.]7"),  # defanged
]

LEFT = [
    "at 10:30",  # a time
    "version 1.2.3",  # three parts
    "999.1.1.1",  # no address
    "at 10:30:45",  # a time
    "ratio 1:1:2",  # a ratio
    "section 1.2.3",  # three groups
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
