"""The audit writer on a real Valkey: durable, once, with its effects or not at all, and verifiable."""

import asyncio
import json
import random
import time
from pathlib import Path

import pytest
import redis

from portico_core.errors import AuditUnavailable, InvalidRequest, NotFound
from portico_core.labels import AuditPhase, Author, TicketState, Urgency
from portico_core.text import RedactedText
from portico_state.checkpoints import ChainHead, CheckpointKind
from portico_state.conversations import Conversations
from portico_state.effects import ConversationEvent, Effects, NewTicket, StoredMessage, ticket_id
from portico_state.escalations import Escalations
from portico_state.events import FIRST, read_events
from portico_state.findings import FindingKind
from portico_state.identifiers import new_id, now_utc
from portico_state.keyring import Keyring
from portico_state.redis_audit import AuditLimits, RedisAudit
from portico_state.verify import verify_audit
from unit.state.rig import PATIENT, StateRig, entry, open_rig, reply_dropper, say

SEED = 20261123


def _ticket(urgency: Urgency = Urgency.ROUTINE, reply_by: str | None = None) -> NewTicket:
    return NewTicket(urgency, reply_by or now_utc(), now_utc(), (RedactedText("should I double it?"),))


async def test_a_record_is_chained_and_verifies(rig: StateRig) -> None:
    for _ in range(20):
        turn = new_id()
        await rig.audit.append(entry(AuditPhase.ACCEPTED, turn))
        receipt = await rig.audit.append(entry(AuditPhase.DECIDED, turn, bytes_sha256="ab" * 32))
    assert (receipt.seq, receipt.bytes_sha256, receipt.duplicate) == (40, "ab" * 32, False)
    records = await rig.records()
    assert [record["seq"] for record in records] == list(range(1, 41))
    report = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)
    assert (report.ok, report.records, report.chains, report.unfinished) == (True, 40, 1, ())


async def test_a_step_is_recorded_once_and_a_turn_ends_once(rig: StateRig) -> None:
    turn = new_id()
    first = await rig.audit.append(entry(AuditPhase.ACCEPTED, turn))
    again = await rig.audit.append(entry(AuditPhase.ACCEPTED, turn))
    assert (again.duplicate, again.stream_id, again.hash) == (True, first.stream_id, first.hash)
    decided = await rig.audit.append(entry(AuditPhase.DECIDED, turn, bytes_sha256="ab" * 32))
    refused = await rig.audit.append(entry(AuditPhase.REFUSED, turn, bytes_sha256="cd" * 32))
    assert (refused.duplicate, refused.phase, refused.bytes_sha256) == (True, AuditPhase.DECIDED, "ab" * 32)
    assert refused.hash == decided.hash
    assert len(await rig.records()) == 2


async def test_effects_are_stored_with_the_record(rig: StateRig) -> None:
    conversations = Conversations(rig.store)
    conversation, turn = await conversations.create(PATIENT), new_id()
    effects = Effects(
        messages=tuple(
            StoredMessage(author, RedactedText("[NAME_1] asks"), now_utc(), turn_id=turn)
            for author in (Author.PATIENT, Author.ASSISTANT)
        ),
        window=RedactedText("[NAME_1] asks"),
        ticket=_ticket(),
        events=(ConversationEvent("escalation", {"state": "requested"}),),
    )
    made = entry(AuditPhase.DECIDED, turn, conversation=conversation.id, route="escalate", label="clinician")
    for _ in range(3):
        await rig.audit.append(made, effects=effects)
    assert [message.author for message in await conversations.transcript(conversation.id)] == [
        Author.PATIENT,
        Author.ASSISTANT,
    ]
    assert await conversations.window(conversation.id) == (RedactedText("[NAME_1] asks"),)
    tickets = await Escalations(rig.store, rig.audit).list()
    assert [(ticket.id, ticket.state, ticket.route) for ticket in tickets] == [
        (ticket_id(turn), TicketState.OPEN, "escalate")
    ]
    assert [event.type for event in await read_events(rig.store, conversation.id, after_id=FIRST)] == ["escalation"]
    assert await rig.store.redis.xlen(rig.store.keys.ticket_stream) == 1


