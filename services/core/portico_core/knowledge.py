"""Approved passages, what a responder proposes from them, and what survives validation."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Passage:
    """One section of an approved topic. `id` reads `medicine.metformin#uses`; `text` is one paragraph."""

    id: str
    title: str
    section: str
    text: str
    url: str = ""
    source: str = ""
    reviewed_on: date | None = None
    review_due: date | None = None
    synonyms: tuple[str, ...] = ()
    reviewed: bool = False
    """A clinician has signed the passage; until then no page may call it reviewed."""


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage and how well it fits the question: `score` is comparable across questions, in [0, 1]."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Subjects:
    """What a text names: ids of topics, and names of medicines, tests, procedures and illnesses without a topic."""

    topics: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """One sentence a responder proposes, with the ids of the passages it says it comes from."""

    text: str
    passage_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a responder proposes; nothing in it is trusted."""

    sentences: tuple[DraftSentence, ...]
