"""Fit the weights of `portico_knowledge.search` on the authored questions, and print what they do on the held half.

    .venv/bin/python services/knowledge/evaluation/calibrate.py

Every candidate of a question is one row; a covered question's expected sections are positive. Rows are weighted so that
a question counts once for its positives and once for its negatives. The fit is an L2-regularised logistic regression
by Newton's method: deterministic, no dependency but numpy. Odd lines of questions.jsonl fit, even lines check. The
printed weights are rounded and copied into `search.py` by hand, with the day, in README.md here.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portico_knowledge.index import build_index, load_index, save_index
from portico_knowledge.local_encoder import open_local_encoder
from portico_knowledge.passages import built_in_folder, load_passages
from portico_knowledge.search import GOOD_ENOUGH, WEIGHTS, Figures, HybridSearch

HERE = Path(__file__).resolve().parent
MODEL = HERE.parents[2] / "model_repository" / "passage_encoder" / "1"
RIDGE = 0.02
NAMES = Figures.__slots__
HARDEST = 15  # negatives of a question that are kept: the rest are far away and teach nothing

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Question:
    """An authored question with its candidates: their figures, and whether each is an expected section."""

    text: str
    part: str
    covered: bool
    figures: Array
    right: NDArray[np.bool_]
    right_topic: NDArray[np.bool_]


def main() -> None:
    """Fit on one half, print weights, and the rates of fitted and present weights on the other."""
    questions = list(_read_questions())
    fitted = _fit([q for q in questions if q.part == "calibrate"])
    _print(
        "fitted    " + "  ".join(f"{name} {weight:.2f}" for name, weight in zip((*NAMES, "bias"), fitted, strict=True))
    )
    present = np.array([WEIGHTS[name] for name in (*NAMES, "bias")])
    for title, weights in (("fitted", fitted), ("present", present)):
        for part in ("calibrate", "check"):
            _print(f"{title:<8} {part:<10} {_rates([q for q in questions if q.part == part], weights)}")


def _print(line: str) -> None:
    print(line)  # noqa: T201  a script at a terminal


def _read_questions() -> Iterator[Question]:
    encode = open_local_encoder(MODEL)
    with tempfile.TemporaryDirectory() as folder:
        passages = load_passages(built_in_folder(), today=date.today())
        save_index(build_index(passages, encode=encode, encoder_version=encode.version), Path(folder) / "index")
        search = HybridSearch(load_index(Path(folder) / "index"))
    for line in (HERE / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield _question(row, search, encode([row["question"]])[0])


def _question(row: Mapping[str, Any], search: HybridSearch, vector: NDArray[np.float32]) -> Question:
    topics, sections = row.get("topics", []), row.get("sections", [])
    wanted = {f"{topic}#{section}" for topic in topics for section in sections}
    found = list(search.figures(str(row["question"]), vector))
    ids = [search.index.passages[number].id for number, _ in found]
    return Question(
        text=str(row["question"]),
        part=str(row["part"]),
        covered=bool(row["covered"]),
        figures=np.array([[*(getattr(f, name) for name in NAMES), 1.0] for _, f in found]),
        right=np.array([i in wanted for i in ids]),
        right_topic=np.array([i.partition("#")[0] in topics for i in ids]),
    )


def _fit(questions: Sequence[Question], steps: int = 40) -> Array:
    rows, labels, weights = _rows(questions)
    theta = np.zeros(rows.shape[1])
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-rows @ theta))
        gradient = rows.T @ (weights * (chance - labels)) + RIDGE * theta
        curvature = rows.T @ (rows * (weights * chance * (1 - chance))[:, None]) + RIDGE * np.eye(len(theta))
        theta = theta - np.linalg.solve(curvature, gradient)
    return theta


def _rows(questions: Sequence[Question]) -> tuple[Array, Array, Array]:
    """Return rows, labels and weights: expected sections against the hardest others; siblings of the topic left out."""
    rows, labels, weights = list[Array](), list[float](), list[float]()
    start = np.array([WEIGHTS[name] for name in (*NAMES, "bias")])
    for q in questions:
        order = np.argsort(-(q.figures @ start))
        wrong = [i for i in order if not q.right[i]][:HARDEST]
        right = [i for i in order if q.right[i]]
        for chosen, label in ((right, 1.0), (wrong, 0.0)):
            for i in chosen:
                rows.append(q.figures[i])
                labels.append(label)
                weights.append(1.0 / len(chosen))
    return np.array(rows), np.array(labels), np.array(weights)


def _rates(questions: Sequence[Question], weights: Array) -> str:
    covered = [q for q in questions if q.covered]
    best = [np.argmax(q.figures @ weights) for q in covered]
    scores = [_chance((q.figures @ weights).max()) for q in questions]
    answered = [s >= GOOD_ENOUGH for q, s in zip(questions, scores, strict=True) if q.covered]
    refused = [s < GOOD_ENOUGH for q, s in zip(questions, scores, strict=True) if not q.covered]
    right = [bool(q.right[i]) for q, i in zip(covered, best, strict=True)]
    topic = [bool(q.right_topic[i]) for q, i in zip(covered, best, strict=True)]
    wrong = [a and not t for a, t in zip(answered, topic, strict=True)]
    return (
        f"covered N {len(covered)}: answered {np.mean(answered):.3f}, topic right {np.mean(topic):.3f}, section first "
        f"{np.mean(right):.3f}, answered from a wrong topic {np.mean(wrong):.3f} | "
        f"uncovered N {len(refused)}: escalated {np.mean(refused):.3f}"
    )


def _chance(total: float) -> float:
    return float(1 / (1 + np.exp(-total)))


if __name__ == "__main__":
    main()
