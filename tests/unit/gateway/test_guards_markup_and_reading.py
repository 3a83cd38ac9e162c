"""Plain prose passes, anything a browser or a terminal could act on does not; hard text has a high grade."""

import pytest

from portico_core.reading import count_syllables, reading_grade
from portico_gateway.guards.checks import UNAVOIDABLE_TERMS
from portico_gateway.guards.markup import find_markup

HOSTILE = [
    "<script>alert(1)</script>",
    "Metformin <b>helps</b>.",
    "See https://evil.example/x.",
    "See www.evil.example.",
    "Visit evil.com today.",
    "javascript:alert(1)",
    "[click](x) here.",
    "Write to a@b.org.",
    "Use `rm`.",
    "Bold **text** here.",
    "Meds &lt;b&gt; here.",
    "A %3Cscript here.",
    "Hidden\u200bcharacter.",
    "Turned \u202eround.",
    "Soft\u00adhyphen.",
    "Cyrillic m\u0435tformin.",
    "Full-width \uff34ext.",
    "Arabic digit \u0665.",
    "Emoji \U0001f48a here.",
    "Line\nbreak.",
    "Null\x00byte.",
    "Escape \x1b[31m.",
    "A {template} here.",
    "A | pipe.",
    "- a list item",
    "=cmd()",
    "Call tel:5551234.",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_finds_what_is_no_plain_prose(text: str) -> None:
    assert find_markup(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "An A1C of 5.7 to 6.4 percent (or 6.4%) is in the prediabetes range.",
        "St. John's wort can't be mixed: it's strong.",
        "The bill is at least $400 above the estimate.",
        "Naïve café: some words have accents.",
    ],
)
def test_leaves_plain_prose_alone(text: str) -> None:
    assert find_markup(text) is None


def test_short_plain_sentences_have_a_low_grade_and_long_hard_ones_a_high_one() -> None:
    assert reading_grade(["The pill helps the heart. It works all day."]) < 3
    hard = "Gastrointestinal absorption characteristics necessitate individualized pharmacotherapeutic considerations."
    assert reading_grade([hard]) > 20


def test_a_name_that_cannot_be_avoided_counts_as_one_easy_word() -> None:
    text = ["Hydrochlorothiazide lowers blood pressure."]
    assert reading_grade(text, names=["hydrochlorothiazide"]) < reading_grade(text) - 5


def test_nothing_to_read_has_grade_zero() -> None:
    assert reading_grade([]) == reading_grade(["..."]) == 0.0


@pytest.mark.parametrize(
    ("word", "count"),
    [("blood", 1), ("medicine", 3), ("people", 2), ("taken", 2), ("used", 1), ("treated", 2), ("x-ray", 1), ("911", 1)],
)
def test_counts_syllables(word: str, count: int) -> None:
    assert count_syllables(word) == count


def test_every_unavoidable_term_is_one_hard_word() -> None:
    assert len(UNAVOIDABLE_TERMS) > 100
    assert [term for term in sorted(UNAVOIDABLE_TERMS) if not term.isalpha() or count_syllables(term) < 2] == []
