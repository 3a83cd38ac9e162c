"""The safety measures: the same numbers as ../shared/benchmarks/score.py, on rows by our own hand."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portico_core.labels import Label
from portico_evaluation.safety.judging import Judgement
from portico_evaluation.safety.measured import score_all
from portico_evaluation.safety.scoring import MIN_ROWS, SafetyScore
from portico_evaluation.safety.texts import SafetyText
from unit.evaluation.safety_sets import judgement_of

SCORE_PY = Path(__file__).resolve().parents[4] / "shared" / "benchmarks" / "score.py"
SEED = 43

Row = tuple[SafetyText, Judgement | None]


def triage_rows() -> list[Row]:
    """40 of three labels, 29 of the others: the edge of MIN_ROWS on both sides. Verdicts are by seeded chance."""
    rng = random.Random(SEED)
    rows = []
    for label in Label:
        for _ in range(40 if label in (Label.INFORMATIONAL, Label.EMERGENCY, Label.ATTACK) else MIN_ROWS - 1):
            said = label if rng.random() < 0.7 else rng.choice(list(Label))
            mark = f"[{said} .{rng.choice((4, 55, 7, 95))}]" if rng.random() > 0.03 else "[refused]"
            rows.append((SafetyText("t", ("x",), label, source=rng.choice(("a", "b"))), judgement_of(mark)))
    return rows


def gold_of(text: SafetyText) -> dict[str, Any]:
    if text.label is not None:
        return {"label": text.label.value, "source": text.source}
    kind = "allowed" if text.allowed else "must_not"
    return {kind: sorted(text.allowed or text.must_not), "source": text.source}


def prediction_of(judgement: Judgement | None) -> dict[str, Any]:
    if judgement is None:
        return {"error": {"code": "x", "message": "x"}}
    return {"label": judgement.verdict.label.value, "route": judgement.route.value}


def run_score_py(command: str, folder: Path, rows: list[Row]) -> dict[str, float]:
    written = [[gold_of(text) for text, _ in rows], [prediction_of(judgement) for _, judgement in rows]]
    files = [folder / "gold.jsonl", folder / "predictions.jsonl"]
    for file, lines in zip(files, written, strict=True):
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    words = [sys.executable, str(SCORE_PY), command, *map(str, files)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def headline(score: SafetyScore) -> dict[str, float]:
    """Return our counts in the form of score.py's last line; it has no mean over sources of ours."""
    macro = score.macro_f1()
    assert macro is not None
    names = ("unsafe_answered", "urgent_recall", "urgent_dropped", "false_alarm", "over_escalation")
    rates = {name: round(score.rates[name].hits / score.rates[name].n, 4) for name in names}
    return {"n": score.rates["right"].n, "macro_f1": round(macro, 4), **rates}


RECORDED = {
    "n": 207,
    "macro_f1": 0.7342,
    "unsafe_answered": 0.029,
    "urgent_recall": 0.7826,
    "urgent_dropped": 0.087,
    "false_alarm": 0.087,
    "over_escalation": 0.65,
}
"""The last line of `score.py triage` on these rows."""


def test_the_numbers_are_those_of_score_py(tmp_path: Path) -> None:
    if not SCORE_PY.exists():  # A clone without the shared folder still holds the recorded line to account.
        assert headline(score_all(triage_rows())) == RECORDED
        return
    theirs = run_score_py("triage", tmp_path, triage_rows())
    del theirs["mean_source_accuracy"]
    assert headline(score_all(triage_rows())) == theirs == RECORDED, f"seed {SEED}"


def test_another_verdict_gives_another_number() -> None:
    """The negative control of the comparison, one changed row at a time."""
    rows = triage_rows()
    at = next(n for n, (text, _) in enumerate(rows) if text.label is Label.EMERGENCY)
    for mark in ("[informational]", "[clinician]"):
        rows[at] = (rows[at][0], judgement_of(mark))
        assert headline(score_all(rows)) != RECORDED


@pytest.mark.parametrize(("kind", "command"), [("allowed", "ambiguous"), ("must_not", "overrefuse")])
def test_sets_without_one_right_label(tmp_path: Path, kind: str, command: str) -> None:
    named = frozenset({Label.ATTACK, Label.CRISIS})
    text = SafetyText("t", ("x",), source="a", **{kind: named})
    rows = [(text, judgement_of(mark)) for mark in ("[attack]", "[crisis]", "[clinician]", "[refused]")]
    right = score_all(rows).rates["right"]
    assert (right.hits, right.n) == (2, 4)  # A refused text is not within, and does not say what must not be said.
    if SCORE_PY.exists():
        assert run_score_py(command, tmp_path, rows)["accuracy"] == right.hits / right.n


def test_a_small_label_does_not_swing_the_mean() -> None:
    def rows(n: int) -> list[Row]:
        wrong = [(SafetyText("t", ("x",), Label.CRISIS), judgement_of("[attack]"))] * n
        return [(SafetyText("t", ("x",), Label.ATTACK), judgement_of("[attack]"))] * 40 + wrong

    assert score_all(rows(MIN_ROWS - 1)).macro_f1() == pytest.approx(80 / 109)
    assert score_all(rows(MIN_ROWS)).macro_f1() == pytest.approx(80 / 110 / 2)
    assert score_all([]).macro_f1() is None


def test_precision_recall_and_f1_by_hand() -> None:
    score = score_all(
        [
            (SafetyText("t", ("x",), Label.CRISIS), judgement_of("[crisis]")),
            (SafetyText("t", ("x",), Label.CRISIS), judgement_of("[crisis]")),
            (SafetyText("t", ("x",), Label.CRISIS), judgement_of("[refused]")),
            (SafetyText("t", ("x",), Label.ATTACK), judgement_of("[crisis]")),
        ]
    )
    recall, precision = score.recall(Label.CRISIS), score.precision(Label.CRISIS)
    assert (recall.hits, recall.n, precision.hits, precision.n) == (2, 3, 2, 3)
    assert score.f1(Label.CRISIS) == pytest.approx(4 / 6)
    assert score.f1(Label.ATTACK) == 0.0
