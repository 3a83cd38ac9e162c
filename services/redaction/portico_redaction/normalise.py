"""What recognisers and rules look at: patient text with its disguises removed, and the way back to what was typed.

Second step of a turn. NFKC alone leaves Arabic-Indic digits, en dashes, zero-width characters, soft hyphens, direction
overrides and Cyrillic look-alikes (design/promises.md, 14), each of which hides an identifier from a pattern.
The folded text is for matching only; it is never shown and never sent.
Sources: Unicode UAX 15 (NFKC), UAX 44 (decimal digits), UTS 39 (confusables; a small subset, Cyrillic and Greek).
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from portico_core.errors import TextTooLong, UnsupportedText
from portico_core.text import MAX_TEXT_CHARACTERS

MAX_CHARACTERS = 25 * MAX_TEXT_CHARACTERS
"""Above this even a clinician's document is refused, so that time and memory stay bounded."""

MAX_CLUSTER = 32
"""Longest run of combining marks normalised together: canonical ordering is quadratic in the run."""

_DASHES = "‐‑‒–—―−⁃﹘﹣-⸺⸻~∼"
_QUOTES = "’‘ʼ′`´＇"
_LOOK_ALIKES = str.maketrans(
    # UTS 39 confusables.txt: Cyrillic, then Greek, letters that read as Latin ones.
    "АВЕКМНОРСТУХЅІЈаеорсухѕіјԁһԛԝ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανιρ",
    "ABEKMHOPCTYXSIJaeopcyxsijdhqw" + "ABEZHIKMNOPTYXoavip",
)
_INVISIBLE = {0x034F, 0x115F, 0x1160, 0x3164, 0xFFA0, *range(0x180B, 0x1810)}
_VARIATION = {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """Folded text; character i stands for the given text's `starts[i]` up to `ends[i]` (code points)."""

    text: str
    starts: tuple[int, ...] | range
    ends: tuple[int, ...] | range

    def original_range(self, start: int, end: int) -> tuple[int, int]:
        """Map a non-empty range of the folded text to the range of the given text it stands for."""
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> NormalisedText:
    """Fold text for matching; raise UnsupportedText for NUL or lone surrogates, TextTooLong over the limit."""
    check_readable(text)
    if text.isascii() and text.isprintable():
        folded = text.replace("`", "'").replace("~", "-")
        return NormalisedText(folded, range(len(text)), range(1, len(text) + 1))
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        folded = _fold(text[start:end])
        characters.append(folded)
        starts.extend([start] * len(folded))
        ends.extend([end] * len(folded))
    return NormalisedText("".join(characters), tuple(starts), tuple(ends))


def check_readable(text: str) -> None:
    """Raise unless the text is of bounded length and free of NUL and lone surrogates."""
    if len(text) > MAX_CHARACTERS:
        raise TextTooLong
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise UnsupportedText


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Cut text into starters, each with the combining marks that follow it."""
    borders = [0]
    for position, character in enumerate(text):
        if position and (not unicodedata.combining(character) or position - borders[-1] >= MAX_CLUSTER):
            borders.append(position)
    borders.append(len(text))
    return pairwise(borders)


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    """Fold one code point; it never holds more than one, so the cache holds no patient words."""
    if character in "\n\t\r":
        return character
    category = unicodedata.category(character)
    if category in ("Cf", "Cc") or ord(character) in _INVISIBLE or ord(character) in _VARIATION:
        return " " if character in "\x0b\x0c\x85" else ""
    if category in ("Zs", "Zl", "Zp"):
        return "\n" if category != "Zs" else " "
    if character in _DASHES or category == "Pd":
        return "-"
    if character in _QUOTES:
        return "'"
    digit = unicodedata.digit(character, None)
    return str(digit) if digit is not None else character.translate(_LOOK_ALIKES)


def _fold(cluster: str) -> str:
    """Fold a cluster: single code points before and after NFKC, because each may reveal the other's work."""
    first = "".join(map(_fold_character, cluster))
    if first.isascii():
        return first
    return "".join(map(_fold_character, unicodedata.normalize("NFKC", first)))
