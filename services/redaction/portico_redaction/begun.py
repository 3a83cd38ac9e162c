"""The first part of an identifier whose rest has not come yet: "my SSN is 123-45", "my email is maria.lopez".

It goes out with its message unless it is taken now, so a part that stands at the end after a word that announces it is
taken at once, and so is a message that is nothing but five digits, an area code in brackets, the shape of half an SSN
or telephone number, or a name as in an address. What is left: a first part without any such word that also reads as a
measurement ("555", "120 80"; digits that read as a blood pressure are left, round thousands as a count).
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.known.lists import is_everyday
from portico_redaction.recognisers.base import GLUE, PATTERN_TIMEOUT_S
from portico_redaction.recognisers.word_lists import MONTH_NAMES, is_family_name, is_given_name

_PROMISE = regex.compile(
    r"[\s.…,;:(-]{0,6}(?:and the rest|the rest|i'?ll send|sending|wait|hold on|to be continued|continued"
    r"|next message|in the next|more coming|more in a|follows|to follow|one sec|un momento|sigue|el resto)"
    r"[a-z\s']{0,30}[\s.…,;)]*\Z",
    regex.IGNORECASE,
)
_LONGEST_PROMISE = 60
_OPENS = r"(?: (?:starts?|begins?|starting|beginning|empieza|comienza|opens?)\b)?"
_END = r"(?=[\s.…,;:-]*\Z)"
_NO = r"(?: (?:number|no|id|#))?"
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
_PHONE = r"\(?\+?[0-9](?:[\s./()-]{0,2}[0-9]){2,9}\)?"
_CODE = r"(?:[a-z]{0,4}[0-9a-z-]{0,3}[0-9][a-z0-9-]{1,9}|(?-i:[A-Z]{2,4}))"
_MONTH = "|".join(sorted(MONTH_NAMES, key=len, reverse=True))
_BORN = r"dob|born(?: (?:in|on))?|birth ?(?:date|day)|date of birth|nac[ií]\w{0,6}"
_CUED = (
    (PhiType.SSN, rf"ssn|social(?: security)?{_NO}|seguro social", r"[0-9](?:[\s./-]{0,2}[0-9]){1,8}"),
    (PhiType.PHONE, rf"(?:(?:tele)?phone|cell|mobile|tel|tel[eé]fono|celular|fax){_NO}", _PHONE),
    (PhiType.MRN, rf"(?:mrn|(?:medical )?record|chart|expediente){_NO}", r"[a-z]{0,4}[0-9][a-z0-9-]{1,9}"),
    (PhiType.HEALTH_PLAN, r"(?:member|policy|insurance|subscriber|group) (?:id|number|no|#)", _CODE),
    (PhiType.ACCOUNT, rf"(?:account|acct|card|iban){_NO}", r"[0-9](?:[\s-]?[0-9]){3,15}"),
    (PhiType.DATE, _BORN, rf"(?:{_DAY}[/.-](?:{_DAY}[/.-]?)?|{_MONTH})"),
    (PhiType.GEOGRAPHIC, r"(?:my |home )?address|(?:i |we )live at|vivo en|direcci[oó]n", r"[0-9]{1,5}"),
)
_ALONE = (
    (PhiType.PHONE, r"\([2-9][0-9]{2}\)"),
    (PhiType.PHONE, r"[2-9][0-9]{2}-[0-9]{3}(?=-)"),
    (PhiType.SSN, r"(?![0-2][0-9]{2}.[4-9])[0-9]{3}[-\s][0-9]{2}(?=[-\s]?)"),
    (PhiType.OTHER_ID, r"(?![0-9]{3}00)[0-9]{5}"),
)
_FORMS = tuple(
    (kind, regex.compile(pattern, regex.IGNORECASE))
    for kind, pattern in (
        *((kind, rf"\b(?:{cue})\b{_OPENS}{GLUE}(?P<value>{value})[-./]?{_END}") for kind, cue, value in _CUED),
        *((kind, rf"\A\s*(?P<value>{value})[-\s]?{_END}") for kind, value in _ALONE),
    )
)
_MAIL = regex.compile(
    r"\b(?:(?:e-?mail|mail|correo)(?: address| id| electr[oó]nico)?(?:'s| is| es|:)|(?P<loose>(?:write|send|mail)"
    r"(?: (?:it|me|them))? (?:to|at)))\s{0,2}"
    rf"(?P<value>[\w.+-]{{2,64}})(?P<at>\s?@|\s(?:at|arroba))?[\w.-]{{0,20}}{_END}",
    regex.IGNORECASE,
)
_USER = regex.compile(
    rf"\A\s*(?P<value>[^\W\d_]{{2,20}}(?:[._][^\W\d_]{{2,20}}|[0-9]{{2,4}})[0-9]{{0,4}})(?P<at> at| arroba|@)?{_END}"
)


def without_promise(text: str) -> str:
    """Return a message without a promise of more at its end: "(more coming)", "the rest in the next message"."""
    found = _PROMISE.search(text, max(0, len(text) - _LONGEST_PROMISE))
    return text[: found.start()] if found else text


def find_begun(text: str) -> Iterator[PhiSpan]:
    """Yield the first parts of identifiers that folded text ends in."""
    text = without_promise(text)
    for kind, pattern in _FORMS:
        for match in pattern.finditer(text, timeout=PATTERN_TIMEOUT_S):
            yield PhiSpan(*match.span("value"), kind, 0.6)
    for match in _MAIL.finditer(text, timeout=PATTERN_TIMEOUT_S):
        user = match.group("value").rstrip(".")
        if not user.isalpha() or (not match.group("loose") and (match.group("at") or not is_everyday(user.lower()))):
            yield PhiSpan(match.start("value"), match.start("value") + len(user), PhiType.EMAIL, 0.6)
    for match in _USER.finditer(text, timeout=PATTERN_TIMEOUT_S):
        if match.group("at") or any(map(_is_name, regex.findall(r"[^\W\d_]+", match.group("value")))):
            yield PhiSpan(*match.span("value"), PhiType.EMAIL, 0.6)


def _is_name(word: str) -> bool:
    """Say whether letters are a listed name, or an initial and a family name."""
    listed = is_given_name(word) or is_family_name(word) or (len(word) > 5 and is_family_name(word[1:]))
    return listed and not is_everyday(word.lower())
