"""What approved material says to a ticket's question, kept beside the ticket for as long as its conversation.

It is made after the patient was answered, so a ticket may have none; the patient never sees it.
"""

import json
from dataclasses import dataclass

from pydantic import ValidationError

from portico_core.text import RedactedText
from portico_core.turn import Suggestion
from portico_state.client import Store
from portico_state.stored_text import as_redacted


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The suggestions of one tenant."""

    store: Store

    async def question_of(self, ticket: str) -> RedactedText | None:
        """Return the message that opened a ticket; None where the ticket or its words are gone."""
        context = await self.store.call(self.store.redis.hget(self.store.keys.ticket(ticket), "context"))
        words = json.loads(context) if context else []
        return as_redacted(words[-1]) if words else None

    async def keep(self, ticket: str, suggestion: Suggestion) -> None:
        """Keep a suggestion; a later one takes its place."""
        key, ttl_s = self.store.keys.suggestion(ticket), self.store.limits.conversation_ttl_s
        await self.store.call(self.store.redis.set(key, suggestion.model_dump_json(), ex=ttl_s))

    async def read(self, ticket: str) -> Suggestion | None:
        """Return the suggestion of a ticket; None where there is none that this release can read."""
        stored = await self.store.call(self.store.redis.get(self.store.keys.suggestion(ticket)))
        try:
            return None if stored is None else Suggestion.model_validate_json(stored)
        except ValidationError:
            return None
