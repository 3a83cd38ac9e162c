"""Table of encoded runs: what is decoded in place, what only looks encoded."""

import base64

import pytest

from portico_redaction.encodings import decoding_edits
from portico_redaction.normalise import normalise, rewrite

SSN = "123-45-6789"


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


DECODED = [
    ("a%20b%2D%C3%A9", "a b-é"),  # percent, with UTF-8
    ("100%25", "100%"),  # percent of percent: the next level reads on
    ("&#49;&#x32;&#51;&nbsp;x &eacute;", "123 x é"),  # entities
    (r"\u0031\u0032 \x33 \u{34}", "12 3 4"),  # escapes
    (r"\\u0031", "1"),  # an escaped escape
    ("=31=32=33 x=C3=A9", "123 xé"),  # quoted-printable
    (f"see {_b64(SSN)} ok", f"see {SSN} ok"),  # base64
    (f"see {_b64(SSN).rstrip('=')} ok", f"see {SSN} ok"),  # without padding
    (f"x-{_b64(SSN)}", f"x-{SSN}"),  # glued to a prefix
    (f"/p/{_b64(SSN)}/q", f"/p/{SSN}/q"),  # inside a path
    ("zip MDIxMzg=", "zip 02138"),  # as short as a ZIP
    (base64.b64encode(SSN.encode("utf-16-le")).decode(), SSN),  # UTF-16
    (_b64("１２３４５"), "12345"),  # what is decoded is folded
    (SSN.encode().hex(), SSN),  # hex
    (SSN.encode().hex(" ").upper(), SSN),  # hex with spaces
    (SSN.encode().hex(":"), SSN),  # hex with colons
    (" ".join(f"0x{byte:02x}" for byte in SSN.encode()), SSN),  # hex with prefixes
]

STAY = [
    "Acetaminophen HydrocodoneBitartrate medicalRecordNumber COVID19",  # words
    "5551234567 4155552671",  # numbers that are hex of letters
    "5% of 20% is 100%",  # percentages
    "AT&T, R&D, fish & chips",  # ampersands
    "x=20, y=30",  # equations
    "00:1B:44:11:3A:B7",  # an address of a device: no text
    "98 102 110 95 88",  # readings
    r"C:\users\me",  # a path
]


@pytest.mark.parametrize(("text", "decoded"), DECODED)
def test_an_encoded_run_is_decoded(text: str, decoded: str) -> None:
    folded = normalise(text)
    assert rewrite(folded, decoding_edits(folded.text)).text == decoded


@pytest.mark.parametrize("text", STAY)
def test_what_only_looks_encoded_stays(text: str) -> None:
    assert list(decoding_edits(normalise(text).text)) == []


def test_a_character_of_base64_stands_for_the_whole_run_and_one_of_percent_for_itself() -> None:
    text = f"{_b64(SSN)} %31%32"
    view = rewrite(normalise(text), decoding_edits(text))
    assert view.original_range(3, 4) == (0, 16)
    assert view.original_range(len(view.text) - 1, len(view.text)) == (20, 23)


def test_lines_of_mime_are_joined() -> None:
    long = "x" * 55 + SSN + "y" * 60
    text = base64.encodebytes(long.encode()).decode()
    assert rewrite(normalise(text), decoding_edits(text)).text.strip() == long
