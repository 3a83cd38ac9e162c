"""What the tests of the state share: entries, chains in memory that can be tampered with, a real store."""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portico_core.audit import GENESIS, AuditEntry, ChainPosition, seal_record
from portico_core.labels import AuditPhase
from portico_state.audit_script import stored_form
from portico_state.chain_walk import ChainWalk
from portico_state.checkpoint_history import read_history
from portico_state.checkpoints import ChainHead, CheckpointKind, CheckpointLog
from portico_state.client import Store, StoreLimits, connect
from portico_state.findings import VerifyReport
from portico_state.identifiers import new_id, now_utc
from portico_state.keyring import Keyring
from portico_state.redis_audit import AuditLimits, RedisAudit
from portico_state.verify import make_report

TENANT = "demo"
PATIENT = "5" * 32


def entry(phase: AuditPhase, turn: str, *, conversation: str = "c1", **more: object) -> AuditEntry:
    """Return an entry of a turn; `more` overrides or adds fields."""
    fields = {"phase": phase, "tenant": TENANT, "patient": PATIENT, "conversation": conversation, "turn": turn}
    return AuditEntry(**({**fields, "actor": "gateway", "models": {"safety_classifier": "1"}} | more))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Moment:
    """What the store held at some time: so many records, and what it remembered of heads and checkpoints."""

    records: int
    witness: dict[str, str]
    stored_heads: dict[str, str]


@dataclass(slots=True)
class Evidence:
    """A stream of records, the checkpoint file and what the store remembers of it, all in memory."""

    keyring: Keyring
    records: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    witness: dict[str, str] = field(default_factory=dict)
    stored_heads: dict[str, str] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)
    tenant: str = TENANT

    def copy(self) -> "Evidence":
        return replace(
            self,
            records=list(self.records),
            lines=list(self.lines),
            witness=dict(self.witness),
            stored_heads=dict(self.stored_heads),
        )

    def verify(self, *, expected_head: str | None = None, walker: type[ChainWalk] = ChainWalk) -> VerifyReport:
        """Verify as `verify_audit` does, without a store."""
        history = read_history(
            [self.lines], keyring=self.keyring, tenant=self.tenant, witness=self.witness, expected_head=expected_head
        )
        walk = walker(self.keyring, self.tenant, history)
        for stream_id, fields in self.records:
            walk.feed(stream_id, fields)
        walk.finish(self.stored_heads)
        return make_report(walk, history, now=datetime.now(UTC), overdue_s=600)


def say(text: str) -> None:
    """Show seed and N in the test's output."""
    print(text)  # noqa: T201


def make_evidence(directory: Path, rng: random.Random, *, chains: int = 2, turns: int = 12) -> Evidence:
    """Write interleaved chains of accepted and decided turns with their checkpoints, as writers do."""
    evidence, keyring = Evidence(Keyring.generate()), Keyring.generate()
    evidence.keyring = keyring
    log = CheckpointLog(directory, keyring, TENANT)
    heads = [ChainPosition(f"{new_id()}.{keyring.audit.active}", 1, GENESIS) for _ in range(chains)]

    def sign(kind: CheckpointKind, at: ChainPosition) -> None:
        line = log.write(kind, ChainHead(at.chain, at.seq - 1, at.prev))
        evidence.witness[line.log] = f"{line.number}:{line.mac}"

    for head in heads:
        sign(CheckpointKind.OPEN, head)
    for number in range(turns * chains):
        chosen, turn = rng.randrange(chains), new_id()
        for phase in (AuditPhase.ACCEPTED, AuditPhase.DECIDED):
            heads[chosen] = _add_record(evidence, entry(phase, turn, confidence=rng.random()), heads[chosen])
        if number % 3 == 2:
            sign(CheckpointKind.PERIODIC, heads[chosen])
            evidence.moments.append(Moment(len(evidence.records) - 1, dict(evidence.witness), {}))
    for head in heads:
        sign(CheckpointKind.CLOSE, head)
    evidence.lines = log.path.read_bytes().splitlines()
    return evidence


def _add_record(evidence: Evidence, made: AuditEntry, at: ChainPosition) -> ChainPosition:
    key = evidence.keyring.audit.active_key
    record = seal_record(made, at=at, record_id=new_id(), time=now_utc(), key=key)
    stream_id = f"{time.time_ns() // 1_000_000}-{len(evidence.records)}"
    evidence.records.append((stream_id, {"record": stored_form(record)}))
    return ChainPosition(at.chain, at.seq + 1, record["hash"])


@dataclass(frozen=True, slots=True)
class StateRig:
    """A store on a real Valkey, with keys, checkpoints and a running writer."""

    store: Store
    keyring: Keyring
    checkpoints: CheckpointLog
    audit: RedisAudit

    async def stream(self) -> list[tuple[str, dict[str, str]]]:
        """Return the audit stream as it is stored."""
        found: Any = await self.store.redis.xrange(self.store.keys.audit)
        return list(found)

    async def records(self) -> list[dict[str, Any]]:
        """Return the audit records."""
        return [json.loads(fields["record"]) for _, fields in await self.stream()]


async def empty(store: Store) -> None:
    """Remove every key, as far as the store's user reaches: nothing of ours lies elsewhere."""
    async for key in store.redis.scan_iter(count=1_000):
        await store.redis.delete(key)


@contextlib.asynccontextmanager
async def open_rig(
    url: str, folder: Path, *, audit_limits: AuditLimits | None = None, limits: StoreLimits | None = None
) -> AsyncIterator[StateRig]:
    """Open a rig on an empty database."""
    store = await connect(url, tenant=TENANT, limits=limits)
    await empty(store)
    keyring = Keyring.generate()
    log = CheckpointLog(folder / "checkpoints", keyring, TENANT)
    audit = await RedisAudit.start(store, keyring=keyring, checkpoints=log, limits=audit_limits)
    try:
        yield StateRig(store, keyring, log, audit)
    finally:
        await audit.close()
        await store.close()


@contextlib.asynccontextmanager
async def reply_dropper(port: int, should_drop: Callable[[], bool]) -> AsyncIterator[int]:
    """Forward a port, and cut the connection instead of passing on the replies that `should_drop` picks."""

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while request := await reader.read(1 << 20):
                server_writer.write(request)
                reply = await server_reader.read(1 << 20)
                if should_drop():
                    break
                writer.write(reply)
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            server_writer.close()

    server = await asyncio.start_server(forward, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
