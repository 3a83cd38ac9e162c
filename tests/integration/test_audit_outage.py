"""The store goes away: no record within the deadline, refusals are kept, and everything is there once afterwards."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from portico_core.errors import AuditUnavailable, StateUnavailable
from portico_core.labels import AuditPhase, Author, Urgency
from portico_core.text import RedactedText
from portico_state.checkpoints import CheckpointLog
from portico_state.client import open_store
from portico_state.conversations import Conversations
from portico_state.effects import Effects, NewTicket, StoredMessage
from portico_state.escalations import Escalations
from portico_state.identifiers import new_id, now_utc
from portico_state.keyring import Keyring
from portico_state.redis_audit import RedisAudit
from portico_state.spool import RefusalSpool
from portico_state.valkey_server import ValkeyServer, start_valkey
from portico_state.verify import verify_audit
from unit.state.rig import PATIENT, TENANT, StateRig, entry, open_rig, say

CRISES = 40


def _crisis() -> Effects:
    ticket = NewTicket(Urgency.IMMEDIATE, now_utc(), now_utc(), (RedactedText("i have pills here"),))
    message = StoredMessage(Author.PATIENT, RedactedText("i have pills here"), now_utc())
    return Effects(messages=(message,), ticket=ticket)


async def _refuse(rig: StateRig, spool: RefusalSpool, turn: str) -> float:
    """Do what a gateway does with a crisis while the store is down; return the seconds it took."""
    start = time.monotonic()
    refused = entry(AuditPhase.REFUSED, turn, route="crisis")
    try:
        await rig.audit.append(refused, effects=_crisis())
    except AuditUnavailable:
        await asyncio.to_thread(spool.put, refused, _crisis())
    return time.monotonic() - start


async def _assert_everything_once(rig: StateRig, turns: list[str]) -> None:
    refused = [record["turn"] for record in await rig.records() if record["phase"] == "refused"]
    tickets = await Escalations(rig.store, rig.audit).list(limit=10_000)
    assert sorted(refused) == sorted(turns)
    assert sorted(ticket.turn for ticket in tickets) == sorted(turns)
    assert len(await rig.store.redis.lrange(rig.store.keys.messages("c1"), 0, -1)) == len(turns)
    report = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)
    assert report.ok, report.findings


async def test_a_killed_store_refuses_in_time_and_gets_everything_once(tmp_path: Path) -> None:
    with start_valkey(tmp_path / "valkey") as server:
        async with open_rig(server.url, tmp_path) as rig:
            spool = RefusalSpool(tmp_path / "spool", keyring=rig.keyring, tenant=TENANT)
            turns = [new_id() for _ in range(CRISES)]
            await rig.audit.append(entry(AuditPhase.REFUSED, turns[0], route="crisis"), effects=_crisis())
            server.process.kill()
            slowest = max(await asyncio.gather(*(_refuse(rig, spool, turn) for turn in turns[1:])))
            assert slowest < 2.0
            assert spool.waiting() == CRISES - 1
            with pytest.raises(AuditUnavailable):
                await spool.replay(rig.audit)
            with start_valkey(tmp_path / "valkey", port=server.port):
                first = await spool.replay(rig.audit)
                _pretend_the_file_was_not_removed(spool, rig, turns[1:])
                again = await spool.replay(rig.audit)
                await _assert_everything_once(rig, turns)
                say(f"{CRISES} crises, {first.replayed} replayed, slowest refusal {slowest:.2f} s")
                assert (first.replayed, again.duplicates, spool.waiting()) == (CRISES - 1, CRISES - 1, 0)


def _pretend_the_file_was_not_removed(spool: RefusalSpool, rig: StateRig, turns: list[str]) -> None:
    """Leave the folder as a crash between the replay and the removal does."""
    for turn in turns:
        spool.put(entry(AuditPhase.REFUSED, turn, route="crisis"), _crisis())
    (spool.directory / "refusals.jsonl").rename(spool.directory / "refusals.000001.replaying")


async def test_a_stopped_store_refuses_in_time_and_late_records_are_single(tmp_path: Path) -> None:
    """SIGSTOP is the hard case: what was sent is executed when the server wakes, long after we gave up."""
    with start_valkey(tmp_path / "valkey") as server:
        async with open_rig(server.url, tmp_path) as rig:
            spool = RefusalSpool(tmp_path / "spool", keyring=rig.keyring, tenant=TENANT)
            turns = [new_id() for _ in range(20)]
            await rig.audit.append(entry(AuditPhase.ACCEPTED, turns[0]))
            os.kill(server.process.pid, signal.SIGSTOP)
            try:
                slowest = max(await asyncio.gather(*(_refuse(rig, spool, turn) for turn in turns)))
            finally:
                os.kill(server.process.pid, signal.SIGCONT)
            assert slowest < 2.0
            await asyncio.sleep(0.2)
            report = await spool.replay(rig.audit)
            await _assert_everything_once(rig, turns)
            say(f"stopped: slowest refusal {slowest:.2f} s, {report.duplicates} of 20 had landed late")
            assert report.replayed + report.duplicates == 20


async def test_a_new_chain_after_an_outage_continues_the_old_one(tmp_path: Path) -> None:
    with start_valkey(tmp_path / "valkey") as server:
        async with open_rig(server.url, tmp_path) as rig:
            before = await rig.audit.append(entry(AuditPhase.DECIDED, new_id()))
            server.process.kill()
            with pytest.raises(AuditUnavailable):
                await rig.audit.append(entry(AuditPhase.DECIDED, new_id()))
            with start_valkey(tmp_path / "valkey", port=server.port):
                after = await rig.audit.append(entry(AuditPhase.DECIDED, new_id()))
                records = await rig.records()
                report = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)
    assert (after.seq, after.chain != before.chain) == (1, True)
    assert records[-1]["prev"] == before.hash
    assert report.ok, report.findings


async def test_a_writer_starts_while_the_store_is_down(tmp_path: Path) -> None:
    with start_valkey(tmp_path / "valkey") as server:
        port, url = server.port, server.url
    store, keyring = open_store(url, tenant=TENANT), Keyring.generate()
    log = CheckpointLog(tmp_path / "checkpoints", keyring, TENANT)
    audit = await RedisAudit.start(store, keyring=keyring, checkpoints=log)
    with pytest.raises(AuditUnavailable):
        await audit.append(entry(AuditPhase.DECIDED, new_id()))
    with pytest.raises(StateUnavailable):
        await Conversations(store).create(PATIENT)
    with start_valkey(tmp_path / "valkey", port=port):
        assert (await audit.append(entry(AuditPhase.DECIDED, new_id()))).seq == 1
        await audit.close()
        assert (await verify_audit(store, keyring=keyring, checkpoints=log.directory)).ok
    await store.close()


async def test_acknowledged_records_survive_kill_nine(tmp_path: Path) -> None:
    """`kill -9` spares the page cache; the power cut that does not is in tests/reliability."""
    acknowledged: list[str] = []
    server = start_valkey(tmp_path / "valkey")
    async with open_rig(server.url, tmp_path) as rig:
        for _ in range(3):
            killer = asyncio.create_task(_kill_soon(server))
            while not killer.done():
                turn = new_id()
                try:
                    await rig.audit.append(entry(AuditPhase.DECIDED, turn))
                    acknowledged.append(turn)
                except AuditUnavailable:
                    await asyncio.sleep(0.02)
            server = start_valkey(tmp_path / "valkey", port=server.port)
        await rig.audit.append(entry(AuditPhase.DECIDED, new_id()))
        stored = {record["turn"] for record in await rig.records()}
        report = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)
    server.stop()
    say(f"{len(acknowledged)} acknowledged over 3 kills, lost {len(set(acknowledged) - stored)}")
    assert set(acknowledged) <= stored
    assert report.ok, report.findings


async def _kill_soon(server: ValkeyServer) -> None:
    await asyncio.sleep(0.3)
    server.process.kill()
    await asyncio.to_thread(server.process.wait)
