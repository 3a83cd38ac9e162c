"""What an archive run would do now, found out without writing anything: no record, no line, no file."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from portico_state.archive.decisions import read_decisions
from portico_state.archive.evidence import open_evidence
from portico_state.archive.manifest import Manifest
from portico_state.archive.shelf import ArchiveShelf
from portico_state.archive.soundness import Step, no_progress, require_sound
from portico_state.archive.store_days import day_of, last_id_before, store_day
from portico_state.archive.whole_walk import PAGE, live_entries, order_of
from portico_state.checkpoint_history import checkpoint_files, read_history
from portico_state.client import Store
from portico_state.keyring import Keyring


@dataclass(frozen=True, slots=True)
class ArchivePlan:
    """Day → records that a run would write to the archive, and that it would trim from the stream."""

    archive: dict[str, int]
    trim: dict[str, int]


async def plan_archive(
    store: Store,
    shelf: ArchiveShelf,
    *,
    keyring: Keyring,
    checkpoints: Path,
    live_days: int,
    progress: Step = no_progress,
) -> ArchivePlan:
    """Say what `Archiver.run` would do; raise ConfigurationError where it would refuse."""
    tenant = store.keys.tenant
    history = read_history(checkpoint_files(checkpoints), keyring=keyring, tenant=tenant)
    evidence = open_evidence(shelf, keyring=keyring, tenant=tenant)
    evidence.check_decisions(read_decisions(history.decisions))
    await require_sound(store, evidence, keyring=keyring, checkpoints=checkpoints, progress=progress)
    today = await store_day(store)
    new, stored = Counter[str](), Counter[str]()
    manifests = iter(evidence.manifests)
    stretch: Manifest | None = next(manifests, None)
    async for stream_id, _ in live_entries(store, until=last_id_before(today)):
        while stretch is not None and order_of(stream_id) > order_of(stretch.last_id):
            stretch = next(manifests, None)
        chosen, day = (new, day_of(stream_id).isoformat()) if stretch is None else (stored, stretch.day)
        chosen[day] += 1
        if (counted := new.total() + stored.total()) % PAGE == 0:
            progress("counting", counted, 0)
    first_kept = (today - timedelta(days=live_days)).isoformat()
    return ArchivePlan(dict(new), {day: count for day, count in (stored + new).items() if day < first_kept})
