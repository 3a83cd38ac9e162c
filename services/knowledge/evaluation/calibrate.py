"""Fit what `portico_knowledge.search` decides by, on the authored questions, and print what it does on each part.

    .venv/bin/python services/knowledge/evaluation/calibrate.py [--write]

Two models. Sections: masked softmax over the sections that a topic has, from the questions of the parts calibrate and
check and from `section_questions.txt`, where `{}` stands for a topic. Confidence: logistic regression over the figures
of each question's topics. Both are fitted again with each fifth of the topics left out; the bias is then set on those
held-out scores, so that of the questions nothing here covers the share UNCOVERED_ESCALATED stays below GOOD_ENOUGH. The
part test is never fitted on nor looked at. Deterministic, no dependency but numpy; `--write` replaces the weights.
"""

import json
import random
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portico_knowledge.confidence import GOOD_ENOUGH, Confidence, Figures
from portico_knowledge.index import Index, build_index
from portico_knowledge.local_encoder import LocalEncoder, open_local_encoder
from portico_knowledge.passages import built_in_folder, load_passages
from portico_knowledge.search import RANK_SECTION, HybridSearch, TopicFound
from portico_knowledge.sections import SectionModel, grams

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "portico_knowledge"
MODEL = HERE.parents[2] / "model_repository" / "passage_encoder" / "1"
FOLDS = 5
UNCOVERED_ESCALATED = 0.97
CONFIDENCE_RIDGE, SECTION_RIDGE = 0.05, 2.0
SECTION_STEPS, SECTION_RATE = 400, 2.0
WRONG_TOPIC, UNCOVERED = 0.125, 2.0  # what a wrong topic weighs, and the first of an uncovered question
HARDEST = 4  # wrong topics of a question that teach: the rest are far away
SEEN_TWICE = 2  # a template is put to so many topics
LEAST_SEEN = 3  # questions that hold a word or pair, before it is a feature
SEED = 3

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Question:
    """An authored question, its vector, and the topics and sections that answer it."""

    text: str
    part: str
    covered: bool
    topics: tuple[str, ...]
    sections: tuple[str, ...]
    vector: NDArray[np.float32]

    @property
    def fold(self) -> int:
        """Return the fold: by topic, so that a topic is never on both sides."""
        return zlib.crc32((self.topics[0] if self.covered else self.text).encode()) % FOLDS


def main() -> None:
    """Fit, print the rates, and write the weights if asked to."""
    encode = open_local_encoder(MODEL)
    passages = load_passages(built_in_folder(), today=date.today())
    index = build_index(passages, encode=encode, encoder_version=encode.version)
    search = _unfitted(index)
    questions = [_look_up(question, search) for question in read_questions(search, encode)]
    templates = [_take_apart(question, search) for question in _read_templates(index, encode)]
    known = [q for q in questions if q.given.part != "test"]
    folded = _fit_folds(known, templates, index)
    whole = _fit(known, templates, index)
    shift = _bias_shift([(q, folded[q.given.fold]) for q in known])
    for part in ("calibrate", "check", "test"):
        chosen = [q for q in questions if q.given.part == part]
        fitted = [whole if part == "test" else folded[q.given.fold] for q in chosen]
        _print(f"{part:<10} {_rates([_answer(q, f, shift, index) for q, f in zip(chosen, fitted, strict=True)])}")
    confidence = replace(whole.confidence, bias=whole.confidence.bias - shift)
    _print(
        "  ".join(f"{name} {weight:.2f}" for name, weight in (*confidence.weights.items(), ("bias", confidence.bias)))
    )
    if "--write" in sys.argv:
        _write(replace(whole, confidence=confidence))


@dataclass(frozen=True, slots=True)
class Looked:
    """A question taken apart, and its candidate topics; their ranks are without a section model."""

    given: Question
    words: str
    rest: tuple[str, ...]
    found: tuple[TopicFound, ...]


def _take_apart(question: Question, search: HybridSearch) -> Looked:
    asked = search.take_apart(question.text)
    return Looked(question, " ".join(asked.words), asked.rest, ())


def _look_up(question: Question, search: HybridSearch) -> Looked:
    return replace(_take_apart(question, search), found=tuple(search.topics(question.text, question.vector)))


