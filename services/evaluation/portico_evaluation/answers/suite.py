"""The answers suite: the search, the answers a patient would read, and what is refused, through what serves.

Every question is asked twice, of the whole pipeline and with the classifier's verdict given, because a question that
the classifier sends to a person says nothing about search and answers. What is returned is counts, never words.
"""

from collections.abc import Callable, Iterator, Sequence

from portico_core.errors import PorticoError
from portico_core.labels import Route
from portico_core.turn import Turn
from portico_evaluation.answers import scoring
from portico_evaluation.answers.asking import Assistant
from portico_evaluation.answers.sets import AnswerSets, Question
from portico_evaluation.charts import Chart, Dot, DotChart, HistogramChart
from portico_evaluation.figures import Figure, Rate
from portico_evaluation.results import SuiteResult

OnProgress = Callable[[int, int], None]
Asked = Sequence[tuple[Question, Turn]]

PIPELINE, LET_THROUGH = "pipeline", "let through"
_EDGES = tuple(float(grade) for grade in range(15))


class TurnsFailed(PorticoError):
    """A part failed while turns were measured: what a patient then gets says nothing about the answers."""

    code = "turns_failed"
    public_message = "A part failed during the evaluation, so its figures would be wrong. Please run it again."


def evaluate_answers(
    sets: AnswerSets, assistant: Assistant, *, on_progress: OnProgress = lambda done, of: None
) -> SuiteResult:
    """Ask everything and count; raise TurnsFailed."""
    figures = [
        *scoring.retrieval_figures(sets.covered, assistant),
        *scoring.grounding_figures(sets.pairs, assistant.ground),
    ]
    grades = list[float]()
    for of in (PIPELINE, LET_THROUGH):
        asked = _ask(sets.questions, assistant, of=of, on_progress=on_progress)
        covered = [(question, turn) for question, turn in asked if question.covered]
        figures += scoring.coverage_figures(of, covered)
        figures += scoring.answer_figures(of, asked, assistant)
        figures += scoring.refusal_figures(of, asked)
        grades = [turn.answer.reading_grade for _, turn in asked if turn.answer is not None]
    return SuiteResult(
        suite="answers",
        title="Answers from approved passages",
        sets=sets.summaries,
        figures=tuple(figures),
        charts=tuple(_charts(figures, grades)),
        measures=scoring.MEASURES,
        measured=dict(assistant.versions),
    )


def _ask(questions: Sequence[Question], assistant: Assistant, *, of: str, on_progress: OnProgress) -> Asked:
    asked = list[tuple[Question, Turn]]()
    turns = assistant.ask([question.text for question in questions], let_through=of == LET_THROUGH)
    for question, turn in zip(questions, turns, strict=True):
        if turn.degraded or turn.route is Route.UNAVAILABLE:
            raise TurnsFailed
        asked.append((question, turn))
        on_progress(len(asked), len(questions))
    return asked


def _charts(figures: Sequence[Figure], grades: Sequence[float]) -> Iterator[Chart]:
    dots = tuple(
        Dot(f"{figure.set}: {figure.key or 'all'}", figure.of, figure.target)
        for figure in figures
        if figure.measure == "right_passage" and isinstance(figure.of, Rate)
    )
    yield DotChart("Covered questions that are answered with a wanted passage", "", "topics", "answered", dots)
    kinds = tuple(
        Dot(figure.key, figure.of) for figure in figures
        if figure.measure == "caught" and figure.key and isinstance(figure.of, Rate)
    )  # fmt: skip
    if kinds:
        yield DotChart("Sentences that a passage does not say, by what was changed", "", "change", "caught", kinds)
    if grades:
        counts = tuple(sum(low <= grade < low + 1 for grade in grades) for low in _EDGES[:-1])
        limits = (("mean asked", 7.0), ("95th percentile asked", 9.0))
        title = "Reading grade of answers, every question let through"
        yield HistogramChart(
            title, "Names of topics and unavoidable terms left out.", "grade", _EDGES, counts, (), limits
        )
