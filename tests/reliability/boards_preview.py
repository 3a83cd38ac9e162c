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

from observing import PanelQuery, Prometheus, Series, drive, panel_queries
from stack import running_stack

OUT = Path("build") / "boards"
COLUMNS = 3
SETTLE_S = 12.0
LINES = {"timeseries", "state-timeline"}


def draw_board(name: str, queries: list[PanelQuery], prometheus: Prometheus, folder: Path) -> Path:
    """Draw the panels of one board into one picture and return its path."""
    panels = [list(group) for _, group in groupby(queries, key=lambda query: query.panel)]
    rows = -(-len(panels) // COLUMNS)
    figure = Figure(figsize=(7 * COLUMNS, 3.2 * rows), layout="constrained")
    figure.suptitle(f"Portico / {name}", fontsize=16)
    axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axis, panel in zip(axes, panels, strict=False):
        _draw_panel(axis, panel, prometheus)
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    path = folder / f"{name}.png"
    figure.savefig(path, dpi=70)
    return path


def _draw_panel(axis: Any, panel: list[PanelQuery], prometheus: Prometheus) -> None:
    axis.set_title(f"{panel[0].panel} [{panel[0].unit}]", fontsize=10)
    found = [(query, series) for query in panel for series in prometheus.ask(query.expr, instant=query.instant)]
    if not found:
        axis.text(0.5, 0.5, "no data", ha="center", va="center", color="red", transform=axis.transAxes)
    elif panel[0].kind in LINES:
        for query, series in found:
            axis.plot(
                [datetime.fromtimestamp(at, UTC) for at in series.times], series.values, label=_name(query, series)
            )
        axis.tick_params(axis="x", labelsize=7)
        axis.legend(fontsize=6, loc="upper left")
    elif panel[0].kind == "stat":
        axis.text(0.5, 0.5, f"{found[0][1].values[-1]:.4g}", ha="center", va="center", fontsize=30)
        axis.set_axis_off()
    else:
        names = [_name(query, series) for query, series in found]
        axis.barh(names[::-1], [series.values[-1] for _, series in found][::-1])
        axis.tick_params(axis="y", labelsize=7)


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
    with running_stack(observe=True) as stack:
        drive(stack)
        time.sleep(SETTLE_S)
        prometheus = Prometheus(stack.prometheus)
        for name, queries in groupby(panel_queries(), key=lambda query: query.board):
            sys.stdout.write(f"{draw_board(name, list(queries), prometheus, OUT)}\n")


if __name__ == "__main__":
    main()
