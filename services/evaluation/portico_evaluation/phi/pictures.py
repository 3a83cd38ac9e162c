"""The charts of the redaction suite, each from counts that stand in the results as well."""

from collections.abc import Iterator, Sequence

from portico_core.labels import PhiType
from portico_evaluation.charts import BarChart, Chart, Dot, DotChart, HistogramChart, MatrixChart
from portico_evaluation.figures import Figure, Rate
from portico_evaluation.phi.labelled_set import MeasuredSet
from portico_evaluation.phi.latency import MESSAGE_CHARACTERS, percentile
from portico_evaluation.phi.scoring import MISSED, PARTLY, SetScore
from portico_evaluation.phi.targets import LATENCY_MS
from portico_evaluation.phi.utility import MeasuredUtility

BINS = 40


def charts_of_set(measured: MeasuredSet) -> Iterator[Chart]:
    """Yield the charts of one labelled set; a chart that would be empty or say nothing is left out."""
    given, score = measured.given, measured.score
    figures = measured.figures()
    classes = _dots(figures, "recall", whole="all classes")
    if classes:
        yield DotChart(
            f"Recall by class: {given.name}",
            f"Share of identifiers of which every character was covered, with 95 % interval. Set: {given.title}.",
            "class",
            "recall",
            classes,
        )
        yield _confusion(given.name, score)
    groups = _dots(figures, "recall_by_group")
    if len(groups) > 1:
        yield DotChart(
            f"Recall by voice or source: {given.name}",
            "Who wrote the message, or where the text is from.",
            "voice or source",
            "recall",
            tuple(sorted(groups, key=lambda dot: -dot.rate.n)),
        )
    alarms = tuple((kind.value, count) for kind, count in score.false_alarms.most_common())
    if alarms:
        yield BarChart(
            f"False alarms by class: {given.name}",
            "Spans that touch no identifier, by the class they were taken for.",
            "class",
            "false alarms",
            alarms,
        )


def chart_of_utility(measured: MeasuredUtility) -> Iterator[Chart]:
    """Yield the chart of what survives, by kind."""
    figures = measured.figures()
    dots = (*_dots(figures, "kept", whole="all kinds"), *_dots(figures, "kept_by_kind"))
    if dots:
        yield DotChart(
            "Clinical terms kept, by kind",
            "Share of terms that no span touches, with 95 % interval.",
            "kind",
            "kept",
            dots,
        )


def chart_of_latency(milliseconds: Sequence[float]) -> Iterator[Chart]:
    """Yield the histogram of the time a message takes."""
    if not milliseconds:
        return
    limits = ", ".join(f"p{percent} {target.bound:g} ms" for percent, target in LATENCY_MS.items())
    top = max(milliseconds)
    edges = tuple(top * step / BINS for step in range(BINS + 1))
    counts = [0] * BINS
    for value in milliseconds:
        counts[min(BINS - 1, int(value / top * BINS))] += 1
    yield HistogramChart(
        f"Time to redact a message of {MESSAGE_CHARACTERS} characters",
        f"{len(milliseconds)} messages, one after another on one thread. Limits: {limits}.",
        "milliseconds",
        edges,
        tuple(counts),
        marks=tuple((f"p{percent}", percentile(milliseconds, percent)) for percent in LATENCY_MS),
        limits=tuple((f"limit of p{percent}", target.bound) for percent, target in LATENCY_MS.items()),
    )


def _dots(figures: Sequence[Figure], measure: str, *, whole: str = "") -> tuple[Dot, ...]:
    return tuple(
        Dot(figure.key or whole, figure.of, figure.target)
        for figure in figures
        if figure.measure == measure and isinstance(figure.of, Rate)
    )


def _confusion(name: str, score: SetScore) -> MatrixChart:
    rows = tuple(kind for kind in PhiType if kind in score.recall)
    read_as = {column for _, column in score.confusion}
    columns = tuple(column for column in (*map(str, PhiType), PARTLY, MISSED) if column in {*rows, *read_as})
    return MatrixChart(
        f"What each class was taken for: {name}",
        "Rows are the classes that are there, columns the class of the span that covers them.",
        "identifier is",
        "taken for",
        tuple(row.value for row in rows),
        columns,
        tuple(tuple(score.confusion[row, column] for column in columns) for row in rows),
    )
