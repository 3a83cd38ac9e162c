"""Known numbers and addresses of e-mail: record number, telephone, member id, whatever separates their characters.

Four digits alone are a pressure, a year or a dose, so the last four count only beside a word that calls them so.
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.normalise import normalise
from portico_redaction.private_patterns import compile_private

_BETWEEN = r"[\s./()_,-]{0,3}"
_EDGE_BEFORE = r"(?<![^\W_])"
_EDGE_AFTER = r"(?![^\W_])"
_LAST_FOUR_CUE = (
    r"(?:\b(?:end(?:s|ing)?(?: in| with)?|last (?:four|4|digits)|final (?:four|4)|termina(?:n|ndo)? en"
    r"|[uú]ltimos(?: (?:cuatro|4))?|mrn|record|chart|member|ssn|phone|cell|number|n[uú]mero)\b"
    r"[^\n0-9]{0,25}?|[x*#.]{2,}[\s-]?)"
)
_CORE = 5
_SHORTEST_USER = 5
_AT = r"\s?(?:[(\[{<]?\s?(?:@|\bat\b|\barroba\b)\s?[)\]}>]?)\s?"
_DOT = r"\s?(?:[(\[{<]?\s?(?:\.|\bdot\b|\bpunto\b)\s?[)\]}>]?)\s?"


def compile_number(kind: PhiType, value: str) -> Iterator[regex.Pattern[str]]:
    """Yield the patterns of an identifier of letters and digits; a group `value` marks it beside a cue."""
    folded = normalise(value.split(";", 1)[0]).text
    characters = [character for character in folded if character.isalnum()]
    digits = "".join(character for character in characters if character.isdigit())
    if kind in (PhiType.PHONE, PhiType.FAX):
        yield from _phone(digits)
    elif len(characters) >= 3:
        yield _bounded(_spelled(characters))
        core = _longest_run(folded).lstrip("0")
        if len(core) >= _CORE:
            yield _bounded(f"(?:0{_BETWEEN}){{0,8}}{_spelled(core)}", before=r"(?<![0-9])")
    if len(digits) >= 6:
        yield compile_private(rf"{_LAST_FOUR_CUE}(?P<value>{digits[-4:]})(?![0-9])", regex.IGNORECASE)


def _phone(digits: str) -> Iterator[regex.Pattern[str]]:
    """Yield a telephone number with and without its country code, and its local part."""
    if len(digits) < 7:
        return
    national = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    code = r"(?:(?:\+|00)?\s?\(?1\)?[\s./-]{0,3})?" if len(national) == 10 else r"\+?(?:00)?"
    yield _bounded(rf"[+(]{{0,2}}{code}\(?{_spelled(national)}", before=r"(?<![0-9])")
    if len(national) == 10:
        yield _bounded(_spelled(national[3:]), before=r"(?<![0-9])")
        return
    for length in (1, 2, 3):  # Country codes have one to three digits; at home a zero stands in their place.
        if len(national) - length >= 7:
            yield _bounded(rf"\(?0?\)?{_spelled(national[length:])}", before=r"(?<![0-9])")


def compile_email(value: str) -> Iterator[regex.Pattern[str]]:
    """Yield the patterns of an e-mail address: as written, as spoken, and its user part where it is no word."""
    user, at, host = normalise(value.strip()).text.rpartition("@")
    if not at or not user or not host:
        return
    spoken_user = "".join(
        _DOT if c == "." else r"\s?(?:[_-]|underscore|dash)\s?" if c in "_-" else regex.escape(c) for c in user
    )
    spoken_host = _DOT.join(regex.escape(part) for part in host.split("."))
    yield compile_private(rf"(?<![\w.]){spoken_user}{_AT}{spoken_host}(?!\w)", regex.IGNORECASE)
    if len(user) >= _SHORTEST_USER and not user.isalpha():
        yield compile_private(rf"(?<![\w])@?{regex.escape(user)}(?!\w)", regex.IGNORECASE)


def _spoken(character: str) -> str:
    if character == ".":
        return _DOT
    return r"\s?(?:[_-]|underscore|dash)\s?" if character in "_-" else regex.escape(character)


def _spelled(characters: list[str] | str) -> str:
    return _BETWEEN.join(regex.escape(character) for character in characters)


def _longest_run(text: str) -> str:
    return max(regex.findall(r"[0-9]+", "".join(c for c in text if c.isalnum())), key=len, default="")


def _bounded(pattern: str, *, before: str = _EDGE_BEFORE) -> regex.Pattern[str]:
    return compile_private(rf"{before}{pattern}{_EDGE_AFTER}", regex.IGNORECASE)
