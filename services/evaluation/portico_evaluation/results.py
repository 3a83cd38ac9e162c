"""What a suite gives, and its form as results.json: ids, classes and counts, never the text of a message."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from portico_evaluation.charts import Chart
from portico_evaluation.figures import Figure, OddsRatio, Rate

FORMAT = 1
"""Raised when a reader of results.json would have to change."""


@dataclass(frozen=True, slots=True)
class SetSummary:
    """What was measured on: how many rows, and a digest that says whether two results saw the same file."""

    name: str
    title: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """One suite's figures and charts."""

    suite: str
    title: str
    sets: tuple[SetSummary, ...]
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    measures: dict[str, str]
    """What each measure of the figures means, in words."""
    measured: dict[str, str] = field(default_factory=dict)
    """What was measured, each part with its version, where it has one."""

    def missed(self) -> tuple[Figure, ...]:
        """Return the figures that miss their target."""
        return tuple(figure for figure in self.figures if figure.met is False)


@dataclass(frozen=True, slots=True)
class Run:
    """Several suites measured by one command on one day."""

    command: str
    made_on: str
    suites: tuple[SuiteResult, ...]

    def missed(self) -> tuple[Figure, ...]:
        """Return the figures that miss their target."""
        return tuple(figure for suite in self.suites for figure in suite.missed())


def as_json(run: Run) -> dict[str, Any]:
    """Return the object that results.json holds."""
    suites = [
        {
            "suite": result.suite,
            "title": result.title,
            **({"measured": result.measured} if result.measured else {}),
            "sets": [asdict(summary) for summary in result.sets],
            "measures": result.measures,
            "figures": [_figure(figure) for figure in result.figures],
            "charts": [{"title": chart.title, **asdict(chart.table())} for chart in result.charts],
        }
        for result in run.suites
    ]
    return {"format": FORMAT, "made_on": run.made_on, "command": run.command, "suites": suites}


def write_json(run: Run, file: Path) -> None:
    """Write results.json."""
    file.write_text(json.dumps(as_json(run), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _figure(figure: Figure) -> dict[str, Any]:
    of: dict[str, Any] = asdict(figure.of)
    if isinstance(figure.of, Rate | OddsRatio):
        of.update(n=figure.of.n, value=figure.of.value, low=figure.of.low, high=figure.of.high)
    of.update({name: round(of[name], 6) for name in ("value", "low", "high") if name in of})
    row: dict[str, Any] = {"set": figure.set, "measure": figure.measure, "key": figure.key, **of}
    if figure.target is not None:
        row.update(target=figure.target.bound, at_least=figure.target.at_least, met=figure.met)
        row.update({"spans": True} if figure.target.spans else {})
    return row


def names_of(sets: Sequence[SetSummary]) -> dict[str, str]:
    """Return each set's title under its name."""
    return {summary.name: summary.title for summary in sets}