async def test_a_refusal_after_a_decision_still_opens_its_ticket(rig: StateRig) -> None:
    turn = new_id()
    await rig.audit.append(entry(AuditPhase.DECIDED, turn, route="answer"))
    for _ in range(2):
        await rig.audit.append(entry(AuditPhase.REFUSED, turn, route="crisis"), effects=Effects(ticket=_ticket()))
    assert len(await Escalations(rig.store, rig.audit).list()) == 1
    assert [record["phase"] for record in await rig.records()] == ["decided", "access"]


async def test_many_at_once_make_one_chain(rig: StateRig) -> None:
    turns = [new_id() for _ in range(300)]
    receipts = await asyncio.gather(
        *(rig.audit.append(entry(phase, turn)) for turn in turns for phase in (AuditPhase.ACCEPTED, AuditPhase.DECIDED))
    )
    assert sorted(receipt.seq for receipt in receipts) == list(range(1, 601))
    assert (await verify_audit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)).ok


async def test_duplicates_amid_a_batch_leave_the_chain_whole(rig: StateRig) -> None:
    rng = random.Random(SEED)
    entries = [entry(AuditPhase.DECIDED, f"turn-{rng.randrange(40)}") for _ in range(200)]
    receipts = await asyncio.gather(*(rig.audit.append(made) for made in entries))
    written = [receipt for receipt in receipts if not receipt.duplicate]
    assert len(written) == len({made.turn for made in entries}) == len(await rig.records())
    assert (await verify_audit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)).ok


async def test_a_cancelled_caller_does_not_cancel_the_record(rig: StateRig) -> None:
    turns = [new_id() for _ in range(100)]
    tasks = [asyncio.create_task(rig.audit.append(entry(AuditPhase.DECIDED, turn))) for turn in turns]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await rig.audit.append(entry(AuditPhase.DECIDED, "last"))
    assert {record["turn"] for record in await rig.records()} == {*turns, "last"}


async def test_lost_replies_double_and_lose_nothing(url: str, tmp_path: Path) -> None:
    rng, turns, dropped = random.Random(SEED), [new_id() for _ in range(300)], 0

    def should_drop() -> bool:
        nonlocal dropped
        drop = rng.random() < 0.05
        dropped += drop
        return drop

    port = int(url.rsplit(":", 1)[1].split("/", maxsplit=1)[0])
    async with open_rig(url, tmp_path) as rig, reply_dropper(port, should_drop) as proxy:
        through = await RedisAudit.start(
            rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints, limits=AuditLimits(batch=1)
        )
        through._client.connection_pool.connection_kwargs["port"] = proxy
        results = await asyncio.gather(
            *(through.append(entry(AuditPhase.DECIDED, turn)) for turn in turns), return_exceptions=True
        )
        acknowledged = {turn for turn, result in zip(turns, results, strict=True) if not isinstance(result, Exception)}
        await through.close()
        recorded = [record["turn"] for record in await rig.records()]
        report = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)
    say(f"{dropped} replies dropped of {len(turns)} turns, {report.chains} chains, seed {SEED}")
    assert dropped > 5
    assert len(recorded) == len(set(recorded))
    assert acknowledged <= set(recorded)
    assert report.ok, report.findings


async def test_an_entry_that_has_no_place_is_refused_alone(rig: StateRig) -> None:
    good, wrong_number, wrong_tenant, no_turn, bad_turn = await asyncio.gather(
        rig.audit.append(entry(AuditPhase.DECIDED, "t1")),
        rig.audit.append(entry(AuditPhase.DECIDED, "t2", confidence=float("nan"))),
        rig.audit.append(entry(AuditPhase.DECIDED, "t3", tenant="other")),
        rig.audit.append(entry(AuditPhase.DECIDED, "")),
        rig.audit.append(entry(AuditPhase.DECIDED, "a:b")),
        return_exceptions=True,
    )
    assert not isinstance(good, BaseException)
    assert all(isinstance(error, InvalidRequest) for error in (wrong_number, wrong_tenant))
    assert isinstance(no_turn, InvalidRequest)
    assert isinstance(bad_turn, NotFound)


