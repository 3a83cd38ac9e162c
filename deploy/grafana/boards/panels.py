"""The few kinds of panels that the boards are made of: a number, a trend, bars, states, a table.

`$S` in a query stands for the board's selector of tenant and release. Every panel has a unit and a description that
says what to do.
"""

from dataclasses import dataclass

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

SOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
SELECTOR = 'tenant=~"$tenant",release=~"$release"'
GREEN, AMBER, RED, BLUE = "green", "orange", "red", "blue"
HEIGHT = 8
COUNT = "short"
NOTHING = "nothing in this time range"
Panel = stat.Panel | timeseries.Panel | bargauge.Panel | statetimeline.Panel | table.Panel


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL query and how its series are named."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a value is amber and red; with `falling`, values below are."""

    amber: float
    red: float
    falling: bool = False

    def build(self) -> dashboard.ThresholdsConfig:
        """Return Grafana's thresholds."""
        colours = [RED, AMBER, GREEN] if self.falling else [GREEN, AMBER, RED]
        values = [None, self.red, self.amber] if self.falling else [None, self.amber, self.red]
        steps = [models.Threshold(value=value, color=colour) for value, colour in zip(values, colours, strict=True)]
        return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


NO_LIMITS = dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps([models.Threshold(color=BLUE)])


def number(title: str, query: str, unit: str, do: str, *, limits: Limits | None = None, span: int = 4) -> stat.Panel:
    """Return one value over the board's time range."""
    panel = stat.Panel().graph_mode(common_models.BigValueGraphMode.NONE)
    return _finish(panel, title, unit, do, span=span, height=4, limits=limits).with_target(_instant(Query(query), "A"))


def trend(
    title: str,
    queries: list[Query],
    unit: str,
    do: str,
    *,
    stacked: bool = False,
    limits: Limits | None = None,
    span: int = 12,
) -> timeseries.Panel:
    """Return lines, or areas on each other, over time."""
    legend = common.VizLegendOptions().display_mode(common_models.LegendDisplayMode.TABLE).show_legend(True)
    legend = legend.placement(common_models.LegendPlacement.RIGHT).calcs(["lastNotNull", "max"])
    tooltip = common.VizTooltipOptions().mode(common_models.TooltipDisplayMode.MULTI)
    panel = timeseries.Panel().legend(legend).tooltip(tooltip).axis_soft_min(0).line_width(2).fill_opacity(8)
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(common_models.StackingMode.NORMAL)).fill_opacity(45)
    if limits:
        style = common.GraphThresholdsStyleConfig().mode(common_models.GraphThresholdsStyleMode.DASHED)
        panel = panel.thresholds_style(style)
    panel = _finish(panel, title, unit, do, span=span, height=HEIGHT, limits=limits)
    for ref_id, query in zip("ABCDEF", queries, strict=False):
        panel = panel.with_target(_range(query, ref_id))
    return panel


def bars(
    title: str, query: Query, unit: str, do: str, *, limits: Limits | None = None, span: int = 12
) -> bargauge.Panel:
    """Return one bar a series, over the board's time range, the longest first."""
    panel = bargauge.Panel().orientation(common_models.VizOrientation.HORIZONTAL)
    panel = panel.display_mode(common_models.BarGaugeDisplayMode.BASIC)
    sort = Query(f"sort_desc({query.expr})", query.legend)
    panel = _finish(panel, title, unit, do, span=span, height=HEIGHT, limits=limits, no_value=NOTHING)
    return panel.with_target(_instant(sort, "A"))


def states(
    title: str, query: Query, do: str, *, texts: dict[str, tuple[str, str]], span: int = 12
) -> statetimeline.Panel:
    """Return coloured states over time; `texts` maps a value to its words and colour."""
    panel = _finish(statetimeline.Panel(), title, "none", do, span=span, height=HEIGHT, limits=None)
    return panel.mappings([_mapping(texts)]).with_target(_range(query, "A"))


def state(title: str, query: str, do: str, *, texts: dict[str, tuple[str, str]], span: int = 4) -> stat.Panel:
    """Return one state as words."""
    panel = number(title, query, "none", do, span=span).color_mode(common_models.BigValueColorMode.BACKGROUND)
    return panel.mappings([_mapping(texts)])


def rows(title: str, query: Query, do: str, *, span: int = 8) -> table.Panel:
    """Return one line a series, with its labels as columns."""
    target = _instant(query, "A").format("table")
    hidden = {"Time": True, "Value": True}
    organise = models.DataTransformerConfig(id_val="organize", options={"excludeByName": hidden})
    panel = _finish(table.Panel(), title, "none", do, span=span, height=6, limits=None)
    return panel.with_transformation(organise).with_target(target)


def _finish(
    panel: Panel, title: str, unit: str, do: str, *, span: int, height: int, limits: Limits | None,
    no_value: str = "no data",
) -> Panel:  # fmt: skip
    thresholds = limits.build() if limits else NO_LIMITS
    panel = panel.title(title).description(do).datasource(SOURCE).unit(unit).thresholds(thresholds)
    if unit == COUNT:  # `increase` reckons with parts of a turn; people do not.
        panel = panel.decimals(0)
    return panel.span(span).height(height).no_value(no_value)


def _mapping(texts: dict[str, tuple[str, str]]) -> models.ValueMap:
    results = {value: models.ValueMappingResult(text=text, color=colour) for value, (text, colour) in texts.items()}
    return models.ValueMap(options=results)


def _query(query: Query, ref_id: str) -> prometheus.Dataquery:
    expr = query.expr.replace("$S", SELECTOR)
    return prometheus.Dataquery().expr(expr).legend_format(query.legend or "__auto").ref_id(ref_id).datasource(SOURCE)


def _instant(query: Query, ref_id: str) -> prometheus.Dataquery:
    return _query(query, ref_id).instant()


def _range(query: Query, ref_id: str) -> prometheus.Dataquery:
    return _query(query, ref_id).range()
