"""What the gateway looks up for its gauges now and then: the queue, the spool, the store, the last verification."""

import asyncio
from datetime import UTC, datetime

from portico_core.errors import AuditUnavailable
from portico_core.labels import ChainState, Urgency
from portico_gateway.logs import log
from portico_gateway.metrics import Metrics
from portico_state.client import Store
from portico_state.deliveries import Deliveries
from portico_state.escalations import Escalations
from portico_state.keyring import Keyring
from portico_state.spool import RefusalSpool
from portico_state.undelivered import oldest_undelivered
from portico_state.verification_note import read_verification


async def show_spool(refusals: RefusalSpool, metrics: Metrics) -> int:
    """Set the gauge of what waits in the spool and return it; the store need not be up.

    A spool that was deleted, or cannot be written, is counted as a failure here: nobody may be refused for hours.
    """
    try:
        restored = await asyncio.to_thread(refusals.restore)
    except AuditUnavailable:
        metrics.audit_failures.labels("spool").inc()
    else:
        metrics.audit_failures.labels("spool").inc(restored)
        if restored:
            log("spool_restored", level=50, lines=restored)
    waiting = await asyncio.to_thread(refusals.waiting)
    metrics.spool_waiting.set(waiting)
    return waiting


async def show_queue(escalations: Escalations, metrics: Metrics) -> None:
    """Set the gauges of the clinicians' queue; raise StateUnavailable."""
    overdue = await escalations.count_overdue(datetime.now(UTC))
    for urgency, count in (await escalations.count_open()).items():
        metrics.escalations_open.labels(urgency.value).set(count)
        metrics.escalations_overdue.labels(urgency.value).set(overdue[urgency])


async def show_deliveries(store: Store, metrics: Metrics) -> None:
    """Set the gauges of what is to be announced; raise StateUnavailable."""
    for state, count in (await Deliveries(store).counts()).items():
        metrics.deliveries.labels(state.value).set(count)
    oldest = await oldest_undelivered(store)
    for urgency in Urgency:
        opened_at = oldest.get(urgency)
        at = datetime.fromisoformat(opened_at).timestamp() if opened_at else 0
        metrics.delivery_oldest_timestamp.labels(urgency.value).set(at)


async def show_audit(store: Store, metrics: Metrics, *, keyring: Keyring) -> None:
    """Set the gauges of the audit store and of its last verification; raise StateUnavailable."""
    note = await read_verification(store, keyring=keyring)
    for state in ChainState:
        metrics.audit_chain_state.labels(state.value).set(state is note.state)
    metrics.audit_findings.set(note.findings)
    metrics.audit_verified_timestamp.set(note.verified_at)
    metrics.audit_stored_records.set(await store.call(store.redis.xlen(store.keys.audit)))
    oldest = await store.call(store.redis.xrange(store.keys.audit, count=1))
    if oldest:
        metrics.audit_oldest_timestamp.set(int(oldest[0][0].split("-")[0]) / 1000)
