"""What the names of one session look like when written: parts, short forms, joined forms, initials.

Everything is lower case without accents (`fold_name`). A form that is also an everyday word is weak: it counts only
where case or a neighbour says that a person is meant.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import regex

from portico_core.known import KnownPart, KnownValue
from portico_core.labels import PhiType
from portico_redaction.known.fuzzy import Neighbours
from portico_redaction.known.lists import PARTICLES, SUFFIXES, TITLES, is_everyday, nicknames_of
from portico_redaction.normalise import normalise
from portico_redaction.recognisers.word_lists import fold_name

RUN = regex.compile(r"(?:[^\W\d_]\p{M}*)+")
"""A run of letters: what a name part is compared with."""

_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_EXPANSIONS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"})
_SHORTEST_JOINED = 5


@dataclass(frozen=True, slots=True)
class Part:
    """One way of writing one part of a name: whose it is, on which side of the name, and whether it is a word."""

    persons: frozenset[int]
    given: bool
    family: bool
    weak: bool

    def with_(self, other: "Part") -> "Part":
        """Return what both say together: one spelling may be a part of several names."""
        return Part(self.persons | other.persons, self.given or other.given, self.family or other.family, self.weak)


@dataclass(slots=True)
class NameForms:
    """All the forms of one session's names, for look-up by run of letters."""

    parts: dict[str, Part] = field(default_factory=dict)
    particles: dict[str, frozenset[int]] = field(default_factory=dict)
    joined: dict[str, Part] = field(default_factory=dict)
    initials: dict[int, frozenset[str]] = field(default_factory=dict)
    whole: dict[int, str] = field(default_factory=dict)
    neighbours: Neighbours = field(default_factory=lambda: Neighbours(()))


@dataclass(frozen=True, slots=True)
class _Person:
    """The runs of one person's name by side; `compounds` are runs that one word of the name holds together."""

    number: int
    given: tuple[str, ...]
    family: tuple[str, ...]
    particles: tuple[str, ...]
    compounds: tuple[str, ...]


def compile_names(values: Iterable[KnownValue]) -> NameForms:
    """Return the forms of every name among the values."""
    by_person: dict[int, list[KnownValue]] = defaultdict(list)
    for value in values:
        if value.type is PhiType.NAME:
            by_person[value.person].append(value)
    forms = NameForms()
    for number, named in by_person.items():
        _add_person(forms, _read_person(number, named))
    forms.neighbours = Neighbours([*forms.parts, *(word for word in forms.joined if len(word) >= 7)])
    return forms


def _read_person(number: int, values: Sequence[KnownValue]) -> _Person:
    given: list[str] = []
    family: list[str] = []
    words: list[str] = []
    for value in values:
        chunks = _chunks_of(value.value)
        words.extend(chunks)
        match value.part:
            case KnownPart.GIVEN | KnownPart.MIDDLE | KnownPart.PREFERRED:
                given.extend(chunks)
            case KnownPart.FAMILY:
                family.extend(chunks)
            case _:
                first, last = _sides(chunks, value.value)
                given.extend(first)
                family.extend(last)
    runs = [run for chunk in words for run in _runs_of(chunk)]
    compounds = [joined for chunk in words for joined in _compounds_of(chunk)]
    small = tuple(dict.fromkeys(run for run in runs if run in PARTICLES))
    stuck = {"".join(runs) for value in values for runs in _with_particles(_chunks_of(value.value))}
    return _Person(number, _majors(given), _majors(family), small, tuple(dict.fromkeys((*compounds, *sorted(stuck)))))


def _with_particles(chunks: Sequence[str]) -> Iterator[list[str]]:
    """Yield each family name that has particles before it, with them: "de la Cruz"."""
    led: list[str] = []
    for run in (run for chunk in chunks for run in _runs_of(chunk)):
        if run in PARTICLES:
            led.append(run)
        elif led:
            yield [*led, run]
            led = []


def _sides(chunks: Sequence[str], value: str) -> tuple[list[str], list[str]]:
    """Cut a whole name: the first word is given, the last a family name, those between may be either."""
    if "," in value:
        family = _chunks_of(value.split(",", 1)[0])
        return list(chunks[len(family) :]), family
    if len(chunks) == 1:
        return list(chunks), list(chunks)
    return list(chunks[:-1]), list(chunks[1:])


def _chunks_of(value: str) -> list[str]:
    """Return the words of a name without titles and suffixes."""
    chunks = normalise(value).text.replace(",", " ").split()
    return [chunk for chunk in chunks if fold_name(chunk) not in SUFFIXES | TITLES]


def _runs_of(chunk: str) -> list[str]:
    return [fold_name(run) for run in RUN.findall(chunk)]


def _majors(chunks: Sequence[str]) -> tuple[str, ...]:
    runs = [run for chunk in chunks for run in (*_runs_of(chunk), *_respelled(chunk))]
    return tuple(dict.fromkeys(run for run in runs if len(run) > 1 and run not in PARTICLES))


def _respelled(chunk: str) -> list[str]:
    """Return other spellings of umlauts: Müller as Mueller, Mueller as Muller."""
    lowered = chunk.lower()
    spelled = [fold_name(run) for run in RUN.findall(lowered.translate(_EXPANSIONS))]
    for pair, single in _UMLAUTS:
        spelled.extend(run.replace(pair, single) for run in _runs_of(chunk) if pair in run and len(run) > 4)
    return spelled


def _compounds_of(chunk: str) -> list[str]:
    runs = _runs_of(chunk)
    return ["".join(runs)] if len(runs) > 1 else []


def _add_person(forms: NameForms, person: _Person) -> None:
    whose = frozenset({person.number})
    short = tuple(dict.fromkeys(form for name in person.given for form in sorted(nicknames_of(name))))
    for side, names in (("given", (*person.given, *short)), ("family", person.family)):
        for name in names:
            _add(forms.parts, name, Part(whose, side == "given", side == "family", len(name) < 3 or is_everyday(name)))
    for name in person.compounds:
        _add(forms.parts, name, Part(whose, True, True, is_everyday(name)))
    for particle in {*person.particles, "".join(person.particles)} - {""}:
        forms.particles[particle] = forms.particles.get(particle, frozenset()) | whose
    families = (*person.family, *person.compounds)
    for name in _joined((*person.given, *short), families):
        _add(forms.joined, name, Part(whose, True, True, len(name) < _SHORTEST_JOINED or is_everyday(name)))
    for name in (g + f[0] for g in person.given for f in person.family):
        _add(forms.joined, name, Part(whose, True, True, True))
    forms.whole[person.number] = " ".join(dict.fromkeys((*person.given, *person.family)))
    letters = {name[0] for name in (*person.given, *short, *person.family, *person.particles)}
    forms.initials[person.number] = frozenset(letters)


def _joined(given: Sequence[str], family: Sequence[str]) -> set[str]:
    """Return given and family names in one word, as in user names: marialopez, lopezmaria, mlopez, lopezm."""
    pairs = [(g, f) for g in given for f in family if g != f]
    whole = {g + f for g, f in pairs} | {f + g for g, f in pairs}
    letters = {g[0] + f for g, f in pairs} | {f + g[0] for g, f in pairs}
    middle = {a + b + f for a in given[:4] for b in given[:4] for f in family if len({a, b, f}) == 3}
    initials = {a[0] + b[0] + f for a in given[:4] for b in given[:4] for f in family if a != b}
    return whole | letters | middle | initials


def _add(table: dict[str, Part], name: str, part: Part) -> None:
    table[name] = table[name].with_(part) if name in table else part
