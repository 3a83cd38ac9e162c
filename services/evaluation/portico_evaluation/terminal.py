"""A run as tables for a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from portico_evaluation.charts import bound, ratio, share, spread
from portico_evaluation.figures import Figure, OddsRatio, Rate
from portico_evaluation.results import Run, SuiteResult

WIDTH = 120
"""Columns where the output is no terminal."""


def show_run(run: Run, console: Console) -> None:
    """Print every suite's figures, one table a set, then what missed its target."""
    for result in run.suites:
        for table in _tables(result):
            console.print(table)
    for line in verdict_lines(run):
        console.print(line, markup=False, highlight=False)


def verdict_lines(run: Run) -> Iterator[str]:
    """Say how many targets were met, and name the others."""
    held = [figure for suite in run.suites for figure in suite.figures if figure.target is not None]
    yield f"{len(held) - len(run.missed())} of {len(held)} targets met"
    for suite in run.suites:
        for figure in suite.missed():
            what = ", ".join(filter(None, (figure.set, suite.measures[figure.measure], figure.key)))
            yield f"missed: {what}: {value_of(figure)}, {bound(figure.target)} asked"


def value_of(figure: Figure) -> str:
    """Write a figure's value with its unit."""
    if isinstance(figure.of, Rate):
        return share(figure.of.value)
    if isinstance(figure.of, OddsRatio):
        return ratio(figure.of.value)
    return f"{figure.of.value:.1f} {figure.of.unit}" if figure.of.unit else share(figure.of.value)


def count_of(figure: Figure) -> str:
    """Write what a figure was counted on; of an odds ratio, the cases with and without."""
    if isinstance(figure.of, OddsRatio):
        return f"{figure.of.exposed.hits} / {figure.of.exposed.n}, {figure.of.plain.hits} / {figure.of.plain.n}"
    return f"{figure.of.hits} / {figure.of.n}" if isinstance(figure.of, Rate) else str(figure.of.n)


def interval_of(figure: Figure) -> str:
    """Write the 95 % interval of a rate or of an odds ratio."""
    if isinstance(figure.of, OddsRatio):
        return spread(figure.of)
    return f"{share(figure.of.low)} to {share(figure.of.high)}" if isinstance(figure.of, Rate) else ""


def verdict_of(figure: Figure) -> str:
    """Write whether the target is met, in words: colour alone would not do."""
    return {None: "", True: "met", False: "missed"}[figure.met]


def by_set(figures: Sequence[Figure]) -> dict[str, list[Figure]]:
    """Return the figures of each set, in order."""
    sets: dict[str, list[Figure]] = {}
    for figure in figures:
        sets.setdefault(figure.set, []).append(figure)
    return sets


def _tables(result: SuiteResult) -> Iterator[Table]:
    rows = {summary.name: f", {summary.rows} rows" for summary in result.sets}
    for name, figures in by_set(result.figures).items():
        table = Table(title=f"{result.title}: {name}{rows.get(name, '')}", title_justify="left", title_style="bold")
        table.add_column("measure")
        for column in ("value", "of", "95 % interval", "target"):
            table.add_column(column, justify="right", no_wrap=True)
        table.add_column("")
        measure = ""
        for figure in figures:
            if figure.key and figure.measure != measure:
                table.add_row(result.measures[figure.measure])
            measure = figure.measure
            style = "bold red" if figure.met is False else None
            table.add_row(*_cells(result, figure), style=style)
        yield table


def _cells(result: SuiteResult, figure: Figure) -> tuple[str, ...]:
    words = f"  {figure.key}" if figure.key else result.measures[figure.measure]
    return words, value_of(figure), count_of(figure), interval_of(figure), bound(figure.target), verdict_of(figure)
