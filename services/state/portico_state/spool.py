"""Refusals and escalations while Redis is down: a local file, fsynced, replayed exactly once.

A patient in danger sees the fixed text whether or not the store answers; what must not be lost is the ticket. Lines
hold redacted text and keyed hashes only, and a keyed hash of their own, so that nobody can slip a record in. A replay
moves the file aside first and removes it last: after a crash in between it is replayed again, and the audit's
receipts keep every record single. A file that somebody deletes is written down again from its open descriptor.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portico_core.audit import AuditEntry
from portico_core.errors import AuditUnavailable
from portico_core.labels import AuditPhase
from portico_state.client import StoreLimits
from portico_state.effects import Effects, Operation
from portico_state.held_files import HeldFiles
from portico_state.identifiers import now_utc, parse_time
from portico_state.keyring import Keyring, KeySet
from portico_state.keys import Keys
from portico_state.redis_audit import RedisAudit

_WRITING = "refusals.jsonl"
_DAMAGED = "refusals.damaged"
_LOCK = "refusals.lock"
# Lines that share a round trip and a sync. One after the other they came to nothing under a store that failed every
# two seconds: each replay began anew and never ended its first file (docs/adr/0030).
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay did; `damaged` lines (torn by a crash, or changed) are kept aside, never guessed at."""

    replayed: int = 0
    duplicates: int = 0
    damaged: int = 0

    def __add__(self, other: "ReplayReport") -> "ReplayReport":
        return ReplayReport(
            self.replayed + other.replayed, self.duplicates + other.duplicates, self.damaged + other.damaged
        )


@dataclass(frozen=True, slots=True)
class SpooledRefusal:
    """One line: what to record, what belongs to it, and when it was put here."""

    entry: AuditEntry
    operations: list[Operation]
    put_at: str


