"""Where a command finds the evidence of one tenant: store, keys, checkpoints and archive."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from portico_cli.command_store import command_audit, open_stored_evidence, operator
from portico_state.archive.desk import ArchiveDesk
from portico_state.archive.opening import open_shelf
from portico_state.archive.shelf import ArchiveShelf
from portico_state.checkpoints import CheckpointLog
from portico_state.client import Store
from portico_state.keyring import Keyring


@dataclass(frozen=True, slots=True)
class AuditPlace:
    """`archive` is a folder or s3://bucket/prefix; without one it is `archive` in the state folder."""

    state: Path
    redis_url: str | None
    tenant: str
    archive: str | None = None

    @property
    def checkpoints(self) -> Path:
        """Return the folder of the checkpoint files."""
        return self.state / "checkpoints"

    def keyring(self) -> Keyring:
        """Load the keys; raise ConfigurationError."""
        return Keyring.load(self.state / "keys.json")

    def shelf(self, *, must_exist: bool = True) -> ArchiveShelf:
        """Open the archive; raise ConfigurationError for one that is not there, unless it is about to be made."""
        return open_shelf(self.archive or str(self.state / "archive"), must_exist=must_exist)

    def shelf_if_any(self) -> ArchiveShelf | None:
        """Open the archive that was given, or the one of the state folder where there is one."""
        there = self.archive is not None or (self.state / "archive").is_dir()
        return self.shelf() if there else None

    @contextlib.asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        """Open the store."""
        async with open_stored_evidence(self.state, redis_url=self.redis_url, tenant=self.tenant) as store:
            yield store

    @contextlib.asynccontextmanager
    async def desk(self, *, must_exist: bool = True) -> AsyncIterator[ArchiveDesk]:
        """Open what decides about the archive, in the operator's name."""
        keyring, shelf = self.keyring(), self.shelf(must_exist=must_exist)
        checkpoints = CheckpointLog(self.checkpoints, keyring, self.tenant)
        async with self.store() as store, command_audit(self.state, store) as audit:
            yield ArchiveDesk(store, audit, keyring, checkpoints, shelf, operator())
