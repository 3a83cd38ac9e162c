"""Table of characters spread out one by one: what closes up, what stays apart."""

import pytest

from portico_redaction.normalise import normalise, rewrite
from portico_redaction.spaced import spaced_edits

CLOSED = [
    ("SSN 1 2 3 - 4 5 - 6 7 8 9 I think", "SSN 123-45-6789 I think"),  # spaces; the dash stays, "I" is a word
    ("mrn\n0\n0\n1\n2\n3\n4", "mrn\n001234"),  # one a line
    ("mrn 0\r\n0\r\n1\r\n2\r\n3", "mrn 00123"),  # one a line, Windows line ends
    ("id 1.2.3.4.5.6.7", "id 1234567"),  # full stops between all of them
    ("account 1-2-3-4-5-6", "account 123456"),  # dashes between all of them
    ("card no 1, 2, 3, 4, 5, 6", "card no 123456"),  # commas, announced
    ("m a r i a @ e x a m p l e . o r g please", "maria@example.org please"),  # an address
    ("w w w . e x a m p l e . o r g / 1", "www.example.org/1"),  # a web address
    ("ip 1 9 2 . 1 6 8 . 1 . 1", "ip 192.168.1.1"),  # full stops between some
    ("( 5 5 5 ) 1 2 3 - 4 5 6 7", "(555)123-4567"),  # brackets
    ("5 5 5 1 2 3 4 5 6 7", "5551234567"),  # ten on a line, announced by nothing
    ("dob 0 3 / 0 9 / 1 9 8 0", "dob 03/09/1980"),  # a date
]

STAY = [
    "vitamins A B C D E K",  # letters
    "scores 7 6 5 4 4 3 3",  # readings
    "0 1 2 3 4 5 6 7 8 9",  # a scale
    "1, 2, 3, 4, 5, 6",  # a list
    "7, 6, 5, 5, 4, 4, 3, 2, 2, 1",  # a list of readings
    "2 h: 7.1; 3 h: 6.2; 4 h: 5.8",  # times and values
    "1 a day, 2 b i d",  # abbreviations
]


@pytest.mark.parametrize(("text", "closed"), CLOSED)
def test_spread_characters_close_up(text: str, closed: str) -> None:
    folded = normalise(text)
    assert rewrite(folded, spaced_edits(folded.text)).text == closed


@pytest.mark.parametrize("text", STAY)
def test_lists_and_readings_stay(text: str) -> None:
    assert list(spaced_edits(normalise(text).text)) == []
