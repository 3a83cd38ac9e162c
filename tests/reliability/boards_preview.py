"""Draw every panel's data, so that a person can look without Grafana: `make boards-preview`, into build/boards.

It starts a demo with Prometheus, sends the traffic of tests/observing.py, asks every query and draws one page a board.
"""

import sys
import time
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from observing import PanelQuery, Prometheus, Series, drive, observed_stack, panel_queries

OUT = Path("build") / "boards"
COLUMNS = 3
SETTLE_S = 12.0
WRITTEN = {
    "percentunit": (100, " %"), "bytes": (1e-6, " MB"), "cpm": (1, " /min"), "reqps": (1, " /s"), "ops": (1, " /s"),
    "s": (1, " s"), "ms": (1, " ms"), "short": (1, ""), "none": (1, ""),
}  # fmt: skip
FRACTIONS = {"percentunit", "s", "cpm", "reqps", "ops", "none"}


def draw_board(name: str, queries: list[PanelQuery], prometheus: Prometheus, folder: Path) -> Path:
    """Draw the panels of one board into one picture, a heading for each of its rows, and return its path."""
    sections = [
        [list(panel) for _, panel in groupby(of_row, key=lambda query: query.panel)]
        for _, of_row in groupby(queries, key=lambda query: query.row)
    ]
    heights = [-(-len(panels) // COLUMNS) for panels in sections]
    figure = Figure(figsize=(7 * COLUMNS, 3.4 * sum(heights)), layout="constrained")
    figure.suptitle(f"Portico / {name}", fontsize=18)
    parts = figure.subfigures(len(sections), 1, height_ratios=heights, squeeze=False).ravel()
    for part, panels, height in zip(parts, sections, heights, strict=True):
        part.suptitle(panels[0][0].row, fontsize=14, x=0.01, ha="left", weight="bold")
        axes = part.subplots(height, COLUMNS, squeeze=False).ravel()
        for axis, panel in zip(axes, panels, strict=False):
            _draw_panel(axis, panel, prometheus)
        for axis in axes[len(panels) :]:
            axis.set_visible(False)
    path = folder / f"{name}.png"
    figure.savefig(path, dpi=70)
    return path


def _draw_panel(axis: Any, panel: list[PanelQuery], prometheus: Prometheus) -> None:
    axis.set_title(panel[0].panel, fontsize=11)
    found = [(query, series) for query in panel for series in prometheus.ask(query.expr, instant=query.instant)]
    if not found:
        axis.set_axis_off()
        axis.text(0.5, 0.5, "nothing in this time range", ha="center", color="grey", transform=axis.transAxes)
        return
    match panel[0].kind:
        case "timeseries":
            _draw_lines(axis, found)
        case "state-timeline":
            _draw_states(axis, found)
        case "stat":
            text, colour = _said(panel[0], found[0][1].values[-1])
            axis.text(0.5, 0.5, text, ha="center", va="center", fontsize=30, color=colour)
            axis.set_axis_off()
        case "table":
            axis.set_axis_off()
            lines = [_name(query, series) for query, series in found]
            axis.text(0.02, 0.95, "\n".join(lines), va="top", fontsize=9, transform=axis.transAxes)
        case _:
            names = [_name(query, series) for query, series in found]
            drawn = axis.barh(names[::-1], [series.values[-1] for _, series in found][::-1])
            axis.bar_label(drawn, fmt=lambda value: words_of(value, panel[0].unit), fontsize=7, padding=2)
            axis.tick_params(axis="y", labelsize=7)
            axis.xaxis.set_visible(False)
            axis.margins(x=0.15)


def _draw_lines(axis: Any, found: list[tuple[PanelQuery, Series]]) -> None:
    for query, series in found:
        times = [datetime.fromtimestamp(at, UTC) for at in series.times]
        axis.plot(times, series.values, label=_name(query, series))
    unit = found[0][0].unit
    if unit == "short":  # Counts: no tick between two of them.
        axis.yaxis.set_major_locator(MaxNLocator(integer=True))
    axis.yaxis.set_major_formatter(lambda value, _: words_of(value, unit))
    axis.set_ylim(
        bottom=min(0, axis.get_ylim()[0]), top=1 if not any(any(series.values) for _, series in found) else None
    )
    axis.tick_params(labelsize=7)
    axis.legend(fontsize=6, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _draw_states(axis: Any, found: list[tuple[PanelQuery, Series]]) -> None:
    for height, (query, series) in enumerate(found):
        times = [datetime.fromtimestamp(at, UTC) for at in series.times]
        colours = [_said(query, value)[1] for value in series.values]
        axis.scatter(times, [height] * len(times), c=colours, marker="s", s=60)
    axis.set_yticks(range(len(found)), [_name(query, series) for query, series in found])
    axis.set_ylim(-0.6, len(found) - 0.4)
    axis.tick_params(labelsize=7)


def _said(query: PanelQuery, value: float) -> tuple[str, str]:
    """Return the words and the colour that a panel gives a value."""
    return query.texts.get(f"{value:g}", (words_of(value, query.unit), "black"))


def words_of(value: float, unit: str) -> str:
    """Return a value as Grafana would write it, near enough to be read."""
    if unit == "s" and abs(value) >= 120:
        return f"{value / 60:.3g} min"
    factor, words = WRITTEN.get(unit, (1.0, unit))
    return f"{value * factor:.3g}{words}" if unit in FRACTIONS or abs(value) < 1 else f"{value * factor:.0f}{words}"


def _name(query: PanelQuery, series: Series) -> str:
    name = query.legend
    if name == "__auto":
        return ", ".join(f"{value}" for key, value in sorted(series.labels.items()) if key not in {"tenant", "release"})
    for key, value in series.labels.items():
        name = name.replace("{{%s}}" % key, value)  # noqa: UP031  braces of Grafana's legends
    return name


def main() -> None:
    """Drive a demo and draw its boards."""
    OUT.mkdir(parents=True, exist_ok=True)
    with observed_stack() as stack:
        drive(stack)
        time.sleep(SETTLE_S)
        prometheus = Prometheus(stack.prometheus)
        for name, queries in groupby(panel_queries(), key=lambda query: query.board):
            sys.stdout.write(f"{draw_board(name, list(queries), prometheus, OUT)}\n")


if __name__ == "__main__":
    main()
