"""The restore drill: read the archive back into an empty Valkey, and prove that it is all there.

A backup that was never restored is a hope. The drill loads every kept stretch under its own stream ids, walks what it
loaded with the keys and checkpoints, and looks that every chain ends where the signed manifest says.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from portico_core.errors import Conflict
from portico_state.archive.decisions import read_decisions
from portico_state.archive.evidence import ArchiveEvidence, open_evidence
from portico_state.archive.manifest import Manifest
from portico_state.archive.shelf import ArchiveShelf
from portico_state.archive.whole_walk import live_entries
from portico_state.chain_walk import ChainWalk
from portico_state.checkpoint_history import checkpoint_files, read_history
from portico_state.client import Store
from portico_state.findings import Finding, FindingKind
from portico_state.keyring import Keyring

_AT_ONCE = 500
_BATCH_S = 30.0


@dataclass(frozen=True, slots=True)
class DrillReport:
    """What was restored, in seconds and records, and what did not hold."""

    stretches: int
    records: int
    seconds: float
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Say whether every record came back and every chain holds."""
        return not self.findings

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {"ok": self.ok, **asdict(self)}


async def restore_archive(
    shelf: ArchiveShelf,
    into: Store,
    *,
    keyring: Keyring,
    checkpoints: Path,
    progress: Callable[[int, int], None] | None = None,
) -> DrillReport:
    """Load an archive into an empty stream and verify it there; raise Conflict when the stream is not empty."""
    tenant, started = into.keys.tenant, time.monotonic()
    if await into.call(into.redis.exists(into.keys.audit)):
        raise Conflict("the store to restore into holds audit records already")
    history = read_history(checkpoint_files(checkpoints), keyring=keyring, tenant=tenant)
    decisions = read_decisions(history.decisions)
    evidence = open_evidence(shelf, keyring=keyring, tenant=tenant)
    evidence.check_decisions(decisions)
    begin, kept = evidence.kept(decisions.deleted)
    walk = ChainWalk(keyring, tenant, history)
    if begin is not None:
        walk.resume(begin.heads, begin.open_turns)
    total = sum(manifest.records for manifest in kept)
    for manifest in kept:
        await _load(evidence, manifest, into)
        await _walk_stretch(evidence, manifest, into, walk)
        if progress is not None:
            progress(walk.records, total)
    seconds = time.monotonic() - started
    findings = (*history.findings, *evidence.findings, *walk.findings)
    return DrillReport(len(kept), walk.records, round(seconds, 2), findings)


async def _load(evidence: ArchiveEvidence, manifest: Manifest, into: Store) -> None:
    pipeline, waiting = into.redis.pipeline(transaction=False), 0
    for stream_id, record in evidence.rows(manifest):
        pipeline.xadd(into.keys.audit, {"record": record}, id=stream_id)
        waiting += 1
        if waiting == _AT_ONCE:
            await into.call(pipeline.execute(), deadline_s=_BATCH_S)
            pipeline, waiting = into.redis.pipeline(transaction=False), 0
    if waiting:
        await into.call(pipeline.execute(), deadline_s=_BATCH_S)


async def _walk_stretch(evidence: ArchiveEvidence, manifest: Manifest, into: Store, walk: ChainWalk) -> None:
    """Walk what was loaded; it must end where the manifest says that every chain stood."""
    before = _before(manifest.first_id)
    async for stream_id, fields in live_entries(into, after=before, until=manifest.last_id):
        walk.feed(stream_id, fields)
    reached = walk.positions
    for chain, at in manifest.heads.items():
        if reached.get(chain) != at:
            detail = f"does not end at seq {at.seq}, where the manifest {manifest.number} says it stood"
            evidence.findings.append(Finding(FindingKind.ARCHIVE, f"chain {chain}", detail))
    walk.resume(manifest.heads, manifest.open_turns)


def _before(stream_id: str) -> str:
    milliseconds, _, number = stream_id.partition("-")
    return f"{milliseconds}-{int(number) - 1}" if int(number) else f"{int(milliseconds) - 1}-18446744073709551615"
