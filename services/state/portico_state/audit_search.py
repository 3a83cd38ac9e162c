"""Find audit records again: those of a patient, a turn or a person, in a time; the newest first.

There is no index: a patient's name in the records is a keyed hash, and the stream is walked backwards from its end, a
bounded way. Records are found, not proven: what a walk of the chains says of them stands in `verify.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portico_core.labels import AuditPhase, Role
from portico_state.client import Store
from portico_state.identifiers import parse_time
from portico_state.record_reading import parse_record

WALKED_MOST = 200_000
_PAGE = 1_000
_PAGE_S = 10.0

BY_PATIENTS = (f"{Role.PATIENT}:", f"{Role.PROXY}:")
"""How the actors begin whose name is the keyed hash of whoever signed in at the portal."""
_NOT_STAFF = (*BY_PATIENTS, "portal:", "launch:", "system:")

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Which records are wanted; what is empty does not narrow.

    `patients` holds one person's hash under every key (`Keyring.patient_hashes`); `staff_only` leaves out what
    patients, proxies, portals and the system did; `since` and `until` are compared with the record's own time.
    """

    patients: tuple[str, ...] = ()
    turn: str = ""
    actor: str = ""
    phases: frozenset[AuditPhase] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    staff_only: bool = False

    def takes(self, record: Record) -> bool:
        """Say whether a record is wanted."""
        return (
            (not self.patients or record["patient"] in self.patients)
            and (not self.turn or record["turn"] == self.turn)
            and (not self.actor or record["actor"] == self.actor)
            and (not self.phases or record["phase"] in self.phases)
            and (not self.staff_only or is_by_staff(record))
            and self._in_time(record)
        )

    def may_hold(self, text: str) -> bool:
        """Say quickly whether a record's text can be wanted: most are not, and reading JSON is what costs."""
        named = [name for name in (self.turn, self.actor) if name]
        return all(name in text for name in named) and (
            not self.patients or any(patient in text for patient in self.patients)
        )

    def _in_time(self, record: Record) -> bool:
        if self.since is None and self.until is None:
            return True
        try:
            moment = parse_time(record["time"])
        except ValueError:
            return True  # A time that cannot be read hides nothing.
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class FoundRecords:
    """What was found, newest first. `whole` is False where a bound ended the walk: there may be older ones."""

    records: tuple[Record, ...]
    walked: int
    whole: bool


def is_by_staff(record: Record) -> bool:
    """Say whether an `access` record is of a person on the clinic's side; whose role is unknown counts as one."""
    return record["phase"] == AuditPhase.ACCESS and not record["actor"].startswith(_NOT_STAFF)


async def find_records(
    store: Store, query: RecordQuery, *, most: int = 500, walked_most: int = WALKED_MOST
) -> FoundRecords:
    """Walk the live stream backwards until enough is found or the bound is met. Raises StateUnavailable."""
    found: list[Record] = []
    end, walked = "+", 0
    lowest = "-" if query.since is None else str(max(0, int(query.since.timestamp() * 1000) - 60_000))
    while page := await store.call(
        store.redis.xrevrange(store.keys.audit, max=end, min=lowest, count=_PAGE), deadline_s=_PAGE_S
    ):
        for _, fields in page:
            walked += 1
            record = parse_record(fields) if query.may_hold(fields.get("record", "")) else None
            if record is None or not query.takes(record):
                continue
            if len(found) == most:
                return FoundRecords(tuple(found), walked, whole=False)
            found.append(record)
        if walked >= walked_most:
            return FoundRecords(tuple(found), walked, whole=False)
        end = f"({page[-1][0]}"
    return FoundRecords(tuple(found), walked, whole=True)
