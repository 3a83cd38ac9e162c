"""Find the passages that answer a question: meaning and words together, exact and deterministic.

Every candidate gets five figures, each in [0, 1] and each comparable across questions; their weighted sum goes through
a logistic function, so that `score` reads as the chance that the passage answers. Weights and GOOD_ENOUGH were chosen
on the authored questions of `evaluation/questions.jsonl` (see `evaluation/calibrate.py`), never on public text.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portico_core.knowledge import FoundPassage, Passage
from portico_knowledge.index import Floats, Index
from portico_knowledge.intents import asked_sections
from portico_knowledge.synonyms import Meaning, expand, find_meanings
from portico_knowledge.words import STOP_WORDS, content_stems, raw_words, stem, stems

GOOD_ENOUGH = 0.5
"""Below this score nothing found is good enough, and the turn escalates; error rates in evaluation/README.md."""

WEIGHTS: Mapping[str, float] = {
    "dense": 9.0, "lexical": 2.0, "expanded": 1.0, "topic": 3.4, "section": 2.0, "unknown": -3.0, "bias": -6.5,
}  # fmt: skip
_CANDIDATES = 100  # of each half; the rest cannot catch up
_BM25_TOP = 2.2  # k1 + 1: what one word can add at most, in units of its rarity

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Figures:
    """What speaks for one passage: all in [0, 1], `unknown` is the share of the question its topic never mentions."""

    dense: float
    lexical: float
    expanded: float
    topic: float
    section: float
    unknown: float

    def score(self) -> float:
        """Return the chance that the passage answers."""
        total = WEIGHTS["bias"] + sum(WEIGHTS[name] * getattr(self, name) for name in self.__slots__)
        return 1.0 / (1.0 + math.exp(-total))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question taken apart: stems of its content, what they expand to, the sections it is about."""

    words: tuple[str, ...]
    content: tuple[str, ...]
    expanded: tuple[str, ...]
    meanings: tuple[Meaning, ...]
    sections: frozenset[str]


class HybridSearch:
    """Search one index. Holds no question; two searches of one question give one result."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._starts = np.flatnonzero(np.r_[True, np.diff(index.owners) > 0])
        self._vocabulary: dict[str, int] = {w: i for w, i in index.lexical.vocab_dict.items() if w}
        self._rarity = _rarities(index)
        self._topics = _topic_words(index.passages)
        self._aliases = _aliases(index.passages)

    @property
    def index(self) -> Index:
        """Return the index that is searched."""
        return self._index

    def search(self, question: str, vector: Floats, *, k: int = 10) -> tuple[FoundPassage, ...]:
        """Return the k best passages, best first; equal scores in the order of the index.

        `vector` is the question's unit vector, shape [384] or [1, 384].
        """
        found = sorted(
            ((number, figures.score()) for number, figures in self.figures(question, vector)),
            key=lambda item: (-item[1], item[0]),
        )
        return tuple(FoundPassage(self._index.passages[number], score) for number, score in found[:k])

    def figures(self, question: str, vector: Floats) -> Iterator[tuple[int, Figures]]:
        """Yield every candidate's number with its figures, in the order of the index."""
        asked = self._take_apart(question)
        dense = self._closeness(np.asarray(vector, dtype=np.float32).reshape(-1))
        lexical, expanded = self._word_scores(asked.content), self._word_scores(asked.expanded)
        named = self._named_topics(asked)
        for number in _candidates(dense, lexical + 0.5 * expanded):
            topic = _topic_of(self._index.passages[number])
            yield (
                number,
                Figures(
                    dense=float(max(0.0, dense[number])),
                    lexical=float(lexical[number]),
                    expanded=float(expanded[number]),
                    topic=named.get(topic, 0.0),
                    section=float(_section_of(self._index.passages[number]) in asked.sections),
                    unknown=self._unknown(asked, topic),
                ),
            )

    def _take_apart(self, question: str) -> _Asked:
        words = [self._corrected(word) for word in raw_words(question)]
        content = tuple(dict.fromkeys(stem(word) for word in words if word not in STOP_WORDS))
        stemmed = tuple(stem(word) for word in words)
        expanded = tuple(word for word in expand(stemmed) if word not in STOP_WORDS)
        return _Asked(stemmed, content, expanded, find_meanings(stemmed), asked_sections(" ".join(words)))

    def _corrected(self, word: str) -> str:
        """Return a name of a topic for a word that is one slip away from it and that no passage knows."""
        if len(word) < 6 or stem(word) in self._vocabulary or word in STOP_WORDS:
            return word
        return next((name for name in self._aliases.names if _one_slip(word, name)), word)

    def _closeness(self, vector: Floats) -> Scores:
        return np.asarray(np.maximum.reduceat(self._index.vectors @ vector, self._starts), dtype=np.float32)

    def _word_scores(self, words: Sequence[str]) -> Scores:
        """Return BM25 as a share of what the words could reach at most."""
        known = [word for word in words if word in self._vocabulary]
        if not known:
            return np.zeros(len(self._index.passages), dtype=np.float32)
        most = _BM25_TOP / 2.2 * sum(self._rarity_of(word) for word in words)
        return np.asarray(self._index.lexical.get_scores(known) / most, dtype=np.float32)

    def _rarity_of(self, word: str) -> float:
        return self._rarity.get(word, self._rarity[""])

    def _named_topics(self, asked: _Asked) -> dict[str, float]:
        """Return for each topic the question names the share of its content that the name makes up."""
        total = sum(self._rarity_of(word) for word in asked.content) or 1.0
        found: dict[str, float] = {}
        for start in range(len(asked.words)):
            for phrase, topics in self._aliases.phrases.get(asked.words[start], ()):
                if asked.words[start : start + len(phrase)] == phrase:
                    share = min(1.0, sum(self._rarity_of(w) for w in set(phrase) if w in asked.content) / total)
                    for topic in topics:
                        found[topic] = max(found.get(topic, 0.0), 0.5 + 0.5 * share)
        return found

    def _unknown(self, asked: _Asked, topic: str) -> float:
        """Return the share of the question's content, by rarity, that the topic never mentions."""
        known = self._topics[topic]
        total = sum(self._rarity_of(word) for word in asked.content)
        meant = {word for m in asked.meanings if _says(known, m) for word in m.phrase}
        missing = [word for word in asked.content if word not in known and word not in meant]
        return sum(self._rarity_of(word) for word in missing) / total if total else 1.0