@pytest.mark.parametrize("tamper", ["edit", "delete", "truncate", "flush"])
async def test_tampering_in_the_store_is_found(tamper: str, rig: StateRig, admin: "redis.Redis") -> None:
    for _ in range(10):
        await rig.audit.append(entry(AuditPhase.DECIDED, new_id()))
    await rig.audit.checkpoint()
    stream = rig.store.keys.audit
    entries = await rig.stream()
    if tamper == "delete":
        admin.xdel(stream, entries[4][0])
    elif tamper == "truncate":
        admin.xdel(stream, *(name for name, _ in entries[7:]))
    elif tamper == "flush":
        admin.flushall()
    else:
        admin.delete(stream)
        for number, (name, fields) in enumerate(entries):
            text = (
                fields["record"].replace('"actor":"gateway"', '"actor":"nobody"') if number == 4 else fields["record"]
            )
            admin.xadd(stream, {"record": text}, id=name)
    report = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)
    wanted = {"edit": "edited", "delete": "removed", "truncate": "truncated", "flush": "rolled_back"}[tamper]
    assert [finding.kind for finding in report.findings] == [FindingKind(wanted)]
    assert report.to_json()["intact"] is False


async def test_a_rolled_back_checkpoint_file_is_found(rig: StateRig) -> None:
    await rig.audit.append(entry(AuditPhase.DECIDED, new_id()))
    before = rig.checkpoints.path.read_bytes()
    await rig.audit.checkpoint()
    rig.checkpoints.path.write_bytes(before)
    report = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)
    assert [finding.kind for finding in report.findings] == [FindingKind.CHECKPOINT]


async def test_checkpoints_are_written_at_start_after_records_in_silence_and_at_close(url: str, tmp_path: Path) -> None:
    limits = AuditLimits(checkpoint_s=0.1, checkpoint_records=5)
    async with open_rig(url, tmp_path, audit_limits=limits) as rig:
        for _ in range(6):
            await rig.audit.append(entry(AuditPhase.DECIDED, new_id()))
        await asyncio.sleep(0.35)
    lines = [json.loads(line) for line in rig.checkpoints.path.read_bytes().splitlines()]
    assert (lines[0]["kind"], lines[0]["seq"], lines[-1]["kind"], lines[-1]["seq"]) == ("open", 0, "close", 6)
    assert sum(line["kind"] == "periodic" and line["seq"] == 6 for line in lines) >= 2


async def test_a_second_writer_has_a_chain_of_its_own(rig: StateRig) -> None:
    async with RedisAudit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints) as other:
        for number in range(10):
            await (other if number % 2 else rig.audit).append(entry(AuditPhase.DECIDED, new_id()))
    report = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)
    assert (report.ok, report.chains, report.records) == (True, 2, 10)


async def test_a_rotated_key_signs_new_chains_and_old_ones_still_verify(rig: StateRig) -> None:
    await rig.audit.append(entry(AuditPhase.DECIDED, new_id()))
    rotated = rig.keyring.rotate("audit")
    log = type(rig.checkpoints)(rig.checkpoints.directory, rotated, rig.checkpoints.tenant)
    async with RedisAudit(rig.store, keyring=rotated, checkpoints=log) as other:
        receipt = await other.append(entry(AuditPhase.DECIDED, new_id()))
    assert receipt.chain.endswith(".a2")
    assert (await verify_audit(rig.store, keyring=rotated, checkpoints=log.directory)).ok
    without = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=log.directory)
    assert FindingKind.UNKNOWN_KEY in {finding.kind for finding in without.findings}


