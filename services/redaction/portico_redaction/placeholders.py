"""Stable placeholders: one value reads the same through one conversation; only its own patient's view restores it.

One person, one placeholder, where it is certain: people of the session by any form of their name, others where a part
of a name can be of one full name of the conversation only. What is not certain (a doctor of the same family name, two
people called Ana) gets a placeholder of its own, because two people under one placeholder would be one to every model.
A text that spells a value otherwise keeps its spellings, so that its writer reads what they wrote.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import regex

from portico_core.labels import PhiType
from portico_core.text import PhiSpan, Redaction
from portico_redaction.known.lists import SUFFIXES, TITLES
from portico_redaction.known.names import Owners
from portico_redaction.recognisers.word_lists import KIN, fold_name

PLACEHOLDER = regex.compile(r"\[(?:" + "|".join(kind.value for kind in PhiType) + r")_[0-9]{1,4}\]")
"""What a placeholder looks like. Four digits at most, so that no identifier hides in the shape of one."""

_PERSON = "person:"
_SPELLED = "spelled:"
_WORD = regex.compile(r"(?:[^\W\d_]\p{M}*)+")
_NUMBERS = {PhiType.PHONE, PhiType.FAX, PhiType.SSN, PhiType.MRN, PhiType.HEALTH_PLAN, PhiType.ACCOUNT}
_PROFESSIONAL = regex.compile(
    r"\s*(?:dr|drs|dra|doctora?|prof|professor|nurse|rev|pastor|rabbi|coach)\b", regex.IGNORECASE
)
_STRANGER = regex.compile(
    rf"(?:\b(?:dr|drs|dra|doctora?|prof|professor|nurse|rev|pastor|rabbi|coach)\b\.?|\b(?:{KIN})\b,?)\s{{0,2}}\Z",
    regex.IGNORECASE,
)


def restore(text: str, placeholders: Mapping[str, str], spellings: Mapping[str, Sequence[str]] | None = None) -> str:
    """Put raw values back, in one pass: a value that itself reads like a placeholder is not looked up again."""
    left = {placeholder: iter(spelled) for placeholder, spelled in (spellings or {}).items()}

    def value_of(match: "regex.Match[str]") -> str:
        placeholder = match.group()
        value = placeholders.get(placeholder, placeholder)
        return next(left[placeholder], value) if placeholder in left else value

    return PLACEHOLDER.sub(value_of, text)


def keep(known: Mapping[str, str], redaction: Redaction, *, turn: str) -> dict[str, str]:
    """Return the conversation's map with what a redacted turn adds: placeholders, people, the turn's spellings."""
    people = {_PERSON + name: placeholder for name, placeholder in redaction.people.items()}
    spelled = {f"{_SPELLED}{turn}": json.dumps(redaction.spellings, ensure_ascii=False)} if redaction.spellings else {}
    return {**known, **redaction.placeholders, **people, **spelled}


def spellings_of(known: Mapping[str, str], *, turn: str | None) -> dict[str, list[str]]:
    """Return how a turn spelled values that were spelled otherwise before."""
    spelled: dict[str, list[str]] = json.loads(known.get(f"{_SPELLED}{turn}", "{}"))
    return spelled


def values_of(known: Mapping[str, str]) -> dict[str, str]:
    """Return what each placeholder stands for, without what else the map keeps (people by name, spellings)."""
    return {placeholder: raw for placeholder, raw in known.items() if PLACEHOLDER.fullmatch(placeholder)}


def key_of(value: str) -> str:
    """Return what makes two spellings one value: case and white space are ignored."""
    return " ".join(value.casefold().split())


class PlaceholderBook:
    """Hand out placeholders for one text, on top of those the conversation has already.

    `owners_of` tells people of the session apart; without it only equal values share a placeholder.
    """

    def __init__(self, known: Mapping[str, str], *, owners_of: Callable[[str], Owners] | None = None) -> None:
        self._known = values_of(known)
        self._owners_of = owners_of
        self._people = {name.removeprefix(_PERSON): p for name, p in known.items() if name.startswith(_PERSON)}
        self._by_key: dict[tuple[str, str], str] = {}
        self._last: dict[str, int] = {}
        for placeholder, raw in self._known.items():
            kind, _, number = placeholder.strip("[]").rpartition("_")
            self._by_key.setdefault((kind, self._key(PhiType(kind), raw)), placeholder)
            self._last[kind] = max(self._last.get(kind, 0), int(number))

    def placeholder_for(self, kind: PhiType, raw: str, *, before: str = "") -> str:
        """Return the placeholder of a value; a new one is numbered after the last of its class.

        `before` is what stands before a name: "Dr." or "my brother" there mean somebody else of that family name.
        """
        key = (kind.value, self._key(kind, raw))
        if key not in self._by_key:
            self._by_key[key] = self._shared(kind, raw, before) or self._new(kind, raw, before)
        return self._by_key[key]

    def values_of(self, placeholders: Iterable[str]) -> dict[str, str]:
        """Return the raw values behind placeholders."""
        return {placeholder: self._known[placeholder] for placeholder in placeholders}

    def people_of(self, placeholders: Iterable[str]) -> dict[str, str]:
        """Return the people of the session who stand behind placeholders."""
        given = set(placeholders)
        return {name: placeholder for name, placeholder in self._people.items() if placeholder in given}

    def spellings_of(self, used: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
        """Return the spellings of each placeholder that stands for another one, from pairs in reading order."""
        spelled: dict[str, list[str]] = {}
        for placeholder, raw in used:
            spelled.setdefault(placeholder, []).append(raw)
        return {p: tuple(raws) for p, raws in spelled.items() if any(raw != self._known[p] for raw in raws)}

    def _key(self, kind: PhiType, raw: str) -> str:
        """Numbers are one value whatever separates their digits."""
        if self._owners_of is not None and kind in _NUMBERS:
            return "".join(character for character in raw.casefold() if character.isalnum())
        return key_of(raw)

    def _new(self, kind: PhiType, raw: str, before: str) -> str:
        self._last[kind.value] = self._last.get(kind.value, 0) + 1
        placeholder = f"[{kind.value}_{self._last[kind.value]}]"
        self._known[placeholder] = raw
        person = self._person(kind, raw, before)
        if person is not None:
            self._people[person] = placeholder
        return placeholder

    def _shared(self, kind: PhiType, raw: str, before: str) -> str | None:
        if kind is not PhiType.NAME or self._owners_of is None:
            return None
        person = self._person(kind, raw, before)
        if person is not None:
            return self._people.get(person)
        if self._owners_of(raw).names or _is_stranger(raw, before):
            return None
        return self._by_part(raw)

    def _person(self, kind: PhiType, raw: str, before: str) -> str | None:
        """Return the one person of the session whose name this certainly is."""
        if kind is not PhiType.NAME or self._owners_of is None or _is_professional(raw, before):
            return None
        owners = self._owners_of(raw)
        if len(owners.names) != 1 or (owners.by_family and (_is_stranger(raw, before) or self._bears_another(raw))):
            return None
        return next(iter(owners.names))

    def _bears_another(self, raw: str) -> bool:
        """Say whether somebody else of the conversation has this family name."""
        mine = set(_words_of(raw))
        known = set(self._people.values())
        return any(mine <= set(_words_of(name)) for p, name in self._names() if p not in known)

    def _by_part(self, raw: str) -> str | None:
        """Return the placeholder of the one name of the conversation that holds these words, if it is a full name."""
        mine = set(_words_of(raw))
        holding = [(p, _words_of(name)) for p, name in self._names() if mine and mine <= set(_words_of(name))]
        if len(holding) != 1 or len(holding[0][1]) < 2 or _PROFESSIONAL.match(self._known[holding[0][0]]):
            return None
        return holding[0][0]

    def _names(self) -> Iterator[tuple[str, str]]:
        return ((p, raw) for p, raw in self._known.items() if p.startswith(f"[{PhiType.NAME.value}_"))


def what_stands_before(text: str, span: PhiSpan) -> str:
    """Return the words before a span that may say whose name it is."""
    return text[max(0, span.start - 24) : span.start]


def _words_of(name: str) -> list[str]:
    words = [fold_name(word) for word in _WORD.findall(name)]
    return [word for word in words if word not in TITLES | SUFFIXES and len(word) > 1]


def _is_professional(raw: str, before: str) -> bool:
    found = _STRANGER.search(before)
    return _PROFESSIONAL.match(raw) is not None or (
        found is not None and _PROFESSIONAL.match(found.group()) is not None
    )


def _is_stranger(raw: str, before: str) -> bool:
    return _PROFESSIONAL.match(raw) is not None or _STRANGER.search(before) is not None
