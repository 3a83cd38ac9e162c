"""What must survive redaction: the doses, lab values, drugs and diseases of the clinical-utility set."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portico_core.text import PhiSpan
from portico_evaluation.figures import Figure, Rate, Tally
from portico_evaluation.phi.labelled_set import ShowError
from portico_evaluation.phi.redacting import TextRedactor, spans_of
from portico_evaluation.phi.targets import UTILITY
from portico_evaluation.phi.texts import UtilityText, read_utility
from portico_evaluation.results import SetSummary
from portico_evaluation.rows import digest_of

NAME = "utility"
MEASURES = {
    "kept": "clinical terms that survive untouched",
    "kept_by_kind": "the same, by kind of term",
    "left_alone": "sentences left exactly as they are",
}


@dataclass(slots=True)
class MeasuredUtility:
    """Terms kept, by kind, and sentences left as they are."""

    summary: SetSummary
    kept: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    left_alone: Tally = field(default_factory=Tally)

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures of the set."""
        return tuple(self._figures())

    def _figures(self) -> Iterator[Figure]:
        total = Tally(sum(t.hits for t in self.kept.values()), sum(t.n for t in self.kept.values())).rate()
        whole = self.left_alone.rate()
        if total is None or whole is None:
            return
        yield Figure(NAME, "kept", total, target=UTILITY)
        for kind, tally in sorted(self.kept.items()):
            yield Figure(NAME, "kept_by_kind", Rate(tally.hits, tally.n), key=kind)
        yield Figure(NAME, "left_alone", whole)


def read_utility_set(file: Path) -> tuple[tuple[UtilityText, ...], SetSummary]:
    """Read the set; raise UnusableSet."""
    texts = read_utility(file)
    return texts, SetSummary(NAME, "clinical sentences, authored", len(texts), digest_of(file))


def measure_utility(
    texts: Sequence[UtilityText],
    summary: SetSummary,
    redactor: TextRedactor,
    *,
    on_text: Callable[[], None],
    show_error: ShowError | None,
) -> MeasuredUtility:
    """Redact every sentence and count. Of a refused sentence nothing survives."""
    measured = MeasuredUtility(summary)
    for text in texts:
        spans = spans_of(redactor, text.text)
        measured.left_alone.add(spans == ())
        for term in text.keep:
            kept = spans is not None and survives(text.text, term, spans)
            measured.kept[text.group].add(kept)
            if not kept and show_error is not None:
                show_error(f"{NAME} {text.id} lost: {term!r}")
        on_text()
    return measured


def survives(text: str, term: str, spans: Sequence[PhiSpan]) -> bool:
    """Say whether no span touches the term, wherever it stands in the text as words of its own."""
    bounded = rf"(?<!\w){re.escape(term)}(?!\w)"
    places = [match.span() for match in re.finditer(bounded, text)] or [_first(text, term)]
    return all(span.end <= start or end <= span.start for span in spans for start, end in places)


def _first(text: str, term: str) -> tuple[int, int]:
    """A term that is glued to a letter ("%" of "5%O2") is looked for as it is."""
    return text.index(term), text.index(term) + len(term)
