"""Who has a ticket open, and who writes: for some seconds each, so that two people do not write the same reply.

It is no lock; a claim is. Nothing here is kept, and nothing here holds what anybody wrote.
"""

import json
import time
from dataclasses import dataclass

from portico_state.client import Store

SEEN_S = 15
_KEPT_S = 60


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who has a ticket open."""

    actor: str
    name: str
    writing: bool


async def show_presence(store: Store, ticket: str, *, actor: str, name: str, writing: bool) -> None:
    """Note that somebody is here; whoever only reads does not end what they have just been seen writing."""
    key, until = store.keys.presence(ticket), time.time() + SEEN_S
    pipeline = store.redis.pipeline(transaction=False)
    pipeline.hset(key, f"{'writing' if writing else 'here'} {actor}", json.dumps({"name": name, "until": until}))
    pipeline.expire(key, _KEPT_S)
    await store.call(pipeline.execute())


async def read_presence(store: Store, ticket: str) -> tuple[Present, ...]:
    """Return who is here now, in the order of their names."""
    found: dict[str, Present] = {}
    stored = await store.call(store.redis.hgetall(store.keys.presence(ticket)))
    for field, value in sorted(stored.items()):  # `here` before `writing`, which says more.
        kind, _, actor = field.partition(" ")
        seen = json.loads(value)
        if seen["until"] > time.time():
            found[actor] = Present(actor, seen["name"], kind == "writing")
    return tuple(sorted(found.values(), key=lambda present: present.name))
