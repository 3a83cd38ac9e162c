"""Where a form can begin, worked out from its own pattern, so that most forms look at a few words of a text instead of at every character.

Several hundred forms read every message, and most begin with one of a few words. For each form the first letters of all that it can match are
found once, by trying them (`partial=True` says whether a text could still become a match); afterwards it is tried only where a word of the text
begins so. A form that can begin inside a word, with a sign, or with a letter that no list can hold is searched for everywhere.
`tests/unit/redaction/test_first_letters.py` holds both ways of looking against each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from time import thread_time

import regex

LETTERS = 3
_ASCII = "".join(chr(code) for code in range(32, 127)) + "\n\t"
_UNLISTED = "éßЯж中ا"
"""Letters of the kind that a pattern takes by class only; one that is taken so leaves the beginning open."""

MAX_BEGINNINGS = 400
"""A form with more of them fits most words, and is found sooner by one search."""

_BEFORE = "azAZ09"
_WORD_START = regex.compile(r"(?<![A-Za-z0-9])[^\W_]")


Places = Mapping[int, Sequence[int]]
_NOWHERE: tuple[int, ...] = ()


class FirstLetters:
    """The beginnings of every form of every recogniser, looked up together by the first letters of a word.

    The places of the last text are kept, because all recognisers ask for the same text in a row: positions only, under the text's
    hash and length and the number of forms known then, never a letter of it.
    """

    def __init__(self) -> None:
        self._exact: dict[str, list[int]] = {}
        self._any_case: dict[str, list[int]] = {}
        self._known: dict[tuple[str, int], int | None] = {}
        self._last: tuple[tuple[int, int, int], Places] = ((0, -1, 0), {})

    def number_of(self, pattern: str, flags: int) -> int | None:
        """Return the number under which the places of a form are found, or None for a form that may begin anywhere."""
        form = (pattern, flags)
        if form not in self._known:
            letters = beginnings(pattern, flags)
            self._known[form] = None if letters is None else len(self._known)
            for start in letters or ():
                index = self._any_case if flags & regex.IGNORECASE else self._exact
                index.setdefault(start, []).append(len(self._known) - 1)
        return self._known[form]

    def places(self, text: str) -> Places:
        """Return where each form may begin, in order; a form that may begin nowhere is not in it."""
        key = (hash(text), len(text), len(self._known))
        last, places = self._last
        if last != key:
            places = self._find(text)
            self._last = (key, places)
        return places

    def _find(self, text: str) -> Places:
        found: dict[int, list[int]] = {}
        for match in _WORD_START.finditer(text):
            place = match.start()
            letters = text[place : place + LETTERS]
            for number in self._exact.get(letters, _NOWHERE):
                found.setdefault(number, []).append(place)
            for number in self._any_case.get(letters.lower(), _NOWHERE):
                found.setdefault(number, []).append(place)
        return found


FIRST_LETTERS = FirstLetters()


@cache
def compile_form(pattern: str, flags: int) -> regex.Pattern[str]:
    """Compile a form once for everybody, past the cache of the regex module: it holds 500 patterns, and there are 300 forms."""
    return regex.compile(pattern, flags, cache_pattern=False)


@cache
def beginnings(pattern: str, flags: int) -> frozenset[str] | None:
    """Return the first letters of all that a pattern matches, in lower case where case does not matter; None if they are open."""
    compiled = compile_form(pattern, flags)
    loose = _without_borders(pattern, flags)
    letters = _ASCII + "".join(c for c in set(pattern) if not c.isascii())
    if flags & regex.IGNORECASE:
        letters = "".join(sorted(set(letters.lower())))
    found = [""]
    for _ in range(LETTERS):
        if any(_may_begin(loose, start + c) for start in found for c in _UNLISTED if c not in letters):
            return None
        found = list(
            islice((start + c for start in found for c in letters if _may_begin(loose, start + c)), MAX_BEGINNINGS + 1)
        )
        if len(found) > MAX_BEGINNINGS:
            return None
    inside = any(compiled.match(before + start, 1, partial=True) for before in _BEFORE for start in _firsts(found))
    sign = any(not start[0].isalnum() for start in found)
    return None if inside or sign or not found else frozenset(found)


def matches_at(
    compiled: regex.Pattern[str], text: str, places: Sequence[int], timeout_s: float
) -> Iterator[regex.Match[str]]:
    """Yield what `finditer` would, trying only at the places given; raise TimeoutError when they take too long together."""
    end, deadline = 0, thread_time() + timeout_s
    for place in places:
        if place < end:
            continue
        if match := compiled.match(text, place, timeout=timeout_s):
            end = match.end()
            yield match
        if thread_time() > deadline:
            raise TimeoutError


def _without_borders(pattern: str, flags: int) -> regex.Pattern[str]:
    """Return the form without its word borders but the first.

    At the end of a text that goes on, a border is judged as if it did not: "va " could not become r"va \\bnumber" by partial matching.
    """
    first = pattern.startswith(r"\b")
    rest = pattern[2 * first :].replace(r"\b", "")
    return compile_form(r"\b" * first + rest, flags)


def _firsts(found: Sequence[str]) -> set[str]:
    """Return the beginnings, and their first letters alone: behind a sign or blank a word border is misjudged."""
    return {*found, *(start[0] for start in found)}


def _may_begin(compiled: regex.Pattern[str], start: str) -> bool:
    return compiled.match(start, partial=True) is not None
