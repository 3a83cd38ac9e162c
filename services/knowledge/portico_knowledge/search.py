"""Find the passages that answer a question: meaning and words together, exact and deterministic.

First the topic, then the section. A question is read in the topics' own words (`wording`: Xanax becomes alprazolam),
because the encoder knows few brands. Each topic gets figures that compare across questions, and from them the chance
that it answers (`confidence.py`); its passages stand in the order of meaning, words and the section asked for
(`sections.py`). A passage's `score` is its topic's chance, a little less for each place behind the topic's best.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from portico_core.knowledge import FoundPassage, Subjects
from portico_knowledge.confidence import GOOD_ENOUGH, Confidence, Figures, built_in_confidence
from portico_knowledge.engine import (
    Candidate,
    Candidates,
    Floats,
    PassageEngine,
    Wanted,
    Words,
    section_of,
    topic_of,
)
from portico_knowledge.index import Index
from portico_knowledge.memory_engine import MemoryEngine
from portico_knowledge.names import FULL, Name, Naming, TopicNames, in_topics_words
from portico_knowledge.outside import OtherNames, outside_words
from portico_knowledge.sections import SectionModel, built_in_sections
from portico_knowledge.synonyms import Meaning, expand, find_meanings
from portico_knowledge.words import STOP_WORDS, content_stems, raw_words, stem

__all__ = ["GOOD_ENOUGH", "HybridSearch"]

RANK_DENSE, RANK_LEXICAL, RANK_EXPANDED, RANK_UNKNOWN, RANK_SECTION = 9.0, 2.0, 1.0, 3.0, 0.8
"""What orders passages: the last by section within a topic; chosen on the authored questions (evaluation/README.md)."""

_SIBLING = 0.05  # what a point of that order costs of a score: a topic's passages stay together


@dataclass(frozen=True, slots=True)
class Asked:
    """A question taken apart. `content` are its telling stems, each with its rarity.

    `rest` are the stems that name no topic, `own` those that do.
    """

    words: tuple[str, ...]
    stems: tuple[str, ...]
    namings: tuple[Naming, ...]
    content: Mapping[str, float]
    meanings: tuple[Meaning, ...]
    other_name: bool
    outside: tuple[str, ...] | None

    @property
    def taken(self) -> frozenset[int]:
        """Return the places of the words that name topics."""
        return frozenset(place for naming in self.namings for place in range(naming.start, naming.end))

    @property
    def rest(self) -> tuple[str, ...]:
        """Return the stems that name no topic."""
        return tuple(word for place, word in enumerate(self.stems) if place not in self.taken)

    @property
    def own(self) -> frozenset[str]:
        """Return the stems that name topics."""
        return frozenset(self.stems[place] for place in self.taken)


@dataclass(frozen=True, slots=True)
class TopicFound:
    """A topic with its figures and its candidate passages, best first, each with the rank that ordered them."""

    topic: str
    figures: Figures
    passages: tuple[tuple[int, float], ...]


class HybridSearch:
    """Search the passages of one engine. Holds no question; two searches of one question give one result."""

    def __init__(
        self,
        passages: Index | PassageEngine,
        *,
        confidence: Confidence | None = None,
        sections: SectionModel | None = None,
    ) -> None:
        """Search an index in this process, or the passages that an engine holds."""
        self._engine = MemoryEngine(passages) if isinstance(passages, Index) else passages
        self._confidence = confidence or built_in_confidence()
        self._sections = sections or built_in_sections()
        catalogue = self._engine.catalogue
        self._rarity, self._has_sections = catalogue.rarity, catalogue.has_sections
        self._names = TopicNames(catalogue.topics)
        self._other_names = OtherNames(self._names.phrases)
        self.topic_ids = tuple(sorted(topic_of(passage.id) for passage in catalogue.topics))

    def wording(self, question: str) -> str:
        """Return the question to encode: each name in the words of its topic; a question without one as it is."""
        asked = self.take_apart(question)
        return in_topics_words(asked.words, asked.namings) if any(n.name.title for n in asked.namings) else question

    def subjects(self, text: str) -> Subjects:
        """Return the topics that a text names (by parts of names only where no whole one stands) and other names."""
        asked = self.take_apart(text)
        whole = frozenset(topic for n in asked.namings if n.name.strength >= FULL for topic in n.name.topics)
        parts = frozenset(topic for n in asked.namings for topic in n.name.topics)
        others = self._other_names.found_in(asked.stems, apart_from=asked.taken)
        return Subjects(whole or parts, frozenset(" ".join(phrase) for phrase in others))

    def search(self, question: str, vector: Floats, *, k: int = 10) -> tuple[FoundPassage, ...]:
        """Return the k best passages, best first; equal scores in the order of the index.

        `vector` is the unit vector of the question's `wording`, shape [384] or [1, 384].
        """
        scored = [
            (self._confidence.of(found.figures) * math.exp(_SIBLING * (rank - found.passages[0][1])), number)
            for found in self.topics(question, vector)
            for number, rank in found.passages
        ]
        best = sorted(scored, key=lambda item: (-item[0], item[1]))[:k]
        served = self._engine.passages([number for _, number in best])
        return tuple(FoundPassage(served[number], score) for score, number in best if number in served)

    def topics(self, question: str, vector: Floats) -> list[TopicFound]:
        """Return every candidate topic with its figures, in the order of the index."""
        asked, vector = self.take_apart(question), np.asarray(vector, dtype=np.float32).reshape(-1)
        candidates = self._engine.candidates(self._wanted(asked, vector))
        section = self._sections.scores(" ".join(asked.words), asked.rest, vector) if self._has_sections else {}
        grouped: dict[str, list[Candidate]] = {}
        for candidate in candidates.found:
            grouped.setdefault(topic_of(candidate.passage_id), []).append(candidate)
        unknown = {topic: self._unknown(asked, topic, candidates) for topic in grouped}
        likeness = {
            topic: max(map(_rank, rows)) / RANK_DENSE - RANK_UNKNOWN / RANK_DENSE * unknown[topic]
            for topic, rows in grouped.items()
        }
        two = sorted(likeness.values(), reverse=True)[:2]
        return [
            TopicFound(
                topic,
                self._figures(
                    asked,
                    topic,
                    likeness=likeness[topic],
                    margin=likeness[topic] - (two[-1] if likeness[topic] >= two[0] else two[0]),
                    lexical=max(row.lexical for row in rows),
                    unknown=unknown[topic],
                    says=candidates.says[topic],
                ),
                _in_order(rows, section),
            )
            for topic, rows in grouped.items()
        ]

    def take_apart(self, question: str) -> Asked:
        """Return what a question says, slips of the pen in names put right."""
        words = tuple(
            word if stem(word) in self._rarity else self._names.corrected(word) for word in raw_words(question)
        )
        stemmed, namings = tuple(stem(word) for word in words), self._names.find(words)
        taken = frozenset(place for naming in namings for place in range(naming.start, naming.end))
        return Asked(
            words=words,
            stems=stemmed,
            namings=namings,
            content={s: self._rarity_of(s) for w, s in zip(words, stemmed, strict=True) if w not in STOP_WORDS},
            meanings=find_meanings(stemmed),
            other_name=bool(self._other_names.found_in(stemmed, apart_from=taken)),
            outside=outside_words(" ".join(words)),
        )

    def _figures(
        self,
        asked: Asked,
        topic: str,
        *,
        likeness: float,
        margin: float,
        lexical: float,
        unknown: float,
        says: frozenset[str],
    ) -> Figures:
        named = self._named(asked, topic)
        outside = asked.outside is not None and not says.issuperset(asked.outside)
        return Figures(
            likeness=likeness,
            margin=margin,
            named=float(named is not None and named.strength >= FULL),
            named_in_part=float(named is not None and named.strength < FULL),
            share=self._share(asked, {word for n in asked.namings if topic in n.name.topics for word in n.name.stems}),
            named_likeness=likeness if named else 0.0,
            named_lexical=lexical if named else 0.0,
            named_unknown=unknown if named else 0.0,
            other_name=float(asked.other_name and named is None),
            outside=float(outside and self._has_sections),
            unnamed_medicine=float(named is None and topic.startswith("medicine.")),
        )

    def _named(self, asked: Asked, topic: str) -> Name | None:
        names = [naming.name for naming in asked.namings if topic in naming.name.topics]
        return max(names, key=lambda name: name.strength, default=None)

    def _wanted(self, asked: Asked, vector: Floats) -> Wanted:
        """Return what an engine may know of a question: its vector, and the stems of it that the passages use."""
        reworded = tuple(dict.fromkeys(content_stems(in_topics_words(asked.words, asked.namings))))
        wider = tuple(word for word in expand(asked.stems) if word not in STOP_WORDS)
        meant = (word for meaning in asked.meanings for phrase in meaning.group for word in phrase)
        telling = (*asked.content, *(asked.outside or ()), *meant)
        return Wanted(
            vector,
            said=self._words(tuple(asked.content)),
            reworded=self._words(reworded),
            wider=self._words(wider),
            asked=frozenset(word for word in telling if word and word in self._rarity),
        )

    def _words(self, stems: tuple[str, ...]) -> Words:
        return Words(tuple(s for s in stems if s in self._rarity), sum(self._rarity_of(s) for s in stems))

    def _rarity_of(self, word: str) -> float:
        return self._rarity.get(word, self._rarity[""])

    def _share(self, asked: Asked, words: frozenset[str] | set[str]) -> float:
        total = sum(asked.content.values())
        return sum(rarity for word, rarity in asked.content.items() if word in words) / total if total else 0.0

    def _unknown(self, asked: Asked, topic: str, candidates: Candidates) -> float:
        """Return the share of the question's content, by rarity, that the topic never mentions."""
        if not asked.content:
            return 1.0
        known = candidates.says[topic]
        if self._named(asked, topic):
            known |= asked.own
        missing = {word for word in asked.content if word not in known}
        for meaning in asked.meanings if missing else ():
            if _says(known, meaning):
                missing.difference_update(meaning.phrase)
        return self._share(asked, missing)


def _rank(row: Candidate) -> float:
    return RANK_DENSE * row.dense + RANK_LEXICAL * row.lexical + RANK_EXPANDED * row.expanded


def _in_order(rows: Sequence[Candidate], section: Mapping[str, float]) -> tuple[tuple[int, float], ...]:
    """Return a topic's candidates with their ranks, the section asked for counted, best first."""
    ranked = [(row.number, _rank(row) + RANK_SECTION * section.get(section_of(row.passage_id), 0.0)) for row in rows]
    return tuple(sorted(ranked, key=lambda row: (-row[1], row[0])))


def _says(known: frozenset[str], meaning: Meaning) -> bool:
    """Say whether a topic uses some phrase of a meaning; function words count as used."""
    return any(all(word in known or word in STOP_WORDS for word in phrase) for phrase in meaning.group)
