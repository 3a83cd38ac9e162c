"""The metrics are those of contracts.md, and no label value can come from what somebody wrote."""

import ast
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from house.sources import calls_of, service_files
from portico_gateway.metrics import Metrics

# contracts.md, metrics: name → labels.
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
    "portico_dependency_up": ("dependency",),
    "portico_inflight": ("stage",),
    "portico_shed_total": ("reason",),
    "portico_deliveries": ("state",),
    "portico_switched_off": ("switch",),
    "portico_feedback_total": ("helpful",),
    "portico_drift_psi": ("signal",),
}
# Nothing measures drift yet; a gauge that is never set would read as "no drift".
NOT_YET = {"portico_drift_psi"}

# Names that hold a value of a closed set where they are used, and the set.
CLOSED_NAMES = {
    ("pipeline.py", "kind"): "PhiType, from Redaction.counts",
    ("pipeline.py", "name"): "guards.checks.Check, from ValidationOutcome.validators",
    ("health.py", "name"): "the four dependencies listed there",
}


def metrics_here() -> dict[str, tuple[str, ...]]:
    instruments = [value for name, value in vars(Metrics()).items() if name != "registry"]
    named = {}
    for instrument in instruments:
        family = next(iter(instrument.describe()))
        name = family.name + ("_total" if family.type == "counter" else "")
        named[name] = tuple(instrument._labelnames)
    return named


def test_the_metrics_are_those_of_the_contract() -> None:
    assert metrics_here() == {name: labels for name, labels in CONTRACT.items() if name not in NOT_YET}


def test_two_processes_of_one_interpreter_do_not_share_metrics() -> None:
    one, other = Metrics(), Metrics()
    one.turns.labels("answer").inc()
    assert b'route="answer"' in generate_latest(one.registry)
    assert b'route="answer"' not in generate_latest(other.registry)


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
        case ast.Name(id=name):
            return (file, name) in CLOSED_NAMES
        case _:
            return False
