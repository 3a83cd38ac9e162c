"""Words within one typing slip of known ones: a letter wrong, missing, doubled, or two changed round.

Deletion neighbourhoods (as in SymSpell, https://github.com/wolfgarbe/SymSpell): two words within one edit share a word
that is left of both when at most one letter is taken out, so a look-up costs as many steps as the word has letters,
whatever the number of known words.
"""

from collections.abc import Iterable, Iterator

SHORTEST = 5
"""Known words below this length are matched exactly: one letter of four is another word."""


class Neighbours:
    """Look up which known word a word may be a slip of."""

    def __init__(self, words: Iterable[str]) -> None:
        self._near: dict[str, set[str]] = {}
        self._words = frozenset(words)
        for word in self._words:
            if len(word) >= SHORTEST:
                for left in _deletions(word):
                    self._near.setdefault(left, set()).add(word)

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def find(self, word: str) -> Iterator[str]:
        """Yield the known words within one edit of a word; the word itself is not looked for."""
        if not self._near or not SHORTEST - 1 <= len(word) <= 40:
            return
        candidates: set[str] = set()
        for left in _deletions(word):
            candidates |= self._near.get(left, _NONE)
        yield from sorted(known for known in candidates if known != word and within_one_edit(word, known))


_NONE: frozenset[str] = frozenset()


def within_one_edit(one: str, other: str) -> bool:
    """Say whether one insertion, deletion, replacement or change of neighbours makes one word of the other."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    if len(left) <= 1 and len(right) <= 1:
        return True
    return len(left) == len(right) == 2 and left == right[::-1]


def _deletions(word: str) -> Iterator[str]:
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
