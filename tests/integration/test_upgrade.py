"""An upgrade finds what the release before left: records, conversations, tickets, sealed texts, a spooled refusal.

The files of tests/contract/stored were written by the code of their release (integration.stored_release) and are never
written again; a release adds its own. While a rollout lasts, old and new pods write to the same store.
"""

import copy
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from integration.stored_release import FOLDER, NAMES, QUESTION, REPLY, SENT, SENT_KEY, restore
from portico_core.labels import AuditPhase, Urgency
from portico_state.checkpoints import CheckpointLog
from portico_state.client import connect
from portico_state.conversations import Conversations
from portico_state.deliveries import Deliveries, delivery_id
from portico_state.escalations import Escalations
from portico_state.events import read_events
from portico_state.idempotency import Idempotency, ReservationState
from portico_state.identifiers import new_id
from portico_state.redis_audit import RedisAudit
from portico_state.spool import RefusalSpool
from portico_state.vault import Vault
from portico_state.verify import verify_audit
from unit.state.rig import PATIENT, TENANT, StateRig, entry

RELEASES = sorted(path.stem for path in FOLDER.glob("*.json"))


def kept(release: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{release}.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(params=RELEASES)
async def upgraded(
    request: pytest.FixtureRequest, url: str, tmp_path: Path
) -> AsyncIterator[tuple[StateRig, dict[str, Any]]]:
    """The store and the state of a release, opened by this one: its writer begins a chain of its own."""
    store, left = await connect(url, tenant=TENANT), kept(request.param)
    keyring = await restore(store, left, tmp_path)
    log = CheckpointLog(tmp_path / "checkpoints", keyring, TENANT)
    audit = await RedisAudit.start(store, keyring=keyring, checkpoints=log)
    yield StateRig(store, keyring, log, audit), left["ids"]
    await audit.close()
    await store.close()


def test_the_release_of_today_is_among_them() -> None:
    assert "0.1.0" in RELEASES


async def test_what_patients_and_staff_had_is_still_there(upgraded: tuple[StateRig, dict[str, Any]]) -> None:
    rig, ids = upgraded
    conversations, vault = Conversations(rig.store), Vault(rig.store, rig.keyring)
    assert not (await conversations.load(ids["conversation"], patient=PATIENT)).closed
    said = [(message.author.value, message.text) for message in await conversations.transcript(ids["conversation"])]
    assert said == [("patient", QUESTION.text), ("clinician", REPLY.text)]
    assert await conversations.window(ids["conversation"]) == (QUESTION,)
    assert (await vault.load(ids["conversation"])).placeholders == NAMES
    events = [event.type for event in await read_events(rig.store, ids["conversation"], after_id="0-0", block_ms=1)]
    assert events[0] == "turn" and "escalation" in events
    again = await Idempotency(rig.store).reserve(SENT, key=SENT_KEY, turn=new_id())
    assert (again.state, again.turn) == (ReservationState.DONE, ids["turn"])
    assert again.sealed is not None
    answer = await vault.unseal(ids["conversation"], again.sealed, purpose="turn")
    assert json.loads(answer) == {"route": "escalate"}
    ticket = await Escalations(rig.store, rig.audit).get(ids["ticket"])
    assert (ticket.holder, ticket.urgency, ticket.context) == ("nurse-1", Urgency.ROUTINE, (QUESTION,))
    assert ticket.replied_at is not None


async def test_the_audit_log_goes_on_and_a_spooled_crisis_is_recorded_and_announced(
    upgraded: tuple[StateRig, dict[str, Any]], tmp_path: Path
) -> None:
    rig, ids = upgraded
    spool = RefusalSpool(tmp_path / "spool", keyring=rig.keyring, tenant=TENANT)
    report = await spool.replay(rig.audit)
    assert (report.replayed, report.damaged) == (1, 0)
    turn = new_id()
    for phase in (AuditPhase.ACCEPTED, AuditPhase.DECIDED):
        await rig.audit.append(entry(phase, turn, conversation=ids["conversation"]))
    desk, deliveries = Escalations(rig.store, rig.audit), Deliveries(rig.store)
    assert ids["spooled_turn"] in {ticket.turn for ticket in await desk.list()}
    assert await deliveries.take_in(consumer="new", block_ms=1) == 2
    taken = await deliveries.take(most=5, lease_s=5)
    assert [delivery.urgency for delivery in taken] == [Urgency.IMMEDIATE, Urgency.ROUTINE]
    assert taken[1].id == delivery_id(ids["ticket"])
    verified = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)
    assert verified.ok, verified.findings


async def test_a_record_of_the_release_before_that_was_changed_is_found(url: str, tmp_path: Path) -> None:
    store, left = await connect(url, tenant=TENANT), copy.deepcopy(kept("0.1.0"))
    stream = next(each for each in left["store"] if each["key"] == store.keys.audit)
    record = stream["value"][1][1]["record"]
    assert '"label":"clinician"' in record
    stream["value"][1][1]["record"] = record.replace('"label":"clinician"', '"label":"informational"')
    keyring = await restore(store, left, tmp_path)
    verified = await verify_audit(store, keyring=keyring, checkpoints=tmp_path / "checkpoints")
    await store.close()
    assert not verified.ok
