"""The redaction suite: labelled sets, clinical utility and latency, all through the redactor that serves.

The caller gives the redactor, so the suite measures what the gateway runs and not a copy of it. Everything the suite
returns is ids, classes and counts; text goes to `show_error` only, which is a developer's terminal.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from portico_evaluation.figures import Figure, Quantity, Target
from portico_evaluation.phi import labelled_set, utility
from portico_evaluation.phi.labelled_set import LabelledSet, MeasuredSet, ShowError, measure_set, open_sets
from portico_evaluation.phi.latency import MESSAGE_CHARACTERS, Taken, cut_messages, percentile, time_messages
from portico_evaluation.phi.pictures import chart_of_latency, chart_of_utility, charts_of_set
from portico_evaluation.phi.redacting import TextRedactor
from portico_evaluation.phi.targets import LATENCY_MS
from portico_evaluation.phi.texts import UtilityText
from portico_evaluation.phi.utility import measure_utility, read_utility_set
from portico_evaluation.results import SetSummary, SuiteResult

LATENCY_SET = "latency"
OnProgress = Callable[[int, int], None]
"""Takes how many texts are done, of how many."""


@dataclass(frozen=True, slots=True)
class PhiSets:
    """Everything the suite measures on, read and checked before the first text is redacted."""

    labelled: tuple[LabelledSet, ...]
    utility: tuple[UtilityText, ...]
    utility_summary: SetSummary

    def messages(self) -> list[str]:
        """Return messages of one length to time; the structured sentences would be denser than any patient's."""
        written = [text.text for given in self.labelled if not given.is_generated for text in given.texts]
        return cut_messages([*written, *(text.text for text in self.utility)])


def read_phi_sets(folder: Path, *, outside: Sequence[Path] = ()) -> PhiSets:
    """Read the authored sets of a folder and any outside ones; raise UnusableSet with file and line."""
    texts, summary = read_utility_set(folder / "utility.jsonl")
    return PhiSets(open_sets(folder, outside), texts, summary)


def evaluate_phi(
    sets: PhiSets,
    redactor: TextRedactor,
    *,
    on_progress: OnProgress = lambda done, of: None,
    show_error: ShowError | None = None,
) -> SuiteResult:
    """Measure every set, what survives, and how long it takes."""
    messages = sets.messages()
    texts = sum(len(given.texts) for given in sets.labelled) + len(sets.utility)
    step = _counter(texts + len(messages), on_progress)
    measured = [measure_set(given, redactor, on_text=step, show_error=show_error) for given in sets.labelled]
    kept = measure_utility(sets.utility, sets.utility_summary, redactor, on_text=step, show_error=show_error)
    taken = time_messages(redactor, messages, on_text=step)
    return SuiteResult(
        suite="phi",
        title="Redaction of identifiers",
        sets=(*(one.given.summary() for one in measured), kept.summary),
        figures=(*_all_figures(measured), *kept.figures(), *latency_figures(taken)),
        charts=(
            *(chart for one in measured for chart in charts_of_set(one)),
            *chart_of_utility(kept),
            *chart_of_latency([one.wall_ms for one in taken]),
        ),
        measures={
            **labelled_set.MEASURES,
            **utility.MEASURES,
            **{f"p{p}": f"{p}th percentile, {MESSAGE_CHARACTERS} characters, by the clock" for p in LATENCY_MS},
            **{f"p{p}_processor": f"{p}th percentile, processor time of the same" for p in LATENCY_MS},
        },
    )


def latency_figures(taken: Sequence[Taken]) -> tuple[Figure, ...]:
    """Return the percentiles that have a target, and beside them what the processor did."""
    if not taken:
        return ()
    wall, processor = [one.wall_ms for one in taken], [one.processor_ms for one in taken]
    return (
        *(_latency_figure(f"p{p}", percentile(wall, p), len(taken), target) for p, target in LATENCY_MS.items()),
        *(_latency_figure(f"p{p}_processor", percentile(processor, p), len(taken), None) for p in LATENCY_MS),
    )


def _latency_figure(measure: str, milliseconds: float, n: int, target: Target | None) -> Figure:
    return Figure(LATENCY_SET, measure, Quantity(milliseconds, n, "ms"), target=target)


def _all_figures(measured: Sequence[MeasuredSet]) -> Iterator[Figure]:
    for one in measured:
        yield from one.figures()


def _counter(of: int, on_progress: OnProgress) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        on_progress(done, of)

    return step
