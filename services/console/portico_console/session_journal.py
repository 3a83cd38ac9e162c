"""Sign-ins, their ends and refusals as `access` records, beside the looks of the same people.

Who was refused is named by the keyed hash of their sign-in name, as patients are: they may be one. Where nobody knows
whose a refusal is, only so many a minute are recorded, because whoever can reach the page could fill the store; each is
counted.
"""

import logging
from dataclasses import dataclass

from portico_console.metrics import ConsoleMetrics
from portico_console.ports import Member, Refused
from portico_core.audit import AuditEntry
from portico_core.errors import AuditUnavailable, RateLimited
from portico_core.labels import AccessPurpose, AuditPhase, LimitScope, SessionEvent
from portico_state.client import Store
from portico_state.identifiers import new_id
from portico_state.keyring import Keyring
from portico_state.limits import Bucket, Limits
from portico_state.redis_audit import RedisAudit

logger = logging.getLogger(__name__)

NAMELESS = Bucket(10 / 60, 10)
"""Refusals of nobody known that a site records: ten at once, ten a minute."""


@dataclass(frozen=True, slots=True)
class AuditJournal:
    """The sessions of one tenant in the audit chain."""

    store: Store
    audit: RedisAudit
    keyring: Keyring
    metrics: ConsoleMetrics

    async def opened(self, member: Member) -> None:
        """Record a sign-in; raise AuditUnavailable where that cannot be done."""
        await self._record(AccessPurpose.SESSION_OPEN.value, member.actor)
        self.metrics.sessions.labels(SessionEvent.OPENED.value).inc()

    async def ended(self, member: Member, event: SessionEvent) -> None:
        """Record an end, if that can be done: the session is over in any case."""
        self.metrics.sessions.labels(event.value).inc()
        try:
            await self._record(f"{AccessPurpose.SESSION_END.value}:{event.value}", member.actor)
        except AuditUnavailable:
            logger.error("session_end_not_recorded")

    async def refused(self, why: Refused, subject: str = "") -> None:
        """Record a refused sign-in; raise AuditUnavailable, or StateUnavailable where nobody can count."""
        self.metrics.sessions.labels(SessionEvent.REFUSED.value).inc()
        who = self.keyring.patient_hash(subject, tenant=self.store.keys.tenant) if subject else ""
        try:
            if not who:
                await Limits(self.store, {LimitScope.TENANT: NAMELESS}).take({LimitScope.TENANT: "sign-ins"})
        except RateLimited:
            return
        await self._record(f"{AccessPurpose.SESSION_REFUSED.value}:{why.value}", f"visitor:{who or 'unknown'}")

    async def _record(self, source: str, actor: str) -> None:
        entry = AuditEntry(
            phase=AuditPhase.ACCESS, tenant=self.store.keys.tenant, patient="", conversation="", turn=new_id(),
            actor=actor, source=source,
        )  # fmt: skip
        await self.audit.append(entry)
