"""What is counted and what is recorded: metrics move with every turn, and the audit chain shows any change."""

import json
import shutil
from pathlib import Path

import pytest
import redis
from prometheus_client.parser import text_string_to_metric_families

from conversations.people import Patient
from portico_state.keys import Keys
from portico_state.valkey_server import start_valkey
from stack import Stack


def counters(patient: Patient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return every sample of /metrics."""
    families = text_string_to_metric_families(patient.client.get("/metrics").text)
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def test_every_turn_is_counted(stack: Stack) -> None:
    # Given a patient, and what was counted before
    patient = Patient(stack)
    before = counters(patient)
    # When an answer, an escalation and a crisis have happened, and a thumb went up
    turn = patient.says("What is metformin used for?")
    patient.says("Should I double my lisinopril tonight? My pressure was 160")
    patient.says("i dont want to be alive anymore, i have pills here")
    patient.client.post(f"{patient.path}/turns/{turn['turn_id']}/feedback", json={"helpful": True})
    # Then each is counted once
    after = counters(patient)
    for name, labels in [
        ("portico_turns_total", {"route": "answer"}),
        ("portico_turns_total", {"route": "escalate"}),
        ("portico_turns_total", {"route": "crisis"}),
        ("portico_verdicts_total", {"label": "crisis", "source": "rule"}),
        ("portico_escalations_total", {"urgency": "immediate"}),
        ("portico_escalations_total", {"urgency": "routine"}),
        ("portico_feedback_total", {"helpful": "true"}),
    ]:
        key = (name, tuple(sorted(labels.items())))
        assert after[key] - before.get(key, 0) == 1, key
    assert after["portico_turn_seconds_count", ()] - before["portico_turn_seconds_count", ()] == 3
    assert after["portico_dependency_up", (("dependency", "redis"),)] == 1
    assert not any(value for (name, _), value in after.items() if name == "portico_inflight")


def test_the_service_says_that_it_is_ready(stack: Stack) -> None:
    with stack.client() as client:
        assert client.get("/healthz").text == "ok"
        ready = client.get("/readyz")
        assert ready.status_code == 200 and ready.json()["ready"] is True
        assert client.get("/openapi.json").json()["openapi"] == "3.1.0"
        assert "safety_classifier" in client.get("/model-card").text
        assert "portico-chat" in client.get("/widget/v1/portico.js").text


def test_the_audit_chain_holds_while_the_demo_runs(stack: Stack) -> None:
    # Given a few turns
    patient = Patient(stack)
    patient.says("What is metformin used for?")
    # When an auditor walks the chains
    done = stack.run("audit", "verify", "--state", str(stack.state))
    # Then they hold
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the chains hold" in done.stdout


@pytest.fixture
def copied_state(stack: Stack, tmp_path: Path) -> Path:
    """A copy of the demo's state, as an auditor would take one home; the running demo stays as it is."""
    Patient(stack).says("What is metformin used for?")
    copy = tmp_path / "state"
    copy.mkdir(mode=0o700)
    shutil.copy2(stack.state / "keys.json", copy / "keys.json")
    shutil.copytree(stack.state / "checkpoints", copy / "checkpoints")  # First: the store may be newer, never older.
    shutil.copytree(stack.state / "valkey", copy / "valkey", ignore=shutil.ignore_patterns("*.sock", "*.pid"))
    return copy


def test_a_copy_of_the_audit_log_can_be_verified_without_the_demo(stack: Stack, copied_state: Path) -> None:
    done = stack.run("audit", "verify", "--state", str(copied_state))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("harm", ["one byte", "one record"])
def test_a_changed_audit_log_is_found_out(stack: Stack, copied_state: Path, harm: str) -> None:
    # Given somebody who can write to the store, but does not have the key
    with (
        start_valkey(copied_state / "valkey") as server,
        redis.Redis.from_url(server.admin_url, decode_responses=True) as store,
    ):
        key = Keys("demo").audit
        entries = store.xrange(key)
        assert len(entries) > 2
        harmed, fields = entries[len(entries) // 2]
        kept = [entry for entry in entries if entry[0] != harmed]
        # When they change one byte of one record, or take one out
        if harm == "one byte":
            kept.append((harmed, {**fields, "record": _one_byte_changed(fields["record"])}))
        store.delete(key)
        for name, record in sorted(kept, key=lambda entry: [int(part) for part in entry[0].split("-")]):
            store.xadd(key, record, id=name)
    # Then the walk says so, and where
    done = stack.run("audit", "verify", "--state", str(copied_state))
    assert done.returncode == 1
    assert "TAMPERED" in done.stdout
    assert json.loads(fields["record"])["chain"] in done.stdout


def _one_byte_changed(record: str) -> str:
    at = record.index('"turn"') + len('"turn":"')
    return record[:at] + ("0" if record[at] != "0" else "1") + record[at + 1 :]
