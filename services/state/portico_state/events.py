"""What a patient's open page listens to: clinician replies and changes of state, in the order they happened."""

import json
import re
from dataclasses import dataclass
from typing import Any

from portico_core.errors import InvalidRequest, Unauthenticated
from portico_state.client import Store
from portico_state.sign_outs import SignIn, SignOuts

_AT_ONCE = 100
_RESUME_ID = re.compile(r"[0-9]{1,19}(-[0-9]{1,19})?")  # Both halves fit 64 bits, or the store refuses the command.
NEWEST = "$"
FIRST = "0-0"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event of a conversation; `id` goes into the page's Last-Event-ID."""

    id: str
    type: str
    data: dict[str, Any]


async def read_events(
    store: Store, conversation: str, *, after_id: str = NEWEST, block_ms: int = 15_000, sign_in: SignIn | None = None
) -> tuple[StoredEvent, ...]:
    """Wait for events after an id, at most `block_ms`; return none when nothing happened.

    Each call holds a connection of its own while it waits. Pass `latest_event_id` first, then the id of the last
    event seen: `$` in a second call would miss what happened between the two. Raises Unauthenticated, at once and
    whatever else happened, where the `sign_in` of whoever listens has ended.
    """
    wait_ms = max(1, min(block_ms, int(store.limits.block_s * 1000)))
    signed_out = SignOuts(store).listen_for(sign_in)
    streams: dict[Any, Any] = {store.keys.events(conversation): after_id, **signed_out}
    found = await store.call(
        store.listening.xread(streams, count=_AT_ONCE, block=wait_ms),
        deadline_s=wait_ms / 1000 + store.limits.command_s,
    )
    if any(stream in signed_out for stream, _ in found or ()):
        raise Unauthenticated
    return tuple(_event(name, fields) for _, entries in found or () for name, fields in entries)


def resume_id(last_event_id: str) -> str:
    """Return the id that a page wants to go on after, empty where it names none; raise InvalidRequest for another form.

    `$` and `+` mean something to the store, and what it refuses would end a feed that has already begun.
    """
    if last_event_id and not _RESUME_ID.fullmatch(last_event_id):
        raise InvalidRequest
    return last_event_id


async def latest_event_id(store: Store, conversation: str) -> str:
    """Return the id of the newest event, or the id before the first."""
    found = await store.call(store.redis.xrevrange(store.keys.events(conversation), count=1))
    return str(found[0][0]) if found else FIRST


def _event(name: str, fields: dict[str, str]) -> StoredEvent:
    return StoredEvent(name, fields["type"], json.loads(fields["data"]))
