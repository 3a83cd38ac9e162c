"""An audit stream of three days on a real Valkey, as if the store's clock had been two, one and no days ago."""

from collections.abc import Callable

from portico_core.labels import AuditPhase
from portico_state.identifiers import new_id
from portico_state.redis_audit import AuditLimits, RedisAudit
from unit.state.rig import StateRig, entry

DAY_MS = 86_400_000
QUIET = AuditLimits(deadline_s=20, attempt_s=10, checkpoint_s=3_600)


async def write_three_days(rig: StateRig) -> None:
    """Write 60 records by two writers, 20 a day."""
    async with RedisAudit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints, limits=QUIET) as other:
        for number in range(30):
            writer, turn = (other if number % 3 == 0 and number < 18 else rig.audit), new_id()
            await writer.append(entry(AuditPhase.ACCEPTED, turn))
            await writer.append(entry(AuditPhase.DECIDED, turn))
            if number % 8 == 7:
                await rig.audit.checkpoint()
    await spread_over_days(rig, lambda place: 2 - place // 20)


async def spread_over_days(rig: StateRig, days_ago: Callable[[int], int]) -> None:
    """Write the stream anew with ids of other days; the writers' own times stay."""
    entries = await rig.stream()
    await rig.store.redis.delete(rig.store.keys.audit)
    pipeline = rig.store.redis.pipeline(transaction=False)
    for place, (stream_id, fields) in enumerate(entries):
        milliseconds, _, number = stream_id.partition("-")
        # The first boundary lies between the two records of a turn of another chain.
        name = f"{int(milliseconds) - days_ago(place) * DAY_MS}-{number}"
        pipeline.xadd(rig.store.keys.audit, fields, id=name)
    await pipeline.execute()
