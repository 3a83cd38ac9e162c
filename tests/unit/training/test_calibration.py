"""Routes, rates and calibration: the arithmetic that decides who is answered."""

import math

import numpy as np
import pytest

from portico_training.calibrate import calibrate, choose_threshold, fit_temperature
from portico_training.messages import LABELS, Message
from portico_training.preferences import harm, make_preferences, sample_preferences
from portico_training.scoring import (
    Floats,
    macro_f1,
    most_severe,
    route_of,
    safety_rates,
    softmax,
    wilson,
)
from portico_training.settings import CalibrationSettings

SETTINGS = CalibrationSettings(max_unsafe_answered=0.0, max_wrongly_declined=0.0, least_threshold=0.7)
STRICT = {"informational": 0.99, "attack": 0.99, "out_of_scope": 0.99}


def sure(label: str, confidence: float) -> list[float]:
    """Return probabilities that give one label this confidence."""
    rest = (1 - confidence) / (len(LABELS) - 1)
    return [confidence if name == label else rest for name in LABELS]


@pytest.mark.parametrize(
    ("label", "route"),
    [
        ("informational", "escalate"),  # answering needs confidence
        ("attack", "escalate"),
        ("out_of_scope", "escalate"),  # so does turning somebody away
        ("clinician", "escalate"),
        ("emergency", "emergency"),  # an alarm is never demoted
        ("crisis", "crisis"),
    ],
)
def test_low_confidence_demotes_answer_and_decline_only(label: str, route: str) -> None:
    assert route_of(label, 0.3, STRICT) == route


def test_confidence_at_the_threshold_is_enough() -> None:
    assert route_of("informational", 0.99, STRICT) == "answer"


def test_softmax_with_high_temperature_is_less_sure() -> None:
    logits = np.array([[3.0, 0, 0, 0, 0, 0]])
    assert softmax(logits).sum() == pytest.approx(1.0)
    assert softmax(logits, 4.0).max() < softmax(logits).max()


def test_temperature_is_found_again() -> None:
    rng = np.random.default_rng(3)
    honest = rng.normal(size=(4000, 6)) * 2
    gold = [LABELS[rng.choice(6, p=p)] for p in softmax(honest)]
    assert fit_temperature(honest * 2.5, gold) == pytest.approx(2.5, rel=0.1)


def threshold(rows: Floats, gold: list[str], limit: float) -> float:
    """Choose an answer threshold against clinician messages."""
    wrong = frozenset({"clinician"})
    return choose_threshold(rows, gold, said="informational", wrong=wrong, limit=limit, least=0.6)


def test_threshold_shuts_out_the_surest_offender() -> None:
    rows = np.array([sure("informational", c) for c in (0.7, 0.9, 0.95)])
    gold = ["clinician", "clinician", "informational"]
    chosen = threshold(rows, gold, limit=0.0)
    assert 0.9 < chosen < 0.95


def test_threshold_lets_pass_what_the_limit_allows() -> None:
    rows = np.array([sure("informational", c) for c in (0.7, 0.9, 0.95)])
    gold = ["clinician", "clinician", "informational"]
    assert 0.7 < threshold(rows, gold, limit=0.5) < 0.9


def test_threshold_without_offenders_is_the_least() -> None:
    assert threshold(np.array([sure("informational", 0.9)]), ["informational"], limit=0.0) == 0.6


def test_wilson_agrees_with_the_published_example() -> None:
    rate = wilson(81, 263)  # Newcombe 1998, table I: 0.2553 to 0.3662
    assert (round(rate.low, 4), round(rate.high, 4)) == (0.2553, 0.3662)


def test_wilson_of_nothing_says_nothing() -> None:
    rate = wilson(0, 0)
    assert math.isnan(rate.value)
    assert (rate.low, rate.high) == (0.0, 1.0)


def test_safety_rates_count_the_right_rows() -> None:
    gold = ["clinician", "emergency", "crisis", "informational", "out_of_scope"]
    rates = safety_rates(gold, ["answer", "emergency", "decline", "escalate", "crisis"])
    counts = {name: (rate.hits, rate.n) for name, rate in rates.items()}
    assert counts == {
        "unsafe_answered": (1, 3), "urgent_recall": (1, 2), "urgent_dropped": (1, 2),
        "false_alarm": (1, 3), "over_escalation": (1, 1),
    }  # fmt: skip


def test_the_most_severe_window_wins_however_sure_the_others_are() -> None:
    windows = np.array([sure("informational", 0.99), sure("crisis", 0.4)])
    assert LABELS[most_severe(windows).argmax()] == "crisis"


def test_macro_f1() -> None:
    assert macro_f1(["attack", "crisis"], ["attack", "crisis"]) == 1.0
    assert macro_f1(["attack", "crisis"], ["attack", "attack"]) == pytest.approx(1 / 3)


def authored(label: str, tempting: str, text: str = "text") -> Message:
    """Make a message with a tempting label."""
    return Message("id", text, label, tempting, "f", "main", "en", "r", "train")


def test_dropping_an_emergency_is_the_most_harmful_confusion() -> None:
    worst = max(harm(a, b) for a in LABELS for b in LABELS if a != b)
    assert harm("emergency", "out_of_scope") == harm("crisis", "informational") == worst
    assert harm("informational", "clinician") == 1


def test_a_likely_confusion_becomes_one_more_pair() -> None:
    rows = [authored("emergency", "clinician")]
    calm = make_preferences(rows, np.array([sure("emergency", 0.99)]))
    torn = make_preferences(rows, np.array([[0.4, 0, 0.6, 0, 0, 0]]))
    assert [p.rejected for p in calm] == ["clinician"]
    assert [p.rejected for p in torn] == ["clinician", "informational"]


def test_harmful_pairs_are_drawn_more_often() -> None:
    rows = [authored("emergency", "out_of_scope"), authored("informational", "clinician")] * 200
    pairs = make_preferences(rows, np.array([sure("crisis", 0.0)] * 400))
    drawn = sample_preferences([p for p in pairs if p.rejected != "crisis"], count=100, seed=1)
    harmful = sum(p.chosen == "emergency" for p in drawn)
    assert len(drawn) == 100
    assert harmful > 55


def test_an_urgent_message_taken_for_an_attack_raises_the_threshold_of_attacks_alone() -> None:
    rows = np.array([sure(label, 0.9) for label in LABELS] + [sure("attack", 0.97)])
    found = calibrate((np.log(rows[:6]), LABELS), (np.log(rows), [*LABELS, "crisis"]), SETTINGS)
    assert found.thresholds["attack"] > found.thresholds["out_of_scope"] == SETTINGS.least_threshold
    without = calibrate((np.log(rows[:6]), LABELS), (np.log(rows[:6]), LABELS), SETTINGS)
    assert without.thresholds["attack"] == SETTINGS.least_threshold
