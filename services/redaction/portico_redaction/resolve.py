"""From everything the recognisers found to one list of spans: overlaps settled, repeated names found.

No character that any recogniser took is ever given back: where two overlap, the better one keeps its whole extent and
the other keeps what is left of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import regex

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S
from portico_redaction.recognisers.word_lists import is_ordinary_word

_WORD = regex.compile(r"[^\W\d_](?:[^\W\d_]|['-](?=[^\W\d_]))+")
_EDGES = " \t\r\n,;:.!?\"'()[]#-/|&"
_BRIDGES = {PhiType.NAME: regex.compile(r" {1,2}"), PhiType.GEOGRAPHIC: regex.compile(r"[\s,]{1,4}")}
"""What may stand between two pieces of one name or one address."""


def settle_overlaps(text: str, spans: Iterable[PhiSpan]) -> tuple[PhiSpan, ...]:
    """Return spans that do not overlap, in reading order: same class joins, else the higher score goes first."""
    kept: list[PhiSpan] = []
    for span in sorted(_join_same_class(text, spans), key=lambda s: (-s.score, s.start - s.end, s.start)):
        kept.extend(_what_is_left(text, span, kept))
    return tuple(sorted(kept, key=lambda s: s.start))


def repeated_names(text: str, spans: Sequence[PhiSpan]) -> list[PhiSpan]:
    """Find every other occurrence of the names already found: whole, whatever the case; a part of one, capitalised."""
    whole: set[str] = set()
    parts: set[str] = set()
    for span in spans:
        if span.type is PhiType.NAME:
            words = [word for word in _WORD.findall(text[span.start : span.end]) if len(word) > 2]
            if len(words) > 1 or (words and not is_ordinary_word(words[0])):
                whole.add(r"\s+".join(map(regex.escape, words)))
            parts.update(regex.escape(word) for word in words if word[0].isupper() and not is_ordinary_word(word))
    return [*_occurrences(text, whole, regex.IGNORECASE), *_occurrences(text, parts, 0)]


def _occurrences(text: str, patterns: set[str], flags: int) -> list[PhiSpan]:
    if not patterns:
        return []
    longest_first = sorted(patterns, key=len, reverse=True)
    compiled = regex.compile(r"(?<!\w)(?:" + "|".join(longest_first) + r")(?!\w)", flags)
    matches = compiled.finditer(text, timeout=PATTERN_TIMEOUT_S)
    return [PhiSpan(match.start(), match.end(), PhiType.NAME, 0.8) for match in matches]


def _belong_together(text: str, first: PhiSpan, second: PhiSpan) -> bool:
    bridge = _BRIDGES.get(first.type)
    overlap = second.start < first.end
    return overlap or (bridge is not None and bridge.fullmatch(text, first.end, second.start) is not None)


def _join_same_class(text: str, spans: Iterable[PhiSpan]) -> list[PhiSpan]:
    joined: dict[PhiType, list[PhiSpan]] = {}
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        same = joined.setdefault(span.type, [])
        if same and _belong_together(text, same[-1], span):
            same[-1] = replace(same[-1], end=max(same[-1].end, span.end), score=max(same[-1].score, span.score))
        else:
            same.append(span)
    return [span for same in joined.values() for span in same]


def _what_is_left(text: str, span: PhiSpan, kept: Sequence[PhiSpan]) -> list[PhiSpan]:
    """Cut from a span what better ones cover; pieces without a letter or digit are dropped."""
    pieces = [(span.start, span.end)]
    for better in kept:
        if better.start < span.end and span.start < better.end:
            pieces = [
                part
                for start, end in pieces
                for part in ((start, min(end, better.start)), (max(start, better.end), end))
                if part[0] < part[1]
            ]
    if pieces == [(span.start, span.end)]:
        return [span]
    trimmed = [_trim(text, start, end) for start, end in pieces]
    return [PhiSpan(start, end, span.type, span.score) for start, end in trimmed if start < end]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _EDGES:
        start += 1
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    return start, end
