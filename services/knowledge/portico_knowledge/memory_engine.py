"""The passages in this process: every vector is compared, and no network lies between a question and its passages."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from portico_core.knowledge import Passage
from portico_knowledge.engine import (
    CANDIDATES,
    WIDER,
    Candidate,
    Candidates,
    Catalogue,
    Floats,
    Wanted,
    Words,
    first_passages,
    rarities,
    section_of,
    topic_of,
)
from portico_knowledge.index import Index, passage_words


class MemoryEngine:
    """One index, whole in memory."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._starts = np.flatnonzero(np.r_[True, np.diff(index.owners) > 0])
        self._topic_words = _topic_words(index.passages)
        counts = np.diff(index.lexical.scores["indptr"])
        known = {stem: int(counts[column]) for stem, column in index.lexical.vocab_dict.items() if stem}
        self._catalogue = Catalogue(
            first_passages(index.passages),
            rarities(known, len(index.passages)),
            any(section_of(passage.id) for passage in index.passages),
            index.encoder_version,
        )

    @property
    def catalogue(self) -> Catalogue:
        """Return what a search holds of the passages."""
        return self._catalogue

    def candidates(self, wanted: Wanted) -> Candidates:
        """Return the best by meaning and the best by words together."""
        vectors, passages = self.index.vectors, self.index.passages
        dense = np.asarray(np.maximum.reduceat(vectors @ wanted.vector, self._starts), dtype=np.float32)
        lexical = np.maximum(self._bm25(wanted.said), self._bm25(wanted.reworded))
        expanded = self._bm25(wanted.wider)
        numbers = sorted({*_best(dense), *_best(lexical + WIDER * expanded, above=0.0)})
        found = tuple(
            Candidate(n, passages[n].id, float(dense[n]), float(lexical[n]), float(expanded[n])) for n in numbers
        )
        topics = {topic_of(candidate.passage_id) for candidate in found}
        return Candidates(found, {topic: self._topic_words[topic] & wanted.asked for topic in topics})

    def passages(self, numbers: Sequence[int]) -> Mapping[int, Passage]:
        """Return the passages at these places, by their places."""
        return {number: self.index.passages[number] for number in numbers}

    def _bm25(self, words: Words) -> Floats:
        """Return BM25 as a share of what the words could reach at most."""
        if not words.stems:
            return np.zeros(len(self.index.passages), dtype=np.float32)
        return np.asarray(self.index.lexical.get_scores(list(words.stems)) / words.most, dtype=np.float32)


def _best(scores: NDArray[np.float32], *, above: float = -np.inf) -> list[int]:
    """Return the places of the best scores above one; of equal ones the first, as every engine does."""
    able = np.flatnonzero(scores > above)
    if len(able) <= CANDIDATES:
        return [int(number) for number in able]
    scores = scores[able]
    least = np.partition(scores, -CANDIDATES)[-CANDIDATES]
    better, equal = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
    return [int(number) for number in able[np.r_[better, equal[: CANDIDATES - len(better)]]]]


def _topic_words(passages: Sequence[Passage]) -> dict[str, frozenset[str]]:
    words: dict[str, set[str]] = {}
    for passage in passages:
        words.setdefault(topic_of(passage.id), set()).update(passage_words(passage))
    return {topic: frozenset(found) for topic, found in words.items()}
