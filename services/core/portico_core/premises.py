"""Premises: the part of a passage that a sentence is held against, and how a model sees the two.

Training and the gateway share this file, so that the entailment model is asked exactly what it was taught. A passage
may be long and a model's window is short; what decides is nearly always one sentence and its neighbours, which carry
the subject of an "it". Two places are tried, because the words that overlap most need not be those that decide.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

MAX_PREMISE_WORDS = 64
"""Words of one premise; with a sentence of the greatest length it stays under 256 word pieces."""
PLACES = 2
"""Premises tried for each passage."""

_SPLIT = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])|\n\s*\n|\n\s*[-*•]\s*")
_WORD = re.compile(r"[^\W_]+")
_STEM_LETTERS = 5
_SMALL_TEXT = """
    a an and are as at be been but by can do does for from had has have if in is it its may not of on or so some than
    that the their them then there these they this to was were when which who will with you your
"""
_SMALL = frozenset(_SMALL_TEXT.split())


def split_sentences(text: str) -> list[str]:
    """Split text where a sentence ends and a capital, a digit or a list item follows."""
    return [piece.strip() for piece in _SPLIT.split(text) if piece and piece.strip()]


def premises_of(sentence: str, passage: str) -> list[str]:
    """Return the one or two stretches of a passage in which a sentence could be said, the likelier first."""
    pieces = _sentences(passage)
    if sum(_length(piece) for piece in pieces) <= MAX_PREMISE_WORDS or len(pieces) < 2:
        return [" ".join(passage.split()[: 3 * MAX_PREMISE_WORDS])]
    shares = _shares(sentence, pieces)
    found: list[str] = []
    taken: set[int] = set()
    for centre in sorted(range(len(pieces)), key=lambda i: (-shares[i], i)):
        if len(found) == PLACES:
            break
        if centre not in taken:
            first, last = _stretch(centre, pieces)
            taken.update(range(first, last + 1))
            found.append(" ".join(" ".join(pieces[first : last + 1]).split()[: 3 * MAX_PREMISE_WORDS]))
    return found


def _stretch(centre: int, pieces: Sequence[str]) -> tuple[int, int]:
    """Return the first and last sentence around a centre, what stands before it first, within the length."""
    first = last = centre
    words = _length(pieces[centre])
    grown = True
    while grown:
        grown = False
        if first > 0 and words + _length(pieces[first - 1]) <= MAX_PREMISE_WORDS:
            first, words, grown = first - 1, words + _length(pieces[first - 1]), True
        if last + 1 < len(pieces) and words + _length(pieces[last + 1]) <= MAX_PREMISE_WORDS:
            last, words, grown = last + 1, words + _length(pieces[last + 1]), True
    return first, last


def _shares(sentence: str, pieces: Sequence[str]) -> list[float]:
    """Return for each piece how much of the sentence it holds; words that stand in many pieces tell less."""
    stems = [content_stems(piece) for piece in pieces]
    counts = Counter(stem for held in stems for stem in held)
    wanted = content_stems(sentence)
    return [sum(1 / counts[stem] for stem in wanted & held) for held in stems]


@lru_cache(maxsize=8192)
def content_stems(text: str) -> frozenset[str]:
    """Return the first letters of the words of a text that carry meaning."""
    words = (word.lower() for word in _WORD.findall(text))
    return frozenset(word[:_STEM_LETTERS] for word in words if word not in _SMALL)


@lru_cache(maxsize=2048)
def _sentences(passage: str) -> tuple[str, ...]:
    return tuple(split_sentences(passage))


def _length(text: str) -> int:
    return text.count(" ") + 1
