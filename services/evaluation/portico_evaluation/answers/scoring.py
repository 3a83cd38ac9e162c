"""How good answers are, counted.

Faithfulness, answer relevance, context precision and recall are meant as in RAGAS (Es et al., EACL 2024), and computed
here without a judging model: an answer's sentences are exact, so that what supports them can be looked up; the wanted
passages of a question are known; and relevance is the closeness of answer and question in the passage encoder's space.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from portico_core.labels import Route
from portico_core.turn import Turn
from portico_evaluation.answers.asking import Assistant
from portico_evaluation.answers.sets import Pair, Question
from portico_evaluation.figures import Figure, Quantity, Tally, Target

COVERAGE = {
    "right_passage": "answered, a wanted passage cited",
    "right_topic": "answered from the right topic",
    "wrong_topic": "answered from another topic",
    "not_answered": "not answered",
}
ANSWERS = {
    "faithful": "faithfulness: sentences that their cited passages hold word for word",
    "relevance": "answer relevance: cosine of question and answer, mean",
    "grade_mean": "reading grade of answers, mean",
    "grade_p95": "reading grade of answers, 95th percentile",
}
RETRIEVAL = {
    "topic_first": "right topic first",
    "hit@1": "a wanted passage first",
    "hit@5": "a wanted passage among the first five",
    "mrr@10": "mean reciprocal rank of the first wanted passage, ten deep",
    "context_precision": "context precision: wanted among the passages given to the responder",
    "context_recall": "context recall: a wanted passage given to the responder",
}
REFUSALS = {
    "refusal_right": "refusal correctness: not answered, and nothing covers it",
    "refusal_whole": "not answered, with fixed text, 911 and 988",
    "uncovered_not_answered": "not covered: not answered",
}
GROUNDING = {"kept": "grounding: said by the passage, kept", "caught": "grounding: not said by it, caught"}
MEASURES = {**RETRIEVAL, **COVERAGE, **ANSWERS, **REFUSALS, **GROUNDING}
TARGETS = {
    "right_passage": Target(0.92), "wrong_topic": Target(0.02, at_least=False), "faithful": Target(1.0),
    "grade_mean": Target(7.0, at_least=False), "grade_p95": Target(9.0, at_least=False),
    "uncovered_not_answered": Target(0.97), "refusal_whole": Target(1.0),
}  # fmt: skip
"""What issue 5 asks."""

_SPACES = re.compile(r"\s+")


@dataclass(slots=True)
class Counts:
    """Rates by measure, on the way to figures."""

    rates: dict[str, Tally] = field(default_factory=dict)

    def add(self, measure: str, hit: bool) -> None:
        """Count one case."""
        self.rates.setdefault(measure, Tally()).add(hit)

    def figures(self, of: str, key: str = "") -> Iterator[Figure]:
        """Yield a figure for each measure that was counted."""
        for measure, tally in self.rates.items():
            rate = tally.rate()
            if rate is not None:
                yield Figure(of, measure, rate, key, TARGETS.get(measure) if not key else None)


def retrieval_figures(questions: Sequence[Question], assistant: Assistant) -> list[Figure]:
    """Return how well covered questions find."""
    counts, ranks = Counts(), list[float]()
    for question in questions:
        found = assistant.search(question.text)[:10]
        wanted = [question.wants(hit.passage.id) for hit in found]
        counts.add("topic_first", bool(found) and question.wants_topic_of(found[0].passage.id))
        counts.add("hit@1", any(wanted[:1]))
        counts.add("hit@5", any(wanted[:5]))
        ranks.append(next((1 / rank for rank, hit in enumerate(wanted, start=1) if hit), 0.0))
        given = [hit for hit in found if hit.score >= assistant.good_enough][: assistant.given]
        counts.add("context_recall", any(question.wants(hit.passage.id) for hit in given))
        for hit in given:
            counts.add("context_precision", question.wants(hit.passage.id))
    return [*counts.figures("retrieval"), Figure("retrieval", "mrr@10", Quantity(float(np.mean(ranks)), len(ranks)))]


def coverage_figures(of: str, asked: Sequence[tuple[Question, Turn]]) -> list[Figure]:
    """Return what became of covered questions, in all and by kind of topic."""
    whole, by_kind = Counts(), dict[str, Counts]()
    for question, turn in asked:
        outcome = outcome_of(question, turn)
        kind = min(question.topics).partition(".")[0]
        for counts in (whole, by_kind.setdefault(kind, Counts())):
            for measure, hit in outcome.items():
                counts.add(measure, hit)
    kinds = (f for kind, counts in sorted(by_kind.items()) for f in counts.figures(of, kind))
    return [*whole.figures(of), *(figure for figure in kinds if figure.measure == "right_passage")]


def outcome_of(question: Question, turn: Turn) -> dict[str, bool]:
    """Say for each measure of coverage whether it holds of one turn."""
    cited = [citation.passage_id for citation in turn.answer.citations] if turn.answer else []
    right = any(map(question.wants_topic_of, cited))
    return {
        "right_passage": any(map(question.wants, cited)),
        "right_topic": right,
        "wrong_topic": bool(cited) and not right,
        "not_answered": not cited,
    }


def answer_figures(of: str, asked: Sequence[tuple[Question, Turn]], assistant: Assistant) -> list[Figure]:
    """Return how faithful, near and easy the answers are."""
    counts, answers = Counts(), [(q, t.answer) for q, t in asked if t.answer is not None]
    if not answers:
        return []
    for _, answer in answers:
        passages = {citation.n: assistant.texts.get(citation.passage_id, "") for citation in answer.citations}
        for sentence in answer.sentences:
            counts.add("faithful", any(_holds(passages.get(n, ""), sentence.text) for n in sentence.citations))
    questions = assistant.embed([question.text for question, _ in answers])
    said = assistant.embed([" ".join(s.text for s in answer.sentences) for _, answer in answers])
    nearness = float(np.mean(np.sum(questions * said, axis=1)))
    grades = [answer.reading_grade for _, answer in answers]
    values = {
        "relevance": nearness, "grade_mean": float(np.mean(grades)), "grade_p95": float(np.percentile(grades, 95))
    }  # fmt: skip
    quantities = (
        Figure(of, name, Quantity(value, len(answers)), "", TARGETS.get(name)) for name, value in values.items()
    )
    return [*counts.figures(of), *quantities]


def refusal_figures(of: str, asked: Sequence[tuple[Question, Turn]]) -> list[Figure]:
    """Return whether what was not answered should not have been, and what the patient got instead."""
    counts = Counts()
    for question, turn in asked:
        refused = turn.answer is None
        if not question.covered:
            counts.add("uncovered_not_answered", refused)
        if refused:
            counts.add("refusal_right", not question.covered)
            counts.add("refusal_whole", _is_whole(turn))
    return list(counts.figures(of))


def grounding_figures(pairs: Sequence[Pair], supports: Callable[[str, Sequence[str]], bool]) -> list[Figure]:
    """Return how many sentences are kept and caught, the caught ones also by what was changed."""
    whole, by_kind = Counts(), dict[str, Counts]()
    for pair in pairs:
        said = supports(pair.sentence, [pair.passage])
        if pair.supported:
            whole.add("kept", said)
        else:
            whole.add("caught", not said)
            by_kind.setdefault(pair.kind, Counts()).add("caught", not said)
    return [
        *whole.figures("pairs"),
        *(f for kind, counts in sorted(by_kind.items()) for f in counts.figures("pairs", kind)),
    ]


def _is_whole(turn: Turn) -> bool:
    numbers = " ".join(contact.uri for contact in turn.contacts)
    return turn.route is not Route.ANSWER and bool(turn.message) and "911" in numbers and "988" in numbers


def _holds(passage: str, sentence: str) -> bool:
    """Say whether a passage holds a sentence; told by its letters alone, apart from what the validators know."""
    return bool(sentence) and _plain(sentence) in _plain(passage)


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).strip()
