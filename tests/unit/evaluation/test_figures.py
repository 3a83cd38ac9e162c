"""Figures: Wilson's interval against published values, targets, and no figure of nothing."""

import pytest

from portico_evaluation.figures import Figure, Quantity, Rate, Tally, Target


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),  # Nothing of ten still allows a quarter.
        (10, 10, 0.7225, 1.0),  # The mirror image.
        (5, 10, 0.2366, 0.7634),
        (1, 1, 0.2065, 1.0),
        (81, 263, 0.2553, 0.3662),  # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (15, 148, 0.0624, 0.1605),  # The same.
    ],
)
def test_the_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    rate = Rate(hits, n)
    assert (rate.low, rate.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert rate.low <= rate.value <= rate.high


@pytest.mark.parametrize(("hits", "n"), [(0, 0), (2, 1), (-1, 3)])
def test_a_rate_of_nothing_is_refused(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="hits <= n"):
        Rate(hits, n)


@pytest.mark.parametrize(
    ("target", "value", "met"),
    [
        (Target(0.98), 0.98, True),
        (Target(0.98), 0.9799, False),
        (Target(15.0, at_least=False), 15.0, True),
        (Target(15.0, at_least=False), 15.1, False),
    ],
)
def test_targets(target: Target, value: float, met: bool) -> None:
    assert Figure("set", "measure", Quantity(value, 10), target=target).met is met


def test_a_figure_without_target_neither_meets_nor_misses() -> None:
    assert Figure("set", "measure", Rate(1, 2)).met is None


def test_a_tally() -> None:
    tally = Tally()
    assert tally.rate() is None
    for hit in (True, False, True):
        tally.add(hit)
    assert tally.rate() == Rate(2, 3)
