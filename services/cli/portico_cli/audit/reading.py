"""Read the records of archive and stream for a person: on record first, and each one proven on the way.

One walk finds and verifies, so whatever a command prints says as well whether the evidence holds. A record that is
not genuine is never printed as one; it is a finding.
"""

import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from portico_cli.audit.place import AuditPlace
from portico_cli.command_store import command_audit, operator
from portico_cli.showing import progress_bar
from portico_core.audit import AuditEntry
from portico_core.errors import ConfigurationError
from portico_core.labels import AccessPurpose, AuditPhase
from portico_state.archive.decisions import peek_decisions
from portico_state.audit_search import RecordQuery
from portico_state.chain_walk import Visit
from portico_state.checkpoint_history import checkpoint_files
from portico_state.client import Store
from portico_state.findings import VerifyReport
from portico_state.keyring import Keyring
from portico_state.redis_audit import RedisAudit
from portico_state.verify import verify_audit

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records are asked for: of one patient (the site's own id), turn or person, in a time."""

    patient: str = ""
    turn: str = ""
    actor: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def query(self, keyring: Keyring, tenant: str) -> RecordQuery:
        """Return the question with the patient's keyed hashes in place of the id."""
        patients = keyring.patient_hashes(self.patient, tenant=tenant) if self.patient else ()
        return RecordQuery(patients, self.turn, self.actor, since=self.since, until=self.until)

    def said(self) -> str:
        """Return what stands in the access record: never the patient's id, whose hash has a field of its own."""
        parts = {"turn": self.turn, "actor": self.actor, "since": self.since, "until": self.until}
        times = {name: part.isoformat() if isinstance(part, datetime) else part for name, part in parts.items()}
        return " ".join(f"{name}={part}" for name, part in times.items() if part)


@dataclass(frozen=True, slots=True)
class Reading:
    """An opened log, with the access record of this reading durable already."""

    place: AuditPlace
    store: Store
    audit: RedisAudit
    keyring: Keyring
    wanted: Wanted

    async def walk(self, visit: Visit) -> VerifyReport:
        """Show every genuine record to `visit`, and return what the walk found."""
        since = self.wanted.since.date() if self.wanted.since else None
        with progress_bar() as show:
            return await verify_audit(
                self.store, keyring=self.keyring, checkpoints=self.place.checkpoints,
                archive=self.place.shelf_if_any(), visit=visit, since=since,
                progress=lambda done, total: show("reading the log", done, total),
            )  # fmt: skip

    async def note(self, source: str, *, conversation: str = "", said: str = "", sha256: str | None = None) -> None:
        """Leave an access record of this operator."""
        hashed = self.wanted.patient and self.keyring.patient_hash(self.wanted.patient, tenant=self.place.tenant)
        await self.audit.append(
            AuditEntry(
                phase=AuditPhase.ACCESS, tenant=self.place.tenant, patient=hashed, conversation=conversation, turn="",
                actor=operator(), source=source, policy=said or None, bytes_sha256=sha256,
            )
        )  # fmt: skip


@contextlib.asynccontextmanager
async def open_reading(place: AuditPlace, wanted: Wanted, purpose: AccessPurpose) -> AsyncIterator[Reading]:
    """Open the log, and write down who reads what before anything is read; raise AuditUnavailable."""
    keyring = place.keyring()
    _refuse_half(place)
    async with place.store() as store, command_audit(place.state, store) as audit:
        reading = Reading(place, store, audit, keyring, wanted)
        await reading.note(purpose.value, said=wanted.said())
        yield reading


def _refuse_half(place: AuditPlace) -> None:
    """What is only in the archive must not look as if it had never been."""
    trimmed = peek_decisions(checkpoint_files(place.checkpoints)).last_trimmed
    if trimmed is not None and place.shelf_if_any() is None:
        raise ConfigurationError(f"the first {trimmed[0]} days are in the archive alone: give --archive")


def verification_of(report: VerifyReport) -> dict[str, Any]:
    """Return what a printed document says of the evidence under it."""
    return {
        "intact": report.intact, "records_walked": report.records, "archived_days": report.archived,
        "head": report.head, "findings": [asdict(finding) for finding in report.findings],
    }  # fmt: skip


def end_with(report: VerifyReport) -> int:
    """Say on standard error what does not hold; return the exit status."""
    if report.intact:
        return 0
    for finding in report.findings[:MOST_SHOWN]:
        sys.stderr.write(f"{finding.kind.value}: {finding.where}: {finding.detail}\n")
    sys.stderr.write(f"THE EVIDENCE DOES NOT HOLD ({len(report.findings)} findings): what is missing is not shown\n")
    return 1
