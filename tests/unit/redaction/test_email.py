"""Table of e-mail addresses: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.email import EmailRecogniser
from unit.redaction.tables import values_of

RECOGNISER = EmailRecogniser()

FOUND = [
    ("write ana.ruiz+x@mail.example.org.", "ana.ruiz+x@mail.example.org"),  # plus and subdomain, full stop stays
    ("bob (at) example (dot) com", "bob (at) example (dot) com"),  # bracketed
    ("jo dot li at gmail dot com", "jo dot li at gmail dot com"),  # spoken
    ("sam@gmail", "sam@gmail"),  # known host, no dot
]

LEFT = [
    "seen at mychart.com",  # a site, no address
    "2 tabs @ 8 am",  # a time
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
