"""What is matched: disguises off, honest words whole, offsets back to what was typed, bounded time on anything."""

import unicodedata
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clock import assert_within
from portico_core.errors import PorticoError, TextTooLong, UnsupportedText
from portico_redaction.build_look_alikes import look_alikes as build
from portico_redaction.normalise import MAX_CHARACTERS, Edit, look_alikes, normalise, rewrite

FOLDED = [
    ("１２３", "123"),  # full width
    ("١٢٣", "123"),  # Arabic-Indic
    ("۱۲۳", "123"),  # extended Arabic-Indic
    ("१२३", "123"),  # Devanagari
    ("๑๒๓", "123"),  # Thai
    ("①②③", "123"),  # circled
    ("⑴⑵⑶", "123"),  # parenthesised
    ("❶❷❸", "123"),  # negative circled
    ("¹²³ ₁₂₃", "123 123"),  # superscript, subscript
    ("𝟏𝟐𝟑 𝟙𝟚𝟛 𝟷𝟸𝟹", "123 123 123"),  # mathematical
    ("⑪ ⓫", "11 11"),  # circled numbers over nine
    ("1️⃣2️⃣3️⃣", "123"),  # keycaps: variation selectors and enclosing marks
    ("factor Ⅷ", "factor VIII"),  # Roman numerals are letters, never digits
    ("a–b—c−d‐e‑f‒g⸺h﹣i－j", "a-b-c-d-e-f-g-h-i-j"),  # dashes
    ("a\u00a0b\u2003c\u3000d\u202fe", "a b c d e"),  # spaces
    ("a\u2028b\u2029c", "a\nb\nc"),  # line and paragraph separators
    ("1\u200b2\u200c3\u200d4\u20605\ufeff6", "123456"),  # zero width
    ("1\u00ad2\u034f3", "123"),  # soft hyphen, grapheme joiner
    ("1\ufe0f2\U000e01003", "123"),  # variation selectors
    ("1\U000e00412", "12"),  # tag characters
    ("\u202e321\u202c \u2066x\u2069", "321 x"),  # direction overrides and isolates
    ("1̶2̶3̶ s̲s̲n̲", "123 ssn"),  # marks drawn over characters
    ("e\u0301", "é"),  # a mark that composes stays
    ("“x” ‘y’ 5′", "\"x\" 'y' 5'"),  # quotation marks and primes
    ("a⁄b∕c", "a/b/c"),  # slashes
    ("12ー34一56", "12-34-56"),  # strokes between digits
    ("555·123·4567", "555.123.4567"),  # raised dots in a number
    ("• 5 mg", "• 5 mg"),  # a bullet stays one
    ("mаriа@ехample.org", "maria@example.org"),  # Cyrillic in Latin words
    ("ΜRΝ", "MRN"),  # Greek in a Latin word
    ("ᏚSN", "SSN"),  # Cherokee
]

HONEST = (
    "Ростова Мария Сорокин Асхат корь Орехов Ελένη Παππάς Ιωάννα Νίκος Όρος Αθηνά"
    " हिन्दी मीरा นิภา العربية ふじたノート 김서윤"
)


@pytest.mark.parametrize(("given_text", "folded"), FOLDED)
def test_a_disguise_comes_off(given_text: str, folded: str) -> None:
    assert normalise(given_text).text == folded


@pytest.mark.parametrize("word", HONEST.split())
def test_an_honest_word_of_another_script_stays(word: str) -> None:
    composed = unicodedata.normalize("NFKC", word)
    assert normalise(word).text == composed
    assert normalise(f"Name: {word}, 5 mg").text == f"Name: {composed}, 5 mg"


def test_folding_every_character_would_spoil_the_words_that_stay() -> None:
    """Negative control of the rule by words: the first twelve, Russian and Greek."""
    spoilt = [w for w in HONEST.split()[:12] if "".join(look_alikes().get(c, c) for c in w) != w]
    assert len(spoilt) == 12


def test_the_table_holds_every_ascii_skeleton_of_its_source_that_nothing_else_folds() -> None:
    assert len(look_alikes()) > 800
    small = {"a": [{"c": "а"}, {"c": "ａ"}], "І": [{"c": "l"}], "0": [{"c": "O"}], "\u200e۔\u200e": [{"c": "-"}]}
    made = build(small)
    assert (made["а"], made["І"], made["۔"], made["🅰"]) == ("a", "I", "-", "A")
    assert "ａ" not in made and "0" not in made and "①" not in made
    assert {c: look_alikes()[c] for c in "аІ۔🅰"} == {c: made[c] for c in "аІ۔🅰"}


def test_offsets_lead_back_to_what_was_typed() -> None:
    text = "é🙂 １２\u200b３①⓫ MАR"
    folded = normalise(text)
    start = folded.text.index("123")
    begin, end = folded.original_range(start, start + 3)
    assert text[begin:end] == "１２\u200b３"
    begin, end = folded.original_range(folded.text.index("MAR"), len(folded.text))
    assert text[begin:end] == "MАR"
    assert folded.original_range(folded.text.index("11"), folded.text.index("11") + 1) == (7, 8)


def test_an_edit_stands_for_all_it_replaces() -> None:
    given_text = normalise("a five–b")
    edited = rewrite(given_text, [Edit(2, 6, "55"), Edit(6, 7, "")])
    assert edited.text == "a 55b"
    assert [edited.original_range(n, n + 1) for n in range(5)] == [(0, 1), (1, 2), (2, 6), (2, 6), (7, 8)]
    assert rewrite(given_text, []) is given_text


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(max_size=200))
def test_any_text_is_folded_with_offsets_inside_it_or_refused(text: str) -> None:
    try:
        folded = normalise(text)
    except UnsupportedText:
        assert any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)
        return
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    assert list(folded.starts) == sorted(folded.starts)


REFUSED = [("a\0b", UnsupportedText), ("\udc80", UnsupportedText), ("x\ud800", UnsupportedText)]


@pytest.mark.parametrize(("text", "error"), [*REFUSED, ("a" * 1_000_000, TextTooLong), ("\0" * 1_000_000, TextTooLong)])
def test_what_is_no_text_is_a_clear_error_at_once(text: str, error: type[PorticoError]) -> None:
    def refuse() -> None:
        with pytest.raises(error):
            normalise(text)

    assert_within(0.5, refuse)


UNITS = {
    "composing marks": "\u0301",
    "drawn marks": "\u0336",
    "mixed words": "аa",
    "em dashes": "— ",
    "tag characters": "\U000e0041",
    "dots between digits": "1·",
    "long ligatures": "ﷺ",
    "emoji": "😀",
    "jamo": "ᄀ",
    "marks of two classes": "\u0301\u0323",
}


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS.keys())
def test_hostile_text_is_folded_in_bounded_time_and_size(unit: str) -> None:
    for length, limit_s in ((8_000, 0.25), (MAX_CHARACTERS, 2.0)):
        text = (unit * length)[:length]
        assert_within(limit_s, partial(normalise, text))
        assert len(normalise(text).text) <= 4 * length
