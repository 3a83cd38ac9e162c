"""Days in Roman numerals, and Roman numerals that are stages, types, nerves and words."""

import pytest

from portico_redaction.recognisers.date_roman import RomanDateRecogniser


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("born IX.III.MCMLXXXIV", ["IX.III.MCMLXXXIV"]),
        ("my birthday is the ix of march", ["the ix of march"]),
        ("on March IX, 1984", ["March IX, 1984"]),
        ("stage IV or III?", []),
        ("CN VII palsy, factor VIII", []),
        ("may I stop it", []),
        ("week IX of the plan", []),
        ("MCMLXXXIV", []),  # a bare year
    ],
)
def test_roman_days(text: str, days: list[str]) -> None:
    assert sorted({text[f.start : f.end] for f in RomanDateRecogniser().find(text)}) == days
