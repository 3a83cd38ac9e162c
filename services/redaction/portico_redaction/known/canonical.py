"""Text with accents taken off and the slips in known words put right, and the way back to where it was written.

Patterns of addresses and written-out dates run over it, so that none needs to know every way of mistyping a street.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from portico_redaction.known.fuzzy import Neighbours
from portico_redaction.known.lists import is_other_word
from portico_redaction.known.name_forms import RUN
from portico_redaction.recognisers.word_lists import fold_name


@dataclass(frozen=True, slots=True)
class CanonicalText:
    """Canonical text; a piece that begins at `starts[i]` stands for `text[given[i][0] : given[i][1]]`."""

    text: str
    starts: tuple[int, ...]
    given: tuple[tuple[int, int], ...]

    def original_range(self, start: int, end: int) -> tuple[int, int]:
        """Map a non-empty range back; a piece that was changed counts as a whole."""
        return self._map(start)[0], self._map(end - 1)[1]

    def _map(self, at: int) -> tuple[int, int]:
        if not self.starts:
            return at, at + 1
        piece = bisect_right(self.starts, at) - 1
        first, last = self.given[piece]
        length = (self.starts[piece + 1] if piece + 1 < len(self.starts) else len(self.text)) - self.starts[piece]
        if length == last - first:
            return first + at - self.starts[piece], first + at - self.starts[piece] + 1
        return first, last


def canonical(text: str, words: Neighbours) -> CanonicalText:
    """Return the canonical form of folded text, with slips of the given words put right."""
    pieces: list[str] = []
    given: list[tuple[int, int]] = []
    done = 0
    for start, end, word in _changes(text, words):
        pieces.extend((text[done:start], word))
        given.extend(((done, start), (start, end)))
        done = end
    pieces.append(text[done:])
    given.append((done, len(text)))
    return _assemble(pieces, given)


def _changes(text: str, words: Neighbours) -> Iterable[tuple[int, int, str]]:
    for match in RUN.finditer(text):
        written = match.group()
        plain = written if written.isascii() else _without_accents(written)
        key = fold_name(plain)
        near = None if key in words else next(words.find(key), None)
        if near is not None and not is_other_word(key):
            yield match.start(), match.end(), near
        elif plain != written:
            yield match.start(), match.end(), plain


def _without_accents(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)).replace("ß", "ss")


def _assemble(pieces: list[str], given: list[tuple[int, int]]) -> CanonicalText:
    kept = [(piece, where) for piece, where in zip(pieces, given, strict=True) if piece]
    starts, at = [], 0
    for piece, _ in kept:
        starts.append(at)
        at += len(piece)
    return CanonicalText("".join(piece for piece, _ in kept), tuple(starts), tuple(where for _, where in kept))
