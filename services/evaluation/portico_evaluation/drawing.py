"""Charts as SVG for a page: the only module that imports matplotlib, so that nothing that serves needs it.

Words stay words (`svg.fonttype` none), so they can be read out, searched and enlarged; they are laid out with the wide
DejaVu Sans that matplotlib brings, so that a browser's own font never needs more room. Colours are from the palette of
Okabe and Ito, which people with any colour vision tell apart (https://jfly.uni-koeln.de/color/), and no meaning is in a
colour alone: a target is a tick, not a hue.
"""

import io
import re
from html import escape
from typing import Any, Literal, assert_never

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, LogLocator, MaxNLocator, NullLocator

from portico_evaluation.charts import (
    BarChart,
    Chart,
    CurveChart,
    DotChart,
    ForestChart,
    HistogramChart,
    MatrixChart,
    ratio,
    spread,
)

BLUE, VERMILION, INK, FAINT = "#0072B2", "#C04A00", "#1b1b1b", "#d9dde1"
"""Vermilion is darkened from #D55E00, to reach 4.5:1 on white as text."""

FAMILIES = "'DejaVu Sans', Verdana, sans-serif"
"""Verdana is as wide, for whoever has no DejaVu."""

WIDTH_IN = 9.0
LINE_IN = 0.34
DARK_CELL = 0.8
"""Share from which a cell is so dark that white reads better than ink."""
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def draw(chart: Chart, *, name: str) -> str:
    """Return the chart as an <svg> element; `name` makes its ids unique on the page."""
    with mpl.rc_context({**STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(WIDTH_IN, _height_in(chart)), layout="constrained")
        axes = figure.add_subplot()
        _draw_on(axes, chart)
        FigureCanvasSVG(figure)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return _as_element(out.getvalue(), title=chart.title, note=chart.note, name=name)


def _draw_on(axes: Axes, chart: Chart) -> None:
    match chart:
        case DotChart():
            _draw_dots(axes, chart)
        case MatrixChart():
            _draw_matrix(axes, chart)
        case HistogramChart():
            _draw_histogram(axes, chart)
        case BarChart():
            _draw_bars(axes, chart)
        case CurveChart():
            _draw_curve(axes, chart)
        case ForestChart():
            _draw_forest(axes, chart)
        case _:
            assert_never(chart)


def _height_in(chart: Chart) -> float:
    match chart:
        case DotChart():
            return 1.1 + LINE_IN * len(chart.dots)
        case MatrixChart():
            return 2.0 + LINE_IN * len(chart.rows)
        case HistogramChart():
            return 3.6
        case BarChart():
            return 1.0 + LINE_IN * len(chart.bars)
        case CurveChart():
            return 5.0
        case ForestChart():
            return 1.1 + LINE_IN * len(chart.lines)
        case _:
            assert_never(chart)


def _draw_dots(axes: Axes, chart: DotChart) -> None:
    lines = range(len(chart.dots))
    lowest = min([dot.rate.low for dot in chart.dots] + [dot.target.bound for dot in chart.dots if dot.target])
    left = max(0.0, int(lowest * 10) / 10 - 0.02)
    for line, dot in zip(lines, chart.dots, strict=True):
        axes.plot([dot.rate.low, dot.rate.high], [line, line], color=BLUE, linewidth=2.2, solid_capstyle="butt")
        axes.plot([dot.rate.value], [line], "o", color=BLUE, markersize=7, clip_on=False)
        if dot.target is not None:
            axes.plot([dot.target.bound] * 2, [line - 0.36, line + 0.36], color=VERMILION, linewidth=2.4)
        _beside(axes, f"{dot.rate.value:.3f}", line, points=52, ha="right")
        _beside(axes, f"n {dot.rate.n}", line, points=106, ha="right")
    axes.set_yticks(lines, [dot.label for dot in chart.dots])
    axes.set_ylim(len(chart.dots) - 0.5, -0.5)
    axes.set_xlim(left, 1.0)
    axes.grid(axis="x", color=FAINT)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    ticked = any(dot.target for dot in chart.dots)
    axes.set_xlabel(f"{chart.axis}, 95 % interval{'; upright tick: target' if ticked else ''}")


def _beside(axes: Axes, words: str, line: int, *, points: float, ha: Literal["left", "right"]) -> None:
    """Write to the right of the axes. The distance is in points: one that grew with the axes would run off the page."""
    axes.annotate(
        words,
        (1.0, line),
        xycoords=("axes fraction", "data"),
        xytext=(points, 0),
        textcoords="offset points",
        ha=ha,
        va="center",
    )


def _draw_matrix(axes: Axes, chart: MatrixChart) -> None:
    shares = [[count / max(1, sum(row)) for count in row] for row in chart.counts]
    axes.pcolormesh(shares, cmap="Blues", vmin=0, vmax=1.15, edgecolors=FAINT, linewidth=0.8)
    for line, counts in enumerate(chart.counts):
        for column, count in enumerate(counts):
            if count:
                color = "white" if shares[line][column] > DARK_CELL else INK
                weight = "normal" if chart.rows[line] == chart.columns[column] else "bold"
                place = (column + 0.5, line + 0.5)
                axes.text(*place, str(count), ha="center", va="center", color=color, fontsize=9.5, weight=weight)
    columns = [column + 0.5 for column in range(len(chart.columns))]
    axes.set_xticks(columns, list(chart.columns), rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks([line + 0.5 for line in range(len(chart.rows))], list(chart.rows))
    axes.set_ylim(len(chart.rows), 0)
    axes.tick_params(length=0)
    axes.set_xlabel(chart.column_axis)
    axes.set_ylabel(chart.row_axis)


def _draw_histogram(axes: Axes, chart: HistogramChart) -> None:
    axes.stairs(chart.counts, chart.edges, fill=True, color=BLUE)
    tallest, right = max(chart.counts), chart.edges[-1]
    limits = [(name, value) for name, value in chart.limits if value <= 2 * right]
    right = max(right, *(value for _, value in (*chart.marks, *limits))) * 1.05
    level = 1.0
    for name, value in sorted((*chart.marks, *limits), key=lambda mark: mark[1]):
        level += 0.13
        color, dashes = (VERMILION, "-") if (name, value) in limits else (INK, "--")
        axes.plot([value, value], [0, tallest * level], color=color, linewidth=1.8, linestyle=dashes)
        _note(axes, f"{name}: {value:.1f}", value, tallest * level, color=color, leftward=value > 0.7 * right)
    axes.set_ylim(0, tallest * (level + 0.1))
    axes.set_xlim(0, right)
    axes.set_xlabel(chart.axis)
    axes.set_ylabel("messages")


def _note(axes: Axes, words: str, x: float, y: float, *, color: str, leftward: bool) -> None:
    axes.annotate(
        words,
        (x, y),
        xytext=(-5 if leftward else 5, 0),
        textcoords="offset points",
        ha="right" if leftward else "left",
        va="center",
        color=color,
    )


def _draw_bars(axes: Axes, chart: BarChart) -> None:
    lines = range(len(chart.bars))
    counts = [count for _, count in chart.bars]
    axes.barh(lines, counts, color=BLUE, height=0.62)
    for line, count in zip(lines, counts, strict=True):
        axes.annotate(str(count), (count, line), xytext=(5, 0), textcoords="offset points", va="center")
    axes.set_yticks(lines, [name for name, _ in chart.bars])
    axes.set_ylim(len(counts) - 0.5, -0.5)
    axes.set_xlim(0, max(counts) * 1.1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="x", color=FAINT)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(chart.axis)


def _draw_curve(axes: Axes, chart: CurveChart) -> None:
    if chart.diagonal:
        axes.plot([0, 1], [0, 1], color=INK, linewidth=1.2, linestyle="--")
    places = [p.x for p in chart.points], [p.y for p in chart.points]
    axes.plot(*places, color=BLUE, linewidth=1.8, marker="o", clip_on=False)
    for point in chart.points:
        if chart.diagonal and point.low is not None and point.high is not None:
            axes.plot([point.x] * 2, [point.low, point.high], color=BLUE, linewidth=1.4)
        if point.marked:
            axes.annotate(point.name, (point.x, point.y), xytext=(4, 6), textcoords="offset points", rotation=50)
    right, top = (1.0, 1.0) if chart.diagonal else (_beyond(*places[0]), _beyond(*places[1]))
    axes.set_xlim(0, right)
    axes.set_ylim(0, top)
    axes.grid(color=FAINT)
    axes.set_axisbelow(True)
    axes.set_xlabel(chart.x_axis)
    axes.set_ylabel(chart.y_axis)


def _beyond(*values: float) -> float:
    """Return where an axis ends, with room for a name beside the last point."""
    return max(0.01, *values) * 1.25


def _draw_forest(axes: Axes, chart: ForestChart) -> None:
    lines = range(len(chart.lines))
    axes.axvline(1.0, color=INK, linewidth=1.2, linestyle="--")
    for line, (_, of) in zip(lines, chart.lines, strict=True):
        axes.plot([of.low, of.high], [line, line], color=BLUE, linewidth=2.2, solid_capstyle="butt")
        axes.plot([of.value], [line], "s", color=BLUE, markersize=7)
        _beside(axes, f"{ratio(of.value)} [{spread(of)}]", line, points=12, ha="left")
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 3.0)))
    axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_yticks(lines, [name for name, _ in chart.lines])
    axes.set_ylim(len(chart.lines) - 0.5, -0.5)
    axes.grid(axis="x", color=FAINT)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(f"{chart.axis}, 95 % interval; dashed line: no difference")


def _as_element(svg: str, *, title: str, note: str, name: str) -> str:
    """Cut the <svg> element out of the file, give it a name that is read out, and keep its ids apart from others'."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", svg)
    svg = svg.replace("font-family: 'DejaVu Sans'", f"font-family: {FAMILIES}")
    opening, rest = svg.split(">", 1)
    opening = re.sub(r' (?:width|height)="[^"]*"', "", opening)
    words = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(note)}</desc>'
    return f'{opening} role="img" aria-labelledby="{name}-title {name}-desc">{words}{rest}'
