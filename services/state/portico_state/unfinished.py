"""Find turns that were accepted and never ended, because the process that worked on them was killed."""

import json
from typing import Any

from portico_core.audit import AuditEntry
from portico_core.labels import AuditPhase
from portico_state.client import Store

ACTOR = "system:recovery"
_AT_ONCE = 500


async def abandoned_entries(store: Store, *, older_than_s: float) -> list[AuditEntry]:
    """Return an `abandoned` entry for turns accepted longer ago, the oldest first, 500 at most."""
    seconds, microseconds = await store.call(store.redis.time())
    latest = int((seconds + microseconds / 1e6 - older_than_s) * 1000)
    turns = await store.call(store.redis.zrangebyscore(store.keys.open_turns, 0, latest, start=0, num=_AT_ONCE))
    entries = [await _abandoned_entry(store, turn) for turn in turns]
    return [entry for entry in entries if entry is not None]


async def _abandoned_entry(store: Store, turn: str) -> AuditEntry | None:
    receipt = await store.call(store.redis.get(store.keys.once(turn, AuditPhase.ACCEPTED.value)))
    if receipt is None:
        await store.call(store.redis.zrem(store.keys.open_turns, turn))  # Its receipt has expired: nothing to name.
        return None
    stream_id = json.loads(receipt)["stream_id"]
    found = await store.call(store.redis.xrange(store.keys.audit, stream_id, stream_id))
    return _entry(json.loads(found[0][1]["record"])) if found else None


def _entry(accepted: dict[str, Any]) -> AuditEntry:
    return AuditEntry(
        phase=AuditPhase.ABANDONED, tenant=accepted["tenant"], patient=accepted["patient"],
        conversation=accepted["conversation"], turn=accepted["turn"], actor=ACTOR,
    )  # fmt: skip
