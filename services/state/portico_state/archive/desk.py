"""Where decisions about an archive are made: each one an audit record, then a signed line of the checkpoint file.

The record comes first: a line says that a decision is in force, so it must never stand without its record.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass

from portico_core.audit import AuditEntry
from portico_core.errors import ConfigurationError, Conflict
from portico_core.labels import AuditPhase
from portico_state.archive.decisions import decision_on, decision_on_hold
from portico_state.archive.evidence import ArchiveEvidence, open_evidence
from portico_state.archive.holds import Hold, read_holds
from portico_state.archive.manifest import Manifest
from portico_state.archive.shelf import ArchiveShelf
from portico_state.checkpoint_history import CheckpointHistory, checkpoint_files, read_history
from portico_state.checkpoints import ChainHead, CheckpointKind, CheckpointLog
from portico_state.client import Store
from portico_state.keyring import Keyring
from portico_state.redis_audit import RedisAudit
from portico_state.witness import witness_checkpoint

ACTOR = "system:archive"
LOCK_NAME = "archive.lock"


@dataclass(frozen=True, slots=True)
class ArchiveDesk:
    """The parts that decide about one tenant's archive. `audit` is a running writer; `actor` who decides."""

    store: Store
    audit: RedisAudit
    keyring: Keyring
    checkpoints: CheckpointLog
    shelf: ArchiveShelf
    actor: str = ACTOR

    @property
    def tenant(self) -> str:
        """Return the tenant."""
        return self.store.keys.tenant

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody else decide meanwhile; raise Conflict where somebody does.

        Two runs at once would give two manifests one number. The lock lies beside the checkpoints, which every run
        needs, and ends with the process that holds it.
        """
        try:
            self.checkpoints.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.checkpoints.directory / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigurationError(f"the checkpoints cannot be written: {error.strerror}") from None
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def evidence(self) -> ArchiveEvidence:
        """Read and check the manifests."""
        return open_evidence(self.shelf, keyring=self.keyring, tenant=self.tenant)

    def history(self) -> CheckpointHistory:
        """Read and check the checkpoint files."""
        return read_history(checkpoint_files(self.checkpoints.directory), keyring=self.keyring, tenant=self.tenant)

    def holds(self) -> list[Hold]:
        """Return the legal holds on the shelf."""
        return read_holds(self.shelf, keys=self.keyring.audit, tenant=self.tenant)

    def lock_if_held(self, manifest: Manifest) -> None:
        """Lock the file of a new stretch that a legal hold covers already."""
        if any(hold.covers(manifest.day) for hold in self.holds()):
            self.shelf.hold(manifest.file, held=True)

    async def decide(self, kind: CheckpointKind, manifest: Manifest) -> None:
        """Record and sign a decision on a stretch."""
        head = decision_on(manifest.number, manifest.digest)
        await self._record(kind, head, manifest.name)

    async def decide_hold(self, kind: CheckpointKind, name: str, digest: str) -> None:
        """Record and sign that a hold is placed or released."""
        await self._record(kind, decision_on_hold(name, digest), name)

    async def _record(self, kind: CheckpointKind, head: ChainHead, name: str) -> None:
        await self.audit.append(
            AuditEntry(
                phase=AuditPhase.ACCESS, tenant=self.tenant, patient="", conversation="", turn="", actor=self.actor,
                source=f"archive.{kind.value}", passages=(name,), bytes_sha256=head.hash,
            )
        )  # fmt: skip
        checkpoint = await asyncio.to_thread(self.checkpoints.write, kind, head)
        await witness_checkpoint(self.store, checkpoint)


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Conflict("another archive command is at work on these checkpoints") from None