@dataclass(frozen=True, slots=True)
class _Fitted:
    confidence: Confidence
    sections: SectionModel


def fit_held_out(index: Index, encode: LocalEncoder) -> Iterator[tuple[_Fitted, list[Question]]]:
    """Yield for each fold of topics the weights fitted without it, and its questions: none of the part test."""
    search = _unfitted(index)
    known = [_look_up(q, search) for q in read_questions(search, encode) if q.part != "test"]
    folded = _fit_folds(known, [_take_apart(q, search) for q in _read_templates(index, encode)], index)
    shift = _bias_shift([(q, folded[q.given.fold]) for q in known])
    for fold, fitted in enumerate(folded):
        confidence = replace(fitted.confidence, bias=fitted.confidence.bias - shift)
        yield replace(fitted, confidence=confidence), [q.given for q in known if q.given.fold == fold]


def _fit_folds(known: Sequence[Looked], templates: Sequence[Looked], index: Index) -> list[_Fitted]:
    return [_fit([q for q in known if q.given.fold != fold], templates, index) for fold in range(FOLDS)]


def _unfitted(index: Index) -> HybridSearch:
    nothing = SectionModel((), {}, np.zeros((385, 0), "f4"))
    return HybridSearch(index, confidence=Confidence({}, 0.0), sections=nothing)


def _print(line: str) -> None:
    print(line)  # noqa: T201  a script at a terminal


def read_questions(search: HybridSearch, encode: LocalEncoder) -> Iterator[Question]:
    """Yield every authored question with the vector of its wording."""
    for line in (HERE / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        yield Question(
            text=row["question"],
            part=row["part"],
            covered=row["covered"],
            topics=tuple(row.get("topics", ())),
            sections=tuple(row.get("sections", ())),
            vector=encode([search.wording(row["question"])])[0],
        )


def _read_templates(index: Index, encode: LocalEncoder) -> Iterator[Question]:
    """Yield the questions of `section_questions.txt`, each put to some topics that have the section."""
    choose = random.Random(SEED)  # noqa: S311  not for secrets
    titles = {p.id.partition("#")[0]: p.title.replace("(", "").replace(")", "").lower() for p in index.passages}
    ids = {p.id for p in index.passages}
    for line in (HERE / "section_questions.txt").read_text(encoding="utf-8").splitlines():
        place, _, words = line.partition("|")
        kind, _, section = place.partition(".")
        topics = [topic for topic in titles if topic.startswith(f"{kind}.") and f"{topic}#{section}" in ids]
        for topic in choose.sample(topics, SEEN_TWICE):
            text = words.replace("{}", titles[topic])
            yield Question(text, "template", True, (topic,), (section,), encode([text])[0])


def _fit(known: Sequence[Looked], templates: Sequence[Looked], index: Index) -> _Fitted:
    return _Fitted(_fit_confidence(known), _fit_sections([*(q for q in known if q.given.covered), *templates], index))


def _fit_sections(questions: Sequence[Looked], index: Index) -> SectionModel:
    """Fit by gradient descent: of the sections that the topic has, the expected ones."""
    counts = Counter(gram for q in questions for gram in grams(q.rest))
    vocabulary = sorted(gram for gram, count in counts.items() if count >= LEAST_SEEN)
    names = tuple(sorted({p.id.partition("#")[2] for p in index.passages}))
    model = SectionModel(names, {gram: i for i, gram in enumerate(vocabulary)}, np.zeros((0, 0), "f4"))
    there = {p.id for p in index.passages}
    rows = np.array([model.features(q.words, q.rest, q.given.vector) for q in questions])
    has = np.array([[f"{q.given.topics[0]}#{name}" in there for name in names] for q in questions])
    right = np.array([[name in q.given.sections for name in names] for q in questions]) & has
    weights = np.zeros((rows.shape[1], len(names)), dtype=np.float32)
    for _ in range(SECTION_STEPS):
        chance = _softmax(np.where(has, rows @ weights, -1e9))
        wanted = chance * right
        wanted /= wanted.sum(axis=1, keepdims=True) + 1e-12
        weights -= SECTION_RATE / len(rows) * (rows.T @ (chance - wanted) + SECTION_RIDGE * weights)
    return replace(model, weights=weights)


def _softmax(scores: Array) -> Array:
    exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True))


