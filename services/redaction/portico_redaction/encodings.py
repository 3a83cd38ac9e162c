"""A view of the text with encoded runs decoded in place: URL, HTML, escapes, quoted-printable, base64 and hex.

An identifier that a copy-and-paste, a form or a hostile sender encoded is still the identifier. Percent, entity and
escape codes stand for one character each and are mapped so; a base64 or hex run is opaque, so all of it stands for
each of its decoded characters, and goes whole when an identifier is found in it.
Cost: one pass of each pattern; a run decodes to fewer characters than it has, so nothing here can grow.
Sources: RFC 3986 (2.1), RFC 4648 (base64, base64url, base16), RFC 2045 (quoted-printable), HTML Living Standard
(13.5).
"""

import binascii
import html
from collections.abc import Iterator
from typing import Protocol

import regex

from portico_core.errors import PorticoError
from portico_redaction.normalise import Edit, normalise

_PERCENT = regex.compile(r"(?:%[0-9A-Fa-f]{2})++")
_ENTITY = regex.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,31});?")
_ESCAPE = regex.compile(r"(?:\\{1,4}u[0-9A-Fa-f]{4})++|(?:\\{1,4}x[0-9A-Fa-f]{2})++|\\{1,4}u\{[0-9A-Fa-f]{1,6}\}")
_QUOTED = regex.compile(r"(?:=[0-9A-F]{2}|=\r?\n)++")
_LEAST_QUOTED = 3
"""How many codes make quoted-printable: one "=20" may be an equation."""

_HEX = regex.compile(r"(?<![0-9A-Za-z])(?:0x)?[0-9A-Fa-f]{2}(?:[ :,-]{0,2}+(?:0x)?+[0-9A-Fa-f]{2}){4,}+(?![0-9A-Za-z])")
_BASE64 = regex.compile(r"[A-Za-z0-9+/_-]{7,}+={0,2}+")
_BASE64_PART = regex.compile(r"[A-Za-z0-9]{7,}+={0,2}+")
_LINE_BREAK = regex.compile(r"\r?\n")
_SHORTEST_LINE = 60
"""MIME breaks base64 into lines of 64 to 76 characters; shorter lines are not joined."""

_SHORTEST_TEXT = 5
_PLAIN = 0.6
"""Share of letters, digits and spaces from which decoded text is plain: a spaced or dashed number has .7 and more."""

_LEAST_DIGITS = 4
"""A run of decimal digits is hex only if it decodes to digits: "5551234567" would read as "UQ#Eg"."""


class EditFinder(Protocol):
    """What finds encoded runs of one kind."""

    def __call__(self, text: str) -> Iterator[Edit]:
        """Yield edits in reading order."""


def decoding_edits(text: str) -> Iterator[Edit]:
    """Yield, in reading order, what decodes the encoded runs of folded text."""
    found = [edit for find in _FINDERS for edit in find(text)]
    done = 0
    for edit in sorted(found, key=lambda e: (e.start, -e.end)):
        if edit.start >= done:
            yield edit
            done = edit.end


def _percent_edits(text: str) -> Iterator[Edit]:
    if "%" in text:
        for match in _PERCENT.finditer(text):
            yield from _byte_edits(match.start(), bytes.fromhex(match.group().replace("%", "")), width=3)


def _entity_edits(text: str) -> Iterator[Edit]:
    if "&" in text:
        for match in _ENTITY.finditer(text):
            plain = html.unescape(match.group())
            if plain != match.group() and (folded := _readable(plain)):
                yield Edit(*match.span(), folded)


def _escape_edits(text: str) -> Iterator[Edit]:
    if "\\" in text:
        for match in _ESCAPE.finditer(text):
            codes = regex.findall(r"[0-9A-Fa-f]{2,6}", match.group())
            plain = "".join(chr(int(code, 16)) for code in codes if int(code, 16) < 0x110000)
            if folded := _readable(plain):
                yield Edit(*match.span(), folded)


def _quoted_edits(text: str) -> Iterator[Edit]:
    if text.count("=") >= _LEAST_QUOTED:
        matches = [*_QUOTED.finditer(text)]
        if sum(match.group().count("=") for match in matches) >= _LEAST_QUOTED:
            for match in matches:
                codes = "".join(regex.findall(r"=([0-9A-F]{2})", match.group()))
                yield Edit(match.start(), match.end(), _text_of(bytes.fromhex(codes)) or "")


