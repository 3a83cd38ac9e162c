"""Audit records and work in memory, with the same rules as the real desk, for the console's own tests."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from portico_console.audit_desk import ChainView, KeptSearch
from portico_console.workload import Workload, count_workload
from portico_core.audit import AuditEntry, ChainPosition, seal_record
from portico_core.labels import AccessPurpose, AuditPhase, ChainState, TicketState, Urgency
from portico_core.text import RedactedText
from portico_state.audit_search import FoundRecords, RecordQuery
from portico_state.break_glass import GlassReason, Grant, make_grant
from portico_state.reviews import Agreement, ReviewSummary
from portico_state.tickets import Ticket
from portico_state.verification_note import VerificationNote
from unit.console.memory_desk import NOW

PATIENT, PATIENT_HASHES = "jordan-rivera-1984", ("a" * 32, "b" * 32)
TURN = "0b9d6c9e4f7a4a06b3d1f2a5c8e7d610"
PASSED = {"schema": "pass", "grounding": "pass", "directives": "fail", "reading": "pass"}


@dataclass
class MemoryAuditDesk:
    """Records, oldest first, and who looked for what."""

    records: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[Ticket] = field(default_factory=list)
    closed: list[Ticket] = field(default_factory=list)
    looked: list[tuple[str, str, RecordQuery | None]] = field(default_factory=list)
    state: ChainState = ChainState.INTACT
    glass: list[Grant] = field(default_factory=list)
    searches: dict[str, KeptSearch] = field(default_factory=dict)

    def hashes_of(self, patient: str) -> tuple[str, ...]:
        return PATIENT_HASHES if patient == PATIENT else ("c" * 32,)

    async def find(self, query: RecordQuery, *, purpose: AccessPurpose, actor: str) -> FoundRecords:
        self.looked.append((actor, purpose.value, query))
        found = tuple(record for record in reversed(self.records) if query.takes(record))
        return FoundRecords(found, len(self.records), whole=True)

    async def keep_search(self, name: str, asked: KeptSearch) -> None:
        self.searches[name] = asked

    async def kept_search(self, name: str) -> KeptSearch | None:
        return self.searches.get(name)

    async def chain(self, *, actor: str) -> ChainView:
        self.looked.append((actor, AccessPurpose.AUDIT_LOG.value, None))
        note = VerificationNote(self.state, 0, (NOW - timedelta(hours=5)).timestamp())
        return ChainView(note, len(self.records), 2, 0)

    async def broken_glass(self) -> tuple[Grant, ...]:
        return tuple(reversed(self.glass))

    async def reviews(self) -> ReviewSummary:
        return ReviewSummary(42, 39, Agreement(8, 0.875, 0.71))

    async def workload(self, *, now: datetime, actor: str) -> Workload:
        self.looked.append((actor, AccessPurpose.WORKLOAD.value, None))
        return count_workload(self.waiting, self.closed, now=now)


def record(phase: AuditPhase, number: int, *, minutes_ago: int, **more: Any) -> dict[str, Any]:
    """Return a sealed record of the patient's turn."""
    entry = AuditEntry(
        **{
            "phase": phase, "tenant": "demo", "patient": PATIENT_HASHES[0], "conversation": "c-1", "turn": TURN,
            "actor": "patient:6f1d", **more,
        }
    )  # fmt: skip
    at = ChainPosition("0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b.k1", number, "0" * 64)
    time = (NOW - timedelta(minutes=minutes_ago)).isoformat()
    return seal_record(entry, at=at, record_id=f"r-{number}", time=time, key=b"k")


def ticket(name: str, *, due_min: int, **more: Any) -> Ticket:
    """Return an open routine ticket due in so many minutes; `more` overrides."""
    fields: dict[str, Any] = {
        "id": name, "conversation": "c-1", "turn": TURN, "patient": PATIENT_HASHES[0], "urgency": Urgency.ROUTINE,
        "route": "escalate", "label": "clinician", "opened_at": (NOW - timedelta(hours=30)).isoformat(),
        "reply_by": (NOW + timedelta(minutes=due_min)).isoformat(), "context": (), "state": TicketState.OPEN,
        "holder": "", "lease_until": None, "fence": 0,
    }  # fmt: skip
    return Ticket(**{**fields, **more})


def audit_desk() -> MemoryAuditDesk:
    """Return the records of one turn that went to a person, and an afternoon's work."""
    held = {"state": TicketState.CLAIMED, "lease_until": datetime(2100, 1, 1, tzinfo=UTC).isoformat()}
    replied = (NOW - timedelta(hours=28)).isoformat()
    decided = record(
        AuditPhase.DECIDED, 2, minutes_ago=95, route="escalate", label="clinician", confidence=0.871234,
        source="model", models={"safety_classifier": "0.1.0", "passage_encoder": "0.1.0"}, policy="2026-11",
        passages=("medicine.lisinopril#uses", "medicine.lisinopril#taking"), validators=PASSED,
        redactions={"NAME": 1, "DATE": 1}, latency_ms={"redact": 11.2, "classify": 8.7}, bytes_sha256="d" * 64,
    )  # fmt: skip
    staff = [
        record(AuditPhase.ACCESS, 3, minutes_ago=60, actor="clinician:dana", source="escalation.view"),
        record(AuditPhase.ACCESS, 4, minutes_ago=58, actor="clinician:dana", source="escalation.reveal"),
        record(AuditPhase.ACCESS, 5, minutes_ago=55, actor="clinician:sam", source="escalation.take_over:more_urgent"),
    ]
    words = RedactedText("The nurse who holds it has gone home, and [NAME_1] is on the telephone.")
    at, reason = NOW - timedelta(hours=20), GlassReason.HOLDER_UNREACHABLE
    return MemoryAuditDesk(
        glass=[make_grant("t-dose", actor="clinician:sam", reason=reason, text=words, minutes=15, now=at)],
        records=[record(AuditPhase.ACCEPTED, 1, minutes_ago=95), decided, *staff],
        waiting=[
            ticket("t-late", due_min=-62, urgency=Urgency.URGENT, holder="clinician:sam", **held),
            ticket("t-dose", due_min=300, holder="clinician:dana", pool="nurses", **held),
            ticket("t-next", due_min=45, pool="pharmacists"),
            ticket("t-old", due_min=-5, pool="pharmacists"),
        ],
        closed=[ticket("t-done", due_min=600, state=TicketState.CLOSED, replied_at=replied)],
    )
