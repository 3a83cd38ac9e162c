"""Conversations: whose they are, what was said (redacted), and the window that the classifier judges as well."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from portico_core.errors import NotFound
from portico_core.labels import Author
from portico_core.text import RedactedText
from portico_core.turn import TranscriptMessage
from portico_state.client import Store
from portico_state.identifiers import new_conversation_id, now_utc
from portico_state.stored_text import as_redacted

OPEN = "open"
CLOSED = "closed"

_CREATE = """
redis.call('HSET', KEYS[1], 'patient', ARGV[1], 'locale', ARGV[2], 'created_at', ARGV[3], 'state', 'open')
redis.call('EXPIRE', KEYS[1], ARGV[4])
"""

_CLOSE = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('DEL', KEYS[2])
if redis.call('HGET', KEYS[1], 'state') == 'open' then
  redis.call('HSET', KEYS[1], 'state', 'closed')
  redis.call('XADD', KEYS[3], '*', 'type', 'closed', 'data', '{}')
  redis.call('EXPIRE', KEYS[3], ARGV[1])
end
return 1
"""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation; `patient` is the keyed hash of its owner."""

    id: str
    patient: str
    locale: str
    created_at: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Conversations:
    """The conversations of one tenant."""

    store: Store

    async def create(self, patient: str, *, locale: str = "en") -> Conversation:
        """Open a conversation of a patient (keyed hash) under an id that cannot be guessed."""
        made = Conversation(new_conversation_id(), patient, locale, now_utc(), closed=False)
        key, ttl_s = self.store.keys.conversation(made.id), self.store.limits.conversation_ttl_s
        await self.store.script(_CREATE, [key], [patient, locale, made.created_at, ttl_s])
        return made

    async def load(self, conversation: str, *, patient: str | Collection[str]) -> Conversation:
        """Return a conversation of this patient; raise NotFound for an unknown and for a foreign one alike."""
        owners = {patient} if isinstance(patient, str) else set(patient)
        found = await self.store.call(self.store.redis.hgetall(self.store.keys.conversation(conversation)))
        if not found or found["patient"] not in owners:
            raise NotFound
        return Conversation(
            conversation, found["patient"], found["locale"], found["created_at"], found["state"] == CLOSED
        )

    async def transcript(self, conversation: str) -> tuple[TranscriptMessage, ...]:
        """Return the messages, oldest first; texts hold placeholders. Ask `load` first whose it is."""
        stored = await self.store.call(self.store.redis.lrange(self.store.keys.messages(conversation), 0, -1))
        return tuple(TranscriptMessage.model_validate_json(message) for message in stored)

    async def window(self, conversation: str) -> tuple[RedactedText, ...]:
        """Return the last redacted patient messages, oldest first."""
        stored = await self.store.call(self.store.redis.lrange(self.store.keys.window(conversation), 0, -1))
        return tuple(as_redacted(text) for text in stored)

    async def recent(self, conversation: str) -> tuple[RedactedText, ...]:
        """Return the patient's last redacted messages, oldest first, whatever became of them.

        An identifier may be split over a message that was escalated; the window has only those that were answered.
        """
        name, most = self.store.keys.messages(conversation), self.store.limits.recent_messages
        stored = [json.loads(text) for text in await self.store.call(self.store.redis.lrange(name, -3 * most, -1))]
        said = [as_redacted(message["text"]) for message in stored if message["author"] == Author.PATIENT.value]
        return tuple(said[-most:])

    async def close(self, conversation: str) -> None:
        """End a conversation and destroy its vault key: what placeholders stood for is gone. May be repeated."""
        keys = self.store.keys
        names = [keys.conversation(conversation), keys.vault(conversation), keys.events(conversation)]
        if not await self.store.script(_CLOSE, names, [self.store.limits.conversation_ttl_s]):
            raise NotFound
