"""A golden turn: one question whose answer is known, through the real pipeline, without a trace.

Each part may answer by itself while no answer comes out: a search without its index, a responder whose drafts no
validator lets pass. So readiness asks the whole way. The rehearsal uses every real part but those that remember:
nobody's record, transcript, ticket or figure comes from it, or an operator would count turns that no patient took.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from portico_core.audit import AuditEntry
from portico_core.labels import Route
from portico_core.text import PatientText, RedactedText
from portico_core.turn import Turn
from portico_gateway.metrics import Metrics
from portico_gateway.pipeline import Parts, TurnRequest, answer_turn
from portico_state.audit_script import Receipt
from portico_state.effects import NO_EFFECTS, Effects
from portico_state.vault import VaultContents

GOLDEN_QUESTION = "What is metformin used for?"
_NOBODY = "0" * 32


class ForgetfulStore:
    """Audit, refusals, vault and window of a turn that nobody took: everything succeeds, nothing is kept."""

    async def append(self, entry: AuditEntry, *, effects: Effects = NO_EFFECTS) -> Receipt:
        """Return the receipt of a record that nobody wrote."""
        return Receipt("", "", "", 0, "", entry.phase, entry.bytes_sha256)

    def put(self, entry: AuditEntry, effects: Effects) -> None:
        """Forget a refusal."""

    async def load(self, conversation: str) -> VaultContents:
        """Return no placeholders."""
        return VaultContents({})

    async def save(self, conversation: str, placeholders: Mapping[str, str], *, version: int) -> int:
        """Forget placeholders."""
        return version + 1

    async def seal(self, conversation: str, text: str, *, purpose: str) -> str:
        """Keep nothing for a retry."""
        return ""

    async def window(self, conversation: str) -> tuple[RedactedText, ...]:
        """Return no earlier messages."""
        return ()

    async def recent(self, conversation: str) -> tuple[RedactedText, ...]:
        """Return no earlier messages."""
        return ()


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The golden turn over the parts of this process."""

    parts: Parts

    @classmethod
    def of(cls, parts: Parts) -> "Rehearsal":
        """Return the rehearsal of a gateway's parts, with nothing that remembers."""
        store = ForgetfulStore()
        return cls(replace(parts, audit=store, refusals=store, vault=store, window=store, metrics=Metrics()))

    async def passes(self) -> bool:
        """Say whether the golden question is answered with a citation, or goes to a person as an operator wants it."""
        request = TurnRequest(
            turn="rehearsal",
            conversation="rehearsal",
            patient=_NOBODY,
            actor="rehearsal",
            text=PatientText(GOLDEN_QUESTION),
            locale="en",
        )
        off = await self.parts.switches.off()
        turn = (await answer_turn(request, self.parts)).turn
        return _is_cited(turn) or (bool(off) and turn.route is Route.ESCALATE)


def _is_cited(turn: Turn) -> bool:
    return turn.route is Route.ANSWER and turn.answer is not None and bool(turn.answer.citations)
