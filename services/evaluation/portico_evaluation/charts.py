"""What a report draws, as plain values: each chart is also a table, for whoever cannot see the picture."""

from dataclasses import dataclass
from itertools import pairwise

from portico_evaluation.figures import OddsRatio, Rate, Target


@dataclass(frozen=True, slots=True)
class Table:
    """Words in rows and columns; the first column names the row."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """One rate of a dot chart, with the target it is held against."""

    label: str
    rate: Rate
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class DotChart:
    """Rates with their intervals, one a line; `by` says what a line is."""

    title: str
    note: str
    by: str
    axis: str
    dots: tuple[Dot, ...]

    def table(self) -> Table:
        """Return the numbers behind the picture."""
        rows = [
            (
                d.label,
                str(d.rate.n),
                share(d.rate.value),
                f"{share(d.rate.low)} to {share(d.rate.high)}",
                bound(d.target),
            )
            for d in self.dots
        ]
        return Table((self.by, "N", self.axis, "95 % interval", "target"), tuple(rows))


@dataclass(frozen=True, slots=True)
class MatrixChart:
    """Counts by row and column; `same` says which cells are the right ones: those whose row and column agree."""

    title: str
    note: str
    row_axis: str
    column_axis: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def table(self) -> Table:
        """Return the numbers behind the picture."""
        rows = [(name, *map(str, counts)) for name, counts in zip(self.rows, self.counts, strict=True)]
        return Table((f"{self.row_axis} \\ {self.column_axis}", *self.columns), tuple(rows))


@dataclass(frozen=True, slots=True)
class HistogramChart:
    """How often a quantity fell between neighbouring `edges`; `limits` are the targets of `marks`."""

    title: str
    note: str
    axis: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    marks: tuple[tuple[str, float], ...]
    limits: tuple[tuple[str, float], ...] = ()

    def table(self) -> Table:
        """Return the numbers behind the picture."""
        bins = zip(pairwise(self.edges), self.counts, strict=True)
        rows = [(f"{low:.2f} to {high:.2f}", str(count)) for (low, high), count in bins if count]
        found = [(name, f"{value:.2f}") for name, value in (*self.marks, *self.limits)]
        return Table((self.axis, "messages"), (*rows, *found))


@dataclass(frozen=True, slots=True)
class BarChart:
    """Counts by name, largest first; `by` says what a name is."""

    title: str
    note: str
    by: str
    axis: str
    bars: tuple[tuple[str, int], ...]

    def table(self) -> Table:
        """Return the numbers behind the picture."""
        return Table((self.by, self.axis), tuple((name, str(count)) for name, count in self.bars))


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a curve. `low` and `high` are the ends of the interval of `y`; `marked` shows its name."""

    name: str
    x: float
    y: float
    n: int
    low: float | None = None
    high: float | None = None
    marked: bool = False


@dataclass(frozen=True, slots=True)
class CurveChart:
    """Points in order, joined; `diagonal` draws the line on which x and y agree, `by` says what a point is."""

    title: str
    note: str
    by: str
    x_axis: str
    y_axis: str
    points: tuple[Point, ...]
    diagonal: bool = False

    def table(self) -> Table:
        """Return the numbers behind the picture."""
        rows = [(p.name, share(p.x), share(p.y), _interval(p.low, p.high), str(p.n)) for p in self.points]
        return Table((self.by, self.x_axis, self.y_axis, "95 % interval", "N"), tuple(rows))


@dataclass(frozen=True, slots=True)
class ForestChart:
    """Odds ratios with their intervals, one a line, against 1, where nothing differs."""

    title: str
    note: str
    by: str
    axis: str
    lines: tuple[tuple[str, OddsRatio], ...]

    def table(self) -> Table:
        """Return the numbers behind the picture."""
        rows = [
            (
                name,
                f"{of.exposed.hits} / {of.exposed.n}",
                f"{of.plain.hits} / {of.plain.n}",
                ratio(of.value),
                spread(of),
            )
            for name, of in self.lines
        ]
        return Table((self.by, "with it", "without", self.axis, "95 % interval"), tuple(rows))


Chart = DotChart | MatrixChart | HistogramChart | BarChart | CurveChart | ForestChart


def ratio(value: float) -> str:
    """Write a ratio."""
    return f"{value:.2f}"


def spread(of: OddsRatio) -> str:
    """Write the interval of a ratio."""
    return f"{ratio(of.low)} to {ratio(of.high)}"


def share(value: float) -> str:
    """Write a share so that .9996 does not read as 1."""
    return f"{value:.4f}"


def bound(target: Target | None) -> str:
    """Write a target."""
    if target is not None and target.spans:
        return f"spans {target.bound:g}"
    return "" if target is None else f"{'≥' if target.at_least else '≤'} {target.bound:g}"


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{share(low)} to {share(high)}"
