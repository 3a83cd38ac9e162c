"""What recognisers and rules look at: patient text with its disguises removed, and the way back to what was typed.

Second step of a turn. NFKC alone leaves Arabic-Indic digits, en dashes, zero-width characters, soft hyphens, direction
overrides and Cyrillic look-alikes (design/promises.md, 14), each of which hides an identifier from a pattern.
The folded text is for matching only; it is never shown and never sent.

Look-alikes are folded word by word. A word that mixes Latin letters with look-alikes of another script is no honest
word, so all of it is folded; a word wholly in Cyrillic or Greek stays, because the rules and the tagger must still
read it as a name. Measured on 12 Russian and Greek names and words (tests/unit/redaction/test_normalise.py): folding
every character spoils 12 of 12 ("Ростова" becomes "Pocтoвa"), folding by word none. `skeleton` folds the rest, for the
structured recognisers only. Combining marks stay on letters of scripts that need them; on Latin letters, digits and
punctuation those that NFKC cannot compose are drawn over the character and say nothing.

Sources: Unicode UAX 15 (NFKC), UAX 44 (decimal digits), UTS 39 (confusables; `build_look_alikes` makes the table).
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import regex

from portico_core.errors import TextTooLong, UnsupportedText
from portico_core.text import MAX_TEXT_CHARACTERS

MAX_CHARACTERS = 25 * MAX_TEXT_CHARACTERS
"""Above this even a clinician's document is refused, so that time and memory stay bounded."""

_BY_HAND = {
    **{character: character for character in "\n\t\r"},
    **dict.fromkeys("\x0b\x0c\x85", " "),
    **dict.fromkeys("‐‑‒–—―−⁃﹘﹣-⸺⸻~∼〜⎯", "-"),
    **dict.fromkeys("’‘ʼ′`´＇", "'"),
    **dict.fromkeys("“”„‟«»″〝〞", '"'),
}
"""White space, dashes and quotation marks by hand; all of them are judged before their category is."""
_INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0x180B, 0x1810)}
_VARIATION = {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}

_UNREADABLE = regex.compile("[\\0\ud800-\udfff]")
_CONTROL = regex.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PIECE = regex.compile(r"(?P<plain>(?:[ -_a-}\n\t\r](?!\p{M}))++)|\P{M}\p{M}{0,31}|\p{M}{1,32}")
"""Plain ASCII in one piece; else a character with its combining marks, 32 at most: canonical ordering is quadratic."""

_FOREIGN_WORD = regex.compile(r"(?<![\w\p{M}])[\w\p{M}]*[^\W\x00-\x7f][\w\p{M}]*+")
_RAISED_DOTS = "·∙⋅‧・"
_BETWEEN = regex.compile(rf"(?<=[0-9])[ーㅡ一](?=[0-9])|(?<=[0-9A-Za-z])[─━¯ˉ{_RAISED_DOTS}](?=[0-9A-Za-z])")
"""Letters that are dashes only between digits, strokes that are and raised dots that are full stops only in a word."""

