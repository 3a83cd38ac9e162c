"""The writer of the audit stream: no record, no answer.

One chain a process: a single task seals records one after the other, so the chain has no forks, and sends what waits
in one batch, so that many turns share one fsync. That task is nobody's child: a patient who closes the page cancels
their wait, never the record.

Three things keep a record written once: the library repeats nothing; the script keeps a receipt of every step of a
turn and answers a repetition with it; and the script refuses a record that does not follow the chain's stored head.
When an outcome stays unknown, the record may still land later, so nothing may follow it: the chain is given up, and
the next one starts at the last confirmed hash, with a signed checkpoint that names the old one.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

import redis.exceptions

from portico_core.audit import GENESIS, AuditEntry, ChainPosition, seal_record
from portico_core.errors import AuditUnavailable, Conflict, InvalidRequest, NotFound, PorticoError, StateUnavailable
from portico_core.labels import AuditPhase
from portico_state.audit_script import (
    Outcome,
    Receipt,
    Reply,
    SealedRecord,
    drop_connections,
    once_key,
    send_records,
)
from portico_state.checkpoints import ChainHead, Checkpoint, CheckpointKind, CheckpointLog
from portico_state.client import DAY_S, Store
from portico_state.effects import NO_EFFECTS, Effects, Operation
from portico_state.identifiers import new_id, now_utc
from portico_state.keyring import Keyring
from portico_state.unfinished import abandoned_entries
from portico_state.witness import witness_checkpoint

logger = logging.getLogger(__name__)

_ACCESS_KEEP_S = DAY_S
_NOWHERE = ChainPosition("", 0, GENESIS)

ObserveRecord = Callable[[AuditEntry], None]


@dataclass(frozen=True, slots=True)
class AuditLimits:
    """Deadlines in seconds and sizes of the writer."""

    deadline_s: float = 1.5
    attempt_s: float = 0.7
    batch: int = 64
    waiting: int = 2_000
    checkpoint_s: float = 30.0
    checkpoint_records: int = 500


@dataclass(slots=True, eq=False)
class _Pending:
    """A record that waits for its place; `done` resolves when its outcome is known."""

    entry: AuditEntry
    operations: Sequence[Operation]
    deadline: float
    record_id: str
    done: "asyncio.Future[Receipt]" = field(repr=False)

    def fail(self, error: PorticoError) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class RedisAudit:
    """Append audit records, each with its effects, durably and once. Start one a process; close it at the end."""

    def __init__(
        self,
        store: Store,
        *,
        keyring: Keyring,
        checkpoints: CheckpointLog,
        limits: AuditLimits | None = None,
        observe: ObserveRecord = lambda entry: None,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._observe = observe
        self._checkpoints = checkpoints
        self._limits = limits or AuditLimits()
        self._client = store.address.client(
            connections=1, connect_s=store.limits.connect_s, read_s=self._limits.attempt_s
        )
        self._queue: asyncio.Queue[_Pending] = asyncio.Queue(self._limits.waiting)
        self._position = ChainPosition(self._new_chain(), 1, GENESIS)
        self._in_doubt = False
        self._since_checkpoint = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._running: set[asyncio.Task[Receipt]] = set()

    @classmethod
    async def start(
        cls,
        store: Store,
        *,
        keyring: Keyring,
        checkpoints: CheckpointLog,
        limits: AuditLimits | None = None,
        observe: ObserveRecord = lambda entry: None,
    ) -> "RedisAudit":
        """Open a chain with its checkpoint; Redis need not be up, but the disk must take the checkpoint.

        `observe` is told of every record that this writer made durable, once.
        """
        audit = cls(store, keyring=keyring, checkpoints=checkpoints, limits=limits, observe=observe)
        return await audit.__aenter__()

    async def __aenter__(self) -> Self:
        await self._write_checkpoint(CheckpointKind.OPEN, self.head)
        self._tasks = [asyncio.create_task(self._write_forever()), asyncio.create_task(self._checkpoint_forever())]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def head(self) -> ChainHead:
        """Return how far this writer's chain has come."""
        return ChainHead(self._position.chain, self._position.seq - 1, self._position.prev)

    async def append(self, entry: AuditEntry, *, effects: Effects = NO_EFFECTS) -> Receipt:
        """Record an entry and apply its effects; when it returns, both are durable.

        Raises:
            AuditUnavailable: not known to be durable within the deadline; nothing may be told to the patient on it.
            Conflict, NotFound: an effect may not be applied (a ticket held by somebody else); nothing was written.
        """
        return await self.append_operations(entry, effects.operations(entry, self._store.keys, self._store.limits))

    async def append_operations(self, entry: AuditEntry, operations: Sequence[Operation]) -> Receipt:
        """Record an entry with effects that are operations already (tickets, the spool); errors as in `append`."""
        _refuse_unstorable(entry, operations, self._store)
        task = asyncio.create_task(self._append(entry, operations))
        self._running.add(task)
        task.add_done_callback(self._finish)
        return await asyncio.shield(task)

    async def checkpoint(self) -> Checkpoint:
        """Sign and store how far the chain has come, now."""
        return await self._write_checkpoint(CheckpointKind.PERIODIC, self.head)

    async def abandon_unfinished(self, *, older_than_s: float) -> int:
        """End every turn that was accepted that long ago and never ended; return how many there were.

        Call it at start and now and then: a process that was killed cannot end its own turns. `older_than_s` must be
        longer than any turn can last.
        """
        entries = await abandoned_entries(self._store, older_than_s=older_than_s)
        for entry in entries:
            await self.append(entry)
        return len(entries)

    async def close(self) -> None:
        """Write what waits, sign the end of the chain, and let go of the connection."""
        await asyncio.gather(*self._running, return_exceptions=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(AuditUnavailable):
            kind = CheckpointKind.ABANDONED if self._in_doubt else CheckpointKind.CLOSE
            await self._write_checkpoint(kind, self.head)
        await self._client.aclose()

    async def _append(self, entry: AuditEntry, operations: Sequence[Operation]) -> Receipt:
        receipt = await self._enqueue(entry, operations)
        if receipt.duplicate and receipt.phase is not entry.phase:
            await self._open_missed_ticket(entry, operations)
        return receipt

    def _finish(self, task: "asyncio.Task[Receipt]") -> None:
        self._running.discard(task)
        _note_outcome(task)

    async def _enqueue(self, entry: AuditEntry, operations: Sequence[Operation]) -> Receipt:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Receipt] = loop.create_future()
        done.add_done_callback(_note_outcome)
        pending = _Pending(entry, operations, loop.time() + self._limits.deadline_s, new_id(), done)
        try:
            self._queue.put_nowait(pending)
            async with asyncio.timeout_at(pending.deadline):
                return await asyncio.shield(done)  # A late outcome must not meet a cancelled future.
        except asyncio.QueueFull:
            raise AuditUnavailable from None
        except TimeoutError:
            pending.fail(AuditUnavailable())  # If it was not sent yet, it is not sent any more.
            raise AuditUnavailable from None

    async def _open_missed_ticket(self, entry: AuditEntry, operations: Sequence[Operation]) -> None:
        """Open the ticket of a turn that ended otherwise before, when this ending asks for one: none is lost."""
        tickets = [operation for operation in operations if operation["act"] == "ticket"]
        for ticket in tickets:
            if not await self._exists(ticket["key"]):
                await self._enqueue(_as_access(entry, "escalation.open"), [ticket])

    async def _exists(self, key: str) -> bool:
        try:
            return bool(await self._store.call(self._store.redis.exists(key)))
        except StateUnavailable:
            raise AuditUnavailable from None

    async def _write_forever(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < self._limits.batch and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                await self._commit(batch)
            finally:
                for pending in batch:
                    pending.fail(AuditUnavailable())

    async def _commit(self, batch: list[_Pending]) -> None:
        """Write a batch. A record that turns out to exist already leaves the others to be sealed anew."""
        waiting = batch
        try:
            for _ in range(len(batch) + 2):
                waiting = [pending for pending in waiting if not pending.done.done()]
                if not waiting:
                    return
                if self._in_doubt:
                    await self._renew_chain()
                waiting = await self._write(waiting)
        except PorticoError:
            return  # What is left fails in `_write_forever`.
        except Exception as error:
            self._in_doubt = True
            logger.error("audit_writer_failed", extra={"error": type(error).__name__})

    async def _write(self, waiting: list[_Pending]) -> list[_Pending]:
        """Seal and send records; return those that must be sealed again because the chain went another way."""
        sealed = self._seal(waiting)
        replies = await self._send(sealed, deadline=max(pending.deadline for pending in waiting))
        left = []
        for pending, record, reply in zip(waiting, sealed, replies, strict=True):
            if reply.outcome is Outcome.STALE:
                left.append(pending)
            else:
                self._settle(pending, record, reply)
        self._in_doubt = len(left) == len(waiting)  # Not even the first followed: the store lost or changed our head.
        self._checkpoint_if_due()
        return [] if any(reply.outcome is Outcome.FAILED for reply in replies) else left

    def _seal(self, waiting: list[_Pending]) -> list[SealedRecord]:
        position, sealed = self._position, []
        for pending in waiting:
            entry = pending.entry
            record = seal_record(entry, at=position, record_id=pending.record_id, time=now_utc(), key=self._chain_key)
            keep_s = _ACCESS_KEEP_S if entry.phase is AuditPhase.ACCESS else self._store.limits.once_ttl_s
            sealed.append(SealedRecord(entry, record, pending.operations, keep_s))
            position = sealed[-1].next
        return sealed

    async def _send(self, sealed: list[SealedRecord], *, deadline: float) -> list[Reply]:
        """Send records, and the very same ones once more when the outcome is unknown."""
        loop = asyncio.get_running_loop()
        for _ in range(2):
            attempt_s = min(self._limits.attempt_s, deadline - loop.time())
            try:
                async with asyncio.timeout(max(0.0, attempt_s)):
                    return await send_records(self._client, sealed, self._store.keys)
            except (redis.exceptions.RedisError, OSError, TimeoutError):
                await drop_connections(self._client)
            except BaseException:
                self._in_doubt = True
                raise
        self._in_doubt = True
        raise AuditUnavailable

    def _settle(self, pending: _Pending, record: SealedRecord, reply: Reply) -> None:
        match reply.outcome:
            case Outcome.MISSING:
                pending.fail(NotFound())
            case Outcome.CONFLICT:
                pending.fail(Conflict())
            case Outcome.WRITTEN | Outcome.DUPLICATE if reply.receipt is not None:
                self._accept(pending, record, reply.receipt)
            case _:
                pending.fail(AuditUnavailable())

    def _accept(self, pending: _Pending, record: SealedRecord, receipt: Receipt) -> None:
        if receipt.hash == record.hash:  # Ours, be it from the first or the second sending.
            self._position = record.next
            self._since_checkpoint += 1
            self._observe(pending.entry)
            receipt = _as_first(receipt)
        if not pending.done.done():
            pending.done.set_result(receipt)

    async def _renew_chain(self) -> None:
        """Give up a chain whose end is unknown and open one that continues from its last confirmed record."""
        try:
            await self._store.call(self._client.ping(), deadline_s=self._limits.attempt_s)
        except StateUnavailable:
            await drop_connections(self._client)
            raise AuditUnavailable from None
        old = self.head
        start = ChainHead(self._new_chain(), 0, old.hash, continues=old.chain)
        await self._write_checkpoint(CheckpointKind.ABANDONED, old)
        await self._write_checkpoint(CheckpointKind.OPEN, start)
        self._position = ChainPosition(start.chain, 1, start.hash)
        self._in_doubt = False
        logger.warning("audit_chain_renewed")

    def _new_chain(self) -> str:
        """Return a chain id; it ends in the id of the key that signs it, so that keys can be rotated."""
        return f"{new_id()}.{self._keyring.audit.active}"

    @property
    def _chain_key(self) -> bytes:
        return self._keyring.audit.active_key

    def _checkpoint_if_due(self) -> None:
        if self._since_checkpoint >= self._limits.checkpoint_records:
            self._since_checkpoint = 0
            task = asyncio.create_task(self._checkpoint_quietly())
            self._tasks.append(task)
            task.add_done_callback(self._tasks.remove)

    async def _checkpoint_forever(self) -> None:
        while True:
            await asyncio.sleep(self._limits.checkpoint_s)
            await self._checkpoint_quietly()

    async def _checkpoint_quietly(self) -> None:
        try:
            await self.checkpoint()
        except PorticoError:
            logger.error("audit_checkpoint_failed")

    async def _write_checkpoint(self, kind: CheckpointKind, head: ChainHead) -> Checkpoint:
        checkpoint = await asyncio.to_thread(self._checkpoints.write, kind, head)
        await witness_checkpoint(self._store, checkpoint)
        return checkpoint


def _refuse_unstorable(entry: AuditEntry, operations: Sequence[Operation], store: Store) -> None:
    """Raise InvalidRequest or NotFound for an entry that has no place: it must not take a whole batch down with it."""
    try:
        seal_record(entry, at=_NOWHERE, record_id="", time="", key=b"")
        json.dumps(operations, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError):
        raise InvalidRequest("an audit entry or its effects hold a value that JSON has no form for") from None
    once_key(entry, "", store.keys)
    if entry.tenant != store.keys.tenant or not (entry.turn or entry.phase is AuditPhase.ACCESS):
        raise InvalidRequest("an audit entry names another tenant or no turn")


def _as_first(receipt: Receipt) -> Receipt:
    values = {name: getattr(receipt, name) for name in Receipt.__slots__}
    return Receipt(**(values | {"duplicate": False}))


def _as_access(entry: AuditEntry, source: str) -> AuditEntry:
    return AuditEntry(
        phase=AuditPhase.ACCESS, tenant=entry.tenant, patient=entry.patient, conversation=entry.conversation,
        turn=entry.turn, actor=entry.actor, route=entry.route, label=entry.label, source=source,
    )  # fmt: skip


def _note_outcome(done: "asyncio.Future[Receipt] | asyncio.Task[Receipt]") -> None:
    """Look at the outcome, so that a record whose caller has gone does not warn of an unseen error."""
    if not done.cancelled():
        done.exception()
