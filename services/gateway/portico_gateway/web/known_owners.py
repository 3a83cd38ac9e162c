"""Whose conversations this process has seen: while Redis is down, a crisis still gets its text, and only its own."""

import uuid
from collections import OrderedDict
from dataclasses import dataclass

from portico_state.conversations import Conversation


@dataclass(frozen=True, slots=True)
class Owned:
    """A patient's own conversation, and whether Redis could be asked."""

    conversation: Conversation
    reachable: bool


class KnownOwners:
    """The conversations this process has seen with their owners, for the time that Redis is down.

    Without it an outage would make every conversation unknown (no crisis text), or every conversation everybody's.
    """

    def __init__(self, size: int = 10_000) -> None:
        self._size = size
        self._seen: OrderedDict[str, Conversation] = OrderedDict()

    def remember(self, conversation: Conversation) -> None:
        """Note a conversation that Redis has just shown to belong to its owner."""
        self._seen[conversation.id] = conversation
        self._seen.move_to_end(conversation.id)
        if len(self._seen) > self._size:
            self._seen.popitem(last=False)

    def forget(self, conversation_id: str) -> None:
        """Drop a conversation that has ended."""
        self._seen.pop(conversation_id, None)

    def recall(self, conversation_id: str, hashes: tuple[str, ...]) -> Conversation:
        """Return a remembered conversation of this owner; else one under a new name that nobody else has."""
        seen = self._seen.get(conversation_id)
        if seen is not None and seen.patient in hashes:
            return seen
        return Conversation(
            id=f"outage-{uuid.uuid4().hex}", patient=hashes[0], locale="en", created_at="", closed=False
        )
