"""Table of digits spelled as words: what becomes digits, what stays words."""

import pytest

from portico_redaction.normalise import normalise, rewrite
from portico_redaction.spoken_digits import spoken_digit_edits

READ = [
    ("ssn one two three dash four five dash six seven eight nine ok", "ssn 123-45-6789 ok"),  # a said separator
    ("call five five five, one two three, four five six seven", "call 5551234567"),  # commas between groups
    ("five five five twelve thirty four fifty six oh", "5551234560"),  # teens and tens, announced by nothing
    ("double five five one two three four", "5551234"),  # doubles
    ("id triple nine one two", "id 99912"),  # triples
    ("phone eight hundred five five five one two one two", "phone 8005551212"),  # hundred, then units
    ("code one hundred twenty three four", "code 1234"),  # hundred, then more of the same number: 123, 4
    ("pin nine-nine-two-one", "pin 9921"),  # hyphens
    ("mrn one\ntwo\nthree\nfour", "mrn 1234"),  # one a line
    ("fivefivefiveonetwothreefour", "5551234"),  # no spaces
    ("member id one E G four dash T E five dash M K seven three", "member id 1EG4-TE5-MK73"),  # letters between
    ("VIN A M D two U one four four", "VIN AMD2U144"),  # letters first
    ("dob zero three slash zero nine slash nineteen eighty", "dob 03/09/1980"),  # a date
    ("cinco cinco cinco uno dos tres cuatro", "5551234"),  # Spanish
    ("teléfono treinta y cinco cuarenta y dos once veinte", "teléfono 35421120"),  # Spanish pairs
    ("SSN one two three four five six seven eight nine", "SSN 123456789"),  # counting, but announced
]

STAY = [
    "one or two tablets three times a day",  # doses
    "one two three four five six seven",  # counting
    "seven, six, nine, eight",  # a list
    "ninety three eighty six seventy nine seventy two",  # readings in tens
    "one ten, one twenty, one thirty and one forty",  # readings over a hundred
    "someone told me two of one kind",  # number words inside words
    "once, twice, three times",  # frequencies
    "uno o dos al día, dos o tres noches",  # Spanish doses
]


@pytest.mark.parametrize(("text", "read"), READ)
def test_spelled_digits_are_read(text: str, read: str) -> None:
    folded = normalise(text)
    assert rewrite(folded, spoken_digit_edits(folded.text)).text == read


@pytest.mark.parametrize("text", STAY)
def test_words_of_a_sentence_stay(text: str) -> None:
    assert list(spoken_digit_edits(normalise(text).text)) == []


def test_a_digit_leads_back_to_its_word() -> None:
    text = "ssn one two three four five six seven eight nine"
    view = rewrite(normalise(text), spoken_digit_edits(text))
    start, end = view.original_range(view.text.index("3"), view.text.index("4") + 1)
    assert text[start:end] == "three four"
