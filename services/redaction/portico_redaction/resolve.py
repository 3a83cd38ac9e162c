"""From everything the recognisers found to one list of spans: overlaps settled, repeated names found.

No character that any recogniser took is ever given back: where two overlap, the better one keeps its whole extent and
the other keeps what is left of it. Identifiers with a sure form of their own go first, the surer before the less sure;
among the others the longer one is better, because what lies inside a place is a part of it ("St. John's Hospital").
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import regex

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.private_patterns import compile_private
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S
from portico_redaction.recognisers.word_lists import (
    is_eponym,
    is_family_name,
    is_firm,
    is_given_name,
    is_listed_person,
    is_never_surname,
    is_ordinary_word,
)

_WORD = regex.compile(r"[^\W\d_](?:[^\W\d_]|['-](?=[^\W\d_]))+")
_EDGES = " \t\r\n,;:.!?\"'()[]#-/|&"
_SURE = 0.8
"""Least score of a form that may cut a name or a place in two: an e-mail address may, a group of digits may not."""

_LINK = r"(?:,? (?:and|&|or|y|e|o) |, )"
_LISTED = r"(?P<word>\p{Lu}[\p{L}'-]{2,24})"
_NEXT_NAME = regex.compile(rf"(?:{_LINK}{_LISTED}(?![\w'’-])){{1,6}}")
_NAME_BEFORE = regex.compile(rf"(?<![\w'’.-])(?:{_LISTED}{_LINK}){{1,6}}\Z")
_REACH = 120
_ARTICLE = regex.compile(
    r"(?:(?:the|our|my|his|her|their|your|an?|at|in|on|of|near|from|el|la|los|las|zip|code)\s+)+(?!corner|intersection)"
)
_NAME_GOES_ON = regex.compile(
    r"(?: [\"'(]\p{Lu}[\p{L}'-]{1,20}[\"')](?= \p{Lu}))?"
    r"(?: (?P<word>(?!I{2,3}\b|IV\b)\p{Lu}[\p{L}'-]{2,24}))?(?: (?:[jJsS]r\b\.?|I{2,3}\b|IV\b|2nd\b|3rd\b))?"
)
"""A family name that only its place after a given name tells, and a generation."""
_INITIAL_BEFORE = regex.compile(
    r"(?<![\w.'’-])(?<!\b(?:vitamin|hepatitis|part|type|plan|grade|class|factor|group|stage|step) )"
    r"(?P<initial>[a-hj-z]\. ?)\Z",
    regex.IGNORECASE,
)
_HAD = regex.compile(r"\b(?:my|his|her|the|have|has|had|with|for|of) \Z", regex.IGNORECASE)
_BEFORE_COMMA = regex.compile(r"(?P<word>[\p{L}-]+), ")
_BRIDGES = {
    PhiType.NAME: regex.compile(r" {1,2}| [\"'(]| ?[\"')] | [\"'(]\p{Lu}[\p{L}'-]{1,20}[\"')] "),
    PhiType.GEOGRAPHIC: regex.compile(r"[\s,]{1,4}"),
}
"""What may stand between two pieces of one name or one address."""


def settle_overlaps(text: str, spans: Iterable[PhiSpan]) -> tuple[PhiSpan, ...]:
    """Return spans that do not overlap, in reading order: same class joins, else the better one goes first."""
    kept: list[PhiSpan] = []
    for span in sorted(_join_same_class(text, spans), key=_precedence):
        kept.extend(what_is_left(text, span, kept))
    return tuple(sorted(kept, key=lambda s: s.start))


def _precedence(span: PhiSpan) -> tuple[bool, float, float, int]:
    """Order spans, the best first."""
    shorter, surer = float(span.start - span.end), -span.score
    has_form = span.type not in (PhiType.NAME, PhiType.GEOGRAPHIC) and span.score >= _SURE
    return not has_form, *((surer, shorter) if has_form else (shorter, surer)), span.start


def repeated_names(text: str, spans: Sequence[PhiSpan]) -> list[PhiSpan]:
    """Find every other occurrence of the names already found: whole, whatever the case; a part of one, capitalised.

    Most names stand once, and a pattern of names is compiled for one text only: words are counted before.
    """
    whole: set[str] = set()
    parts: set[str] = set()
    lowered = text.lower()
    for span in spans:
        if span.type is PhiType.NAME:
            words = [word for word in _WORD.findall(text[span.start : span.end]) if len(word) > 2]
            if _again(lowered, [word.lower() for word in words[:1]]) and (
                len(words) > 1 or not is_ordinary_word(words[0])
            ):
                whole.add(r"\s+".join(map(regex.escape, words)))
            capitals = [word for word in words if word[0].isupper() and not is_ordinary_word(word)]
            parts.update(map(regex.escape, _again(text, capitals)))
    found = [*_occurrences(text, whole, regex.IGNORECASE), *_occurrences(text, parts, 0)]
    return [span for span in found if not _is_disease(text, span)]


def _again(text: str, words: Sequence[str]) -> list[str]:
    """Return the words that stand more than once in a text."""
    return [word for word in words if text.count(word) > 1]


def _is_disease(text: str, span: PhiSpan) -> bool:
    """Say whether a name found again is a disease this time ("Dr. Parkinson" of "my Parkinson's")."""
    if not is_eponym(text[span.start : span.end]) or text[span.end : span.end + 2] not in ("'s", "’s"):
        return False
    return _HAD.search(text, max(0, span.start - 8), span.start, timeout=PATTERN_TIMEOUT_S) is not None


def tidy_edges(text: str, spans: Iterable[PhiSpan]) -> list[PhiSpan]:
    """Take an article, a possessive ending and a disease before a comma off; take a family name behind along."""
    return [_tidied(text, span) for span in spans]


def _tidied(text: str, span: PhiSpan) -> PhiSpan:
    match span.type:
        case PhiType.GEOGRAPHIC:
            article = _ARTICLE.match(text, span.start, span.end, timeout=PATTERN_TIMEOUT_S)
            return replace(span, start=article.end()) if article else span
        case PhiType.NAME:
            first = _BEFORE_COMMA.match(text, span.start, span.end, timeout=PATTERN_TIMEOUT_S)
            start = first.end() if first and is_never_surname(first["word"]) else _start_of_name(text, span)
            end = span.end - 2 if text[span.end - 2 : span.end] in ("'s", "’s") else _end_of_name(text, span)
            return replace(span, start=start, end=end) if start < end else span
        case _:
            return span


def _start_of_name(text: str, span: PhiSpan) -> int:
    """Return where it begins: an initial before it goes with it ("d. maccready"), the end of a sentence does not."""
    initial = _INITIAL_BEFORE.search(text, max(0, span.start - 14), span.start, timeout=PATTERN_TIMEOUT_S)
    return initial.start("initial") if initial else span.start


def _end_of_name(text: str, span: PhiSpan) -> int:
    more = _NAME_GOES_ON.match(text, span.end, timeout=PATTERN_TIMEOUT_S)
    if more is None:
        return span.end
    word = more["word"]
    alone = " " not in text[span.start : span.end]
    goes_on = word is None or (
        alone and not is_never_surname(word) and not is_ordinary_word(word) and not is_firm(word)
    )
    return more.end() if goes_on else span.end


def names_beside(text: str, spans: Sequence[PhiSpan]) -> list[PhiSpan]:
    """Find listed names with a capital in one enumeration with a name already found ("Destiny, King and Messiah")."""
    names = [span for span in spans if span.type is PhiType.NAME]
    found: list[PhiSpan] = []
    for name in names:
        after = _NEXT_NAME.match(text, name.end, timeout=PATTERN_TIMEOUT_S)
        before = _NAME_BEFORE.search(text, max(0, name.start - _REACH), name.start, timeout=PATTERN_TIMEOUT_S)
        for match in (after, before):
            if match and all(map(_is_listed_only, match.captures("word"))):
                starts = zip(match.starts("word"), match.ends("word"), strict=True)
                found.extend(PhiSpan(start, end, PhiType.NAME, 0.6) for start, end in starts)
    return found


def _is_listed_only(word: str) -> bool:
    return is_listed_person(word) and not is_never_surname(word)


def _occurrences(text: str, patterns: set[str], flags: int) -> list[PhiSpan]:
    if not patterns:
        return []
    longest_first = sorted(patterns, key=len, reverse=True)
    compiled = compile_private(r"(?<!\w)(?:" + "|".join(longest_first) + r")(?!\w)", flags)
    matches = compiled.finditer(text, timeout=PATTERN_TIMEOUT_S)
    return [PhiSpan(match.start(), match.end(), PhiType.NAME, 0.8) for match in matches]


def _belong_together(text: str, first: PhiSpan, second: PhiSpan) -> bool:
    bridge = _BRIDGES.get(first.type)
    overlap = second.start < first.end
    if first.type is PhiType.NAME and text[first.end : second.start] == ", ":
        return _is_family_first(text[first.start : first.end], text[second.start : second.end])
    return overlap or (bridge is not None and bridge.fullmatch(text, first.end, second.start) is not None)


def _is_family_first(first: str, second: str) -> bool:
    """Say whether two names with a comma are one person's, the family name first ("LOPEZ, MARIA", "Lopez, Maria")."""
    if first.isupper() and second.isupper():
        return True
    return (
        " " not in first
        and (is_family_name(first) or not is_given_name(first))
        and is_given_name(second.split(maxsplit=1)[0])
    )


def _join_same_class(text: str, spans: Iterable[PhiSpan]) -> list[PhiSpan]:
    joined: dict[PhiType, list[PhiSpan]] = {}
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        same = joined.setdefault(span.type, [])
        if same and _belong_together(text, same[-1], span):
            same[-1] = replace(same[-1], end=max(same[-1].end, span.end), score=max(same[-1].score, span.score))
        else:
            same.append(span)
    return [span for same in joined.values() for span in same]


def what_is_left(text: str, span: PhiSpan, kept: Sequence[PhiSpan]) -> list[PhiSpan]:
    """Cut from a span what better ones cover; return what stands beside them, without its punctuation."""
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
