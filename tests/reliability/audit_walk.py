"""`make bench-audit`: how long a question to the audit log takes, over stream and archive.

    PYTHONPATH=tests .venv/bin/python -m reliability.audit_walk [--records 100000]

A real Valkey (fsync always), the real writer and commands' parts, one process. Prints one JSON object: seconds of wall
clock and of processor for each step, and records a second of processor.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from integration.archived_days import QUIET, spread_over_days
from portico_core.labels import AuditPhase
from portico_state.archive.archiver import Archiver
from portico_state.archive.desk import ArchiveDesk
from portico_state.archive.drill import restore_archive
from portico_state.archive.shelf import FolderShelf
from portico_state.audit_search import RecordQuery
from portico_state.client import StoreLimits, open_store
from portico_state.identifiers import new_id
from portico_state.valkey_server import start_valkey
from portico_state.verify import verify_audit
from unit.state.rig import StateRig, entry, open_rig

AT_ONCE = 500


async def measure(records: int) -> dict[str, Any]:
    """Write records of two days, archive the first, and read all of them back in every way."""
    with tempfile.TemporaryDirectory() as name, start_valkey(Path(name) / "valkey") as server:
        folder = Path(name)
        async with open_rig(server.url, folder, audit_limits=QUIET, limits=StoreLimits(command_s=60)) as rig:
            return {"records": records, **await _steps(rig, folder, records)}


async def _steps(rig: StateRig, folder: Path, records: int) -> dict[str, Any]:
    shelf, found = FolderShelf(folder / "archive"), list[Any]()
    query = RecordQuery(patients=("6" * 32,))
    steps = {"append": await _timed(_fill(rig, records), records)}
    await spread_over_days(rig, lambda place: 1 if place < records // 2 else 0)
    verify = {"keyring": rig.keyring, "checkpoints": rig.checkpoints.directory}
    steps["verify_live"] = await _timed(verify_audit(rig.store, **verify), records)
    desk = ArchiveDesk(rig.store, rig.audit, rig.keyring, rig.checkpoints, shelf)
    steps["archive_and_trim_half"] = await _timed(Archiver(desk, live_days=0).run(), records // 2)
    walk = verify_audit(
        rig.store, **verify, archive=shelf,
        visit=lambda _, record: found.append(record) if query.takes(record) else None,
    )  # fmt: skip
    steps["search_stream_and_archive"] = await _timed(walk, records)
    if found:
        raise SystemExit("a patient who was never there was found")
    with start_valkey(folder / "drill", appendfsync="no") as server:
        store = open_store(server.url, tenant=rig.store.keys.tenant)
        drill = restore_archive(shelf, store, **verify)
        steps["restore_drill_half"] = await _timed(drill, records // 2)
        await store.close()
    size = sum(path.stat().st_size for path in (folder / "archive").rglob("*.parquet"))
    return {"steps": steps, "parquet_bytes_a_record": round(size / (records // 2))}


async def _fill(rig: StateRig, records: int) -> None:
    for _ in range(0, records, 2 * AT_ONCE):
        turns = [new_id() for _ in range(AT_ONCE)]
        for phase in (AuditPhase.ACCEPTED, AuditPhase.DECIDED):
            await asyncio.gather(*(rig.audit.append(entry(phase, turn)) for turn in turns))
    await rig.audit.checkpoint()


async def _timed(work: Awaitable[Any], records: int) -> dict[str, float]:
    wall, processor = time.perf_counter(), time.process_time()
    outcome = await work
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    wrong = getattr(outcome, "findings", ())
    if wrong:
        raise SystemExit(f"the evidence does not hold: {wrong[0]}")
    return {"seconds": round(wall, 2), "cpu_s": round(processor, 2), "records_a_cpu_s": round(records / processor)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    sys.stdout.write(json.dumps(asyncio.run(measure(parser.parse_args().records)), indent=1) + "\n")


if __name__ == "__main__":
    main()
