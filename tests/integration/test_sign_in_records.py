"""Sign-ins of staff in the audit chain of a real Valkey: opened, refused, ended, and by whom."""

import asyncio
from collections import Counter

import pytest

from portico_console.metrics import ConsoleMetrics
from portico_console.ports import Refused
from portico_console.session_journal import NAMELESS, AuditJournal
from portico_console.sessions import RedisSessions, Sessions
from portico_core.errors import AuditUnavailable
from portico_core.labels import SessionEvent
from portico_state.verify import verify_audit
from unit.console.memory_desk import DANA, SAM
from unit.console.test_sessions import Clock
from unit.state.rig import TENANT, StateRig


@pytest.fixture
def journal(rig: StateRig) -> AuditJournal:
    return AuditJournal(rig.store, rig.audit, rig.keyring, ConsoleMetrics())


async def recorded(rig: StateRig) -> list[str]:
    return [f"{record['source']} {record['actor']}" for record in await rig.records()]


async def test_a_session_is_on_record_from_its_sign_in_to_its_end(rig: StateRig, journal: AuditJournal) -> None:
    clock = Clock()
    clock.now = 4_000_000_000.0  # The store lets go of a session by its own clock.
    consoles = [Sessions(RedisSessions(rig.store), journal, clock=clock) for _ in range(2)]
    dana, sam, left = [await consoles[0].start(member) for member in (DANA, SAM, SAM)]
    await consoles[1].end(dana.id)
    clock.now += consoles[0].idle_s + 1
    assert await consoles[1].find(sam.id) is None
    await asyncio.gather(*(console.sweep() for console in consoles))  # Both, and each end is recorded once.
    assert await consoles[0].find(left.id) is None
    assert await recorded(rig) == [
        "session.open clinician:dana", "session.open clinician:sam", "session.open clinician:sam",
        "session.end:signed_out clinician:dana", "session.end:idle clinician:sam", "session.end:idle clinician:sam",
    ]  # fmt: skip
    assert (await verify_audit(rig.store, keyring=rig.keyring, checkpoints=None)).ok
    value = journal.metrics.registry.get_sample_value
    assert [value("portico_sessions_total", {"event": event.value}) for event in SessionEvent] == [3, 0, 1, 2, 0]


async def test_who_is_refused_is_named_by_a_keyed_hash_as_a_patient_is(rig: StateRig, journal: AuditJournal) -> None:
    await journal.refused(Refused.NO_ROLE, "jordan")
    hashed = rig.keyring.patient_hash("jordan", tenant=TENANT)
    assert await recorded(rig) == [f"session.refused:no_role visitor:{hashed}"]
    assert "jordan" not in str(await rig.records())


async def test_a_stranger_cannot_fill_the_store_with_refusals(rig: StateRig, journal: AuditJournal) -> None:
    for _ in range(40):
        await journal.refused(Refused.NOT_PROVEN)
    await journal.refused(Refused.WEAK, "dana")  # Whom the identity server knows is always on record.
    found = Counter(record["source"] for record in await rig.records())
    assert NAMELESS.most <= found["session.refused:not_proven"] <= NAMELESS.most + 2
    assert found["session.refused:weak"] == 1
    assert journal.metrics.registry.get_sample_value("portico_sessions_total", {"event": "refused"}) == 41


async def test_no_record_no_session(rig: StateRig, journal: AuditJournal) -> None:
    sessions = Sessions(RedisSessions(rig.store), journal)
    dana = await sessions.start(DANA)
    await rig.audit.close()
    with pytest.raises(AuditUnavailable):
        await sessions.start(SAM)
    await sessions.end(dana.id)  # It ends all the same.
    assert await sessions.find(dana.id) is None
    assert await rig.store.redis.zcard(rig.store.keys.sessions) == 0
