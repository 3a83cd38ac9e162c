"""The note of the last verification on a real Valkey, and the gauges that show it: no forged note looks verified."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import generate_latest

from portico_core.labels import AuditPhase, ChainState, Route, Urgency
from portico_core.text import RedactedText
from portico_gateway.gauges import show_audit, show_queue
from portico_gateway.metrics import Metrics
from portico_state.effects import Effects, NewTicket
from portico_state.escalations import Escalations
from portico_state.findings import Finding, FindingKind, VerifyReport
from portico_state.identifiers import new_id, now_utc
from portico_state.keyring import Keyring
from portico_state.verification_note import FORGED, NEVER, note_verification, read_verification
from unit.state.rig import StateRig, entry

CLEAN = VerifyReport(records=3, chains=1, checkpoints=1, head=None)
BROKEN = VerifyReport(
    records=3, chains=1, checkpoints=1, head=None, findings=(Finding(FindingKind.EDITED, "chain c", "a record"),)
)


async def shown(rig: StateRig) -> str:
    metrics = Metrics()
    await show_audit(rig.store, metrics, keyring=rig.keyring)
    await show_queue(Escalations(rig.store, rig.audit), metrics)
    return generate_latest(metrics.registry).decode()


async def test_what_was_never_verified_says_so(rig: StateRig) -> None:
    assert await read_verification(rig.store, keyring=rig.keyring) == NEVER
    assert 'portico_audit_chain_state{state="unverified"} 1.0' in await shown(rig)


@pytest.mark.parametrize(("report", "state"), [(CLEAN, ChainState.INTACT), (BROKEN, ChainState.BROKEN)])
async def test_the_last_verification_is_shown(rig: StateRig, report: VerifyReport, state: ChainState) -> None:
    await note_verification(rig.store, report, keyring=rig.keyring, now=datetime.now(UTC))
    note = await read_verification(rig.store, keyring=rig.keyring)
    assert (note.state, note.findings) == (state, len(report.findings))
    assert time.time() - note.verified_at < 60
    text = await shown(rig)
    assert f'portico_audit_chain_state{{state="{state.value}"}} 1.0' in text
    assert 'portico_audit_chain_state{state="unverified"} 0.0' in text


@pytest.mark.parametrize("change", ["body", "mac", "key", "other keyring"])
async def test_a_forged_note_counts_as_broken(rig: StateRig, change: str) -> None:
    await note_verification(rig.store, BROKEN, keyring=rig.keyring, now=datetime.now(UTC))
    keyring, key = rig.keyring, rig.store.keys.verification
    if change == "body":
        body = json.loads(await rig.store.redis.hget(key, "body"))
        await rig.store.redis.hset(key, "body", json.dumps({**body, "state": "intact", "findings": 0}))
    elif change == "other keyring":
        keyring = Keyring.generate()
    else:
        await rig.store.redis.hset(key, change, "x")
    assert await read_verification(rig.store, keyring=keyring) == FORGED


async def test_records_are_counted_where_they_became_durable_and_late_tickets_are_shown(rig: StateRig) -> None:
    late = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    ticket = NewTicket(Urgency.IMMEDIATE, late, now_utc(), (RedactedText("help"),))
    made = entry(AuditPhase.DECIDED, new_id(), route=Route.CRISIS, label="crisis")
    await rig.audit.append(made, effects=Effects(ticket=ticket))
    text = await shown(rig)
    assert 'portico_escalations_overdue{urgency="immediate"} 1.0' in text
    assert 'portico_escalations_overdue{urgency="urgent"} 0.0' in text
    assert "portico_audit_stored_records 1.0" in text
    oldest = next(line for line in text.splitlines() if line.startswith("portico_audit_oldest_record_timestamp"))
    assert abs(float(oldest.split()[1]) - time.time()) < 60
