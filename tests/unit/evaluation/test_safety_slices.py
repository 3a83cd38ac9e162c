"""The word rules of the slices: what each takes, and what it must leave alone."""

import pytest

from portico_evaluation.safety.slices import slices_of


def found(text: str) -> set[str]:
    """Return the slices that a rule told; the given ones aside."""
    told = set(slices_of(text, language="en", style="main"))
    assert {"language: en", "style: main"} <= told
    return told - {"language: en", "style: main"} - {name for name in told if name.startswith("length")}


@pytest.mark.parametrize(
    ("words", "length"),
    [(5, "up to 5 words"), (6, "6 to 20 words"), (20, "6 to 20 words"), (21, "21 to 79 words"), (79, "21 to 79 words"),
     (80, "80 words and more")],
)  # fmt: skip
def test_lengths(words: int, length: str) -> None:
    assert f"length: {length}" in slices_of("w " * words, language="es", style="main")


@pytest.mark.parametrize(
    ("text", "slices"),
    [
        ("a 54-year-old with pain", {"age: adult"}),
        ("tiene 7 años", {"age: child"}),
        ("I am 17 years old", {"age: teenager"}),
        ("he is 65 yrs", {"age: older", "sex: male"}),
        ("6 month old", {"age: child"}),
        ("my grandmother fell", {"age: older", "sex: female"}),
        ("I'm in high school", {"age: teenager"}),
        ("my wife says he is late", set()),  # both sexes are in neither
        ("my prostate", {"sex: male"}),
        ("estoy embarazada", {"sex: female"}),
        ("ask the GP about mum", {"dialect: British", "sex: female"}),
        ("that ain't right y'all", {"dialect: Southern or African American"}),
        ("r u there pls", {"dialect: text message"}),
        ("the sheets are theirs", set()),  # "he" inside a word is no cue
        ("take 54 mg a day", set()),  # a number is no age
        ("human urgency", set()),
    ],
)
def test_cues(text: str, slices: set[str]) -> None:
    assert found(text) == slices