_LONGEST_LIGATURE = 4
"""NFKC makes 18 characters of one Arabic ligature; longer ones stay, so that no text grows out of bounds."""


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """Folded text; character i stands for the given text's `starts[i]` up to `ends[i]` (code points)."""

    text: str
    starts: tuple[int, ...] | range
    ends: tuple[int, ...] | range

    def original_range(self, start: int, end: int) -> tuple[int, int]:
        """Map a non-empty range of the folded text to the range of the given text it stands for."""
        return self.starts[start], self.ends[end - 1]


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands in folded text instead of its characters from `start` to `end`; never overlapping another."""

    start: int
    end: int
    text: str


def normalise(text: str) -> NormalisedText:
    """Fold text for matching; raise UnsupportedText for NUL or lone surrogates, TextTooLong over the limit."""
    check_readable(text)
    if text.isascii() and not _CONTROL.search(text):
        folded = text.replace("`", "'").replace("~", "-")
        return NormalisedText(folded, range(len(text)), range(1, len(text) + 1))
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _PIECE.finditer(text):
        start, end = match.span()
        if match.lastgroup:
            characters.append(match.group())
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
            continue
        folded = _fold(match.group())
        characters.append(folded)
        starts.extend([start] * len(folded))
        ends.extend([end] * len(folded))
    joined = NormalisedText("".join(characters), tuple(starts), tuple(ends))
    parted = rewrite(joined, _edits_between(joined.text))
    return rewrite(parted, _edits_in_words(parted.text))


def check_readable(text: str) -> None:
    """Raise unless the text is of bounded length and free of NUL and lone surrogates."""
    if len(text) > MAX_CHARACTERS:
        raise TextTooLong
    if _UNREADABLE.search(text):
        raise UnsupportedText


def rewrite(given: NormalisedText, edits: Iterable[Edit]) -> NormalisedText:
    """Return folded text with edits, in reading order, made; every new character stands for all that it replaced."""
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for edit in edits:
        text += (given.text[position : edit.start], edit.text)
        starts += given.starts[position : edit.start]
        ends += given.ends[position : edit.start]
        if edit.text:
            start, end = given.original_range(edit.start, edit.end)
            starts += [start] * len(edit.text)
            ends += [end] * len(edit.text)
        position = edit.end
    if position == 0:
        return given
    text.append(given.text[position:])
    starts += given.starts[position:]
    ends += given.ends[position:]
    return NormalisedText("".join(text), tuple(starts), tuple(ends))


@cache
def look_alikes() -> dict[str, str]:
    """Return character → the ASCII it reads as (UTS 39)."""
    lines = resources.files(__package__).joinpath("look_alikes.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if not line.startswith("# "))
    return {character: ascii_ for ascii_, characters in pairs for character in characters}


@lru_cache(maxsize=4096)
def is_latin(character: str) -> bool:
    """Say whether a character is a letter of the Latin script; the cache holds single characters only."""
    return character.isalpha() and (character.isascii() or unicodedata.name(character, "").startswith("LATIN"))


def _edits_between(text: str) -> Iterator[Edit]:
    """Yield strokes and dots that only their neighbours make into a dash or a full stop."""
    for match in _BETWEEN.finditer(text):
        yield Edit(*match.span(), "." if match.group() in _RAISED_DOTS else "-")


def _edits_in_words(text: str) -> Iterator[Edit]:
    """Yield the look-alikes of words that mix scripts."""
    for match in _FOREIGN_WORD.finditer(text):
        word = match.group()
        if not word.isascii() and _mixes_scripts(word):
            yield from _look_alike_edits(word, match.start())


def _mixes_scripts(word: str) -> bool:
    """Say whether a word has Latin letters and look-alikes that are none."""
    return any(map(is_latin, word)) and any(c in look_alikes() and not is_latin(c) for c in word)


def _look_alike_edits(word: str, offset: int) -> Iterator[Edit]:
    for position, character in enumerate(word, offset):
        if character in look_alikes():
            yield Edit(position, position + 1, look_alikes()[character])


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    """Fold one code point; it never holds more than one, so the cache holds no patient words."""
    category = unicodedata.category(character)
    if character in _BY_HAND:
        return _BY_HAND[character]
    if category in ("Cf", "Cc", "Me") or ord(character) in _INVISIBLE or ord(character) in _VARIATION:
        return ""
    if category[0] == "Z":
        return " " if category == "Zs" else "\n"
    if category == "Pd":
        return "-"
    digit = unicodedata.digit(character, None)
    return _fold_symbol(character, category) if digit is None else str(digit)


def _fold_symbol(character: str, category: str) -> str:
    """Fold punctuation and enclosed numbers at once; letters wait until their word is seen."""
    ascii_ = look_alikes().get(character, character)
    if character.isascii() or (category[0] not in "PS" and category != "No"):
        return character
    return character if any(map(str.isalpha, ascii_)) else ascii_


@lru_cache(maxsize=4096)
def _fold_alone(character: str) -> str:
    """Fold a character without marks, before and after NFKC, because each may reveal the other's work."""
    first = _fold_character(character)
    if first.isascii():
        return first
    composed = unicodedata.normalize("NFKC", first)
    return first if len(composed) > _LONGEST_LIGATURE else "".join(map(_fold_character, composed))


def _fold(cluster: str) -> str:
    """Fold a character with its combining marks."""
    if len(cluster) == 1:
        return _fold_alone(cluster)
    first = "".join(map(_fold_character, cluster))
    if first.isascii():
        return first
    composed = "".join(map(_fold_character, unicodedata.normalize("NFKC", first)))
    base = composed[:1]
    if base.isalpha() and not is_latin(base):
        return composed
    return "".join(c for c in composed if not unicodedata.category(c).startswith("M"))
