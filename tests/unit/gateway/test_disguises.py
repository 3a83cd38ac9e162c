"""Danger in look-alike letters, digits for letters and spread-out letters is seen; ordinary text reads as it stands."""

import pytest

from portico_core.labels import Label
from portico_gateway.guards import red_flags
from portico_gateway.guards.disguises import disguised
from portico_gateway.guards.red_flags import find_red_flag

HIDDEN = [
    ("I \u0441\u0430nn\u043et br\u0435\u0430th\u0435", Label.EMERGENCY),  # Cyrillic letters that look Latin.
    ("i c a n n o t b r e a t h e", Label.EMERGENCY),
    ("he is having a h.e.a.r.t a.t.t.a.c.k right now", Label.EMERGENCY),
    ("i want to k1ll mys3lf", Label.CRISIS),
    ("i w-a-n-n-a d-i-e", Label.CRISIS),
    ("I w@nt t0 k!ll my$elf", Label.CRISIS),
]


@pytest.mark.parametrize(("text", "label"), HIDDEN)
def test_danger_in_another_writing_is_seen(text: str, label: Label, monkeypatch: pytest.MonkeyPatch) -> None:
    flag = find_red_flag(text)
    assert flag is not None and flag.label is label
    monkeypatch.setattr(red_flags, "disguised", lambda text: iter(()))
    assert find_red_flag(text) is None, "the control: no rule reads it as it stands"


def test_what_the_redactor_took_for_a_name_is_read_as_it_was_written() -> None:
    assert find_red_flag("[NAME_1]") is None
    flag = find_red_flag("[NAME_1]", as_written="i c a n n o t b r e a t h e")
    assert flag is not None and flag.label is Label.EMERGENCY


@pytest.mark.parametrize(
    "text",
    [
        "What is a B12 level, and what does an A1c of 7.5% mean?",
        "Take 10mg at 8pm and 5mg at 1pm",
        "T.E.D. stockings, the U.S.D.A. and vitamins A B C D E K",
        "¿Qué es la metformina? ¡Gracias!",
    ],
)
def test_ordinary_text_raises_no_flag(text: str) -> None:
    assert find_red_flag(text) is None


@pytest.mark.parametrize("text", ["What is metformin used for?", "My number is 503-555-0100.", "a b c d e f g h"])
def test_what_is_not_disguised_has_no_other_reading(text: str) -> None:
    assert list(disguised(text)) == []


def test_a_hostile_text_costs_little() -> None:
    for text in ("a " * 4_000, "1a" * 4_000, "\u0430" * 8_000, "i." * 4_000):
        assert sum(len(reading) for reading in disguised(text)) <= 3 * len(text)
