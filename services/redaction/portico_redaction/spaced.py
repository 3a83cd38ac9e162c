"""A view of the text in which characters spread out one by one stand together: "1 2 3 - 4 5 - 6 7 8 9", a digit a
line.

A run is five or more single letters and digits with white space or punctuation between them, and holds five digits or
an "@", or reads like a web address. White space goes; of the punctuation, what stands between nearly all of them goes
too. Without a cue (`number_cues`) readings stay as they are: counts, lists with commas, and fewer than nine digits on
a line.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import regex

from portico_redaction.normalise import Edit
from portico_redaction.number_cues import announces_number, is_count

_ONE = r"[A-Za-z0-9@](?![A-Za-z0-9@])"
_GAP = r"[\s./:_()*|,;+#-]{1,12}+"
_RUN = regex.compile(rf"(?<![A-Za-z0-9@])(?:[(+#]\s{{1,3}})?{_ONE}(?:{_GAP}{_ONE}){{4,}}+")
_SINGLE = regex.compile(r"[A-Za-z0-9@]")
_LEAST_DIGITS = 5
_LEAST_WITHOUT_CUE = 9
_NEARLY_ALL = 0.8
_WORDS = frozenset("aAiIyoe")
"""Single letters that are words of English or Spanish; at the edge of a number they belong to the sentence."""


def spaced_edits(text: str) -> Iterator[Edit]:
    """Yield, in reading order, what closes up characters that are spread out."""
    for match in _RUN.finditer(text):
        singles = _trim([*_SINGLE.finditer(text, *match.span())])
        if len(singles) > 4 and _is_identifier(text, singles):
            first = singles[0].start()
            if text[match.start()] in "(+#" and match.start() + 1 < first:
                yield Edit(match.start() + 1, first, "")
            yield from _edits_of(text, singles)


def _trim(singles: list[regex.Match[str]]) -> list[regex.Match[str]]:
    if any(single.group() == "@" for single in singles):
        return singles
    while singles and singles[0].group() in _WORDS:
        singles = singles[1:]
    while singles and singles[-1].group() in _WORDS:
        singles = singles[:-1]
    return singles


def _is_identifier(text: str, singles: Sequence[regex.Match[str]]) -> bool:
    """Say whether a run is a spread-out identifier rather than letters of a list or readings in a row."""
    characters = [single.group() for single in singles]
    gaps = _gaps(text, singles)
    digits = [int(character) for character in characters if character.isdigit()]
    if "@" in characters or _reads_like_address(characters, gaps):
        return True
    if len(digits) < _LEAST_DIGITS:
        return False
    if announces_number(text, singles[0].start()):
        return True
    if (
        is_count(digits)
        or any(":" in gap or ";" in gap for gap in gaps)
        or sum("," in gap for gap in gaps) > len(gaps) / 2
    ):
        return False
    marked = any(gap.strip() for gap in gaps)
    return marked or "\n" in gaps[0] or len(digits) >= _LEAST_WITHOUT_CUE


def _reads_like_address(characters: Sequence[str], gaps: Sequence[str]) -> bool:
    """Say whether letters read like "w w w . …" or "h t t p …"."""
    return "".join(characters[:4]).lower().startswith(("www", "http")) and any("." in gap for gap in gaps)


def _gaps(text: str, singles: Sequence[regex.Match[str]]) -> list[str]:
    return [text[one.end() : other.start()] for one, other in pairwise(singles)]


def _edits_of(text: str, singles: Sequence[regex.Match[str]]) -> Iterator[Edit]:
    gaps = _gaps(text, singles)
    kept = ["".join(gap.split()) for gap in gaps]
    mark, times = Counter(kept).most_common(1)[0]
    between = mark if times >= _NEARLY_ALL * len(gaps) else ""
    for single, gap, marks in zip(singles, gaps, kept, strict=False):
        yield Edit(single.end(), single.end() + len(gap), "" if marks == between else marks)
