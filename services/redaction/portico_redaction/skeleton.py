"""A view of the text by its looks: every look-alike folded, for the structured recognisers only.

`normalise` leaves words of one other script and single look-alikes alone, because the tagger must read names in them;
a cue or a number spelled wholly in look-alikes hides there. Here all of UTS 39 is folded, with what a reader also sees
through: unusual accents ("ḾŔŃ"), letters for digits inside a number ("l23-4O-6789"), and signs between groups of
digits that no measurement has ("123_45_6789", "123★45★6789").
"""

import unicodedata
from collections.abc import Iterator

import regex

from portico_redaction.normalise import Edit, is_latin, look_alikes

_EVERYDAY_ACCENTS = frozenset("áàâäãåéèêëíìîïóòôöõúùûüñçýÿøæœšžčćłß" + "ÁÀÂÄÃÅÉÈÊËÍÌÎÏÓÒÔÖÕÚÙÛÜÑÇÝŸØÆŒŠŽČĆŁ")
"""Letters of names and words in West European and Slavic languages; they alone call for no second look."""

_TIMES = "×"
"""UTS 39 reads the multiplication sign as an x; in a dose it is none."""

_LEAST_DIGITS = 3
_NUMBER = regex.compile(r"(?<![\w@.])[0-9OoIl](?:[0-9OoIl]|[.() /-]{1,2}+(?=[0-9OoIl])){4,24}(?![\w@])")
_CODE = regex.compile(r"(?<![\w@.-])(?=[A-Zol]{0,10}-?[0-9])[0-9A-Zol](?:-?[0-9A-Zol]){5,40}(?![\w@])")
_BENEFICIARY = regex.compile(
    r"(?<![\w@.-])[1-9Il][A-Z][0-9A-Zl][0-9OIl]-?[A-Z][0-9A-Zl][0-9OIl]-?[A-Z]{2}[0-9OIl]{2}(?![\w@])"
)
"""A Medicare Beneficiary Identifier, which has no O, I or L (`recognisers/mbi.py`): each of them is a digit."""

_GROUP = regex.compile(r"[^ ]+")
_LETTER = regex.compile(r"[OoIl]")
_DIGIT_IN_CODE = regex.compile(r"(?<=[0-9]-?)[OoIl]++|[ol]++")
_AS_DIGIT = str.maketrans("OoIl", "0011")
_ODD_SIGN = regex.compile(
    r"(?<![\w.])(?=[A-Z]{0,4}[0-9])[0-9A-Z]{2,5}"
    r"(?P<sign>[_*^+=\\#;]|[-. ]{2,3}|(?<=[0-9]{3})\|(?=[0-9]{2}\|[0-9]{4}\b))[0-9A-Z]{2,5}(?P=sign)[0-9A-Z]{2,6}(?!\w)"
)
_ODD_SYMBOL = regex.compile(r"(?<=[0-9A-Z])(?:[^\x00-\x7f\w\s×÷±→←≥≤≈°%µ½]{1,3}|[ーㅡ一])(?=[0-9A-Z])")


def skeleton_edits(text: str) -> Iterator[Edit]:
    """Yield, in reading order, what makes a text read as it looks."""
    edits = [*_number_edits(text), *_sign_edits(text)]
    if not text.isascii():
        edits += _letter_edits(text)
    done = 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if edit.start >= done:
            yield edit
            done = edit.end


def _letter_edits(text: str) -> list[Edit]:
    """Fold every look-alike and accent of a text that has an unusual one."""
    odd = [
        character
        for character in set(text)
        if not character.isascii() and character not in _EVERYDAY_ACCENTS and character != _TIMES
    ]
    if not any(character in look_alikes() or _without_marks(character) != character for character in odd):
        return []
    return [
        Edit(position, position + 1, folded)
        for position, character in enumerate(text)
        if not character.isascii() and (folded := _looks_like(character)) != character
    ]


def _looks_like(character: str) -> str:
    return look_alikes().get(character) or look_alikes().get(_without_marks(character)) or _without_marks(character)


def _without_marks(character: str) -> str:
    """Return a Latin, Greek or Cyrillic letter without its accents; other letters as they are."""
    base = unicodedata.normalize("NFD", character)[:1]
    return base if is_latin(base) or base in look_alikes() else character


def _number_edits(text: str) -> Iterator[Edit]:
    """Read O as 0 and l, I as 1 in numbers and codes.

    In a number of several groups only those with a digit count: the I of "32 I'd" is a word. In a code only letters
    after a digit count, and small ones: the other capitals may be its letters.
    """
    for match in _NUMBER.finditer(text):
        if _digits_in(match.group()) >= _LEAST_DIGITS:
            for group in _GROUP.finditer(text, *match.span()):
                if _digits_in(group.group()):
                    yield from _as_digits(_LETTER.finditer(text, *group.span()))
    for match in _CODE.finditer(text):
        if _digits_in(match.group()) >= _LEAST_DIGITS:
            yield from _as_digits(_DIGIT_IN_CODE.finditer(text, *match.span()))
    for match in _BENEFICIARY.finditer(text):
        yield from _as_digits(_LETTER.finditer(text, *match.span()))


def _digits_in(text: str) -> int:
    return sum(map(str.isdigit, text))


def _as_digits(letters: Iterator[regex.Match[str]]) -> Iterator[Edit]:
    for letter in letters:
        yield Edit(letter.start(), letter.end(), letter.group().translate(_AS_DIGIT))


def _sign_edits(text: str) -> Iterator[Edit]:
    """Read odd signs between groups of letters and digits as dashes."""
    for match in _ODD_SIGN.finditer(text):
        sign = match.group("sign")
        first = match.start("sign")
        second = text.index(sign, match.end("sign"))
        yield Edit(first, first + len(sign), "-")
        yield Edit(second, second + len(sign), "-")
    if not text.isascii():
        yield from (Edit(match.start(), match.end(), "-") for match in _ODD_SYMBOL.finditer(text))
