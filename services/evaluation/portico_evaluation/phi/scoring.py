"""How well spans that were found cover the identifiers that are there.

The measures and their edge cases are those of ../shared/benchmarks/score.py (tests/unit/evaluation holds the two
equal), so that a figure here and a figure there mean the same:

- an identifier is found only when every character of it is covered, punctuation at its ends aside;
- the class counts among those found: one span of the right class that touches it is enough;
- spans of one class with nothing but punctuation and blanks between them are joined before they are compared by
  intersection over union, because sources disagree on where an address is cut; F2 weighs recall twice;
- optional identifiers count neither as missed nor as a false alarm.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_evaluation.figures import Tally
from portico_evaluation.phi.texts import Identifier, LabelledText

LEVELS = (0.5, 0.9)
"""Intersection over union from which two spans count as the same."""

PARTLY, MISSED = "partly covered", "not found"
"""Columns of the confusion matrix beside the classes."""


class Range(Protocol):
    """A stretch of text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(slots=True)
class Joined:
    """Neighbouring spans of one class, as one."""

    start: int
    end: int
    type: PhiType
    optional: bool


@dataclass(slots=True)
class SetScore:
    """The counts of one set."""

    recall: dict[PhiType, Tally] = field(default_factory=lambda: defaultdict(Tally))
    recall_of_group: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    typed: Tally = field(default_factory=Tally)
    clean: Tally = field(default_factory=Tally)
    confusion: Counter[tuple[PhiType, str]] = field(default_factory=Counter)
    false_alarms: Counter[PhiType] = field(default_factory=Counter)
    false_characters: int = 0
    plain_characters: int = 0
    joined: int = 0
    matched: Counter[float] = field(default_factory=Counter)

    def all_classes(self) -> Tally:
        """Return the recall over every class."""
        return Tally(sum(t.hits for t in self.recall.values()), sum(t.n for t in self.recall.values()))

    def precision(self, level: float) -> float:
        """Return the share of joined spans that match an identifier; score.py counts a match once per identifier."""
        return self.matched[level] / max(1, self.matched[level] + self.false_alarms.total())

    def f2(self, level: float) -> float:
        """Return F2 over joined spans; 0 where nothing matches."""
        if not self.matched[level]:
            return 0.0
        precision, recall = self.precision(level), self.matched[level] / self.joined
        return 5 * precision * recall / (4 * precision + recall)


def score_text(score: SetScore, given: LabelledText, found: Sequence[PhiSpan]) -> list[Identifier]:
    """Add one text to the counts; return the identifiers that were not fully covered."""
    missed = []
    for identifier in given.identifiers:
        if identifier.optional:
            continue
        hit = is_covered(given.text, identifier, found)
        score.recall[identifier.type].add(hit)
        score.recall_of_group[given.group].add(hit)
        score.confusion[identifier.type, _read_as(identifier, found, hit=hit)] += 1
        if hit:
            score.typed.add(any(span.type is identifier.type and overlap(span, identifier) > 0 for span in found))
        else:
            missed.append(identifier)
    if not given.identifiers:
        score.clean.add(not found)
    _score_joined(score, given, found)
    return missed


def is_covered(text: str, identifier: Identifier, found: Iterable[Range]) -> bool:
    """Say whether every character is covered, but for quotes before and punctuation after."""
    value = text[identifier.start : identifier.end]
    start = identifier.start + len(value) - len(value.lstrip(" \"'("))
    end = identifier.end - (len(value) - len(value.rstrip(" .,;:!?\"')")))
    left = set(range(start, end))
    for span in found:
        left.difference_update(range(span.start, span.end))
    return not left


def overlap(one: Range, other: Range) -> float:
    """Return intersection over union."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared / (max(one.end, other.end) - min(one.start, other.start)) if shared > 0 else 0.0


def join_neighbours(text: str, spans: Iterable[Identifier | PhiSpan]) -> list[Joined]:
    """Join spans of one class with no letter or digit between them."""
    joined: list[Joined] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        optional = isinstance(span, Identifier) and span.optional
        last = joined[-1] if joined else None
        same = last is not None and (last.type, last.optional) == (span.type, optional)
        if last is not None and same and not re.search(r"\w", text[last.end : span.start]):
            last.end = max(last.end, span.end)
        else:
            joined.append(Joined(span.start, span.end, span.type, optional))
    return joined


def false_alarms(given: LabelledText, found: Sequence[PhiSpan]) -> list[Joined]:
    """Return the joined spans that touch no identifier, optional ones included."""
    joined = join_neighbours(given.text, found)
    return [span for span in joined if not any(overlap(span, i) > 0 for i in given.identifiers)]


def _score_joined(score: SetScore, given: LabelledText, found: Sequence[PhiSpan]) -> None:
    wanted = join_neighbours(given.text, (i for i in given.identifiers if not i.optional))
    joined = join_neighbours(given.text, found)
    score.joined += len(wanted)
    for level in LEVELS:
        score.matched[level] += sum(any(overlap(span, whole) >= level for span in joined) for whole in wanted)
    for span in false_alarms(given, found):
        score.false_alarms[span.type] += 1
        score.false_characters += span.end - span.start
    score.plain_characters += len(given.text) - sum(i.end - i.start for i in given.identifiers)


def _read_as(identifier: Identifier, found: Sequence[PhiSpan], *, hit: bool) -> str:
    """Return the class an identifier was taken for; the right one where any span has it, else that of the longest."""
    touching = [span for span in found if overlap(span, identifier) > 0]
    if not hit:
        return PARTLY if touching else MISSED
    if any(span.type is identifier.type for span in touching):
        return identifier.type.value
    return max(touching, key=lambda span: overlap(span, identifier)).type.value if touching else MISSED
