"""What a determined reader still reads of an identifier in redacted text: the judge of the evasion suite.

It shares no code with the redactor. It undoes every disguise of the suite on what is left and looks for five characters
of the identifier in a row.
"""

import base64
import binascii
import html
import quopri
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

RUN = 5
_PLACEHOLDER = re.compile(r"\[[A-Z_0-9]+_[0-9]+\]|\[[A-Z_0-9]+\]")
_ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_SPANISH = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"]
_WORDS = {word: str(n) for words in (_ENGLISH, _SPANISH) for n, word in enumerate(words)} | {"oh": "0"}
_WORD = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))
_LOOKS = str.maketrans(
    "АаВСсЕеНІіјКМОоРрЅѕТХхУуΑΒΕΖΗΙΚΜΝΟΡΤΥΧορνᒿЗбᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ",
    "AaBCcEeHIijKMOoPpSsTXxYyABEZHIKMNOPTYXopv236ABCDEGHJKLMPRSTVWZ",
)
_CODE_WORD_LIST = (
    "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo"
    " sierra tango uniform victor whiskey xray yankee zulu"
)
_CODE_WORDS = frozenset(_CODE_WORD_LIST.split())
_MORSE_SIGNS = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
    " ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----."
)
_MORSE = dict(zip(_MORSE_SIGNS.split(), "abcdefghijklmnopqrstuvwxyz0123456789", strict=True))
_SIGNS = re.compile(r"(?<![a-z])(?:dash|slash|dot|plus|colon)(?![a-z])")
_CODES = re.compile("%[0-9A-Fa-f]{2}")
"""What no eye reads as digits ("%20%6F"); decoded they are read below."""
_LEVELS = 3


def compact(text: str) -> str:
    """Return the letters and digits of a text, in lower case, every script's digits as ASCII."""
    found = []
    for character in unicodedata.normalize("NFKD", "".join(_digit(c) for c in text)).translate(_LOOKS):
        found.append(character.lower() if character.isascii() and character.isalnum() else "")
    return "".join(found)


def still_reads(redacted: str, value: str) -> bool:
    """Say whether five characters of the value in a row can still be read."""
    windows = {w[at : at + RUN] for w in (compact(value), _plain(value)) for at in range(len(w) - RUN + 1)}
    return any(window in reading for reading in readings(_PLACEHOLDER.sub(" ~ ", redacted)) for window in windows)


def readings(text: str, levels: int = _LEVELS) -> Iterator[str]:
    """Yield every way to read a text, in compact form."""
    shown = _CODES.sub("", text)
    yield compact(shown)
    yield compact(shown[::-1])
    yield _plain(shown)
    yield compact(_doubled(_SIGNS.sub("", _WORD.sub(lambda m: _WORDS[m.group()], shown.lower()))))
    if levels:
        for plain in _decoded(text):
            yield from readings(plain, levels - 1)


def _plain(text: str) -> str:
    """Return a text in compact form with letters that look like digits read as digits."""
    return compact(text).translate(str.maketrans("oil", "011"))


def _digit(character: str) -> str:
    digit = unicodedata.digit(character, None)
    return str(digit) if digit is not None else character


def _doubled(text: str) -> str:
    return re.sub(r"double ([0-9])", r"\1\1", text)


def _decoded(text: str) -> Iterator[str]:
    undone = (unquote, html.unescape, _escapes, _quoted, _tags, _markup, _radio, _morse)
    for plain in (undo(text) for undo in undone):
        if plain != text:
            yield plain
    for run in re.findall(r"[A-Za-z0-9+/_-]{6,}", text):
        yield from _base64(run)
    for run in re.findall(r"(?<![0-9A-Za-z])(?:(?:0x)?[0-9A-Fa-f]{2} ?){3,}(?![0-9A-Za-z])", text):
        yield from _bytes(bytes.fromhex(run.replace("0x", "").replace(" ", "")))


def _base64(run: str) -> Iterator[str]:
    for skip in range(4):
        body = run[skip:].replace("-", "+").replace("_", "/")
        body = body[: len(body) - (len(body) % 4 == 1)]
        try:
            yield from _bytes(binascii.a2b_base64(body + "=" * (-len(body) % 4)))
        except binascii.Error:
            continue


def _bytes(raw: bytes) -> Iterator[str]:
    for codec in ("utf-8", "utf-16-le"):
        try:
            yield raw.decode(codec)
        except UnicodeDecodeError:
            continue


def _escapes(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})|\\x([0-9a-f]{2})", lambda m: chr(int(m.group(1) or m.group(2), 16)), text)


def _quoted(text: str) -> str:
    return quopri.decodestring(text.encode()).decode("utf-8", "replace")


def _tags(text: str) -> str:
    return "".join(chr(ord(c) - 0xE0000) if 0xE0020 <= ord(c) < 0xE007F else c for c in text)


def _markup(text: str) -> str:
    return re.sub(r"<!--.*?-->|</?[a-z][^<>]*>", "", text)


def _radio(text: str) -> str:
    return re.sub(r"[a-z]+", lambda m: m.group()[0] if m.group() in _CODE_WORDS else m.group(), text)


def _morse(text: str) -> str:
    return re.sub(r"(?<!\S)[.-]{1,6}(?!\S)", lambda m: _MORSE.get(m.group(), m.group()), text)


def written_in_base64(text: str) -> str:
    """Return a text as base64, for the judge's own control."""
    return base64.b64encode(text.encode()).decode()
