"""Signed chain heads in a file outside Redis: what a store that was cut short or rolled back cannot take back.

A checkpoint says how far a chain had come. One is written when a chain is opened, regularly, also when nothing
happened (so that silence is proven too), and when it is closed. The lines of a file are numbered and chained with a
keyed hash of their own, so that a line cannot be taken out, changed, or an old one shown as the newest; the store
in turn remembers the last line (`Keys.witness`), so that the file cannot be rolled back alone.
"""

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from portico_core.errors import AuditUnavailable
from portico_state.identifiers import new_id, now_utc
from portico_state.keyring import Keyring

FILE_NAME = "checkpoints.jsonl"
GENESIS_MAC = "0" * 64
_TAIL_BYTES = 8_192  # Several times the longest line.


class CheckpointKind(StrEnum):
    """Why a checkpoint was written; `ABANDONED` ends a chain whose last append has an unknown outcome.

    The last five are decisions about the archive (`archive/decisions.py`): their chain, seq and head name what was
    decided on, and are no place in a chain of records.
    """

    OPEN = "open"
    PERIODIC = "periodic"
    ABANDONED = "abandoned"
    CLOSE = "close"
    ARCHIVED = "archived"
    TRIMMED = "trimmed"
    DELETED = "deleted"
    HELD = "held"
    RELEASED = "released"


DECISIONS = frozenset({
    CheckpointKind.ARCHIVED, CheckpointKind.TRIMMED, CheckpointKind.DELETED, CheckpointKind.HELD,
    CheckpointKind.RELEASED,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChainHead:
    """How far a chain has come: `seq` records, the last with `hash`. `continues` names the chain before it."""

    chain: str
    seq: int
    hash: str
    continues: str = ""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One line of a checkpoint file. `number` counts the lines of `log` from 1, `prev` is the MAC before it."""

    log: str
    number: int
    prev: str
    time: str
    tenant: str
    kind: str
    chain: str
    seq: int
    head: str
    continues: str
    key: str
    mac: str = ""

    def to_line(self) -> bytes:
        """Return the stored form, newline included."""
        return _canonical(asdict(self)) + b"\n"

    @property
    def name(self) -> str:
        """Return what an auditor writes down to prove later that nothing was rolled back."""
        return f"{self.log}:{self.number}:{self.mac}"


@dataclass(frozen=True, slots=True)
class CheckpointLog:
    """The checkpoint file of one folder; processes may share it."""

    directory: Path
    keyring: Keyring
    tenant: str

    @property
    def path(self) -> Path:
        """Return the file."""
        return self.directory / FILE_NAME

    def write(self, kind: CheckpointKind, head: ChainHead) -> Checkpoint:
        """Append one signed line and fsync it; blocks. Raise AuditUnavailable when the disk refuses."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                return self._append(descriptor, kind, head)
            finally:
                os.close(descriptor)
        except OSError:
            raise AuditUnavailable from None

    def _append(self, descriptor: int, kind: CheckpointKind, head: ChainHead) -> Checkpoint:
        size = os.fstat(descriptor).st_size
        tail = os.pread(descriptor, _TAIL_BYTES, max(0, size - _TAIL_BYTES))
        checkpoint = self._sign(kind, head, _last_checkpoint(tail))
        # A crash may have left half a line: end it, so that this one stands on its own.
        line = (b"" if not tail or tail.endswith(b"\n") else b"\n") + checkpoint.to_line()
        try:
            if os.write(descriptor, line) != len(line):
                raise OSError("short write")
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
        if size == 0:
            _sync_directory(self.directory)
        return checkpoint

    def _sign(self, kind: CheckpointKind, head: ChainHead, last: Checkpoint | None) -> Checkpoint:
        unsigned = Checkpoint(
            log=last.log if last else new_id(),
            number=last.number + 1 if last else 1,
            prev=last.mac if last else GENESIS_MAC,
            time=now_utc(),
            tenant=self.tenant,
            kind=kind.value,
            chain=head.chain,
            seq=head.seq,
            head=head.hash,
            continues=head.continues,
            key=self.keyring.audit.active,
        )
        return Checkpoint(**(asdict(unsigned) | {"mac": checkpoint_mac(unsigned, self.keyring.audit.active_key)}))


def checkpoint_mac(checkpoint: Checkpoint, key: bytes) -> str:
    """Return the keyed hash over everything but `mac`, apart from those of records by its prefix."""
    body = {name: value for name, value in asdict(checkpoint).items() if name != "mac"}
    return hmac.new(key, b"checkpoint\0" + _canonical(body), hashlib.sha256).hexdigest()


def parse_checkpoint(line: bytes) -> Checkpoint | None:
    """Read one line; None when it is no checkpoint, be it torn or foreign. The MAC is not checked here."""
    try:
        document = json.loads(line)
        checkpoint = Checkpoint(**document)
    except (ValueError, TypeError):
        return None
    wanted = Checkpoint.__annotations__
    fits = all(type(document[name]) is wanted[name] for name in document)
    return checkpoint if fits and checkpoint.to_line().rstrip() == line.rstrip(b"\n") else None


def _last_checkpoint(tail: bytes) -> Checkpoint | None:
    for line in reversed(tail.split(b"\n")):
        checkpoint = parse_checkpoint(line) if line else None
        if checkpoint:
            return checkpoint
    return None


def _canonical(document: Mapping[str, object]) -> bytes:
    return json.dumps(dict(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