async def test_a_turn_that_a_crash_left_open_is_abandoned_once(rig: StateRig) -> None:
    left, ended = new_id(), new_id()
    await rig.audit.append(entry(AuditPhase.ACCEPTED, left))
    await rig.audit.append(entry(AuditPhase.ACCEPTED, ended))
    await rig.audit.append(entry(AuditPhase.DECIDED, ended))
    report = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=None, overdue_s=0)
    assert (report.intact, [finding.kind for finding in report.findings]) == (True, [FindingKind.UNFINISHED])
    assert await rig.audit.abandon_unfinished(older_than_s=60) == 0
    assert await rig.audit.abandon_unfinished(older_than_s=-1) == 1
    assert await rig.audit.abandon_unfinished(older_than_s=-1) == 0
    last = (await rig.records())[-1]
    assert (last["turn"], last["phase"], last["actor"]) == (left, "abandoned", "system:recovery")
    assert (await verify_audit(rig.store, keyring=rig.keyring, checkpoints=None, overdue_s=0)).ok


async def test_bytes_that_are_no_text_are_a_finding_and_do_not_stop_the_walk(rig: StateRig) -> None:
    await rig.audit.append(entry(AuditPhase.DECIDED, new_id()))
    await rig.store.redis.xadd(rig.store.keys.audit, {b"record": b'{"v":"\xff\xfe"}'})
    report = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)
    assert [finding.kind for finding in report.findings] == [FindingKind.UNREADABLE]


async def test_a_full_store_refuses_and_keeps_its_chain(rig: StateRig, admin: "redis.Redis") -> None:
    before = await rig.audit.append(entry(AuditPhase.DECIDED, new_id()))
    admin.config_set("maxmemory", "1mb")
    try:
        results = await asyncio.gather(
            *(rig.audit.append(entry(AuditPhase.DECIDED, new_id())) for _ in range(10)), return_exceptions=True
        )
        assert all(isinstance(result, AuditUnavailable) for result in results)
    finally:
        admin.config_set("maxmemory", "0")
    after = await rig.audit.append(entry(AuditPhase.DECIDED, new_id()))
    assert (after.chain, after.seq) == (before.chain, before.seq + 1)


async def test_an_effect_that_no_text_can_hold_is_refused_alone(rig: StateRig) -> None:
    good, bad = await asyncio.gather(
        rig.audit.append(entry(AuditPhase.DECIDED, "t1")),
        rig.audit.append(entry(AuditPhase.DECIDED, "t2"), effects=Effects(window=RedactedText("\ud800"))),
        return_exceptions=True,
    )
    assert not isinstance(good, BaseException)
    assert isinstance(bad, InvalidRequest)


async def test_a_store_that_lost_the_chain_makes_a_new_one_and_says_so(rig: StateRig, admin: "redis.Redis") -> None:
    await rig.audit.append(entry(AuditPhase.DECIDED, new_id()))
    admin.flushall()
    receipt = await rig.audit.append(entry(AuditPhase.DECIDED, new_id()))
    assert receipt.seq == 1
    report = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)
    assert {finding.kind for finding in report.findings} >= {FindingKind.ROLLED_BACK}


async def test_checkpoints_of_the_wrong_keyring_are_named(rig: StateRig) -> None:
    rig.checkpoints.write(CheckpointKind.PERIODIC, ChainHead("x.a1", 1, "0" * 64))
    report = await verify_audit(rig.store, keyring=Keyring.generate(), checkpoints=rig.checkpoints.directory)
    assert FindingKind.CHECKPOINT in {finding.kind for finding in report.findings}


async def test_what_a_record_costs(rig: StateRig) -> None:
    """No assertion on milliseconds of a shared disk; the figure is printed for the log."""
    times = []
    for _ in range(100):
        start = time.perf_counter()
        await rig.audit.append(entry(AuditPhase.ACCEPTED, new_id()))
        times.append(1000 * (time.perf_counter() - start))
    times.sort()
    say(f"append with appendfsync always: p50 {times[50]:.2f} ms, p99 {times[98]:.2f} ms, N 100")
    assert times[50] < 250
