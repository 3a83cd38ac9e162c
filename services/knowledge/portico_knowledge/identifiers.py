"""Identifiers in passages: a passage is shown to every patient, so what identifies one person keeps it out.

Public text is full of what looks like an identifier and is none: help lines, web addresses, towns of institutes, review
dates. So text from anywhere (`portico knowledge index --from`) is refused for numbers that belong to one person, and
for a name with a date or a contact beside it. Our own topics (`portico knowledge check`) are written
without any of it, and each exception was looked at by a person and stands in `public_terms.txt`.
What is found is named by class only: the value would end up in a terminal or in a build log.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portico_core.knowledge import Passage
from portico_core.labels import PhiType
from portico_core.text import PhiSpan

FindSpans = Callable[[str], Sequence[PhiSpan]]

ONE_PERSONS = frozenset(
    {
        PhiType.SSN, PhiType.MRN, PhiType.HEALTH_PLAN, PhiType.ACCOUNT, PhiType.LICENSE, PhiType.VEHICLE,
        PhiType.DEVICE, PhiType.BIOMETRIC, PhiType.PHOTO,
    }
)  # fmt: skip
"""Classes whose every value belongs to one person (45 CFR 164.514(b)(2)(i)), whoever reads it."""

BESIDE_A_NAME = frozenset({PhiType.DATE, PhiType.PHONE, PhiType.FAX, PhiType.EMAIL})
"""What makes a name in the same sentence a person's record. A place does not: researchers have universities."""

# Toll-free and ten-digit numbers, also with letters: help lines, which recognisers of plan ids and accounts may take,
# with the ZIP code of the address before them.
_HELP_LINE = re.compile(
    r"(?:\d{5}(?:-\d{4})? )?\(?(?:1[-. ])?\(?\d{3}\)?[-. ]\d{3}[-. ]?\d{4}|1-8\d\d(?:-[A-Za-z0-9-]{4,12})?"
)
# A short word before the full stop may be a title ("Mrs."): two sentences too many together only refuse more.
_SENTENCE_END = re.compile(r"(?:(?<=[a-z]{4}[.!?])|(?<=[\d)][.!?]))\s+")
_URL_PARTS = re.compile(r"[/?&=#]+")


@dataclass(frozen=True, slots=True)
class Identified:
    """A passage that may not be served, and the classes of what stands in it."""

    passage: str
    types: tuple[PhiType, ...]

    def __str__(self) -> str:
        return f"{self.passage}: identifiers in the passage: {', '.join(self.types)}"


def refuse_identified(
    passages: Iterable[Passage], *, find: FindSpans
) -> tuple[tuple[Passage, ...], tuple[Identified, ...]]:
    """Part passages into those that may be indexed and those that identify a person.

    A text is looked at once: title, source and names stand in every section of a topic.
    """
    find = cache(find)
    fit, refused = list[Passage](), list[Identified]()
    for passage in passages:
        types = _sorted(personal_types(passage, find=find))
        if types:
            refused.append(Identified(passage.id, types))
        else:
            fit.append(passage)
    return tuple(fit), tuple(refused)


def personal_types(passage: Passage, *, find: FindSpans) -> set[PhiType]:
    """Return the classes that tell of one person in any field of a passage."""
    found = set[PhiType]()
    for text in (passage.title, passage.section, passage.source, passage.text):
        found |= _personal_types_of(text, find=find)
    for part in (*_URL_PARTS.split(passage.url), *passage.synonyms):
        found |= {span.type for span in find(part)} & ONE_PERSONS
    return found


def _personal_types_of(text: str, *, find: FindSpans) -> set[PhiType]:
    spans = [span for span in find(text) if not _is_public(text[span.start : span.end])]
    found = {span.type for span in spans} & ONE_PERSONS
    ends = [match.start() for match in _SENTENCE_END.finditer(text)]
    by_sentence: dict[int, set[PhiType]] = {}
    for span in spans:
        by_sentence.setdefault(bisect_right(ends, span.start), set()).add(span.type)
    for types in by_sentence.values():
        if PhiType.NAME in types and types & BESIDE_A_NAME:
            found |= types & {PhiType.NAME, *BESIDE_A_NAME}
    return found


def _is_public(value: str) -> bool:
    """Say whether a find is a help line, or one of the initials that public text is full of ("U. S.")."""
    return len(value) < 3 or _HELP_LINE.fullmatch(value) is not None


def types_beyond_public(text: str, *, find: FindSpans) -> tuple[PhiType, ...]:
    """Return every class found in a text of ours, but for terms that were looked at and are public."""
    return _sorted({span.type for span in find(text) if text[span.start : span.end].casefold() not in public_terms()})


@cache
def public_terms() -> frozenset[str]:
    """Read the reviewed list: one term a line, what it is after `#`."""
    lines = Path(__file__).with_name("public_terms.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(term for line in lines if (term := line.partition("#")[0].strip().casefold()))


def _sorted(types: Iterable[PhiType]) -> tuple[PhiType, ...]:
    return tuple(sorted(types))
