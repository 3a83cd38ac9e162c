"""What a search asks of the place where its passages stand: this process (`memory_engine`) or a database.

The ranking is `search.py`'s and the same for both. An engine only finds candidates: by the nearest vectors, exactly,
and by BM25 over stems. So it is told a vector and stems that the passages themselves use, and never a question's text.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from portico_core.knowledge import Passage

Floats = NDArray[np.float32]

CANDIDATES = 100
"""Passages of each half, meaning and words; the rest cannot catch up. Of equal ones the first of the index."""
WIDER = 0.5
"""What a synonym's BM25 counts against the question's own, where candidates by words are chosen."""


def topic_of(passage_id: str) -> str:
    """Return the topic of a passage: `medicine.metformin` of `medicine.metformin#uses`."""
    return passage_id.partition("#")[0]


def section_of(passage_id: str) -> str:
    """Return the section of a passage: `uses` of `medicine.metformin#uses`, or nothing."""
    return passage_id.partition("#")[2]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a search holds of its passages: `topics` are one passage of each (names, without text), in their order.

    `rarity` is BM25's inverse document frequency of every stem; under "" that of a stem nobody uses.
    """

    topics: tuple[Passage, ...]
    rarity: Mapping[str, float]
    has_sections: bool
    encoder_version: str


@dataclass(frozen=True, slots=True)
class Words:
    """Stems to score by, all of which the passages use, and the score that all of the question's could reach."""

    stems: tuple[str, ...]
    most: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question as an engine sees it. `vector` is a unit vector, shape [384].

    `said` and `reworded` are its words as they were put and in topics' words, of which the better counts; `wider` their
    synonyms; `asked` every stem of which the search wants to know whether a candidate's topic says it.
    """

    vector: Floats
    said: Words
    reworded: Words
    wider: Words
    asked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may answer: its place in the index, and how close it is by meaning, words and synonyms."""

    number: int
    passage_id: str
    dense: float
    lexical: float
    expanded: float


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates in the order of the index; `says` has, of each of their topics, which of the asked stems it says."""

    found: tuple[Candidate, ...]
    says: Mapping[str, frozenset[str]]


class PassageEngine(Protocol):
    """Holds the passages of one index and finds candidates among them."""

    @property
    def catalogue(self) -> Catalogue:
        """Return what a search holds of the passages."""
        ...

    def candidates(self, wanted: Wanted) -> Candidates:
        """Return the best by meaning and the best by words together; raise SearchUnavailable."""
        ...

    def passages(self, numbers: Sequence[int]) -> Mapping[int, Passage]:
        """Return those of these passages that may be served now, by their places; raise SearchUnavailable."""
        ...


def postings(lexical: Any) -> Iterable[tuple[str, NDArray[np.int32], Floats]]:
    """Yield each stem of a BM25 index with the passages that use it and what it scores in each."""
    scores = lexical.scores
    for stem, column in lexical.vocab_dict.items():
        if stem:
            part = slice(scores["indptr"][column], scores["indptr"][column + 1])
            yield stem, scores["indices"][part], scores["data"][part]


def rarities(counts: Mapping[str, int], total: int) -> Mapping[str, float]:
    """Return the inverse document frequency of stems that so many of `total` passages use; that of "" is nobody's."""
    known = {stem: math.log(1 + (total - count + 0.5) / (count + 0.5)) for stem, count in counts.items()}
    return {**known, "": math.log(1 + (total + 0.5) / 0.5)}


def first_passages(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """Return the first passage of each topic without its text: they carry the topic's names."""
    first: dict[str, Passage] = {}
    for p in passages:
        first.setdefault(topic_of(p.id), Passage(p.id, p.title, p.section, "", synonyms=p.synonyms))
    return tuple(first.values())