@dataclass(frozen=True, slots=True)
class _Aliases:
    """Names of topics: stem phrases by their first stem, and single words long enough to correct a slip to."""

    phrases: Mapping[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]
    names: tuple[str, ...]


def _topic_of(passage: Passage) -> str:
    return passage.id.partition("#")[0]


def _section_of(passage: Passage) -> str:
    return passage.id.partition("#")[2]


def _says(known: frozenset[str], meaning: Meaning) -> bool:
    """Say whether a topic uses some phrase of a meaning; function words count as used."""
    return any(all(word in known or word in STOP_WORDS for word in phrase) for phrase in meaning.group)


def _candidates(dense: Scores, words: Scores) -> list[int]:
    if len(dense) <= _CANDIDATES:
        return list(range(len(dense)))
    best = {*np.argpartition(-dense, _CANDIDATES)[:_CANDIDATES], *np.argpartition(-words, _CANDIDATES)[:_CANDIDATES]}
    return sorted(int(number) for number in best)


def _rarities(index: Index) -> dict[str, float]:
    """Return BM25's inverse document frequency of every stem; under "" that of a stem nobody uses."""
    pointers, total = index.lexical.scores["indptr"], len(index.passages)
    counts = np.diff(pointers)
    rarity = np.log(1 + (total - counts + 0.5) / (counts + 0.5))
    known = {word: float(rarity[i]) for word, i in index.lexical.vocab_dict.items() if word}
    return {**known, "": math.log(1 + (total + 0.5) / 0.5)}


def _topic_words(passages: Sequence[Passage]) -> dict[str, frozenset[str]]:
    words: dict[str, set[str]] = {}
    for passage in passages:
        text = " ".join((passage.title, passage.section, *passage.synonyms, passage.text))
        words.setdefault(_topic_of(passage), set()).update(content_stems(text))
    return {topic: frozenset(found) for topic, found in words.items()}


def _aliases(passages: Sequence[Passage]) -> _Aliases:
    topics: dict[tuple[str, ...], set[str]] = {}
    names: set[str] = set()
    for passage in passages:
        for alias in (passage.title, *passage.synonyms):
            phrase = tuple(stems(alias))
            if phrase and content_stems(alias):
                topics.setdefault(phrase, set()).add(_topic_of(passage))
            names.update(word for word in raw_words(alias) if len(word) >= 6 and word not in STOP_WORDS)
        for brand in _brands(passage):
            topics.setdefault((brand,), set()).add(_topic_of(passage))
    phrases: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for phrase, found in sorted(topics.items()):
        phrases.setdefault(phrase[0], []).append((phrase, tuple(sorted(found))))
    return _Aliases({first: tuple(rows) for first, rows in phrases.items()}, tuple(sorted(names)))


def _brands(passage: Passage) -> list[str]:
    """Return the stems of names of several words that are known by their first: Ventolin HFA, Toprol-XL."""
    first = [raw_words(alias)[0] for alias in passage.synonyms if alias[:1].isupper() and len(raw_words(alias)) > 1]
    return [stem(word) for word in first if len(word) >= 5 and stem(word) not in content_stems(passage.title)]


def _one_slip(word: str, name: str) -> bool:
    """Say whether one letter added, left out, changed or swapped with its neighbour makes one word of the other."""
    if abs(len(word) - len(name)) > 1 or word[0] != name[0]:
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, name, strict=False)) if a != b), min(len(word), len(name)))
    rest, other = word[start:], name[start:]
    swapped = rest[:2] == other[:2][::-1] and rest[2:] == other[2:]
    return rest[1:] == other[1:] or rest[1:] == other or rest == other[1:] or swapped
