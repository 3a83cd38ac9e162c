"""The real audit desk: records and tickets in Redis, every look an `access` record that is durable before it."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from portico_console.audit_desk import ChainView, KeptSearch
from portico_console.workload import Workload, count_workload
from portico_core.audit import AuditEntry
from portico_core.labels import AccessPurpose, AuditPhase
from portico_state.audit_search import FoundRecords, RecordQuery, find_records
from portico_state.break_glass import Grant, read_grants
from portico_state.client import Store
from portico_state.identifiers import new_id
from portico_state.inbox import read_rows
from portico_state.keyring import Keyring
from portico_state.redis_audit import RedisAudit
from portico_state.reviews import ReviewSummary, read_reviews, summarise
from portico_state.tickets import Ticket
from portico_state.verification_note import read_verification

_TICKETS_MOST = 10_000
_AT_ONCE = 500
SEARCH_KEPT_S = 30 * 60
"""How long after its last look a search is found again: the way back from a trail, not a list of past searches."""
_OF_TURNS = frozenset(AuditPhase) - {AuditPhase.ACCESS}


@dataclass(frozen=True, slots=True)
class RedisAuditDesk:
    """Records and work of one tenant."""

    store: Store
    audit: RedisAudit
    keyring: Keyring

    def hashes_of(self, patient: str) -> tuple[str, ...]:
        """Return a patient's keyed hash under every key."""
        return self.keyring.patient_hashes(patient, tenant=self.store.keys.tenant)

    async def find(self, query: RecordQuery, *, purpose: AccessPurpose, actor: str) -> FoundRecords:
        """Return records, newest first; the look is recorded under the patient it is about, also that at one turn."""
        patient = next(iter(query.patients), "") or await self._patient_of(query.turn)
        await self._record(purpose, actor, patient=patient, turn=query.turn)
        return await find_records(self.store, query)

    async def keep_search(self, name: str, asked: KeptSearch) -> None:
        """Keep a search; what the store holds is keyed hashes and days."""
        key = self.store.keys.kept_search(name)
        await self.store.call(self.store.redis.set(key, json.dumps(asdict(asked)), ex=SEARCH_KEPT_S, nx=True))

    async def kept_search(self, name: str) -> KeptSearch | None:
        """Return a search that is not over yet, and give it its time anew."""
        pipeline, key = self.store.redis.pipeline(transaction=False), self.store.keys.kept_search(name)
        pipeline.get(key)
        pipeline.expire(key, SEARCH_KEPT_S)
        found, _ = await self.store.call(pipeline.execute())
        if found is None:
            return None
        asked = json.loads(found)
        return KeptSearch(tuple(asked["patients"]), asked["since"], asked["until"])

    async def chain(self, *, actor: str) -> ChainView:
        """Return what the last verification said, and how much is recorded."""
        await self._record(AccessPurpose.AUDIT_LOG, actor)
        pipeline = self.store.redis.pipeline(transaction=False)
        pipeline.xlen(self.store.keys.audit)
        pipeline.hlen(self.store.keys.chain_heads)
        pipeline.zcard(self.store.keys.open_turns)
        records, chains, unfinished = await self.store.call(pipeline.execute())
        return ChainView(await read_verification(self.store, keyring=self.keyring), records, chains, unfinished)

    async def broken_glass(self) -> tuple[Grant, ...]:
        """Return who broke the glass of late."""
        return await read_grants(self.store)

    async def workload(self, *, now: datetime, actor: str) -> Workload:
        """Return who has how much to do; nothing of it is what a patient wrote."""
        await self._record(AccessPurpose.WORKLOAD, actor)
        keys, redis = self.store.keys, self.store.redis
        waiting = await self._rows(await self.store.call(redis.zrange(keys.inbox, 0, _TICKETS_MOST - 1)))
        closed = await self._rows(await self.store.call(redis.zrevrange(keys.tickets_closed, 0, _TICKETS_MOST - 1)))
        return count_workload(waiting, closed, now=now)

    async def reviews(self) -> ReviewSummary:
        """Return how often the guard was right, and how far reviewers agree."""
        return summarise(await read_reviews(self.store))

    async def _patient_of(self, turn: str) -> str:
        """Return the keyed hash of a turn's patient, empty where no turn is asked for or none is known."""
        if not turn:
            return ""
        found = await find_records(self.store, RecordQuery(turn=turn, phases=_OF_TURNS), most=1)
        return next((str(record["patient"]) for record in found.records), "")

    async def _rows(self, ids: list[str]) -> list[Ticket]:
        rows: list[Ticket] = []
        for first in range(0, len(ids), _AT_ONCE):
            rows.extend(await read_rows(self.store, ids[first : first + _AT_ONCE]))
        return rows

    async def _record(self, purpose: AccessPurpose, actor: str, *, patient: str = "", turn: str = "") -> None:
        entry = AuditEntry(
            phase=AuditPhase.ACCESS, tenant=self.store.keys.tenant, patient=patient, conversation="",
            turn=turn or new_id(), actor=actor, source=purpose.value,
        )  # fmt: skip
        await self.audit.append(entry)
