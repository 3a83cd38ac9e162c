"""The compliance desk on a real Valkey: what is found under old keys, what a look leaves on record, what is counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import redis

from portico_console.audit_desk import KeptSearch
from portico_console.redis_audit_desk import SEARCH_KEPT_S, RedisAuditDesk
from portico_core.errors import AuditUnavailable, NotFound
from portico_core.labels import AccessPurpose, AuditPhase, ChainState, Route, Urgency
from portico_core.text import RedactedText
from portico_state.audit_search import RecordQuery, find_records
from portico_state.effects import Effects, NewTicket, ticket_id
from portico_state.escalations import Escalations, TakeOverReason
from portico_state.identifiers import new_id, now_utc
from portico_state.verification_note import note_verification
from portico_state.verify import verify_audit
from reliability.claim_race import Outcome, race
from unit.state.rig import PATIENT, StateRig, entry

LEE = "compliance:lee"


@pytest.fixture
def desk(rig: StateRig) -> RedisAuditDesk:
    return RedisAuditDesk(rig.store, rig.audit, rig.keyring)


async def test_a_patient_is_found_under_the_old_key_and_the_new_one(rig: StateRig, desk: RedisAuditDesk) -> None:
    old = desk.hashes_of("jordan")[0]
    await rig.audit.append(entry(AuditPhase.ACCEPTED, "t1", patient=old))
    rotated = replace(desk, keyring=rig.keyring.rotate("patient"))
    new = rotated.hashes_of("jordan")[0]
    await rig.audit.append(entry(AuditPhase.ACCEPTED, "t2", patient=new))
    await rig.audit.append(entry(AuditPhase.ACCEPTED, "t3", patient=PATIENT))
    query = RecordQuery(patients=rotated.hashes_of("jordan"), phases=frozenset({AuditPhase.ACCEPTED}))
    found = await rotated.find(query, purpose=AccessPurpose.AUDIT_SEARCH, actor=LEE)
    assert old != new
    assert [record["turn"] for record in found.records] == ["t2", "t1"]
    assert found.whole


async def test_a_search_stands_in_the_records_of_the_patient(rig: StateRig, desk: RedisAuditDesk) -> None:
    hashes = desk.hashes_of("jordan")
    await desk.find(RecordQuery(patients=hashes), purpose=AccessPurpose.AUDIT_SEARCH, actor=LEE)
    found = await desk.find(RecordQuery(patients=hashes), purpose=AccessPurpose.AUDIT_SEARCH, actor=LEE)
    assert [(record["actor"], record["source"]) for record in found.records] == [(LEE, "audit.search")] * 2
    assert (await verify_audit(rig.store, keyring=rig.keyring, checkpoints=None)).ok


async def test_a_look_at_one_turn_stands_in_the_records_of_its_patient(rig: StateRig, desk: RedisAuditDesk) -> None:
    hashed = desk.hashes_of("jordan")[0]
    await rig.audit.append(entry(AuditPhase.ACCEPTED, "t1", patient=hashed))
    for turn in ("t1", "unknown"):
        await desk.find(RecordQuery(turn=turn), purpose=AccessPurpose.AUDIT_TRAIL, actor=LEE)
    looked = [record for record in await rig.records() if record["source"] == "audit.trail"]
    assert [(record["turn"], record["patient"]) for record in looked] == [("t1", hashed), ("unknown", "")]


async def test_a_search_is_kept_for_a_while_and_holds_hashes_alone(
    rig: StateRig, desk: RedisAuditDesk, admin: "redis.Redis"
) -> None:
    asked, name = KeptSearch(desk.hashes_of("jordan"), "2026-11-01", ""), "0" * 64
    await desk.keep_search(name, asked)
    assert await desk.kept_search(name) == asked
    assert await desk.kept_search("1" * 64) is None
    key = rig.store.keys.kept_search(name)
    assert "jordan" not in str(admin.get(key))
    admin.expire(key, 5)
    await desk.kept_search(name)  # A look gives it its time anew,
    assert SEARCH_KEPT_S - 60 < int(admin.ttl(key)) <= SEARCH_KEPT_S
    admin.expire(key, 0)
    assert await desk.kept_search(name) is None  # and it ends by itself.
    with pytest.raises(NotFound):
        await desk.kept_search("a:b")


async def test_without_a_record_of_the_look_nothing_is_shown(rig: StateRig, desk: RedisAuditDesk) -> None:
    await rig.audit.close()
    with pytest.raises(AuditUnavailable):
        await desk.find(RecordQuery(), purpose=AccessPurpose.AUDIT_LOG, actor=LEE)


async def test_a_long_walk_ends_at_its_bounds_and_says_so(rig: StateRig) -> None:
    for number in range(12):
        await rig.audit.append(entry(AuditPhase.ACCEPTED, f"t{number}"))
    some = await find_records(rig.store, RecordQuery(), most=5)
    assert ([record["turn"] for record in some.records], some.whole) == (["t11", "t10", "t9", "t8", "t7"], False)
    everything = await find_records(rig.store, RecordQuery(), most=50)
    assert everything.whole and len(everything.records) >= 12
    later = RecordQuery(since=datetime.now(UTC) + timedelta(days=1))
    assert (await find_records(rig.store, later)).records == ()


async def test_the_chain_shows_its_last_verification(rig: StateRig, desk: RedisAuditDesk) -> None:
    assert (await desk.chain(actor=LEE)).note.state is ChainState.UNVERIFIED
    report = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=None)
    await note_verification(rig.store, report, keyring=rig.keyring, now=datetime.now(UTC))
    seen = await desk.chain(actor=LEE)
    assert seen.note.state is ChainState.INTACT
    assert seen.records >= 2 and seen.chains >= 1


async def test_work_counts_who_holds_what_and_what_is_late(rig: StateRig, desk: RedisAuditDesk) -> None:
    now, ids = datetime.now(UTC), []
    before = await desk.workload(now=now, actor="supervisor:mira")
    for number, due in enumerate((-30, 30, 60)):
        turn = new_id()
        words = (RedactedText("words of the patient"),)
        ticket = NewTicket(Urgency.ROUTINE, (now + timedelta(minutes=due)).isoformat(), now_utc(), words)
        made = entry(AuditPhase.DECIDED, turn, conversation=f"c-{turn}", route=Route.ESCALATE, patient=f"{number:032x}")
        await rig.audit.append(made, effects=Effects(ticket=ticket))
        ids.append(ticket_id(turn))
    await Escalations(rig.store, rig.audit).claim(ids[1], actor="clinician:dana")
    work = await desk.workload(now=now, actor="supervisor:mira")
    assert (work.open - before.open, work.late_count - before.late_count) == (3, 1)
    assert [(load.name, load.tickets) for load in work.people] == [("clinician:dana", 1)]
    assert ids[0] in [each.id for each in work.late]
    assert "words of the patient" not in repr(work)


async def test_two_claims_at_once_are_one(rig: StateRig) -> None:
    """The short form of `make claim-race`, with a careless claim as its control."""
    assert await race(rig, 25) == Outcome(25, double=0, none=0, chains_hold=True)

    async def careless(escalations: Escalations, ticket: str, actor: str) -> bool:
        await escalations.claim(ticket, actor=actor, take_over=TakeOverReason.MORE_URGENT)
        return True

    assert (await race(rig, 3, how=careless)).double == 3
