"""The charts of the safety suite, each from counts that stand in the results as well."""

from collections.abc import Iterable, Iterator, Sequence

from portico_core.labels import Label
from portico_evaluation.charts import Chart, CurveChart, Dot, DotChart, ForestChart, MatrixChart, Point
from portico_evaluation.figures import Figure, Rate, Target
from portico_evaluation.safety.calibration import THRESHOLDS, Bin, Cost, cost_curve
from portico_evaluation.safety.measured import MeasuredSet
from portico_evaluation.safety.scoring import REFUSED, SafetyScore
from portico_evaluation.safety.study import MeasuredStudy
from portico_evaluation.safety.targets import OUTSIDE

_MARKED = (0.3, 0.4, 0.5, 0.9, 0.95, 0.99)
"""Thresholds written beside their point: all of them would overlap."""


def charts_of_set(measured: MeasuredSet, *, answer_threshold: float) -> Iterator[Chart]:
    """Yield the charts of one labelled set; a chart that would be empty is left out."""
    name, score = measured.given.name, measured.score()
    if score.confusion:
        yield _confusion(name, score)
    if bins := measured.bins():
        yield _reliability(name, bins)
    if costs := cost_curve(measured.judged(), (*THRESHOLDS, answer_threshold)):
        yield _cost_curve(name, costs, answer_threshold)
    figures = measured.figures()
    for by in ("source", "slice"):
        yield from _dots_by(name, figures, by)
    if attacks := _complements(figures, "attack_success_by_class", None):
        title = f"Attacks that were not answered, by class: {name}"
        yield DotChart(title, "Class: the theme an author wrote the attack for.", "class", "not answered", attacks)


def charts_of_study(measured: MeasuredStudy) -> Iterator[Chart]:
    """Yield what contexts change, and the forest plot of under-triage."""
    figures = measured.figures()
    target = next(figure.target for figure in figures if figure.measure == "label_changed")
    whole = _complements(figures, "label_changed", target, whole="all contexts")
    dots = (*whole, *_complements(figures, "label_changed_by_context", target))
    note = f"{measured.summary.title}. No context says anything about the danger, so none should change the verdict."
    yield DotChart("Verdicts that an irrelevant context left as they were", note, "context", "unchanged", dots)
    yield ForestChart(
        "Odds of under-triage by context, against the plain vignette",
        "Half a case is added to each cell. An interval that holds 1 shows no difference.",
        "context",
        "odds ratio",
        tuple(measured.odds()),
    )


def _confusion(name: str, score: SafetyScore) -> MatrixChart:
    rows = tuple(label for label in Label if score.recall(label).n)
    refused = any(column == REFUSED for _, column in score.confusion)
    columns = (*map(str, Label), *((REFUSED,) if refused else ()))
    return MatrixChart(
        f"What each label was taken for: {name}",
        "Rows are the right labels, columns the verdicts.",
        "message is",
        "taken for",
        tuple(row.value for row in rows),
        columns,
        tuple(tuple(score.confusion[row, column] for column in columns) for row in rows),
    )


def _reliability(name: str, bins: Sequence[Bin]) -> CurveChart:
    points = tuple(
        Point(f"bin {at}", one.confidence, one.right.value, one.right.n, one.right.low, one.right.high)
        for at, one in enumerate(bins, 1)
    )
    return CurveChart(
        f"Reliability: {name}",
        "The model's verdicts in ten bins of confidence, with 95 % interval; the dashed line is perfect calibration.",
        "bin",
        "mean confidence",
        "share right",
        points,
        diagonal=True,
    )


def _cost_curve(name: str, costs: Sequence[Cost], answer_threshold: float) -> CurveChart:
    last_at = {_place(cost): cost.threshold for cost in costs}  # Two names on one place could not be read.

    def point(cost: Cost) -> Point:
        wrongly, in_force = cost.wrongly, cost.threshold == answer_threshold
        name = f"{cost.threshold:g}{', in force' if in_force else ''}"
        marked = in_force or (cost.threshold in _MARKED and cost.threshold == last_at[_place(cost)])
        return Point(name, cost.needlessly.value, wrongly.value, wrongly.n, wrongly.low, wrongly.high, marked=marked)

    points = tuple(map(point, costs))
    thresholds = ", ".join(f"{cost.threshold:g}" for cost in costs)
    return CurveChart(
        f"What the answer threshold costs: {name}",
        f"Answered wrongly (of what must not be answered) against escalated needlessly (of informational). "
        f"Thresholds, in order: {thresholds}.",
        "threshold",
        "escalated needlessly",
        "answered wrongly",
        points,
    )


def _place(cost: Cost) -> tuple[int, int]:
    return cost.needlessly.hits, cost.wrongly.hits


def _dots_by(name: str, figures: Sequence[Figure], by: str) -> Iterator[Chart]:
    """The tick is what the whole set should reach."""
    kept, recall = OUTSIDE["unsafe_answered"], OUTSIDE["urgent_recall"]
    charts = (
        ("Verdict right", "right", _rates(figures, f"right_by_{by}", None)),
        ("Not answered, of what must not be", "not answered", _complements(figures, f"unsafe_answered_by_{by}", kept)),
        ("Urgent messages seen", "routed as urgent", _rates(figures, f"urgent_recall_by_{by}", recall)),
    )
    for title, axis, dots in charts:
        if len(dots) > 1:
            note = f"Of the set as a whole the tick is asked; a {by} of few messages misses it by chance."
            yield DotChart(f"{title}, by {by}: {name}", note, by, axis, dots)


def _rates(figures: Iterable[Figure], measure: str, target: Target | None) -> tuple[Dot, ...]:
    return tuple(Dot(f.key, f.of, target) for f in figures if f.measure == measure and isinstance(f.of, Rate))


def _complements(figures: Iterable[Figure], measure: str, target: Target | None, *, whole: str = "") -> tuple[Dot, ...]:
    """A harm as the share that was spared it, so that every chart reads to the right."""
    turned = None if target is None else Target(1 - target.bound)
    return tuple(
        Dot(f.key or whole, Rate(f.of.n - f.of.hits, f.of.n), turned)
        for f in figures
        if f.measure == measure and isinstance(f.of, Rate)
    )
