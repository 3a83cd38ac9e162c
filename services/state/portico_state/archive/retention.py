"""What may be deleted, and what a legal hold keeps: files go, oldest first, by recorded decision; manifests stay.

The manifests are signed counts and hashes without a patient in them, and prove for good what there was.
"""

import asyncio
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from portico_core.errors import ConfigurationError, NotFound
from portico_state.archive.decisions import Decisions, read_decisions
from portico_state.archive.desk import ArchiveDesk
from portico_state.archive.evidence import ArchiveEvidence
from portico_state.archive.holds import Hold, check_hold, hold_file
from portico_state.archive.manifest import Manifest
from portico_state.checkpoints import CheckpointKind
from portico_state.identifiers import now_utc


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """What was deleted; `held` names the hold that stopped the deletion, if one did."""

    deleted: tuple[str, ...] = ()
    held: str = ""


@dataclass(frozen=True, slots=True)
class Expired:
    """The stretches that may be deleted now, the oldest first; `held` names the hold that stands before the next."""

    stretches: tuple[Manifest, ...] = ()
    held: str = ""


def find_expired(evidence: ArchiveEvidence, decisions: Decisions, *, holds: Iterable[Hold], today: date) -> Expired:
    """Say what may be deleted; raise ConfigurationError when the archive or a hold does not hold."""
    evidence.check_decisions(decisions)
    if evidence.findings:
        first = evidence.findings[0]
        raise ConfigurationError(f"nothing was deleted: {first.where}: {first.detail}")
    in_force = _holds_in_force(holds, decisions.holds)
    over: list[Manifest] = []
    for manifest in evidence.kept(decisions.deleted)[1]:
        if date.fromisoformat(manifest.retain_until) > today or manifest.number not in decisions.trimmed:
            break
        hold = next((hold for hold in in_force if hold.covers(manifest.day)), None)
        if hold is not None:
            return Expired(tuple(over), hold.name)
        over.append(manifest)
    return Expired(tuple(over))


def _holds_in_force(holds: Iterable[Hold], decided: dict[str, str]) -> list[Hold]:
    """Return the holds, and refuse to go on when one was decided and its document is gone or another."""
    found = {hold.name: hold for hold in holds}
    for name, digest in decided.items():
        if name not in found or found[name].digest != digest:
            raise ConfigurationError(
                f"nothing was deleted: the hold {name} is in force, and its document is missing or another"
            )
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Retention:
    """Deletion and legal holds of one tenant's archive."""

    desk: ArchiveDesk

    async def delete_expired(self, today: date) -> RetentionReport:
        """Delete the files whose time is over; raise ConfigurationError when the archive or a hold does not hold."""
        with self.desk.alone():
            evidence, decisions = self.desk.evidence(), read_decisions(self.desk.history().decisions)
            expired = find_expired(evidence, decisions, holds=self.desk.holds(), today=today)
            self._finish_deletions(decisions.deleted)
            for manifest in expired.stretches:
                await self.desk.decide(CheckpointKind.DELETED, manifest)
                await asyncio.to_thread(self.desk.shelf.delete, manifest.file)
            return RetentionReport(tuple(manifest.day for manifest in expired.stretches), expired.held)

    async def place_hold(self, name: str, *, reason: str, first_day: str = "", last_day: str = "") -> Hold:
        """Put a hold in force: nothing of its days is deleted until it is released."""
        check_hold(name, first_day, last_day)
        with self.desk.alone():
            return await self._place_hold(name, reason=reason, first_day=first_day, last_day=last_day)

    async def _place_hold(self, name: str, *, reason: str, first_day: str, last_day: str) -> Hold:
        if name in read_decisions(self.desk.history().decisions).holds:
            raise ConfigurationError(f"the hold {name} is in force already")
        hold = Hold(
            name=name, tenant=self.desk.tenant, reason=reason, first_day=first_day, last_day=last_day,
            placed_at=now_utc(), placed_by=self.desk.actor,
        ).signed(self.desk.keyring.audit)  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "hold.json"
            path.write_bytes(hold.to_bytes())
            self.desk.shelf.put(hold_file(hold.tenant, name), path)
        await self.desk.decide_hold(CheckpointKind.HELD, name, hold.digest)
        self._lock_files(hold, held=True)
        return hold

    async def release_hold(self, name: str) -> None:
        """Take a hold out of force; raise NotFound when there is none of that name."""
        check_hold(name, "", "")
        with self.desk.alone():
            await self._release_hold(name)

    async def _release_hold(self, name: str) -> None:
        holds = {hold.name: hold for hold in self.desk.holds()}
        in_force = read_decisions(self.desk.history().decisions).holds
        if name not in holds and name not in in_force:
            raise NotFound(f"there is no hold {name}")
        await self.desk.decide_hold(CheckpointKind.RELEASED, name, in_force.get(name, ""))
        self.desk.shelf.delete(hold_file(self.desk.tenant, name))
        if name in holds:
            self._lock_files(holds[name], held=False)

    def _finish_deletions(self, deleted: dict[int, str]) -> None:
        """Delete files that a decision named before the job was interrupted."""
        names = set(self.desk.shelf.names(f"{self.desk.tenant}/audit/"))
        for manifest in self.desk.evidence().manifests:
            if deleted.get(manifest.number) == manifest.digest and manifest.file in names:
                self.desk.shelf.delete(manifest.file)

    def _lock_files(self, hold: Hold, *, held: bool) -> None:
        others = [other for other in self.desk.holds() if other.name != hold.name]
        stored = set(self.desk.shelf.names(f"{self.desk.tenant}/audit/"))
        for manifest in self.desk.evidence().manifests:
            kept = any(other.covers(manifest.day) for other in others)
            if manifest.file in stored and hold.covers(manifest.day) and (held or not kept):
                self.desk.shelf.hold(manifest.file, held=held)
