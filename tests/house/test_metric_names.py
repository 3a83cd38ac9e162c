"""The metrics are those of contracts.md, and no label value can come from what somebody wrote."""

import ast
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from house.sources import calls_of, service_files
from portico_console.metrics import ConsoleMetrics
from portico_console.notifier.metrics import NotifierMetrics
from portico_gateway.metrics import CLOSED, Metrics

# contracts.md, metrics: name → labels. More may be added; these may not be renamed.
CONTRACT: dict[str, tuple[str, ...]] = {
    "portico_turns_total": ("route",),
    "portico_turn_seconds": (),
    "portico_stage_seconds": ("stage",),
    "portico_verdicts_total": ("label", "source"),
    "portico_redactions_total": ("type", "direction"),
    "portico_escalations_total": ("urgency",),
    "portico_escalations_open": ("urgency",),
    "portico_escalation_reply_seconds": ("urgency",),
    "portico_validation_failures_total": ("validator",),
    "portico_audit_append_seconds": (),
    "portico_audit_failures_total": ("sink",),
    "portico_faults_total": ("part",),
    "portico_dependency_up": ("dependency",),
    "portico_inflight": ("stage",),
    "portico_shed_total": ("reason",),
    "portico_deliveries": ("state",),
    "portico_switched_off": ("switch",),
    "portico_feedback_total": ("helpful",),
}
# Label names that Prometheus sets itself when it scrapes a pod: one of ours would come out as `exported_…`.
TAKEN = {"job", "instance", "namespace", "pod", "container", "endpoint", "service", "node", "tenant", "release"}
# Labels whose values the site configures or the source names; everything else is a closed set.
CONFIGURED = {"version", "model", "topic", "component", "path", "status", "signal", "bin", "dependency", "switch"}
NOTIFIERS = {"answer"}  # portico_console.notifier.webhook.Answer
CONSOLES = {"event"}  # portico_core.labels.SessionEvent
Service = Metrics | ConsoleMetrics | NotifierMetrics

# Names that hold a value of a closed set where they are used, and the set.
CLOSED_NAMES = {
    ("pipeline.py", "kind"): "PhiType, from Redaction.counts",
    ("proposing.py", "name"): "guards.checks.Check, from ValidationOutcome.validators",
    ("pipeline.py", "topic"): "ids of approved topics, from the passage index",
    ("health.py", "name"): "the dependencies listed there",
    ("bootstrap.py", "model"): "the models of MODELS",
    ("bootstrap.py", "version"): "a version of a model's manifest",
    ("drift.py", "signal"): "DRIFT_BINS",
    ("drift.py", "name"): "DRIFT_BINS",
    ("metrics.py", "values"): "CLOSED",
    ("metrics.py", "topic"): "ids of approved topics, from the passage index",
    ("metrics.py", "signal"): "DRIFT_BINS",
    ("metrics.py", "name"): "DRIFT_BINS",
    ("metrics.py", "confidence"): "DRIFT_BINS",
    ("metrics.py", "status"): "the hundreds of an HTTP status",
    ("metrics.py", "kind"): "PhiType, from Redaction.counts",
    ("bootstrap.py", "VERSION"): "the release",
    ("metrics.py", "VERSION"): "the release",
}
# Attributes whose value is closed, besides `.value` of a StrEnum.
CLOSED_ATTRIBUTES = {
    ("metrics.py", "route"): "HttpOutcome.route, a template of the application's own routes",
    ("bootstrap.py", "version"): "RoutePolicy.version, a setting",
}


@pytest.mark.parametrize("hold", [Metrics, ConsoleMetrics, NotifierMetrics])
def test_no_label_is_one_that_prometheus_sets(hold: type[Service]) -> None:
    labels = {name for names in metrics_of(hold()).values() for name in names}
    assert labels & TAKEN == set()
    assert labels <= set(CLOSED) | CONFIGURED | NOTIFIERS | CONSOLES


def metrics_of(metrics: Service) -> dict[str, tuple[str, ...]]:
    instruments = [value for value in vars(metrics).values() if hasattr(value, "_labelnames")]
    named = {}
    for instrument in instruments:
        family = next(iter(instrument.describe()))
        name = family.name + ("_total" if family.type == "counter" else "")
        named[name] = tuple(instrument._labelnames)
    return named


def test_the_metrics_of_the_contract_are_emitted() -> None:
    emitted = {**metrics_of(ConsoleMetrics()), **metrics_of(NotifierMetrics()), **metrics_of(Metrics())}
    assert {name: emitted.get(name) for name in CONTRACT} == CONTRACT


def test_what_two_services_count_has_one_meaning() -> None:
    gateway, console = metrics_of(Metrics()), metrics_of(ConsoleMetrics())
    shared = gateway.keys() & console.keys()
    assert len(shared) >= 5
    assert {name: gateway[name] for name in shared} == {name: console[name] for name in shared}


def test_every_series_of_a_closed_set_is_there_from_the_start() -> None:
    text = generate_latest(Metrics().registry).decode()
    assert 'portico_audit_failures_total{sink="redis"} 0.0' in text
    assert 'portico_validation_failures_total{validator="phi"} 0.0' in text
    assert len(text.splitlines()) < 1_500, "a scrape of one process stays small"


def test_two_processes_of_one_interpreter_do_not_share_metrics() -> None:
    one, other = Metrics(), Metrics()
    one.turns.labels("answer").inc()
    assert b'portico_turns_total{route="answer"} 1.0' in generate_latest(one.registry)
    assert b'portico_turns_total{route="answer"} 0.0' in generate_latest(other.registry)


def test_label_values_come_from_closed_sets() -> None:
    seen = [call for path in service_files() for call in calls_of(path, "labels")]
    assert len(seen) >= 10
    assert [place for path in service_files() for place in open_labels(path)] == []


@pytest.mark.parametrize(
    "planted", ["metrics.turns.labels(request.text)", "m.shed.labels(f'{a}')", "m.x.labels(str(e))"]
)
def test_a_planted_open_label_is_found(tmp_path: Path, planted: str) -> None:
    file = tmp_path / "planted.py"
    file.write_text(f"{planted}.inc()\n", encoding="utf-8")
    assert open_labels(file) == ["planted.py:1"]


def open_labels(path: Path) -> list[str]:
    """Return where `.labels(…)` is given something that is not plainly of a closed set."""
    calls = list(calls_of(path, "labels"))
    return [f"{path.name}:{c.lineno}" for c in calls if not all(_closed(value, path.name) for value in c.args)]


def _closed(value: ast.expr, file: str) -> bool:
    match value:
        case ast.Constant(value=str()):
            return True
        case ast.IfExp(body=body, orelse=orelse):
            return _closed(body, file) and _closed(orelse, file)
        case ast.Attribute(attr="value"):  # A member of a StrEnum.
            return True
        case ast.Name(id=name) | ast.Starred(value=ast.Name(id=name)):
            return (file, name) in CLOSED_NAMES
        case ast.Attribute(attr=name):
            return (file, name) in CLOSED_ATTRIBUTES
        case _:
            return False
