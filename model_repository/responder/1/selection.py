"""Which sentences of approved passages answer a question. Pure functions over texts and vectors.

Extractive by construction: whatever goes wrong here, the words are words that a reviewer has approved.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Chosen on the authored questions for development (tests/reliability/answer_losses.py); see MODEL_CARD.md.
LEXICAL_WEIGHT = 0.2
RANK_WEIGHT = 0.08  # what each later passage of the retrieval's order costs
LEAST_SCORE = 0.3
SCORE_MARGIN = 0.22
OTHER_PASSAGE_MARGIN = 0.2
FIRST_PASSAGE_MARGIN = 0.3  # of the passage that the retrieval puts first: it knows which section was asked for
DUPLICATE_COSINE = 0.93
MOST_SENTENCES = 4
MOST_PASSAGES = 3
MOST_OF_ANOTHER = 1  # sentences of a passage that is not the main one

_END = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+|\n+")
_ABBREVIATION = re.compile(r"(?:\b(?:Dr|Mr|Mrs|Ms|St|vs|etc|approx|e\.g|i\.e|a\.m|p\.m)|\b[A-Z]\.[A-Z])\.$")
_BULLET = re.compile(r"^(?:[-*•]|\d+[.)])\s+")
# A sentence that begins like this says nothing without the one before it.
_DEPENDENT = re.compile(r"^(?:it|they|this|these|that|those|he|she|but|however|also|then|instead|otherwise)\b", re.I)
_WORD = re.compile(r"[a-z0-9]+")
_STOP_WORDS = frozenset(  # As one text they can be read; a list of quoted words cannot.
    """
    a about an and any are as at be before by can did do does for from get had has have how i if in is it its may me
    my need of on one or our should so some take than that the their them then there these they this to was we what
    when where which while who why will with would you your
    """.split()  # noqa: SIM905
)

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sentence:
    """An exact sentence of a passage, with its place."""

    text: str
    passage: int
    position: int


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence, its vector, and how well it answers the question."""

    sentence: Sentence
    vector: Vector
    score: float


def split_sentences(text: str, passage: int) -> list[Sentence]:
    """Split a passage; every result is a substring of it."""
    pieces: list[str] = []
    start = 0
    for end in _END.finditer(text):
        if "\n" not in end.group() and _ABBREVIATION.search(text[start : end.start()]):
            continue
        pieces.append(text[start : end.end()])
        start = end.end()
    pieces.append(text[start:])
    found = (_BULLET.sub("", piece.strip()) for piece in pieces)
    return [Sentence(piece, passage, i) for i, piece in enumerate(p for p in found if _WORD.search(p.lower()))]


def score_sentence(question: str, question_vector: Vector, sentence: Sentence, vector: Vector) -> Scored:
    """Score by meaning (cosine), with a small bonus for the question's own words and for an early passage."""
    asked = _content_words(question)
    shared = len(asked & _content_words(sentence.text)) / len(asked) if asked else 0.0
    meaning = float(question_vector @ vector)
    return Scored(sentence, vector, meaning + LEXICAL_WEIGHT * shared - RANK_WEIGHT * sentence.passage)


def select_sentences(scored: Sequence[Scored]) -> list[Sentence]:
    """Choose one to four sentences, in the order of the passages; none where nothing is close enough.

    The best sentence decides the main passage; others of it may be a little worse, those of one more passage
    must be almost as good.
    """
    if not scored or (best := max(scored, key=lambda s: s.score)).score < LEAST_SCORE:
        return []
    chosen: list[Scored] = []
    for candidate in sorted(scored, key=lambda s: -s.score):
        if len(chosen) < MOST_SENTENCES and _is_wanted(candidate, best, chosen):
            chosen.append(candidate)
    return _arrange([c.sentence for c in chosen], best.sentence, [s.sentence for s in scored])


def _is_wanted(candidate: Scored, best: Scored, chosen: Sequence[Scored]) -> bool:
    passages = {c.sentence.passage for c in chosen} | {candidate.sentence.passage}
    is_main = candidate.sentence.passage == best.sentence.passage
    said = sum(c.sentence.passage == candidate.sentence.passage for c in chosen)
    margin = SCORE_MARGIN if is_main else OTHER_PASSAGE_MARGIN
    if candidate.sentence.passage == 0 and not said:
        margin = FIRST_PASSAGE_MARGIN
    return (
        candidate.score >= max(LEAST_SCORE, best.score - margin)
        and (is_main or said < MOST_OF_ANOTHER)
        and len(passages) <= MOST_PASSAGES
        and not any(_is_duplicate(candidate, other) for other in chosen)
    )


def _is_duplicate(one: Scored, other: Scored) -> bool:
    same_words = _content_words(one.sentence.text) == _content_words(other.sentence.text)
    return same_words or float(one.vector @ other.vector) >= DUPLICATE_COSINE


def _arrange(chosen: Sequence[Sentence], best: Sentence, known: Sequence[Sentence]) -> list[Sentence]:
    """Put the main passage first, each in its own order, without sentences that hang in the air."""
    kept: list[Sentence] = []
    for sentence in sorted(chosen, key=lambda s: (s.passage != best.passage, s.passage, s.position)):
        if not _hangs(sentence) or any(_follows(sentence, other) for other in kept):
            kept.append(sentence)
    return kept or _with_lead(best, known)


def _with_lead(sentence: Sentence, known: Sequence[Sentence]) -> list[Sentence]:
    """Return a sentence with those before it that it leans on; none if they are too many."""
    run = [sentence]
    while _hangs(run[0]) and (before := next((k for k in known if _follows(run[0], k)), None)):
        run.insert(0, before)
    return run if len(run) <= MOST_SENTENCES else []


def _hangs(sentence: Sentence) -> bool:
    return _DEPENDENT.match(sentence.text) is not None


def _follows(sentence: Sentence, other: Sentence) -> bool:
    return (other.passage, other.position + 1) == (sentence.passage, sentence.position)


def _content_words(text: str) -> frozenset[str]:
    words = (w for w in _WORD.findall(text.lower()) if w not in _STOP_WORDS)
    return frozenset(re.sub(r"(?:ing|ed|es|s)$", "", w) if len(w) > 4 else w for w in words)
