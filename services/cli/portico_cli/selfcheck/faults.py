"""The fail-closed probe: each part of the life of a turn broken in this process, and never an answer.

The turns run through `answer_turn` with the models of the installation, but with a store in memory, so that a
self-check opens no ticket and writes no transcript. An unbroken turn must be answered first: otherwise a probe that
sees no answer proves nothing.
"""

import uuid
from dataclasses import dataclass, field, replace
from typing import Any

from portico_cli.selfcheck.findings import Finding, Grade, tally
from portico_core.audit import AuditEntry
from portico_core.errors import AuditUnavailable, RedactionFailed
from portico_core.labels import Route
from portico_core.switches import Switch
from portico_core.text import PatientText, Redaction
from portico_gateway.adapters.triton import Deadlines, TritonModels
from portico_gateway.pipeline import Parts, TurnRequest, answer_turn
from portico_gateway.web.rehearsal import GOLDEN_QUESTION, ForgetfulStore
from portico_state.audit_script import Receipt
from portico_state.effects import NO_EFFECTS, Effects

GROUP = "fail closed"
NOBODY = "127.0.0.1:9"  # The discard port: nothing of ours listens there.
_SOON = Deadlines(0.3, 0.3, 0.3)


@dataclass(slots=True)
class MemoryStore(ForgetfulStore):
    """The store of one probe: it keeps the records, so that the probe can look at them."""

    is_down: bool = False
    entries: list[AuditEntry] = field(default_factory=list)

    async def append(self, entry: AuditEntry, *, effects: Effects = NO_EFFECTS) -> Receipt:
        """Keep an entry; raise AuditUnavailable where the store is down."""
        if self.is_down:
            raise AuditUnavailable
        self.entries.append(entry)
        name = f"{len(self.entries)}"
        return Receipt(name, name, "self-check", len(self.entries), "", entry.phase, entry.bytes_sha256)

    def put(self, entry: AuditEntry, effects: Effects) -> None:
        """Keep a refusal."""
        self.entries.append(entry)

    async def off(self) -> frozenset[Switch]:
        """Return that nothing is switched off, so that the unbroken turn can be answered."""
        return frozenset()


class BrokenRedactor:
    """A redactor whose recogniser failed."""

    async def redact_turn(self, text: PatientText | str, **_: Any) -> Redaction:
        """Raise RedactionFailed."""
        raise RedactionFailed


def broken_parts(parts: Parts, models: TritonModels) -> dict[str, Parts]:
    """Return the parts with one of them broken each, by name of the fault; `models` reach nobody."""
    return {
        "classifier unreachable": replace(parts, classifier=models),
        "encoder unreachable": replace(parts, encoder=models),
        "responder unreachable": replace(parts, responder=models),
        "redactor failing": replace(parts, redactor=BrokenRedactor()),
        "audit store down": replace(parts, audit=MemoryStore(is_down=True)),
    }


async def try_faults(parts: Parts) -> Finding:
    """Take one turn through every broken pipeline: no answer, fixed text, numbers to call, and a record."""
    if not await _is_answered(in_memory(parts)):
        return Finding(GROUP, "a part broken", Grade.FAIL, "the unbroken turn was not answered, so nothing is proved")
    async with TritonModels(NOBODY, deadlines=_SOON, classifier_version="none") as models:
        outcomes = [await _is_refused(broken) for broken in broken_parts(in_memory(parts), models).values()]
    return tally(GROUP, "a part broken", outcomes, what="faults ended in fixed text, recorded")


def in_memory(parts: Parts) -> Parts:
    """Return the parts on a store of their own in memory."""
    store = MemoryStore()
    return replace(parts, audit=store, refusals=store, vault=store, window=store, switches=store)


async def _is_answered(parts: Parts) -> bool:
    turn = (await answer_turn(_request(), parts)).turn
    return turn.route is Route.ANSWER and turn.answer is not None


async def _is_refused(parts: Parts) -> bool:
    turn = (await answer_turn(_request(), parts)).turn
    entries = [*_entries(parts.audit), *_entries(parts.refusals)]
    recorded = any(entry.turn == turn.turn_id and entry.bytes_sha256 for entry in entries)
    return turn.answer is None and turn.degraded and bool(turn.message and turn.contacts) and recorded


def _entries(store: object) -> list[AuditEntry]:
    return store.entries if isinstance(store, MemoryStore) else []


def _request() -> TurnRequest:
    return TurnRequest(
        turn=uuid.uuid4().hex,
        conversation=uuid.uuid4().hex,
        patient="self-check",
        actor="self-check",
        text=PatientText(GOLDEN_QUESTION),
        locale="en",
    )
