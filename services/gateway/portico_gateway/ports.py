"""What the pipeline needs of the world. Each port has a real adapter; the fakes stand beside the tests."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from portico_core.audit import AuditEntry
from portico_core.knowledge import FoundPassage, Passage, Subjects
from portico_core.known import KnownValue
from portico_core.switches import Switch
from portico_core.text import PatientText, RedactedText, Redaction
from portico_core.verdict import Verdict
from portico_state.audit_script import Receipt
from portico_state.effects import Effects
from portico_state.vault import VaultContents


class Classifier(Protocol):
    """Judges redacted text."""

    async def classify(self, texts: Sequence[RedactedText]) -> tuple[Verdict, ...]:
        """Return one verdict per text; raise ClassifierUnavailable on any fault, never a guess."""
        ...


class Encoder(Protocol):
    """Turns a redacted question into a vector."""

    async def encode(self, text: RedactedText) -> NDArray[np.float32]:
        """Return a unit vector of 384 numbers; raise EncoderUnavailable."""
        ...


class Responder(Protocol):
    """Proposes an answer from passages."""

    async def respond(self, question: RedactedText, passages: Sequence[Passage]) -> bytes:
        """Return the draft JSON as it came, unchecked; raise ResponderUnavailable."""
        ...


class PassageSearch(Protocol):
    """Finds approved passages; `portico_knowledge.search.HybridSearch` is the built-in one."""

    def wording(self, question: str) -> str:
        """Return the question in the passages' own words: what the encoder and the responder are to read."""
        ...

    def subjects(self, text: str) -> Subjects:
        """Return what a text names; a question's names say what its answer must be about."""
        ...

    def search(self, question: str, vector: NDArray[np.float32], *, k: int = 10) -> tuple[FoundPassage, ...]:
        """Return the best passages, best first, with scores in [0, 1]; `vector` is that of the question's wording."""
        ...


class Redactor(Protocol):
    """Takes identifiers out of text; `portico_redaction.engine.Redactor` is the one there is."""

    async def redact_turn(
        self,
        text: PatientText | str,
        *,
        known: Mapping[str, str] = ...,
        known_values: Sequence[KnownValue] = ...,
        earlier: Sequence[RedactedText] = ...,
        as_people: bool = ...,
    ) -> Redaction:
        """Return the redaction in the light of `earlier`; raise RedactionFailed when a recogniser fails or is late."""
        ...


class AuditLog(Protocol):
    """Writes records that are durable when the call returns."""

    async def append(self, entry: AuditEntry, *, effects: Effects = ...) -> Receipt:
        """Write one record and its effects together; raise AuditUnavailable."""
        ...


class RefusalLog(Protocol):
    """Keeps refusals on local disk while the audit log is down."""

    def put(self, entry: AuditEntry, effects: Effects) -> None:
        """Write and fsync; raise AuditUnavailable when the disk fails."""
        ...


class PlaceholderVault(Protocol):
    """Holds the encrypted placeholder map of each conversation."""

    async def load(self, conversation: str) -> VaultContents:
        """Return the map and its version; raise StateUnavailable."""
        ...

    async def save(self, conversation: str, placeholders: Mapping[str, str], *, version: int) -> int:
        """Store the map; raise Conflict when somebody else stored one since `version`."""
        ...

    async def seal(self, conversation: str, text: str, *, purpose: str) -> str:
        """Encrypt bytes that a retry of the same request gets again."""
        ...


class SwitchBoard(Protocol):
    """Says what an operator has turned off."""

    async def off(self) -> frozenset[Switch]:
        """Return what is off; everything, where that cannot be read. Never raises."""
        ...


class Window(Protocol):
    """Gives what the patient asked before in this conversation."""

    async def window(self, conversation: str) -> tuple[RedactedText, ...]:
        """Return earlier redacted messages that no person has been told of, oldest first."""
        ...

    async def recent(self, conversation: str) -> tuple[RedactedText, ...]:
        """Return the patient's last redacted messages, whatever became of them, oldest first."""
        ...
