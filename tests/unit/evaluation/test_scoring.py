"""The measures of redaction: the same numbers as ../shared/benchmarks/score.py, and each edge by itself."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_evaluation.phi.scoring import (
    MISSED,
    PARTLY,
    SetScore,
    false_alarms,
    is_covered,
    join_neighbours,
    overlap,
    score_text,
)
from portico_evaluation.phi.texts import Identifier, LabelledText
from unit.evaluation.scored_sample import PAIRS, RECORDED, Pair, labelled, spans_found

SCORE_PY = Path(__file__).resolve().parents[4] / "shared" / "benchmarks" / "score.py"
SEED = 41


def headline(score: SetScore) -> dict[str, float]:
    """Return our counts in the form of score.py's last line."""
    every = score.all_classes()
    return {
        "n": every.n,
        "recall": round(every.hits / every.n, 4),
        "typed": round(score.typed.hits / score.typed.n, 4),
        "clean": round(score.clean.hits / score.clean.n, 4),
        "false_chars": round(score.false_characters / score.plain_characters, 5),
        "f2_iou0.5": round(score.f2(0.5), 4),
        "f2_iou0.9": round(score.f2(0.9), 4),
    }


def score_all(rows: list[tuple[LabelledText, list[PhiSpan]]]) -> SetScore:
    score = SetScore()
    for given, found in rows:
        score_text(score, given, found)
    return score


def run_score_py(folder: Path, gold: list[dict[str, Any]], predictions: list[dict[str, Any]]) -> dict[str, float]:
    files = [folder / "gold.jsonl", folder / "predictions.jsonl"]
    for file, rows in zip(files, (gold, predictions), strict=True):
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [sys.executable, str(SCORE_PY), "phi", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_the_sample_scores_as_score_py_recorded() -> None:
    assert headline(score_all([(labelled(pair), spans_found(pair)) for pair in PAIRS])) == RECORDED


def random_rows(count: int) -> list[tuple[LabelledText, list[PhiSpan]]]:
    """Random words, identifiers and spans, so that no edge is left to what somebody thought of."""
    chance = random.Random(SEED)
    rows = []
    for number in range(count):
        text = "".join(chance.choice('ab.,- "(') for _ in range(60))
        rows.append((LabelledText(str(number), text, tuple(_places(chance, Identifier))), list(_spans(chance))))
    return rows


def _cuts(chance: random.Random) -> list[tuple[int, int]]:
    borders = sorted(chance.sample(range(61), 2 * chance.randint(0, 5)))
    return list(zip(borders[::2], borders[1::2], strict=True))


def _places(chance: random.Random, make: type[Identifier]) -> list[Identifier]:
    kinds = list(PhiType)[:3]
    return [make(start, end, chance.choice(kinds), chance.random() < 0.2) for start, end in _cuts(chance)]


def _spans(chance: random.Random) -> list[PhiSpan]:
    return [PhiSpan(start, end, chance.choice(list(PhiType)[:3]), 0.9) for start, end in _cuts(chance)]


def test_the_numbers_are_those_of_score_py(tmp_path: Path) -> None:
    """Run score.py itself where it lies beside the checkout; a clean clone has the recorded figures above."""
    if not SCORE_PY.exists():
        assert RECORDED["n"] == sum(not i.optional for pair in PAIRS for i in labelled(pair).identifiers)
        return
    assert run_score_py(tmp_path, [p.gold() for p in PAIRS], [p.prediction() for p in PAIRS]) == RECORDED
    rows = random_rows(400)
    gold = [{"text": g.text, "spans": [_as_json(i) for i in g.identifiers]} for g, _ in rows]
    predictions = [{"spans": [_as_json(span) for span in found]} for _, found in rows]
    sys.stdout.write(f"seed {SEED}, {len(rows)} random rows\n")
    assert headline(score_all(rows)) == run_score_py(tmp_path, gold, predictions)


def _as_json(span: Identifier | PhiSpan) -> dict[str, Any]:
    row: dict[str, Any] = {"start": span.start, "end": span.end, "type": span.type.value}
    return {**row, "optional": True} if isinstance(span, Identifier) and span.optional else row


@pytest.mark.parametrize("change", ["lose a span", "add a span", "change a class"])
def test_a_changed_prediction_changes_the_numbers(change: str) -> None:
    """The negative control of the comparison."""
    rows = [(labelled(pair), spans_found(pair)) for pair in PAIRS]
    given, found = rows[0]
    match change:
        case "lose a span":
            rows[0] = (given, [])
        case "add a span":
            rows[0] = (given, [*found, PhiSpan(10, 16, PhiType.NAME, 0.9)])
        case _:
            rows[0] = (given, [PhiSpan(found[0].start, found[0].end, PhiType.URL, 0.9)])
    assert headline(score_all(rows)) != RECORDED


@pytest.mark.parametrize(
    ("there", "found", "read_as"),
    [
        ("call ⟦PHONE:218-555-0164⟧", "call ⟦PHONE:218-555-0164⟧", "PHONE"),
        ("call ⟦PHONE:218-555-0164⟧", "call ⟦FAX:218-555-0164⟧", "FAX"),
        ("call ⟦PHONE:218-555-0164⟧", "call ⟦FAX:218-555-01⟧⟦MRN:64⟧", "FAX"),  # the longest
        ("call ⟦PHONE:218-555-0164⟧", "call ⟦FAX:218-555-01⟧⟦PHONE:64⟧", "PHONE"),  # the right one, if any
        ("call ⟦PHONE:218-555-0164⟧", "call ⟦PHONE:218-555⟧-0164", PARTLY),
        ("call ⟦PHONE:218-555-0164⟧", "⟦NAME:call⟧ 218-555-0164", MISSED),
    ],
)
def test_what_an_identifier_was_taken_for(there: str, found: str, read_as: str) -> None:
    pair = Pair(there, found)
    score = score_all([(labelled(pair), spans_found(pair))])
    assert dict(score.confusion) == {(PhiType.PHONE, read_as): 1}


def test_what_was_missed_and_what_was_a_false_alarm_is_returned() -> None:
    pair = Pair("⟦NAME:Ola⟧ takes Zoloft", "Ola takes ⟦NAME:Zoloft⟧")
    given, found = labelled(pair), spans_found(pair)
    assert score_text(SetScore(), given, found) == list(given.identifiers)
    assert [(alarm.start, alarm.end) for alarm in false_alarms(given, found)] == [(10, 16)]


def test_an_empty_score_has_no_f2() -> None:
    assert SetScore().f2(0.5) == 0.0
    assert SetScore().all_classes().rate() is None


def test_ranges() -> None:
    one, other = Identifier(0, 10, PhiType.NAME), Identifier(5, 15, PhiType.NAME)
    assert overlap(one, other) == pytest.approx(5 / 15)
    assert overlap(one, Identifier(10, 12, PhiType.NAME)) == 0.0
    assert is_covered("0123456789", one, [Identifier(0, 6, PhiType.NAME), Identifier(6, 10, PhiType.NAME)])
    assert not is_covered("0123456789", one, [Identifier(0, 6, PhiType.NAME), Identifier(7, 10, PhiType.NAME)])
    assert len(join_neighbours("ab, cd ef", [Identifier(0, 2, PhiType.NAME), Identifier(4, 6, PhiType.NAME)])) == 1
    assert len(join_neighbours("ab x cd", [Identifier(0, 2, PhiType.NAME), Identifier(5, 7, PhiType.NAME)])) == 2
