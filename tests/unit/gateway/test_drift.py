"""The reference of drift: made from verdicts of the model, refused when it is damaged, shown as shares."""

import json
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from portico_core.errors import ConfigurationError
from portico_core.labels import Label, VerdictSource
from portico_core.verdict import Verdict, verdict_from_scores
from portico_gateway.drift import make_reference, show_reference
from portico_gateway.metrics import Metrics

ROWS = [
    {"label": "informational", "confidence": 0.95},
    {"label": "informational", "confidence": 1.0, "source": "model"},
    {"label": "clinician", "confidence": 0.55},
    {"label": "attack", "confidence": 0.0},
]
RULE = {"label": "crisis", "confidence": 1.0, "source": "rule"}


def test_a_reference_holds_the_shares_of_the_model_s_verdicts_only() -> None:
    reference = make_reference([*ROWS, RULE])
    assert reference["verdicts"] == 4
    assert reference["shares"]["label"]["informational"] == 0.5
    assert reference["shares"]["label"]["crisis"] == 0.0
    assert (
        reference["shares"]["confidence"] | {"0.9": 0.5, "0.5": 0.25, "0.0": 0.25} == reference["shares"]["confidence"]
    )


def test_no_verdict_of_the_model_makes_no_reference() -> None:
    with pytest.raises(ValueError, match="no verdict"):
        make_reference([RULE])


def test_the_committed_reference_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "drift_reference.json"
    path.write_text(json.dumps(make_reference(ROWS)), encoding="utf-8")
    metrics = Metrics()
    assert show_reference(path, metrics)
    assert b'portico_drift_reference_share{bin="clinician",signal="label"} 0.25' in generate_latest(metrics.registry)


def test_a_missing_reference_is_said_and_shows_nothing(tmp_path: Path) -> None:
    metrics = Metrics()
    assert not show_reference(tmp_path / "none.json", metrics)
    assert b"portico_drift_reference_share{" not in generate_latest(metrics.registry)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"shares": {"label": {}}}', json.dumps(make_reference(ROWS)).replace("0.5", "0.6")]
)
def test_a_damaged_reference_stops_the_start(tmp_path: Path, text: str) -> None:
    path = tmp_path / "drift_reference.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError):
        show_reference(path, Metrics())


def test_only_what_the_model_said_counts_for_drift() -> None:
    metrics = Metrics()
    scores = {label: 0.9 if label is Label.CLINICIAN else 0.02 for label in Label}
    metrics.count_verdict(verdict_from_scores(scores, model="m"))
    metrics.count_verdict(Verdict(Label.CRISIS, 1.0, {}, VerdictSource.RULE, "red-flags-1", rule="r"))
    text = generate_latest(metrics.registry)
    assert b'portico_drift_observed_total{bin="clinician",signal="label"} 1.0' in text
    assert b'portico_drift_observed_total{bin="0.9",signal="confidence"} 1.0' in text
    assert b'portico_drift_observed_total{bin="crisis",signal="label"} 0.0' in text
    assert b'portico_verdicts_total{label="crisis",source="rule"} 1.0' in text
