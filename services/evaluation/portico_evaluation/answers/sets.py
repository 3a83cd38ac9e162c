"""What the suite asks: authored questions of the untouched part, and authored pairs of passage and sentence."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from portico_evaluation.errors import UnusableSet
from portico_evaluation.results import SetSummary
from portico_evaluation.rows import digest_of, read_rows, string_of

PART = "test"
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Question:
    """A question in a patient's words; `topics` and `sections` say what answers it, both empty where nothing does."""

    text: str
    covered: bool
    topics: frozenset[str]
    sections: frozenset[str]

    def wants(self, passage_id: str) -> bool:
        """Say whether a passage is one that answers."""
        topic, _, section = passage_id.partition("#")
        return topic in self.topics and section in self.sections

    def wants_topic_of(self, passage_id: str) -> bool:
        """Say whether a passage is of a topic that answers."""
        return passage_id.partition("#")[0] in self.topics


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence held against a passage; `kind` says what was changed in a sentence that it does not say."""

    sentence: str
    passage: str
    supported: bool
    kind: str


@dataclass(frozen=True, slots=True)
class AnswerSets:
    """Everything the suite measures on."""

    questions: tuple[Question, ...]
    pairs: tuple[Pair, ...]
    summaries: tuple[SetSummary, ...]

    @property
    def covered(self) -> tuple[Question, ...]:
        """Return the questions that the knowledge answers."""
        return tuple(question for question in self.questions if question.covered)

    @property
    def uncovered(self) -> tuple[Question, ...]:
        """Return the questions that nothing in the knowledge answers."""
        return tuple(question for question in self.questions if not question.covered)


def read_answer_sets(folder: Path, *, limit: int | None = None) -> AnswerSets:
    """Read both sets, at most `limit` rows of covered and uncovered questions and of pairs each; raise UnusableSet."""
    asked, paired = folder / "questions.jsonl", folder / "pairs.jsonl"
    questions = [_question(asked, *row) for row in read_rows(asked) if row[1].get("part") == PART]
    pairs = [_pair(paired, *row) for row in read_rows(paired)]
    if not questions or not pairs:
        raise UnusableSet(asked if not questions else paired, "there is nothing to measure in it")
    chosen = tuple(q for covered in (True, False) for q in _thin([q for q in questions if q.covered is covered], limit))
    pairs = _thin(pairs, limit)
    return AnswerSets(
        chosen,
        tuple(pairs),
        (
            SetSummary("questions", "authored questions, kept untouched", len(chosen), digest_of(asked)),
            SetSummary("pairs", "authored pairs, test split", len(pairs), digest_of(paired)),
        ),
    )


def _thin(rows: list[Row], limit: int | None) -> list[Row]:
    """Return at most `limit` rows, from all over the file."""
    return rows if limit is None else rows[:: max(1, len(rows) // limit)][:limit]


def _question(file: Path, number: int, row: dict[str, object]) -> Question:
    if not isinstance(row.get("covered"), bool):
        raise UnusableSet(file, '"covered" is neither true nor false', line=number)
    names = [row.get(key) or [] for key in ("topics", "sections")]
    if not all(isinstance(name, list) and all(isinstance(word, str) for word in name) for name in names):
        raise UnusableSet(file, '"topics" or "sections" is no list of names', line=number)
    topics, sections = (frozenset(map(str, name)) for name in names if isinstance(name, list))
    return Question(string_of(file, number, row, "question"), row["covered"] is True, topics, sections)


def _pair(file: Path, number: int, row: dict[str, object]) -> Pair:
    if not isinstance(row.get("supported"), bool):
        raise UnusableSet(file, '"supported" is neither true nor false', line=number)
    sentence, passage = (string_of(file, number, row, key) for key in ("sentence", "passage"))
    return Pair(sentence, passage, row["supported"] is True, string_of(file, number, row, "kind", ""))
