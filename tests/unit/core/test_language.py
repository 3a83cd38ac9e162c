"""Which language a text is in: single sentences by hand, and the share over authored messages that were held out."""

import json
from pathlib import Path

import pytest

from portico_core.language import Language, language_for, language_of_header, language_of_tag, language_of_text

MESSAGES = Path(__file__).parents[3] / "training" / "data" / "messages"
# Most of these are Spanish, or half Spanish, and only filed as English for the classifier.
TOLD_OTHERWISE = 0.02


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("me quiero morir", "es"),  # The red flag knows it, so must this.
        ("no puedo respirar", "es"),
        ("¿Para qué se usa la metformina?", "es"),
        ("A MI MAMÁ LE DUELE EL PECHO", "es"),
        ("[NAME_1] tiene dolor de pecho", "es"),
        ("i want to die", "en"),
        ("What is metformin used for?", "en"),
        ("I can\N{RIGHT SINGLE QUOTATION MARK}t breathe", "en"),
        ("Dr. [NAME_1] at [GEOGRAPHIC_1] told me", "en"),
        ("metformin", None),  # A drug's name is no language.
        ("no", None),  # Stands in both.
        ("", None),
        ("[DATE_1]", None),
        ("12 y, fever 40", None),  # `y` is an age here.
        ("咳嗽怎么办", None),
    ],
)
def test_a_text_is_in_the_language_that_its_own_words_are_in(text: str, language: str | None) -> None:
    assert language_of_text(text) == language


@pytest.mark.parametrize(
    ("text", "locale", "language"),
    [
        ("¿Puedo tomar dos pastillas?", "en", "es"),
        ("Can I take two pills?", "es", "es"),  # Who chose Spanish reads Spanish.
        ("metformin", "es-MX", "es"),
        ("metformin", "fr", "en"),
        ("Can I take two pills?", "en-US", "en"),
    ],
)
def test_fixed_texts_are_spanish_where_the_page_or_the_message_is(text: str, locale: str, language: str) -> None:
    assert language_for(text, locale) == language


@pytest.mark.parametrize(("tag", "language"), [("ES", "es"), ("es_MX", "es"), ("est", "en"), ("", "en")])
def test_a_tag_is_read_in_any_case(tag: str, language: str) -> None:
    assert language_of_tag(tag) == language


def test_held_out_messages_are_told_apart() -> None:
    rows = [json.loads(line) for file in sorted(MESSAGES.glob("*.jsonl")) for line in file.open(encoding="utf-8")]
    held_out = [row for row in rows if row["split"] != "train"]
    spanish = [language_of_text(row["text"]) for row in held_out if row["lang"] == "es"]
    english = [language_of_text(row["text"]) for row in held_out if row["lang"] == "en"]
    assert len(spanish) > 60 and len(english) > 2_000
    assert spanish.count(Language.SPANISH) >= 0.95 * len(spanish), f"of N = {len(spanish)}"
    assert english.count(Language.SPANISH) <= TOLD_OTHERWISE * len(english), f"of N = {len(english)}"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", Language.SPANISH),
        ("en-US,en;q=0.9,es;q=0.8", Language.ENGLISH),
        ("en;q=0.5, es;q=0.7", Language.SPANISH),  # By weight, not by place.
        ("fr-CA, es;q=0.2", Language.SPANISH),  # The only one of them that we have.
        ("fr, de;q=0.5", Language.ENGLISH),
        ("es;q=0, en;q=0.1", Language.ENGLISH),  # A language that somebody does not want.
        ("es;q=0", Language.ENGLISH),
        ("*", Language.ENGLISH),
        ("", Language.ENGLISH),
        ("es;q=x", Language.ENGLISH),  # A weight that is none counts for nothing.
        ("es;q=nan, en;q=1e9", Language.ENGLISH),
        (",".join(["fr"] * 50 + ["es"]), Language.ENGLISH),  # A header without end is not read to it.
        ("est", Language.ENGLISH),  # Estonian.
    ],
)
def test_the_language_of_a_page_is_the_one_that_a_browser_likes_most(header: str, language: Language) -> None:
    assert language_of_header(header) is language
