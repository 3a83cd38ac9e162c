"""Identifiers that the token and the session vouch for, found in whatever form they are written, with certainty.

Names: every part, order, short form, initial, slip and user name (`known/names.py`). Birth dates: every writing.
Numbers: any separators, country codes, leading zeros. Addresses: whole, by line, abbreviated. What is also an everyday
word or number ("Will", "May", four digits) counts only where something says what is meant.

Compiling a session takes milliseconds, finding takes one, so the compiled sessions are kept. They hold raw values:
in this process only, where the token and the message lie as well; a bounded number; and none that nobody has used for
a quarter of an hour.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

import regex

from portico_core.known import KnownPart, KnownValue
from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.known.canonical import canonical
from portico_redaction.known.dates import compile_date
from portico_redaction.known.fuzzy import Neighbours
from portico_redaction.known.name_forms import compile_names
from portico_redaction.known.names import NameFinder, Owners
from portico_redaction.known.numbers import compile_email, compile_number
from portico_redaction.known.places import compile_city, compile_postcode, compile_street, street_words
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S
from portico_redaction.recognisers.word_lists import MONTH_NAMES

KnownValues = Sequence[KnownValue | tuple[PhiType, str]]

MOST_SESSIONS = 256
IDLE_S = 900.0
_SCORE = 1.0
_IN_WORDS = frozenset({PhiType.DATE, PhiType.GEOGRAPHIC})
_NO_WORDS = Neighbours(())
_Key = tuple[KnownValue, ...]


class KnownSession:
    """What one session vouches for, ready to be looked for."""

    def __init__(self, values: Iterable[KnownValue]) -> None:
        known = [value for value in values if value.value.strip()]
        self._names = NameFinder(compile_names(known))
        self._patterns = [(value.type, pattern) for value in known for pattern in _patterns_of(value)]
        places = [word for value in known if value.type is PhiType.GEOGRAPHIC for word in street_words(value.value)]
        months = MONTH_NAMES if any(value.type is PhiType.DATE for value in known) else ()
        self._corrected = Neighbours([*places, *months])

    def find(self, text: str) -> list[PhiSpan]:
        """Find known values in folded text; raise TimeoutError rather than skip one."""
        spans = self._names.find(text)
        if not self._patterns:
            return spans
        written, corrected = canonical(text, _NO_WORDS), canonical(text, self._corrected)
        for kind, pattern in self._patterns:
            plain = corrected if kind in _IN_WORDS else written
            group = "value" if "value" in pattern.groupindex else 0
            for match in pattern.finditer(plain.text, timeout=PATTERN_TIMEOUT_S):
                spans.append(PhiSpan(*plain.original_range(*match.span(group)), kind, _SCORE))
        return spans

    def owners_of(self, name: str) -> Owners:
        """Return which people of the session a name may be."""
        return self._names.owners_of(name)


class KnownSessions:
    """The compiled sessions of one redactor, least recently used first; safe to use from many threads."""

    def __init__(
        self, *, most: int = MOST_SESSIONS, idle_s: float = IDLE_S, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._idle_s, self._now = most, idle_s, now
        self._sessions: OrderedDict[_Key, tuple[float, KnownSession]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    def session_of(self, values: KnownValues) -> KnownSession:
        """Return the compiled session of these values; nothing is kept for none."""
        key = tuple(value if isinstance(value, KnownValue) else KnownValue(*value) for value in values)
        if not key:
            return _NOTHING_KNOWN
        with self._lock:
            kept = self._sessions.pop(key, None)
        session = kept[1] if kept else KnownSession(key)
        with self._lock:
            self._sessions[key] = (self._now(), session)
            self._forget_old()
        return session

    def _forget_old(self) -> None:
        oldest = self._now() - self._idle_s
        while len(self._sessions) > self._most or next(iter(self._sessions.values()))[0] < oldest:
            self._sessions.popitem(last=False)


def _patterns_of(value: KnownValue) -> Iterable[regex.Pattern[str]]:
    """Return the patterns of a value; names have none, they are read word by word."""
    match value.type:
        case PhiType.NAME:
            return ()
        case PhiType.DATE:
            return compile_date(value.value)
        case PhiType.EMAIL:
            return compile_email(value.value)
        case PhiType.GEOGRAPHIC:
            return _PLACES.get(value.part, compile_street)(value.value)
        case _:
            return compile_number(value.type, value.value)


_PLACES = {KnownPart.CITY: compile_city, KnownPart.POSTCODE: compile_postcode}
_NOTHING_KNOWN = KnownSession(())
