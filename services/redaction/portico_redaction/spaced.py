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
_LEAST_CODE = 9
_ADDRESS = regex.compile(r"w{3}|http", regex.IGNORECASE)


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
    """Drop what belongs to the sentence: "a", "I", and small letters at an edge, unless an address is spread out."""
    joined = "".join(single.group() for single in singles)
    if "@" in joined:
        return singles
    if address := _ADDRESS.search(joined):
        return singles[address.start() :]
    start, end = 0, len(singles)
    while start < end and _is_word(joined[start : start + 2]):
        start += 1
    while end > start and _is_word(joined[max(start, end - 2) : end][::-1]):
        end -= 1
    return singles[start:end]


def _is_word(edge: str) -> bool:
    """Say whether a letter at an edge is a word: a small one, or "A" and "I" beside no other capital."""
    return edge[0].islower() or (edge[0] in "AI" and not edge[1:].isupper())


def _is_identifier(text: str, singles: Sequence[regex.Match[str]]) -> bool:
    """Say whether a run is a spread-out identifier rather than letters of a list or readings in a row."""
    joined = "".join(single.group() for single in singles)
    gaps = _gaps(text, singles)
    digits = [int(character) for character in joined if character.isdigit()]
    if "@" in joined or (_ADDRESS.match(joined) and any("." in gap for gap in gaps)):
        return True
    if len(digits) < _LEAST_DIGITS:
        return False
    if announces_number(text, singles[0].start()):
        return True
    listed = sum("," in gap for gap in gaps) > len(gaps) / 2
    if listed or is_count(digits) or any(":" in gap or ";" in gap for gap in gaps):
        return False
    coded = len(joined) > len(digits) and len(joined) >= _LEAST_CODE
    return coded or any(gap.strip() for gap in gaps) or "\n" in gaps[0] or len(digits) >= _LEAST_WITHOUT_CUE


def _gaps(text: str, singles: Sequence[regex.Match[str]]) -> list[str]:
    return [text[one.end() : other.start()] for one, other in pairwise(singles)]


def _edits_of(text: str, singles: Sequence[regex.Match[str]]) -> Iterator[Edit]:
    gaps = _gaps(text, singles)
    kept = ["".join(gap.split()) for gap in gaps]
    mark, times = Counter(kept).most_common(1)[0]
    between = mark if times >= _NEARLY_ALL * len(gaps) else ""
    for single, gap, marks in zip(singles, gaps, kept, strict=False):
        yield Edit(single.end(), single.end() + len(gap), "" if marks == between else marks)
