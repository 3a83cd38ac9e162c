"""Send sealed records to `append.lua` and read what became of each.

One round trip carries a batch: the server fsyncs once for all of it. The connection is the writer's own, so a reply
that comes late can never be read by anybody else; after any failure it is thrown away.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources import files
from typing import Any

import redis.exceptions
from redis.asyncio import Redis

from portico_core.audit import AuditEntry, ChainPosition
from portico_core.labels import AuditPhase
from portico_state.effects import Operation
from portico_state.keys import Keys

SCRIPT = files("portico_state").joinpath("append.lua").read_text(encoding="utf-8")
_SCRIPT_SHA = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
_TERMINAL = frozenset({AuditPhase.DECIDED, AuditPhase.REFUSED, AuditPhase.ABANDONED})
NO_TURN = "none"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a record is durable.

    `duplicate` means that this step of the turn had been recorded before, perhaps with another outcome: the fields
    are those of that first record. `ticket_fence` is the fencing token a claim got.
    """

    record_id: str
    stream_id: str
    chain: str
    seq: int
    hash: str
    phase: AuditPhase
    bytes_sha256: str | None
    duplicate: bool = False
    ticket_fence: int | None = None


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record at its place in the chain, and what is to be stored with it."""

    entry: AuditEntry
    record: dict[str, Any]
    operations: Sequence[Operation]
    keep_s: int

    @property
    def hash(self) -> str:
        """Return the hash that the next record follows."""
        return str(self.record["hash"])

    @property
    def next(self) -> ChainPosition:
        """Return where the record after this one goes."""
        return ChainPosition(self.record["chain"], self.record["seq"] + 1, self.hash)


class Outcome(StrEnum):
    """What the script says of one record."""

    WRITTEN = "written"
    DUPLICATE = "duplicate"
    STALE = "stale"
    MISSING = "missing"
    CONFLICT = "conflict"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Reply:
    """The outcome of one record, with a receipt where a record exists."""

    outcome: Outcome
    receipt: Receipt | None = field(default=None)


def step_of(entry: AuditEntry, record_id: str) -> str:
    """Name the step that is recorded once: a turn is accepted once and ends once, accesses are many."""
    if entry.phase in _TERMINAL:
        return "end"
    return f"access.{record_id}" if entry.phase is AuditPhase.ACCESS else entry.phase.value


def once_key(entry: AuditEntry, record_id: str, keys: Keys) -> str:
    """Return the key that makes a step recorded once."""
    return keys.once(entry.turn or NO_TURN, step_of(entry, record_id))


async def send_records(client: "Redis", sealed: Sequence[SealedRecord], keys: Keys) -> list[Reply]:
    """Run the script for every record, in order, in one round trip.

    Raises redis-py's and the socket's errors: the outcome of every record is unknown then. FAILED means that the
    server answered and would not write (out of memory, read-only).
    """
    answers = await _run(client, sealed, keys)
    if any(isinstance(answer, redis.exceptions.NoScriptError) for answer in answers):
        await client.script_load(SCRIPT)
        answers = await _run(client, sealed, keys)
    return [_read_reply(answer) for answer in answers]


async def drop_connections(client: "Redis", deadline_s: float = 0.2) -> None:
    """Throw away the connections: an answer may still be on its way in one."""
    try:
        async with asyncio.timeout(deadline_s):
            await client.connection_pool.disconnect(inuse_connections=True)
    except (redis.exceptions.RedisError, OSError, TimeoutError):
        return


async def _run(client: "Redis", sealed: Sequence[SealedRecord], keys: Keys) -> list[Any]:
    pipeline = client.pipeline(transaction=False)
    for record in sealed:
        names = _key_names(record, keys)
        pipeline.evalsha(_SCRIPT_SHA, len(names), *names, stored_form(record.record), _request(record))
    return list(await pipeline.execute(raise_on_error=False))


def _key_names(sealed: SealedRecord, keys: Keys) -> list[str]:
    entry = sealed.entry
    end = keys.once(entry.turn or NO_TURN, "end")
    once = once_key(entry, sealed.record["id"], keys)
    touched = {str(operation[name]) for operation in sealed.operations for name in _KEY_FIELDS if name in operation}
    return [keys.audit, keys.chain_heads, once, keys.open_turns, end, *sorted(touched)]


_KEY_FIELDS = ("key", "open", "closed", "stream", "due", "dead")


def stored_form(record: dict[str, Any]) -> str:
    """Return the record's only accepted spelling: the hashed form with the hash in its alphabetical place."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _request(sealed: SealedRecord) -> str:
    record = sealed.record
    first = record["seq"] == 1
    request = {
        "chain": record["chain"],
        "follows": "" if first else f"{record['seq'] - 1}:{record['prev']}",
        "head": f"{record['seq']}:{record['hash']}",
        "turn": sealed.entry.turn,
        "phase": record["phase"],
        "keep_s": sealed.keep_s,
        "receipt": {
            "record_id": record["id"],
            **{name: record[name] for name in ("chain", "seq", "hash", "phase", "bytes_sha256")},
        },
        "effects": list(sealed.operations),
    }
    return json.dumps(request, ensure_ascii=False)


def _read_reply(answer: list[str] | Exception) -> Reply:
    if isinstance(answer, Exception):
        return Reply(Outcome.FAILED)
    outcome = Outcome(answer[0])
    return Reply(outcome, _read_receipt(answer[1], outcome)) if len(answer) > 1 else Reply(outcome)


def _read_receipt(text: str, outcome: Outcome) -> Receipt:
    stored = json.loads(text)
    fence = stored.pop("ticket_fence", "")
    stored["phase"] = AuditPhase(stored["phase"])
    return Receipt(**stored, duplicate=outcome is Outcome.DUPLICATE, ticket_fence=int(fence) if fence else None)
