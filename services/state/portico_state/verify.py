"""Verify the audit stream of a real store against its keys, its checkpoint files and an auditor's note.

What no verification of one machine's files can see: the store and every checkpoint file rolled back together to the
same moment. For that an auditor keeps `VerifyReport.head` elsewhere and gives it back as `expected_head`.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portico_state.chain_walk import ChainWalk, OpenTurn
from portico_state.checkpoint_history import CheckpointHistory, read_checkpoint_files, read_history
from portico_state.client import Store
from portico_state.findings import Finding, FindingKind, VerifyReport
from portico_state.identifiers import parse_time
from portico_state.keyring import Keyring
from portico_state.witness import read_witness

_PAGE = 1_000
OVERDUE_S = 600
SILENT_S = 300

Progress = Callable[[int, int], None]


async def verify_audit(
    store: Store,
    *,
    keyring: Keyring,
    checkpoints: Path | None,
    overdue_s: float = OVERDUE_S,
    expected_head: str | None = None,
    progress: Progress | None = None,
) -> VerifyReport:
    """Walk every chain of a tenant.

    Args:
        store: the store; it may be written to meanwhile.
        keyring: with every key that ever signed.
        checkpoints: the folder of the checkpoint files; None leaves the ends of the chains unproven.
        overdue_s: a turn accepted longer ago and not ended is a finding.
        expected_head: `VerifyReport.head` of an earlier run.
        progress: called with records done and in all.

    Raises:
        StateUnavailable, ConfigurationError: the evidence cannot be read.
    """
    # Heads, files and witness first: what is written during the walk only adds to what they promise.
    stored_heads = dict(await store.call(store.redis.hgetall(store.keys.chain_heads)))
    witness = await read_witness(store) if checkpoints is not None else {}
    files = read_checkpoint_files(checkpoints) if checkpoints is not None else []
    history = read_history(files, keyring=keyring, tenant=store.keys.tenant)
    history.check_witness(witness)
    if expected_head is not None:
        history.check_expected(expected_head)
    walk = ChainWalk(keyring, store.keys.tenant, history)
    await _feed_stream(store, walk, progress)
    if checkpoints is not None:
        # A writer may have opened a chain meanwhile; its checkpoint is on disk before its first record.
        later = read_history(read_checkpoint_files(checkpoints), keyring=keyring, tenant=store.keys.tenant)
        history.opened.update(later.opened)
    walk.finish(stored_heads)
    if checkpoints is None:
        walk.warnings.append(Finding(FindingKind.UNWITNESSED, "store", "no checkpoints were given"))
    return make_report(walk, history, now=datetime.now(UTC), overdue_s=overdue_s)


def make_report(walk: ChainWalk, history: CheckpointHistory, *, now: datetime, overdue_s: float) -> VerifyReport:
    """Put together what a finished walk and its checkpoints say."""
    overdue: list[Finding] = []
    in_flight: list[Finding] = []
    for turn, opened in walk.open_turns.items():
        late = _age(opened, now) > timedelta(seconds=overdue_s)
        finding = Finding(FindingKind.UNFINISHED, opened.where, f"the turn {turn} was accepted and did not end")
        (overdue if late else in_flight).append(finding)
    return VerifyReport(
        records=walk.records,
        chains=walk.chains,
        checkpoints=history.count,
        head=history.newest.name if history.newest else None,
        findings=(*history.findings, *walk.findings, *overdue),
        unfinished=tuple(in_flight),
        warnings=(*history.warnings, *walk.warnings, *_silences(history, now)),
    )


async def _feed_stream(store: Store, walk: ChainWalk, progress: Progress | None) -> None:
    total = int(await store.call(store.redis.xlen(store.keys.audit)))
    after = "-"
    while page := await store.call(store.redis.xrange(store.keys.audit, min=after, count=_PAGE), deadline_s=10):
        for stream_id, fields in page:
            walk.feed(stream_id, fields)
        after = f"({page[-1][0]}"
        if progress is not None:
            progress(walk.records, max(total, walk.records))


def _age(opened: OpenTurn, now: datetime) -> timedelta:
    try:
        return now - parse_time(opened.time)
    except ValueError:
        return timedelta.max


def _silences(history: CheckpointHistory, now: datetime) -> list[Finding]:
    """Name the writer whose checkpoints stopped without an end: it was killed, or the newest lines were taken away."""
    newest = history.newest
    if newest is None or newest.chain in history.ended or now - parse_time(newest.time) < timedelta(seconds=SILENT_S):
        return []
    detail = f"the last checkpoint is of {newest.time} and does not end its chain: killed, or later ones are gone"
    return [Finding(FindingKind.CHECKPOINT, f"chain {newest.chain}", detail)]
