"""Verify the audit stream of a real store against its keys, its checkpoint files and an auditor's note.

With an archive, archive and live stream are walked as one. Without it, a stream whose beginning was archived and
trimmed is walked from the positions of the last trimmed stretch, whose signed manifest lies beside the checkpoints.

What no verification of one machine's files can see: the store and every checkpoint file rolled back together to the
same moment. For that an auditor keeps `VerifyReport.head` elsewhere and gives it back as `expected_head`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from portico_state.archive.decisions import peek_decisions, read_decisions
from portico_state.archive.evidence import ArchiveEvidence, open_evidence
from portico_state.archive.manifest import Manifest
from portico_state.archive.shelf import ArchiveShelf
from portico_state.archive.trim_note import note_name, read_note
from portico_state.archive.whole_walk import PAGE, WholeStream, live_entries
from portico_state.chain_walk import ChainWalk, OpenTurn, Visit, visit_nothing
from portico_state.checkpoint_history import SILENT, CheckpointHistory, checkpoint_files, read_history
from portico_state.client import Store
from portico_state.findings import Finding, FindingKind, VerifyReport
from portico_state.identifiers import parse_time
from portico_state.keyring import Keyring
from portico_state.witness import read_witness

OVERDUE_S = 600

Progress = Callable[[int, int], None]


async def verify_audit(
    store: Store,
    *,
    keyring: Keyring,
    checkpoints: Path | None,
    archive: ArchiveShelf | None = None,
    overdue_s: float = OVERDUE_S,
    expected_head: str | None = None,
    progress: Progress | None = None,
    visit: Visit = visit_nothing,
    since: date | None = None,
) -> VerifyReport:
    """Walk every chain of a tenant.

    Args:
        store: the store; it may be written to meanwhile.
        keyring: with every key that ever signed.
        checkpoints: the folder of the checkpoint files; None leaves the ends of the chains unproven.
        archive: the shelf of the archived stretches, to walk them as well.
        overdue_s: a turn accepted longer ago and not ended is a finding.
        expected_head: `VerifyReport.head` of an earlier run.
        progress: called with records done and in all.
        visit: called with stream id and record for each that is genuine.
        since: archived days before it are not walked, their signed manifests stand for them; needs `archive`.

    Raises:
        StateUnavailable, ConfigurationError: the evidence cannot be read.
    """
    # Heads, files and witness first: what is written during the walk only adds to what they promise.
    stored_heads = dict(await store.call(store.redis.hgetall(store.keys.chain_heads)))
    witness = await read_witness(store) if checkpoints is not None else {}
    tenant = store.keys.tenant
    evidence = open_evidence(archive, keyring=keyring, tenant=tenant) if archive is not None else None
    begin = _beginning(evidence, checkpoints, keyring, tenant, since=since)
    history = read_history(
        checkpoint_files(checkpoints) if checkpoints is not None else (),
        keyring=keyring,
        tenant=tenant,
        witness=witness,
        expected_head=expected_head,
        covered=begin.covered if begin is not None else {},
    )
    walk = ChainWalk(keyring, tenant, history, visit)
    if begin is not None:
        walk.resume(begin.heads, begin.open_turns)
    shown = _Shown(progress, int(await store.call(store.redis.xlen(store.keys.audit))))
    if evidence is not None:
        await _walk_whole(store, evidence, walk, begin, shown)
    else:
        await _walk_live(store, walk, begin, shown)
    if checkpoints is not None:
        # A writer may have opened a chain meanwhile; its checkpoint is on disk before its first record.
        history.opened.update(read_history(checkpoint_files(checkpoints), keyring=keyring, tenant=tenant).opened)
    else:
        walk.warnings.append(Finding(FindingKind.UNWITNESSED, "store", "no checkpoints were given"))
    walk.finish(stored_heads)
    return make_report(walk, history, now=datetime.now(UTC), overdue_s=overdue_s, evidence=evidence)


def make_report(
    walk: ChainWalk,
    history: CheckpointHistory,
    *,
    now: datetime,
    overdue_s: float,
    evidence: ArchiveEvidence | None = None,
) -> VerifyReport:
    """Put together what a finished walk and its checkpoints say."""
    overdue: list[Finding] = []
    in_flight: list[Finding] = []
    for turn, opened in walk.open_turns.items():
        late = _age(opened, now) > timedelta(seconds=overdue_s)
        finding = Finding(FindingKind.UNFINISHED, opened.where, f"the turn {turn} was accepted and did not end")
        (overdue if late else in_flight).append(finding)
    archived, remarks, stretches = ([], [], 0) if evidence is None else (
        evidence.findings, evidence.warnings, len(evidence.manifests)
    )  # fmt: skip
    return VerifyReport(
        records=walk.records,
        chains=walk.chains,
        checkpoints=history.count,
        head=history.newest.name if history.newest else None,
        findings=(*history.findings, *archived, *walk.findings, *overdue),
        unfinished=tuple(in_flight),
        warnings=(*history.warnings, *remarks, *walk.warnings, *_silences(history, now)),
        unlisted=walk.findings.unlisted + walk.warnings.unlisted,
        archived=stretches,
    )


@dataclass(slots=True)
class _Shown:
    """What a progress bar is told: every thousand records."""

    progress: Progress | None
    total: int
    done: int = field(default=0)

    def step(self) -> None:
        self.done += 1
        if self.progress is not None and self.done % PAGE == 0:
            self.progress(self.done, max(self.total, self.done))


def _beginning(
    evidence: ArchiveEvidence | None, checkpoints: Path | None, keyring: Keyring, tenant: str, *, since: date | None
) -> Manifest | None:
    """Return the manifest behind which the walk begins: of the last stretch deleted or before `since`, or trimmed."""
    if checkpoints is None:
        return None
    decisions = peek_decisions(checkpoint_files(checkpoints))
    if evidence is not None:
        deleted, kept = evidence.kept(decisions.deleted)
        # A day's margin: a writer's clock may differ from the store's, by which stretches are cut.
        early = [m for m in kept if since is not None and m.day < (since - timedelta(days=1)).isoformat()]
        return early[-1] if early else deleted
    trimmed = decisions.last_trimmed
    return read_note(checkpoints, trimmed, keyring=keyring, tenant=tenant) if trimmed is not None else None


async def _walk_whole(
    store: Store, evidence: ArchiveEvidence, walk: ChainWalk, begin: Manifest | None, shown: _Shown
) -> None:
    decisions = read_decisions(walk.history.decisions)
    if walk.history.count:
        evidence.check_decisions(decisions)
    if not evidence.manifests:
        detail = f"holds no archived day of the tenant {store.keys.tenant}"
        evidence.warnings.append(Finding(FindingKind.ARCHIVE, evidence.shelf.place, detail))
    kept = [m for m in evidence.kept(decisions.deleted)[1] if begin is None or m.number > begin.number]
    shown.total += sum(manifest.records for manifest in kept)
    trimmed = decisions.last_trimmed
    # A stretch that could not be read is walked past: its manifest is signed.
    whole = WholeStream(
        store, evidence, kept, trimmed=trimmed[0] if trimmed else 0,
        passed=lambda manifest: walk.resume(manifest.heads, manifest.open_turns),
        after=begin.last_id if begin is not None else "",
    )  # fmt: skip
    async for stream_id, fields in whole.entries():
        walk.feed(stream_id, fields)
        shown.step()


async def _walk_live(store: Store, walk: ChainWalk, begin: Manifest | None, shown: _Shown) -> None:
    trimmed = read_decisions(walk.history.decisions).last_trimmed
    if trimmed is not None and begin is None:
        detail = (
            f"was trimmed by decision up to manifest {trimmed[0]}, and {note_name(trimmed[0])} beside the checkpoints "
            "is missing or another: give --archive"
        )
        walk.findings.append(Finding(FindingKind.ARCHIVE, "stream", detail))
    elif trimmed is not None:
        detail = f"the first {trimmed[0]} archived stretch(es) are not walked: give --archive"
        walk.warnings.append(Finding(FindingKind.ARCHIVE, "stream", detail))
    async for stream_id, fields in live_entries(store, after=begin.last_id if begin is not None else ""):
        walk.feed(stream_id, fields)
        shown.step()


def _age(opened: OpenTurn, now: datetime) -> timedelta:
    try:
        return now - parse_time(opened.time)
    except ValueError:
        return timedelta.max


def _silences(history: CheckpointHistory, now: datetime) -> list[Finding]:
    """Name the writers whose checkpoints stopped without an end: killed, or the newest lines were taken away."""
    silent = []
    for newest in history.newest_of.values():
        if newest.chain in history.ended or now - parse_time(newest.time) < SILENT:
            continue
        detail = f"the last checkpoint is of {newest.time} and does not end its chain: killed, or later ones are gone"
        silent.append(Finding(FindingKind.CHECKPOINT, f"chain {newest.chain}", detail))
    return silent
