"""What the compliance pages need of the audit records, and what a supervisor sees of the work.

Every look at records of somebody leaves an `access` record before it: whoever looks into the records stands in them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from portico_console.workload import Workload
from portico_core.labels import AccessPurpose
from portico_state.audit_search import FoundRecords, RecordQuery
from portico_state.break_glass import Grant
from portico_state.reviews import ReviewSummary
from portico_state.verification_note import VerificationNote


@dataclass(frozen=True, slots=True)
class ChainView:
    """What is known of the chains: the last verification, and how much is recorded."""

    note: VerificationNote
    records: int
    chains: int
    unfinished: int


@dataclass(frozen=True, slots=True)
class KeptSearch:
    """What a search asked for: the patient's keyed hashes, and days as they were typed."""

    patients: tuple[str, ...]
    since: str = ""
    until: str = ""


class AuditDesk(Protocol):
    """The audit records of one site, for the compliance staff, and the work, for supervisors."""

    def hashes_of(self, patient: str) -> tuple[str, ...]:
        """Return a patient's keyed hash under every key, the active one first."""

    async def find(self, query: RecordQuery, *, purpose: AccessPurpose, actor: str) -> FoundRecords:
        """Return records, newest first. Raises StateUnavailable, AuditUnavailable."""

    async def keep_search(self, name: str, asked: KeptSearch) -> None:
        """Keep a search for a while under a name that one session alone can make. Raises StateUnavailable."""

    async def kept_search(self, name: str) -> KeptSearch | None:
        """Return a search, and keep it on; None where it is over, or was another session's. It finds nothing yet."""

    async def chain(self, *, actor: str) -> ChainView:
        """Return what is known of the chains."""

    async def broken_glass(self) -> tuple[Grant, ...]:
        """Return who broke the glass of late, the newest first; ask `chain` first, which leaves the record."""

    async def reviews(self) -> ReviewSummary:
        """Return what reviewers say of the guard; it leads back to no patient."""

    async def workload(self, *, now: datetime, actor: str) -> Workload:
        """Return who has how much to do."""
