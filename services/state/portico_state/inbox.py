"""The inbox: one page of open tickets at a time, from sorted sets, so that ten thousand cost no more than fifty.

What is immediate or urgent stands first on the first page whatever is filtered: a filter narrows the routine part only
(design/architecture.md, 2: an emergency is never hidden).
"""

import contextlib
from dataclasses import dataclass

from portico_core.errors import StateUnavailable
from portico_core.labels import Urgency
from portico_state.client import Store
from portico_state.effects import holder_key, score_range
from portico_state.tickets import ROW_FIELDS, Ticket, read_ticket

PAGE_ROWS = 50
_PINNED = (score_range(Urgency.IMMEDIATE)[0], score_range(Urgency.URGENT)[1])
_ROUTINE = score_range(Urgency.ROUTINE)
_AT_ONCE = 500

_ADOPT = """
for _, ticket in ipairs(ARGV) do
  local score = redis.call('ZSCORE', KEYS[1], ticket)
  local key = KEYS[3] .. ticket
  if score and redis.call('HEXISTS', key, 'score') == 0 then
    redis.call('HSET', key, 'score', score)
    redis.call('ZADD', KEYS[2], score, ticket)
  end
end
"""


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """Which routine tickets to show: those of one pool, those that one person holds; empty shows all."""

    pool: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True)
class InboxPage:
    """One page of tickets, what is at risk first. `pinned` counts what is immediate or urgent, on every page."""

    tickets: tuple[Ticket, ...]
    page: int
    pages: int
    pinned: int
    routine: int


EVERYTHING = InboxFilter()


async def read_inbox(store: Store, *, page: int = 1, only: InboxFilter = EVERYTHING) -> InboxPage:
    """Return a page of the inbox; pages count from 1, and one beyond the last is the last."""
    narrowed = _index(store, only)
    pipeline = store.redis.pipeline(transaction=False)
    pipeline.zcount(store.keys.inbox, *_PINNED)
    pipeline.zcount(narrowed, *_ROUTINE)
    pinned, routine = await store.call(pipeline.execute())
    pages = max(1, -(-(pinned + routine) // PAGE_ROWS))
    page = min(max(page, 1), pages)
    first = (page - 1) * PAGE_ROWS
    pipeline = store.redis.pipeline(transaction=False)
    pipeline.zrangebyscore(store.keys.inbox, *_PINNED, start=first, num=PAGE_ROWS)
    pinned_here = max(0, min(PAGE_ROWS, pinned - first))
    pipeline.zrangebyscore(narrowed, *_ROUTINE, start=max(0, first - pinned), num=PAGE_ROWS - pinned_here)
    urgent, others = await store.call(pipeline.execute())
    ids = [*urgent[:pinned_here], *others]
    return InboxPage(await read_rows(store, ids), page, pages, pinned, routine)


async def read_rows(store: Store, ids: list[str]) -> tuple[Ticket, ...]:
    """Return tickets without their words, in the order of their ids; those that are gone are left out."""
    if not ids:
        return ()
    pipeline = store.redis.pipeline(transaction=False)
    for ticket in ids:
        pipeline.hmget(store.keys.ticket(ticket), ROW_FIELDS)
    rows = await store.call(pipeline.execute())
    named = (dict(zip(ROW_FIELDS, row, strict=True)) for row in rows)
    return tuple(read_ticket({name: value for name, value in row.items() if value is not None})
                 for row in named if row["id"])  # fmt: skip


async def adopt_earlier_tickets(store: Store) -> None:
    """Put open tickets of a release that had no inbox into it. May be repeated; it waits while the store is down."""
    with contextlib.suppress(StateUnavailable):
        ids = await store.call(store.redis.zrange(store.keys.tickets_open, 0, -1))
        names = [store.keys.tickets_open, store.keys.inbox, store.keys.ticket_names["ticket"]]
        for first in range(0, len(ids), _AT_ONCE):
            await store.script(_ADOPT, names, ids[first : first + _AT_ONCE])


def _index(store: Store, only: InboxFilter) -> str:
    if only.holder:
        return store.keys.holder(holder_key(only.holder))
    return store.keys.pool(only.pool) if only.pool else store.keys.inbox
