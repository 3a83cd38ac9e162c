"""What all boards have: variables, links to each other, annotations, and the JSON that the chart carries."""

import json
from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models

from boards.panels import SOURCE, Panel

TAG = "portico"
_INFO = 'tenant=~"$tenant",release=~"$release"'
# A version that was not in force two minutes before: a promotion, or the first scrape of a new installation.
PROMOTIONS = {
    "Model promoted": "count by (model, version) (portico_model_info{%s}) "
    "unless count by (model, version) (portico_model_info{%s} offset 2m)",
    "Policy promoted": "count by (version) (portico_policy_info{%s}) "
    "unless count by (version) (portico_policy_info{%s} offset 2m)",
    "Release": "count by (component, version) (portico_build_info{%s}) "
    "unless count by (component, version) (portico_build_info{%s} offset 2m)",
}
TITLES = {"Model promoted": "{{model}} {{version}}", "Policy promoted": "policy {{version}}",
          "Release": "{{component}} {{version}}", "Critical alerts": "{{alertname}}"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A heading and what stands under it."""

    title: str
    panels: list[Panel]


@dataclass(frozen=True, slots=True)
class Board:
    """A board by its file name, with the question it answers."""

    name: str
    title: str
    description: str
    rows: list[Row]

    def to_json(self) -> str:
        """Return the JSON that is committed; the same code gives the same bytes."""
        document = json.loads(JSONEncoder(sort_keys=True).encode(self._build()))
        for annotation in document["annotations"]["list"]:
            annotation |= {"titleFormat": TITLES[annotation["name"]], "step": "30s", "useValueForTime": False}
        _number_panels(document)
        return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    def _build(self) -> models.Dashboard:
        built = dashboard.Dashboard(self.title).uid(f"portico-{self.name}").description(self.description)
        built = built.tags([TAG]).time("now-6h", "now").refresh("1m").timezone("browser").readonly()
        built = built.tooltip(models.DashboardCursorSync.CROSSHAIR).link(_links())
        for variable in _variables():
            built = built.with_variable(variable)
        for annotation in _annotations():
            built = built.annotation(annotation)
        for row in self.rows:
            built = built.with_row(dashboard.Row(row.title))
            for panel in row.panels:
                built = built.with_panel(panel)
        return built.build()


def _links() -> dashboard.DashboardLink:
    link = dashboard.DashboardLink("Portico boards").type(models.DashboardLinkType.DASHBOARDS).tags([TAG])
    return link.include_vars(True).keep_time(True)


def _variables() -> list[Any]:
    source = dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus")
    return [
        source,
        _labels_of("tenant", "Tenant", "portico_build_info"),
        _labels_of("release", "Release", 'portico_build_info{tenant=~"$tenant"}'),
    ]


def _labels_of(name: str, label: str, series: str) -> dashboard.QueryVariable:
    variable = dashboard.QueryVariable(name).label(label).datasource(SOURCE).query(f"label_values({series}, {name})")
    variable = (
        variable.multi(True).include_all(True).all_value(".*").refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
    )
    return variable.current(models.VariableOption(selected=True, text="All", value="$__all"))


def _annotations() -> list[dashboard.AnnotationQuery]:
    found = [_annotation(name, expr % (_INFO, _INFO), "purple") for name, expr in PROMOTIONS.items()]
    alerts = 'ALERTS{alertstate="firing",severity="critical",%s}' % _INFO
    return [*found, _annotation("Critical alerts", alerts, "red")]


def _annotation(name: str, expr: str, colour: str) -> dashboard.AnnotationQuery:
    return dashboard.AnnotationQuery().name(name).datasource(SOURCE).expr(expr).icon_color(colour).enable(True)


def _number_panels(document: dict[str, Any]) -> None:
    """Give every panel a stable id, by which a link can name it."""
    for number, panel in enumerate(document["panels"], 1):
        panel["id"] = number
