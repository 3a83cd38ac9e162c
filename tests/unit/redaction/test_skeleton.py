"""Table of what a text looks like: look-alikes everywhere, letters for digits, odd signs between groups."""

import pytest

from portico_redaction.normalise import normalise, rewrite
from portico_redaction.skeleton import skeleton_edits

LOOKS = [
    ("ЅЅ 123", "SS 123"),  # a cue wholly in Cyrillic
    ("🇲🇷🇳 🅰", "MRN A"),  # flags and squares
    ("ḾŔŃ 123", "MRN 123"),  # unusual accents
    ("12З-45", "123-45"),  # a letter of another script for a digit
    ("l23-4O-6789", "123-40-6789"),  # letters for digits
    ("BEl437l45 x", "BE1437145 x"),  # in a code
    ("9YUl-RWO-AHOO", "9YU1-RW0-AH00"),  # in a beneficiary's number, which has no such letters
    ("call 0494 92 82 32 I'd", "call 0494 92 82 32 I'd"),  # a word beside a number
    ("123_45_6789 123*45*6789", "123-45-6789 123-45-6789"),  # signs
    ("123|45|6789", "123-45-6789"),  # bars
    ("123🙂45★6789", "123-45-6789"),  # pictures
    ("3JM5_WX3_TM09", "3JM5-WX3-TM09"),  # letters and digits
]

STAY = [
    "José Núñez, Müller, Łukasz, Çelik, Brønsted",  # everyday accents
    "5×10 or 5±1, 3→4, 98°6",  # measurements
    "SpO2 98, O2 at 2 L, L4-L5, IL-6, CA 19-9",  # letters beside digits
    "10:30:45, 1.2.3, 12|34|56, 1,2,3",  # times, lists, tables
    "OBX|1|NM|GLU||98|mg/dL",  # fields
]


@pytest.mark.parametrize(("text", "looks"), LOOKS)
def test_a_text_reads_as_it_looks(text: str, looks: str) -> None:
    folded = normalise(text)
    assert rewrite(folded, skeleton_edits(folded.text)).text == looks


@pytest.mark.parametrize("text", STAY)
def test_what_looks_like_nothing_else_stays(text: str) -> None:
    assert list(skeleton_edits(normalise(text).text)) == []
