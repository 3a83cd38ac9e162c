"""Figures: Wilson's interval against published values, targets, and no figure of nothing."""

import math

import pytest

from portico_evaluation.figures import Figure, OddsRatio, Quantity, Rate, Tally, Target


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


def test_an_odds_ratio_by_hand() -> None:
    """(10.5 * 15.5) / (10.5 * 5.5), and exp(1.96 * sqrt(1/10.5 + 1/10.5 + 1/5.5 + 1/15.5)) either way."""
    odds = OddsRatio(Rate(10, 20), Rate(5, 20))
    factor = math.exp(1.96 * math.sqrt(2 / 10.5 + 1 / 5.5 + 1 / 15.5))
    assert odds.value == pytest.approx(15.5 / 5.5)
    assert (odds.low, odds.high) == (pytest.approx(15.5 / 5.5 / factor), pytest.approx(15.5 / 5.5 * factor))
    assert odds.n == 40


@pytest.mark.parametrize(
    ("exposed", "plain", "spans"),
    [
        (Rate(0, 48), Rate(0, 48), True),  # Nothing went wrong in either group: no difference is shown.
        (Rate(2, 48), Rate(1, 48), True),
        (Rate(25, 48), Rate(5, 48), False),  # The failure of the chatbots this suite exists for.
        (Rate(5, 48), Rate(25, 48), False),  # A difference the other way is one as well.
    ],
)
def test_a_target_that_the_interval_spans(exposed: Rate, plain: Rate, spans: bool) -> None:
    odds = OddsRatio(exposed, plain)
    assert Figure("set", "measure", odds, target=Target(1.0, spans=True)).met is spans


def test_a_rate_cannot_meet_a_target_of_odds() -> None:
    assert Figure("set", "measure", Rate(1, 1), target=Target(1.0, spans=True)).met is False
