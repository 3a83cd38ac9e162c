"""Names inside user names, hashtags, e-mail addresses and links: the whole of it goes, not only the name in it.

A name cut out of `maria.lopez82@example.org` would leave half an address; so a span grows to what it is a part of.
"""

import regex

from portico_core.labels import PhiType
from portico_core.text import PhiSpan

_HOST = regex.compile(r" ?@ ?(?:[\w-]{1,63}\.){1,5}[\w-]{2,24}|@[\w-]{2,63}")
_DOTTED = regex.compile(r"(?:[.+-]\w{1,40}){0,4}")
_USER_END = regex.compile(r"[\w.+-]{1,64}\Z")
_CHUNK = regex.compile(r"\S*")
_LINK = regex.compile(r"(?:[a-z][a-z0-9+.-]{1,12}://|www\.)\S", regex.IGNORECASE)
_LONGEST = 120


def grow_handle(text: str, start: int, end: int) -> PhiSpan | None:
    """Return the user name, address or link that a name is a part of, or None where it stands as a name."""
    left = _start_of_chunk(text, start)
    link = _LINK.match(text, left)
    if link is not None:
        stop = _CHUNK.match(text, left)
        return PhiSpan(left, max(end, stop.end() if stop else end), PhiType.URL, 1.0)
    first, last = _edges(text, start, end)
    host = _HOST.match(text, last)
    if host is not None:
        return PhiSpan(first, host.end(), PhiType.EMAIL, 1.0)
    lead = text[first - 1 : first] if first else ""
    if lead in ("#", "@"):
        return PhiSpan(first - 1, last, PhiType.OTHER_ID, 1.0)
    if (first, last) == (start, end):
        return None
    return PhiSpan(first, last, PhiType.OTHER_ID if _is_user_name(text[first:last]) else PhiType.NAME, 1.0)


def _edges(text: str, start: int, end: int) -> tuple[int, int]:
    """Grow over what is glued on: letters, digits, underscores; over dots and dashes only towards a host."""
    first, last = start, end
    while first > 0 and end - first < _LONGEST and (text[first - 1].isalnum() or text[first - 1] == "_"):
        first -= 1
    while last < len(text) and last - start < _LONGEST and (text[last].isalnum() or text[last] == "_"):
        last += 1
    dotted = _DOTTED.match(text, last)
    if dotted and dotted.end() > last and _HOST.match(text, dotted.end()):
        last = dotted.end()
    if _HOST.match(text, last):
        before = _USER_END.search(text, max(0, first - 64), first)
        first = before.start() if before else first
    return first, last


def _is_user_name(written: str) -> bool:
    return "_" in written or any(character.isdigit() for character in written)


def _start_of_chunk(text: str, start: int) -> int:
    first = start
    while first > 0 and start - first < _LONGEST and not text[first - 1].isspace():
        first -= 1
    return first
