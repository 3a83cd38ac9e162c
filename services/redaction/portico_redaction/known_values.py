"""Identifiers that the token and the session vouch for, found in their common writings with certainty.

Names: whole and by each part of three letters or more, whatever the case. A part that is also an everyday word ("Will",
"May") counts only when capitalised, so that "I will take it" stays. Numbers: whatever separates their digits.
Birth dates (ISO 8601): every numeric and written order.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

import regex

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.normalise import normalise
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S
from portico_redaction.recognisers.word_lists import MONTH_NAMES, is_ordinary_word

KnownValues = Sequence[tuple[PhiType, str]]

_SCORE = 1.0
_BETWEEN = r"[\s./()-]{0,3}"
_WORDS = regex.compile(r"[^\W_]+")


def find_known_values(text: str, known_values: KnownValues) -> list[PhiSpan]:
    """Find known values in folded text; raise TimeoutError rather than skip one."""
    spans: list[PhiSpan] = []
    for kind, value in known_values:
        for pattern in _patterns_of(kind, value):
            matches = pattern.finditer(text, timeout=PATTERN_TIMEOUT_S)
            spans.extend(PhiSpan(match.start(), match.end(), kind, _SCORE) for match in matches)
    return spans


@lru_cache(maxsize=256)
def _patterns_of(kind: PhiType, value: str) -> tuple[regex.Pattern[str], ...]:
    folded = normalise(value).text.strip()
    words = _WORDS.findall(folded)
    if not words:
        return ()
    patterns = [_bounded(_spelled(words, kind))]
    if kind is PhiType.NAME:
        patterns.extend(_name_patterns(words))
    if kind is PhiType.DATE:
        patterns.extend(_bounded(form) for form in _date_forms(folded))
    return tuple(patterns)


def _bounded(pattern: str, flags: int = regex.IGNORECASE) -> regex.Pattern[str]:
    return regex.compile(rf"(?<!\w){pattern}(?!\w)", flags)


def _spelled(words: Sequence[str], kind: PhiType) -> str:
    """Return a pattern for the value: identifiers with any separators inside, names with any between the words."""
    if kind in (PhiType.NAME, PhiType.GEOGRAPHIC):
        return r"[\s,.'-]{1,4}".join(map(regex.escape, words))
    return _BETWEEN.join(regex.escape(character) for character in "".join(words))


def _name_patterns(words: Sequence[str]) -> Iterator[regex.Pattern[str]]:
    if len(words) > 1:
        yield _bounded(r"[\s,.'-]{1,4}".join(map(regex.escape, (words[-1], *words[:-1]))))
    for word in words:
        if len(word) >= 3:
            escaped = regex.escape(word)
            yield (
                _bounded(regex.escape(word.capitalize()), 0)
                if is_ordinary_word(word)
                else _bounded(f"{escaped}(?:s(?!\\w))?")
            )


def _date_forms(value: str) -> Iterator[str]:
    """Yield the writings of one ISO date: day and month in both orders, two- or four-digit year, month names."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return
    d, m, y = f"0?{day.day}", f"0?{day.month}", f"(?:{day.year}|'?{day.year % 100:02d})"
    gap = r"[\s./-]{1,2}"
    month = f"(?:{'|'.join(name for name, number in MONTH_NAMES.items() if number == day.month)})\\.?"
    nth = f"{d}(?:st|nd|rd|th)?"
    yield from (f"{m}{gap}{d}{gap}{y}", f"{d}{gap}{m}{gap}{y}", f"{day.year}{gap}{m}{gap}{d}")
    yield from (f"{m}/{d}", f"{day:%m%d%Y}", f"{day:%d%m%Y}", f"{day:%Y%m%d}")
    yield f"{month}\\s?{nth}(?:,?\\s?{y})?"
    yield f"{nth}(?:\\sof|\\sde)?[\\s-]{month}(?:(?:,|\\sde|\\sdel)?[\\s-]?{y})?"
