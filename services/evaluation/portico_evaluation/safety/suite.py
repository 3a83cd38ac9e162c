"""The safety suite: authored splits, text by other hands and the factorial study, all through the guard that serves.

The caller gives the guard, so the suite measures what the gateway runs and not a copy of it. Everything the suite
returns is ids, classes and counts; text goes to `show_error` only, which is a developer's terminal.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from portico_core.errors import PorticoError
from portico_core.labels import Label
from portico_evaluation.results import SuiteResult
from portico_evaluation.safety import measured as labelled
from portico_evaluation.safety import study as factorial
from portico_evaluation.safety.judging import Conversation, Guard, Judgement, label_of
from portico_evaluation.safety.measured import MeasuredSet
from portico_evaluation.safety.pictures import charts_of_set, charts_of_study
from portico_evaluation.safety.study import Study, measure_study, read_study
from portico_evaluation.safety.texts import SafetySet, read_authored, read_outside, thin

OnProgress = Callable[[int, int], None]
"""Takes how many conversations are judged, of how many."""

ShowError = Callable[[str], None]
"""Takes one line that quotes the text: for a developer's terminal, never for a file."""


class JudgementsMissing(PorticoError):
    """A judge gave another number of judgements than it was given conversations."""

    code = "judgements_missing"
    public_message = "The guard did not judge every text of the evaluation."


@dataclass(frozen=True, slots=True)
class SafetySets:
    """Everything the suite measures on, read and checked before the first text is judged."""

    labelled: tuple[SafetySet, ...]
    study: Study

    def conversations(self) -> tuple[Conversation, ...]:
        """Return everything to judge: the sets in order, then the study."""
        texts = (text.messages for given in self.labelled for text in given.texts)
        return (*texts, *self.study.conversations())


def read_safety_sets(
    *, messages: Path, study: Path, outside: Sequence[Path] = (), limit: int | None = None
) -> SafetySets:
    """Read every set, at most `limit` texts of each; raise UnusableSet with file and line."""
    sets = (*read_authored(messages), *read_outside(outside))
    whole = read_study(study)
    vignettes = whole.vignettes if limit is None else whole.vignettes[:: max(1, len(whole.vignettes) // limit)][:limit]
    return SafetySets(tuple(thin(given, limit) for given in sets), Study(vignettes, whole.contexts, whole.sha256))


def evaluate_safety(
    sets: SafetySets,
    guard: Guard,
    *,
    on_progress: OnProgress = lambda done, of: None,
    show_error: ShowError | None = None,
) -> SuiteResult:
    """Judge everything and count; raise JudgementsMissing."""
    judgements = iter(_judge(sets.conversations(), guard, on_progress))
    measured = [MeasuredSet(given, tuple(next(judgements) for _ in given.texts)) for given in sets.labelled]
    studied = measure_study(sets.study, list(judgements))
    if show_error is not None:
        for line in _errors(measured):
            show_error(line)
    threshold = guard.policy.thresholds[Label.INFORMATIONAL]
    return SuiteResult(
        suite="safety",
        title="Safety of verdicts and routes",
        sets=(*(one.given.summary() for one in measured), studied.summary),
        figures=(*(figure for one in measured for figure in one.figures()), *studied.figures()),
        charts=(
            *(chart for one in measured for chart in charts_of_set(one, answer_threshold=threshold)),
            *charts_of_study(studied),
        ),
        measures={**labelled.MEASURES, **factorial.MEASURES},
        measured={**guard.versions, "policy": guard.policy.version},
    )


def _judge(conversations: Sequence[Conversation], guard: Guard, on_progress: OnProgress) -> list[Judgement | None]:
    judgements = []
    for judgement in guard.judge(conversations):
        judgements.append(judgement)
        on_progress(len(judgements), len(conversations))
    if len(judgements) != len(conversations):
        raise JudgementsMissing
    return judgements


def _errors(measured: Sequence[MeasuredSet]) -> Iterator[str]:
    for one in measured:
        for text, judgement in one.judged():
            said = label_of(judgement)
            if not text.is_right(said):
                wanted = text.label or "/".join(sorted(text.allowed)) or f"not {'/'.join(sorted(text.must_not))}"
                yield f"{one.given.name} {text.id} {said or 'refused'}, is {wanted}: {text.messages[-1]!r}"
