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
    ("ana at gmail dot com", "ana at gmail dot com"),  # spoken
    ("ana.r [at] example [dot] org", "ana.r [at] example [dot] org"),  # brackets
    ("ana punto ruiz arroba correo punto es", "ana punto ruiz arroba correo punto es"),  # Spanish, spoken
    ("ana_at_example_dot_org", "ana_at_example_dot_org"),  # underscores
    ("ana.ruiz@gmail,com", "ana.ruiz@gmail,com"),  # a slip of the thumb
    ("ana @ example.org", "ana @ example.org"),  # spaces around the sign
    ("ana.ruiz77 at hotmail", "ana.ruiz77 at hotmail"),  # host without an ending
]

LEFT = [
    "seen at mychart.com",  # a site, no address
    "2 tabs @ 8 am",  # a time
    "look at me now",  # no address
    "seen at mychart.com today",  # a site
    "2 tablets @ 8 pm",  # a time
    "work at the mail room",  # no address
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
