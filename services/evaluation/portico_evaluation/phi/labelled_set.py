"""The labelled sets of the suite, and what one of them gives when it has been redacted."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portico_core.labels import PhiType
from portico_evaluation.figures import Figure, Quantity, Rate, Tally, Target
from portico_evaluation.phi.redacting import TextRedactor, spans_of
from portico_evaluation.phi.scoring import LEVELS, Joined, SetScore, false_alarms, score_text
from portico_evaluation.phi.structured import SEED, structured_texts
from portico_evaluation.phi.targets import CLASS_RECALL, OUTSIDE, PORTAL
from portico_evaluation.phi.texts import Identifier, LabelledText, read_marked, read_spanned
from portico_evaluation.results import SetSummary
from portico_evaluation.rows import digest_of

ShowError = Callable[[str], None]
"""Takes one line that quotes the text: for a developer's terminal, never for a file."""

MEASURES = {
    "recall": "identifiers of which every character was covered",
    "recall_by_group": "the same, by who wrote or by source",
    "typed": "right class, of the identifiers found",
    "clean": "texts without identifiers left alone",
    "false_characters": "characters redacted that are no identifier",
    "f2_at_0.5": "F2 of joined spans at intersection over union 0.5",
    "f2_at_0.9": "F2 of joined spans at intersection over union 0.9",
    "refused": "texts the redactor refused",
}


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Texts under one name, and the targets that were named for them."""

    name: str
    title: str
    texts: tuple[LabelledText, ...]
    sha256: str
    class_targets: Mapping[PhiType, Target] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)

    @property
    def is_generated(self) -> bool:
        """Say whether the texts come from a generator and not from a file."""
        return not self.sha256

    def summary(self) -> SetSummary:
        """Return what results.json says of the set."""
        return SetSummary(self.name, self.title, len(self.texts), self.sha256)


@dataclass(frozen=True, slots=True)
class MeasuredSet:
    """A set, its counts, and how many of its texts were refused."""

    given: LabelledSet
    score: SetScore
    refused: int

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures that have an N, in the order of MEASURES."""
        return tuple(figure for figure in self._figures() if figure is not None)

    def _figures(self) -> Iterator[Figure | None]:
        score, name = self.score, self.given.name
        yield self._rate("recall", score.all_classes())
        for kind in PhiType:
            if tally := score.recall.get(kind):
                target = self.given.class_targets.get(kind)
                yield Figure(name, "recall", Rate(tally.hits, tally.n), key=kind.value, target=target)
        for group, tally in sorted(score.recall_of_group.items()):
            if group:
                yield Figure(name, "recall_by_group", Rate(tally.hits, tally.n), key=group)
        yield self._rate("typed", score.typed)
        yield self._rate("clean", score.clean)
        yield self._rate("false_characters", Tally(score.false_characters, score.plain_characters))
        for level in LEVELS:
            measure = f"f2_at_{level}"
            quantity = Quantity(score.f2(level), n=score.joined)
            yield Figure(name, measure, quantity, target=self.given.targets.get(measure)) if score.joined else None
        yield self._rate("refused", Tally(self.refused, len(self.given.texts)))

    def _rate(self, measure: str, tally: Tally) -> Figure | None:
        rate = tally.rate()
        return None if rate is None else Figure(self.given.name, measure, rate, target=self.given.targets.get(measure))


def open_sets(folder: Path, outside: Sequence[Path]) -> tuple[LabelledSet, ...]:
    """Read every labelled set; raise UnusableSet. A generated set joins here (evasions, known session)."""
    structured = LabelledSet(
        "structured",
        f"identifiers with a form, generated (seed {SEED})",
        structured_texts(),
        "",
        class_targets=CLASS_RECALL,
    )
    return (
        _authored("portal", "portal messages, authored", folder / "portal.jsonl"),
        _authored("portal-fresh", "portal messages, authored later, blind", folder / "portal_fresh.jsonl"),
        _authored("portal-third", "portal messages by a third author, blind", folder / "portal_third.jsonl"),
        _authored("portal-fourth", "portal messages by a fourth author, blind", folder / "portal_fourth.jsonl"),
        _authored("portal-devel", "portal messages to develop on", folder / "portal_devel.jsonl", targets={}),
        structured,
        *_outside(outside),
    )


def measure_set(
    given: LabelledSet, redactor: TextRedactor, *, on_text: Callable[[], None], show_error: ShowError | None
) -> MeasuredSet:
    """Redact every text of a set and count. A refused text counts as one in which nothing was found."""
    score, refused = SetScore(), 0
    for text in given.texts:
        spans = spans_of(redactor, text.text, known_values=text.known_values)
        refused += spans is None
        missed = score_text(score, text, spans or ())
        if show_error is not None:
            _show(show_error, f"{given.name} {text.id} not covered", text.text, missed)
            _show(show_error, f"{given.name} {text.id} false alarm", text.text, false_alarms(text, spans or ()))
        on_text()
    return MeasuredSet(given, score, refused)


def _authored(name: str, title: str, file: Path, *, targets: Mapping[str, Target] = PORTAL) -> LabelledSet:
    return LabelledSet(name, title, read_marked(file), digest_of(file), targets=targets)


def _outside(files: Sequence[Path]) -> Iterator[LabelledSet]:
    names: list[str] = []
    for file in files:
        names.append(file.name)
        seen = names.count(file.name)
        yield LabelledSet(
            file.name if seen == 1 else f"{file.name} ({seen})",
            "text by other hands",
            read_spanned(file),
            digest_of(file),
            class_targets=CLASS_RECALL,
            targets=OUTSIDE,
        )


def _show(show_error: ShowError, what: str, text: str, found: Iterable[Identifier | Joined]) -> None:
    for span in found:
        show_error(f"{what} {span.type.value}: {text[span.start : span.end]!r}")
