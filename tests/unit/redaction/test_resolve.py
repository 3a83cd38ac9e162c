"""Overlaps are settled without giving a character back, and names in one enumeration go together."""

import pytest

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.resolve import names_beside, repeated_names, settle_overlaps, tidy_edges

TEXT = "seen at St. John's Hospital in Dayton by j.ruiz@example.org"


def span(piece: str, kind: PhiType, score: float, text: str = TEXT) -> PhiSpan:
    start = text.index(piece)
    return PhiSpan(start, start + len(piece), kind, score)


def settled(*spans: PhiSpan) -> list[tuple[str, PhiType]]:
    return [(TEXT[s.start : s.end], s.type) for s in settle_overlaps(TEXT, spans)]


def test_a_name_inside_a_place_is_a_part_of_it() -> None:
    place, name = span("St. John's Hospital", PhiType.GEOGRAPHIC, 0.6), span("John", PhiType.NAME, 0.95)
    assert settled(name, place) == [("St. John's Hospital", PhiType.GEOGRAPHIC)]


def test_a_sure_form_keeps_its_whole_extent() -> None:
    address, name = span("j.ruiz@example.org", PhiType.EMAIL, 0.95), span("by j.ruiz", PhiType.NAME, 0.99)
    assert settled(name, address) == [("by", PhiType.NAME), ("j.ruiz@example.org", PhiType.EMAIL)]


def test_a_loose_form_cuts_no_place() -> None:
    place, digits = span("Hospital in Dayton", PhiType.GEOGRAPHIC, 0.7), span("in", PhiType.OTHER_ID, 0.5)
    assert settled(digits, place) == [("Hospital in Dayton", PhiType.GEOGRAPHIC)]


@pytest.mark.parametrize(
    ("text", "found", "beside"),
    [
        ("my kids Destiny, King and Grace need physicals", "Destiny", ["King", "Grace"]),
        ("Anna, Boris and Mehrudin", "Mehrudin", ["Anna", "Boris"]),
        # Control: a drug, a place of work or an everyday word in the same enumeration is nobody.
        ("gave Ana, Tylenol and water", "Ana", []),
        ("Ana and Cardiology", "Ana", []),
        ("Ana and we", "Ana", []),
        # Control: the sentence ends between them.
        ("called Ana. Grace period ends", "Ana", []),
    ],
)
def test_names_in_one_enumeration(text: str, found: str, beside: list[str]) -> None:
    spans = names_beside(text, [span(found, PhiType.NAME, 0.9, text)])
    assert [text[s.start : s.end] for s in sorted(spans, key=lambda s: s.start)] == beside


@pytest.mark.parametrize(
    ("text", "found", "whole"),
    [
        ("refill. k. oyelaran, dob", "oyelaran", "k. oyelaran"),
        ("seen by R. Duarte", "Duarte", "R. Duarte"),
        ("ask Lucius Trammell III now", "Lucius Trammell", "Lucius Trammell III"),  # a generation in capitals
        ("I have vitamin d. Maria said so", "Maria", "Maria"),  # the end of a sentence
        ("at 5 p.m. Maria called", "Maria", "Maria"),  # an abbreviation
        ("my mother and I. Maria", "Maria", "Maria"),  # a word
    ],
)
def test_an_initial_goes_with_its_name(text: str, found: str, whole: str) -> None:
    (tidied,) = tidy_edges(text, [span(found, PhiType.NAME, 0.9, text)])
    assert text[tidied.start : tidied.end] == whole


@pytest.mark.parametrize(
    ("text", "first", "second", "joined"),
    [
        ("member Calloway, Dorothea called", "Calloway", "Dorothea", True),  # a family name, then a given one
        ("LOPEZ, MARIA called", "LOPEZ", "MARIA", True),
        ("Dorothea, Elaine called", "Dorothea", "Elaine", False),  # two given names are two people
    ],
)
def test_a_family_name_first_is_one_person(text: str, first: str, second: str, joined: bool) -> None:
    names = [span(piece, PhiType.NAME, 0.9, text) for piece in (first, second)]
    assert (len(settle_overlaps(text, names)) == 1) is joined


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("Dr. Parkinson treats my Parkinson's", set()),  # the disease
        ("Dr. Parkinson was late, Parkinson said sorry", {"Parkinson"}),  # the person again
        ("Dr. Okafor and my Okafor's pills", {"Okafor"}),  # no disease bears it
    ],
)
def test_a_name_found_again_may_be_a_disease(text: str, again: set[str]) -> None:
    found = repeated_names(text, [span("Parkinson" if "Parkinson" in text else "Okafor", PhiType.NAME, 0.9, text)])
    assert {text[s.start : s.end] for s in found if s.start > 10} == again
