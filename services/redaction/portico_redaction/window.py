"""Identifiers that are split over messages: the first five digits now, the rest in the next one.

The end of what was said before is put together with the beginning of what is said now, and the recognisers of
structured identifiers look across the border. Only what lies in the present message can still be taken out (for the
first part see `begun`). Measurements go on over messages as well ("120", then "over 80"): across the border, digits
count only where the present message holds nothing else before its first stop.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.begun import find_begun, without_promise
from portico_redaction.known.places import STREET_TYPE
from portico_redaction.recognisers.base import FormRecogniser, Found
from portico_redaction.recognisers.name_words import is_capitalised_name, is_listed_name, is_name_in_any_case, read_name
from portico_redaction.recognisers.word_lists import is_family_name, is_ordinary_word

MESSAGES = 3
"""How many earlier messages are read on from; the store keeps as many for this."""

_TAIL = 80
_HEAD = 64
_SHORT = 24
_SCORE = 0.9
_ACROSS = frozenset(PhiType) - {PhiType.NAME, PhiType.AGE_OVER_89, PhiType.BIOMETRIC, PhiType.PHOTO}
_WITH_WORDS = frozenset({PhiType.EMAIL, PhiType.URL, PhiType.GEOGRAPHIC})
_LEAD = regex.compile(
    r"\s*(?:(?:and|then|ok|okay|sorry|oh|y|luego|entonces|now|so|cont(?:inued|\.)?|\.{2,}|…)[\s,:.-]{1,3}){0,2}"
    r"(?:(?:(?:the )?(?:rest|remaining(?: digits| numbers)?|other half|next (?:part|digits|numbers)"
    r"|second (?:part|half)|last (?:part|bit|four|4|digits?)(?: digits| numbers)?|year)|it|that|el resto"
    r"|los? [uú]ltimos?(?: cuatro)?)"
    r"(?: (?:of it|of (?:my|the) \w{1,12}))?(?: is| are|'s| was| ends (?:in|with)|:| es| son)[\s:,]{0,2}"
    r"|(?:(?:ends|ending|finishes|finishing) (?:in|with)|goes on(?: with)?|followed by|termina (?:en|con)|sigue con)"
    r"[\s:,]{1,2})?",
    regex.IGNORECASE,
)
_REST = regex.compile(
    r"\s*(?:\Z|[.;!?\n…]|,|\)|(?:is|are)?\s?(?:the|my)? ?"
    r"(?:rest|end|last (?:part|four|4|digits)|year|thanks?|thank you|please|ok|that'?s (?:it|all)"
    r"|gracias|por favor)\b)",
    regex.IGNORECASE,
)
_CUES = {
    PhiType.PHONE: regex.compile(
        r"\b(?:phone|cell|mobile|tel|tel[eé]fono|celular|number|call|text|fax|n[uú]mero|reach)\b", regex.I
    ),
    PhiType.DATE: regex.compile(r"\b(?:born|birth\w*|dob|d\.o\.b|bday|nac\w{1,8}|cumple\w*|fecha)\b", regex.I),
    PhiType.IP: regex.compile(r"\bip\b|\baddress\b", regex.I),
    PhiType.FAX: regex.compile(r"\bfax\b", regex.I),
    PhiType.ACCOUNT: regex.compile(r"\b(?:account|card|acct|iban|routing|cuenta|tarjeta)\b", regex.I),
}  # fmt: skip
_DIGITS_ONLY = regex.compile(r"[0-9\s().+/-]+")
_WHOLE = {PhiType.SSN: (9,), PhiType.PHONE: (10, 11), PhiType.ACCOUNT: (15, 16), PhiType.MRN: (7, 8, 9, 10)}
_DIGITS_ON = regex.compile(r"[0-9](?:[\s./-]{0,2}[0-9]){1,15}(?![\w%])")
_CODE_ON = regex.compile(r"[0-9](?:[\s./()-]{0,2}[0-9]|[A-Z])*+")
_YEAR = regex.compile(r"(?:19|20)[0-9]{2}")
_DOTTED_DIGITS = regex.compile(r"[/.][0-9]{1,3}\Z")
_MAIL_EDGE = regex.compile(r"@|\b(?:at|dot|arroba|punto)\b|\w\.\w|[_.]\Z|\A\.", regex.I)
_MAIL = regex.compile(r"\b(?:e-?mail|mail|correo)\b", regex.I)
_DOMAIN = regex.compile(r"(?:[\w-]{1,40}\.){1,3}(?:com|org|net|edu|gov|us|mx|es|io|co|uk|ca|de)\b", regex.I)
_STRONG_NAME = regex.compile(
    r"\b(?:(?:full |first |last |legal |middle |family )?name(?:'s| is| was|:)|name is|call me|goes by|i go by|named"
    r"|me llamo|mi nombre es|se llama)[\s:.…,-]*\Z",
    regex.I,
)
_WEAK_NAME = regex.compile(
    r"\b(?:i'?m|i am|this is|soy|habla|name|nombre|signed|regards|sincerely)[\s:.…,-]*\Z", regex.I
)


@dataclass(frozen=True, slots=True)
class _Join:
    """Two messages read on: `before` and `after` the border, what was put between, and where `after` begins."""

    before: str
    between: str
    after: str
    cut: bool

    @property
    def text(self) -> str:
        return self.before + self.between + self.after

    @property
    def border(self) -> int:
        return len(self.before) + len(self.between)


class Window:
    """Look across the border of two messages with the recognisers of structured identifiers."""

    def __init__(self, recognisers: Sequence[object]) -> None:
        self._recognisers = [r for r in recognisers if isinstance(r, FormRecogniser) and r.phi_type in _ACROSS]

    def find(self, text: str, earlier: Sequence[str]) -> list[PhiSpan]:
        """Return what of an identifier that began in an earlier message lies in this one; all texts are folded."""
        lead = _LEAD.match(text)
        start = lead.end() if lead else 0
        head = _head(text[start:])
        if not head or not earlier:
            return []
        spans = [*_names(text, start, earlier[-1]), *_rest_of_begun(text, start, earlier)]
        for join in _joins(head, earlier[-MESSAGES:]):
            rest = text[start + len(head) :]
            for recogniser in self._recognisers:
                spans.extend(
                    _span(f, join, start, recogniser.phi_type)
                    for f in recogniser.find(join.text)
                    if _counts(f, join, rest, recogniser.phi_type)
                )
        return spans


def _span(found: Found, join: _Join, start: int, kind: PhiType) -> PhiSpan:
    first = max(found.start, join.border) - join.border
    return PhiSpan(start + first, start + found.end - join.border, kind, max(found.score, 0.5))


def _counts(found: Found, join: _Join, rest: str, kind: PhiType) -> bool:
    """Say whether something found in joined text is an identifier that crosses the border, or whose cue does."""
    if found.end <= join.border or (join.cut and found.start == 0):
        return False
    if found.start >= len(join.before):
        return found.start <= join.border and found.score >= 0.7
    first, second = join.text[found.start : len(join.before)], join.text[join.border : found.end]
    if kind in _WITH_WORDS:
        return _reads_on(kind, first, second)
    alone = _REST.match(join.text[found.end :] + rest) is not None
    return (alone or (kind is PhiType.DATE and _cued(kind, join))) and _fits(kind, join, first, second, found.score)


def _reads_on(kind: PhiType, first: str, second: str) -> bool:
    """Say whether an address goes on over the border: one that was whole before it does not."""
    match kind:
        case PhiType.EMAIL:
            return "@" not in first or first[-1] in "@.-_" or second[0] in "@."
        case PhiType.GEOGRAPHIC:
            return first[0].isdigit() and STREET_TYPE.search(second) is not None
        case _:
            return not second.strip().isdigit() and (first[-1] in "/.-_?=" or second[0] in "/.-_?=")


def _fits(kind: PhiType, join: _Join, first: str, second: str, score: float) -> bool:
    """Hold what crosses the border to the shape of its class: measurements have fewer digits and no cue."""
    digits = [_count_digits(part) for part in (first, second)]
    match kind:
        case PhiType.DATE:
            return _cued(kind, join) or _YEAR.fullmatch(second.strip()) is not None
        case PhiType.IP:
            return _cued(kind, join)
        case PhiType.PHONE | PhiType.FAX:
            return _cued(kind, join) or (sum(digits) in (10, 11) and score != 0.55 and digits[0] >= 3)
        case PhiType.SSN:
            return _cued(kind, join) or (sum(digits) == 9 and min(digits) >= 2)
        case PhiType.OTHER_ID if _DIGITS_ONLY.fullmatch(first + second):
            return digits[0] >= 5 and not first.endswith("00")
        case _:
            return _cued(kind, join) or sum(digits) >= 6


def _cued(kind: PhiType, join: _Join) -> bool:
    cue = _CUES.get(kind)
    return cue is not None and cue.search(join.before) is not None


def _joins(head: str, earlier: Sequence[str]) -> Iterator[_Join]:
    """Yield the ways in which messages may read on, most of them nothing special and cheap to look at."""
    last = _tail(earlier[-1])
    if not last:
        return
    for between in _betweens(last, head):
        yield _Join(last, between, head, cut=len(last) == _TAIL)
        longer = _chain(earlier, between)
        if longer != last:
            yield _Join(longer, between, head, cut=False)


def _betweens(last: str, head: str) -> tuple[str, ...]:
    """Return what may stand between two halves; nothing where neither edge can belong to an identifier.

    Digits read on plainly, by a space, or by the usual separators; a word and a number by a space.
    """
    number_on, number_off = last[-1:].isdigit(), any(c.isdigit() for c in next(iter(head.split(maxsplit=1)), ""))
    if number_on and head[:1].isdigit():
        code = _CODE_ON.match(head)
        if not (code and _REST.match(head, code.end())) and not _CUES[PhiType.DATE].search(last):
            return ()
        return ("", " ", "-", "/", ".") if _DOTTED_DIGITS.search(last) else ("", " ", "-", "/")
    if _MAIL.search(last) and _DOMAIN.match(head) and "@" not in last[-40:]:
        return ("", " ", "@")
    if _MAIL_EDGE.search(last[-24:]) or _MAIL_EDGE.search(head[:24]) or last[-1:] in "-/(#:":
        return ("", " ")
    return (" ",) if number_on or number_off else ()


def _chain(earlier: Sequence[str], between: str) -> str:
    """Read on over short messages before the last one: an identifier may come in three."""
    parts = [_tail(earlier[-1])]
    for message in reversed(earlier[:-1]):
        if len(parts[0]) > _SHORT:
            break
        parts.insert(0, _tail(message))
    return between.join(part for part in parts if part)


def _tail(message: str) -> str:
    """Return the end of a message without "the rest follows"."""
    kept = without_promise(message).rstrip()
    in_host = kept.endswith(".") and not kept.endswith("..") and "@" in kept[-40:]
    return (kept if in_host else kept.rstrip(" .…,;"))[-_TAIL:]


def _head(text: str) -> str:
    """Return the beginning of a message, cut where a word ends."""
    end = _HEAD
    while end < len(text) and end < 2 * _HEAD and not text[end].isspace():
        end += 1
    return text[:end]


def _rest_of_begun(text: str, start: int, earlier: Sequence[str]) -> Iterator[PhiSpan]:
    """Yield the digits that a message opens with and ends in, where an identifier was begun and announced before.

    Where something else was said between, the digits must be as many as the class has.
    """
    match = _DIGITS_ON.match(text, start)
    if match is None or not _REST.match(text, match.end()):
        return
    said = _count_digits(match.group())
    adjacent = True
    for message in reversed(earlier[-MESSAGES:]):
        if _DIGITS_ONLY.fullmatch(message.strip()):
            said += _count_digits(message)
        for begun in find_begun(message):
            whole = said + _count_digits(message[begun.start : begun.end])
            if begun.type is not PhiType.GEOGRAPHIC and (adjacent or whole in _WHOLE.get(begun.type, ())):
                yield PhiSpan(match.start(), match.end(), begun.type, begun.score)
        adjacent = adjacent and _DIGITS_ONLY.fullmatch(message.strip()) is not None


def _count_digits(text: str) -> int:
    return sum("0" <= character <= "9" for character in text)


def _names(text: str, start: int, last: str) -> Iterator[PhiSpan]:
    """Yield the name that a message opens with where the one before ended in an introduction or a first name."""
    tail = last[-_TAIL:]
    if _STRONG_NAME.search(tail):
        end = read_name(text, start, reads=is_name_in_any_case)
    elif _WEAK_NAME.search(tail):
        end = read_name(text, start, reads=_is_surely_name) or _two_capitals(text, start)
    else:
        end = _family_name_after(text, start, tail)
    if end is not None:
        yield PhiSpan(start, end, PhiType.NAME, _SCORE)


def _is_surely_name(word: str) -> bool:
    return is_listed_name(word) and (word[0].isupper() or not is_ordinary_word(word))


def _two_capitals(text: str, start: int) -> int | None:
    """Return where two or more capitalised words end that no list knows."""
    end = read_name(text, start, reads=is_capitalised_name)
    return end if end is not None and " " in text[start:end] else None


def _family_name_after(text: str, start: int, tail: str) -> int | None:
    """Return where a family name ends that is all a message says after one that ended in a given name."""
    match = regex.search(r"(?:[^\W\d_]\p{M}*){2,30}\Z", tail.rstrip(" .…,"))
    if match is None or not is_listed_name(match.group()) or is_ordinary_word(match.group()):
        return None
    end = read_name(text, start, reads=is_capitalised_name, most=2) or read_name(
        text, start, reads=_is_plain_family, most=2
    )
    return end if end is not None and regex.match(r"[\s.!]*\Z", text[end:]) else None


def _is_plain_family(word: str) -> bool:
    return is_family_name(word) and not is_ordinary_word(word)