@dataclass(frozen=True, slots=True)
class RefusalSpool:
    """The spool of one tenant in one folder; one process writes, one replay runs at a time."""

    directory: Path
    keyring: Keyring
    tenant: str
    limits: StoreLimits = field(default_factory=StoreLimits)
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    _held: HeldFiles = field(default_factory=HeldFiles, repr=False, compare=False)

    def put(self, entry: AuditEntry, effects: Effects) -> None:
        """Store a refusal durably; blocks for one fsync. Raise AuditUnavailable when the disk refuses."""
        operations = effects.operations(entry, Keys(self.tenant), self.limits)
        line = _to_line(SpooledRefusal(entry, operations, now_utc()), self.keyring.audit)
        try:
            with self._guard, self._locked():
                self._restore()
                _append_durably(self.directory / _WRITING, line)
                self._held.hold(self.directory / _WRITING)
        except OSError:
            raise AuditUnavailable from None

    def restore(self) -> int:
        """Write down again what stood in files that somebody deleted; return how many lines. Blocks briefly.

        Raise AuditUnavailable when the disk refuses; what is to be restored stays so.
        """
        try:
            with self._guard, self._locked():
                restored = self._restore()
                for path in (*self._aside(), self.directory / _WRITING):
                    self._held.hold(path)
                return restored
        except OSError:
            raise AuditUnavailable from None

    async def replay(self, audit: RedisAudit) -> ReplayReport:
        """Record everything that waits. Raise AuditUnavailable when the store fails again; what is left stays.

        Order is kept. `latency_ms.spooled` of each record says how long it waited.
        """
        report = ReplayReport()
        for path in await asyncio.to_thread(self._set_aside):
            lines = await asyncio.to_thread(_read_lines, path)
            for start in range(0, len(lines), _AT_ONCE):
                report += await self._replay_lines(lines[start : start + _AT_ONCE], audit)
            await asyncio.to_thread(self._remove, path)
        return report

    def waiting(self) -> int:
        """Count the lines that are not replayed yet; blocks briefly."""
        return sum(len(_read_lines(path)) for path in (*self._aside(), self.directory / _WRITING))

    async def _replay_lines(self, lines: Sequence[bytes], audit: RedisAudit) -> ReplayReport:
        """Record lines in their order; raise the first failure when nothing of them is on its way any more."""
        outcomes = await asyncio.gather(*(self._replay_line(line, audit) for line in lines), return_exceptions=True)
        report = ReplayReport()
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
            report += outcome
        return report

    async def _replay_line(self, line: bytes, audit: RedisAudit) -> ReplayReport:
        refusal = _from_line(line, self.keyring.audit)
        if refusal is None or refusal.entry.tenant != self.tenant:
            await asyncio.to_thread(self._keep_damaged, line)
            return ReplayReport(damaged=1)
        receipt = await audit.append_operations(_with_age(refusal), refusal.operations)
        if receipt.duplicate:
            if receipt.bytes_sha256 != refusal.entry.bytes_sha256:
                # The decision landed after all, and nobody was shown it: say what the patient saw instead.
                await audit.append_operations(replace(_with_age(refusal), phase=AuditPhase.DELIVERED), [])
            return ReplayReport(duplicates=1)
        return ReplayReport(replayed=1)

    def _aside(self) -> list[Path]:
        return sorted(self.directory.glob("refusals.*.replaying"))

    def _set_aside(self) -> list[Path]:
        """Move the file that is written to out of the way and return all that wait, the oldest first."""
        writing = self.directory / _WRITING
        try:
            with self._guard, self._locked():
                if writing.exists():
                    last = max((int(path.name.split(".")[1]) for path in self._aside()), default=0)
                    aside = self.directory / f"refusals.{last + 1:06}.replaying"
                    writing.rename(aside)
                    self._held.move(writing, aside)
                return self._aside()
        except OSError:
            raise AuditUnavailable from None

    def _restore(self) -> int:
        restored = 0
        for path, content in self._held.deleted().items():
            lines = _split_lines(content)
            if lines:
                _append_durably(self.directory / _WRITING, b"\n".join(lines) + b"\n")
            restored += len(lines)
            self._held.let_go(path)
        return restored

    def _remove(self, path: Path) -> None:
        try:
            with self._guard:
                path.unlink(missing_ok=True)
                self._held.let_go(path)
            _sync_directory(path.parent)
        except OSError:
            raise AuditUnavailable from None

    def _keep_damaged(self, line: bytes) -> None:
        try:
            with self._guard:
                _append_durably(self.directory / _DAMAGED, line + b"\n")
        except OSError:
            raise AuditUnavailable from None

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.directory / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _to_line(refusal: SpooledRefusal, keys: KeySet) -> bytes:
    body = json.dumps(asdict(refusal), sort_keys=True, ensure_ascii=False, allow_nan=False)
    line = {"key": keys.active, "mac": _mac(body, keys.active_key), "body": body}
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def _from_line(line: bytes, keys: KeySet) -> SpooledRefusal | None:
    """Read a line; None when it is torn, changed, or signed with an unknown key."""
    try:
        document: dict[str, Any] = json.loads(line)
        body, mac, key = str(document["body"]), str(document["mac"]), keys.keys[document["key"]]
        if not hmac.compare_digest(mac.encode(), _mac(body, key).encode()):
            return None
        stored = json.loads(body)
        entry = AuditEntry(**(stored["entry"] | {"phase": AuditPhase(stored["entry"]["phase"])}))
        return SpooledRefusal(entry, stored["operations"], stored["put_at"])
    except (ValueError, KeyError, TypeError):
        return None


def _mac(body: str, key: bytes) -> str:
    return hmac.new(key, b"spool\0" + body.encode(), hashlib.sha256).hexdigest()


def _with_age(refusal: SpooledRefusal) -> AuditEntry:
    age_ms = (datetime.now(UTC) - parse_time(refusal.put_at)).total_seconds() * 1000
    return replace(refusal.entry, latency_ms={**refusal.entry.latency_ms, "spooled": round(max(0.0, age_ms), 1)})


def _append_durably(path: Path, line: bytes) -> None:
    """Append a line and fsync it; leave no half line of our own, and end one that a crash left."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        data = b"\n" + line if torn else line
        try:
            if os.write(descriptor, data) != len(data):
                raise OSError("short write")
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)
    if size == 0:
        _sync_directory(path.parent)


def _read_lines(path: Path) -> list[bytes]:
    try:
        return _split_lines(path.read_bytes())
    except FileNotFoundError:
        return []


def _split_lines(content: bytes) -> list[bytes]:
    return [line for line in content.split(b"\n") if line]


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