def _byte_edits(start: int, raw: bytes, *, width: int) -> Iterator[Edit]:
    """Yield an edit for each code that stands for an ASCII character, else one for the whole run."""
    if raw.isascii() and all(map(_is_plain, raw)):
        for index, code in enumerate(raw):
            yield Edit(start + width * index, start + width * (index + 1), chr(code))
    elif text := _text_of(raw):
        yield Edit(start, start + width * len(raw), text)


def _is_plain(code: int) -> bool:
    return 32 <= code < 127 or code in b"\n\r\t"


def _hex_edits(text: str) -> Iterator[Edit]:
    for match in _HEX.finditer(text):
        digits = regex.sub(r"0x|[^0-9A-Fa-f]", "", match.group())
        plain = _text_of(bytes.fromhex(digits)) or ""
        if len(plain) >= _SHORTEST_TEXT and not (digits.isdigit() and sum(map(str.isdigit, plain)) < _LEAST_DIGITS):
            yield Edit(*match.span(), plain)


def _base64_edits(text: str) -> Iterator[Edit]:
    previous: Edit | None = None
    for match in _BASE64.finditer(text):
        for edit in _base64_run(match.group(), match.start()):
            if previous and previous.end - previous.start >= _SHORTEST_LINE:
                gap = _LINE_BREAK.fullmatch(text, previous.end, edit.start)
                if gap:
                    yield Edit(*gap.span(), "")
            yield edit
            previous = edit


def _base64_run(run: str, offset: int) -> Iterator[Edit]:
    """Decode a run as a whole or by the parts between its signs, whichever reads more like text."""
    if _looks_encoded(run):
        whole = [edit for edit in (_decode64(run, offset),) if edit]
        decoded = (_decode64(part.group(), offset + part.start()) for part in _BASE64_PART.finditer(run))
        yield from max(whole, [edit for edit in decoded if edit], key=_plainness)


def _plainness(edits: list[Edit]) -> float:
    """Return the share of ASCII letters, digits and spaces: "SSN-" before a run decodes to signs or rare scripts."""
    text = "".join(edit.text for edit in edits)
    return sum(c.isascii() and (c.isalnum() or c.isspace()) for c in text) / (len(text) or 1)


def _looks_encoded(run: str) -> bool:
    """Say whether a run has padding, a digit, or small and capital letters mixed, as no word of a sentence has."""
    mixed = not (run.islower() or run.isupper() or run[1:].islower())
    return mixed or run.endswith("=") or any(map(str.isdigit, run))


def _decode64(run: str, offset: int) -> Edit | None:
    """Return the edit that decodes a base64 run, from the first of four starts that reads like plain text."""
    body = run.rstrip("=").replace("-", "+").replace("_", "/")
    best: list[Edit] = []
    for skip in range(4):
        usable = body[skip:]
        usable = usable[:-1] if len(usable) % 4 == 1 else usable
        raw = binascii.a2b_base64(usable + "=" * (-len(usable) % 4))
        if (text := _text_of(raw)) and len(text) >= _SHORTEST_TEXT:
            edits = [Edit(offset + skip, offset + len(run), text)]
            if not best or _plainness(edits) > max(_plainness(best), _PLAIN):
                best = edits
            if _plainness(best) > _PLAIN:
                break
    return best[0] if best else None


def _text_of(raw: bytes) -> str | None:
    """Return bytes as folded text if they are text in UTF-8 or UTF-16, else None."""
    codec = ("utf-16-le" if raw[1:2] == b"\0" else "utf-16-be") if b"\0" in raw else "utf-8"
    try:
        return _readable(raw.decode(codec).lstrip("\ufeff"))
    except UnicodeDecodeError:
        return None


def _readable(text: str) -> str | None:
    """Return text folded, or None if it holds what no text holds."""
    if not text or not all(
        character.isprintable() or character.isspace() or character in "\xad\u200b" for character in text
    ):
        return None
    try:
        return normalise(text).text
    except PorticoError:
        return None


_FINDERS: tuple[EditFinder, ...] = (
    _percent_edits,
    _entity_edits,
    _escape_edits,
    _quoted_edits,
    _hex_edits,
    _base64_edits,
)
