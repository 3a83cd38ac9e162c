"""Table of web addresses: what is taken, what stays."""

import pytest

from portico_redaction.recognisers.url import UrlRecogniser
from unit.redaction.tables import values_of

RECOGNISER = UrlRecogniser()

FOUND = [
    ("see https://example.org/p?id=7.", "https://example.org/p?id=7"),  # the full stop stays
    ("www.clinic.example.com/me", "www.clinic.example.com/me"),  # no scheme
    ("facebook.com/ana.ruiz", "facebook.com/ana.ruiz"),  # a host with a path
    ("linkedin.com/in/ana-ruiz", "linkedin.com/in/ana-ruiz"),  # a profile
    ("instagram dot com slash ana ruiz", "instagram dot com slash ana"),  # spoken profile
    ("hxxps://ana.example.org/x", "hxxps://ana.example.org/x"),  # defanged
    ("my site is anaruiz.blog", "anaruiz.blog"),  # bare domain
    ("webmd.com/u/ana77", "webmd.com/u/ana77"),  # a path on a reference site
    ("www.ana-ruiz.example", "www.ana-ruiz.example"),  # www
]

LEFT = [
    "2.5.in the morning",  # a joined sentence
    "e.g. tea",  # an abbreviation
    "is cdc.gov or www.webmd.com better?",  # public reference sites
    "no pain.no fever",  # a sentence join
    "vitamin D.it helps",  # a sentence join
    "and/or twice/day",  # slashes
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_takes_the_whole_identifier(text: str, value: str) -> None:
    assert value in values_of(RECOGNISER, text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_what_is_none(text: str) -> None:
    assert values_of(RECOGNISER, text) == set()