def _fit_confidence(known: Sequence[Looked], steps: int = 50) -> Confidence:
    """Fit by Newton's method: the right topic of each question against the hardest others."""
    rows, labels, weights = list[tuple[float, ...]](), list[float](), list[float]()
    for q in known:
        found = sorted(q.found, key=lambda f: -f.passages[0][1])
        right = [f.figures for f in found if f.topic in q.given.topics][:1]
        wrong = [f.figures for f in found if f.topic not in q.given.topics][:HARDEST]
        first = WRONG_TOPIC if q.given.covered else UNCOVERED
        for group, label, weight in ((right, 1.0, 1.0), (wrong[:1], 0.0, first), (wrong[1:], 0.0, WRONG_TOPIC)):
            rows += [(*figures.values(), 1.0) for figures in group]
            labels += [label] * len(group)
            weights += [weight] * len(group)
    x, y, w = np.array(rows), np.array(labels), np.array(weights)
    theta, ridge = np.zeros(x.shape[1]), np.diag([CONFIDENCE_RIDGE] * (x.shape[1] - 1) + [1e-6])
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-np.clip(x @ theta, -30, 30)))
        curvature = x.T @ (x * (w * chance * (1 - chance))[:, None]) + ridge
        theta = theta - np.linalg.solve(curvature, x.T @ (w * (chance - y)) + ridge @ theta)
    names = [field.name for field in fields(Figures)]
    return Confidence(dict(zip(names, theta[:-1].tolist(), strict=True)), float(theta[-1]))


def _bias_shift(held_out: Sequence[tuple[Looked, _Fitted]]) -> float:
    """Return what the bias must fall by for the required share of uncovered questions to stay below one half."""
    chances = (max(fitted.confidence.of(f.figures) for f in q.found) for q, fitted in held_out if not q.given.covered)
    best = sorted(float(np.log(chance / (1 - chance))) for chance in chances)
    return best[int(np.ceil(UNCOVERED_ESCALATED * len(best))) - 1] + 1e-6


@dataclass(frozen=True, slots=True)
class _Answered:
    given: Question
    topic: str
    section: str
    is_given: bool


def _answer(q: Looked, fitted: _Fitted, shift: float, index: Index) -> _Answered:
    """Return the first passage, as the search puts it first."""
    confidence = replace(fitted.confidence, bias=fitted.confidence.bias - shift)
    best = max(q.found, key=lambda found: confidence.of(found.figures))
    section = fitted.sections.scores(q.words, q.rest, q.given.vector)
    names = [(index.passages[n].id.partition("#")[2], rank) for n, rank in best.passages]
    first = max(names, key=lambda row: row[1] + RANK_SECTION * section[row[0]])[0]
    return _Answered(q.given, best.topic, first, confidence.of(best.figures) >= GOOD_ENOUGH)


def _rates(answered: Sequence[_Answered]) -> str:
    """Say what the first passage is like, and whether it is given."""
    covered = [a for a in answered if a.given.covered]
    topic = np.array([a.topic in a.given.topics for a in covered])
    section = topic & np.array([a.section in a.given.sections for a in covered])
    given = np.array([a.is_given for a in covered])
    refused = [not a.is_given for a in answered if not a.given.covered]
    return (
        f"covered N {len(covered)}: answered from the right topic {np.mean(given & topic):.3f}, its section first too "
        f"{np.mean(given & section):.3f}, from a wrong topic {np.mean(given & ~topic):.3f}; topic first "
        f"{np.mean(topic):.3f}, section first {np.mean(section):.3f} | uncovered N {len(refused)}: escalated "
        f"{np.mean(refused):.3f}"
    )


def _write(fitted: _Fitted) -> None:
    row = {
        "bias": round(fitted.confidence.bias, 4),
        "weights": {n: round(w, 4) for n, w in fitted.confidence.weights.items()},
    }
    (PACKAGE / "confidence.json").write_text(json.dumps(row, indent=1) + "\n", encoding="utf-8")
    model = fitted.sections
    np.savez_compressed(
        PACKAGE / "section_model.npz",
        sections=np.array(model.sections),
        vocabulary=np.array(list(model.vocabulary)),
        weights=model.weights.astype(np.float16),
    )


if __name__ == "__main__":
    main()
