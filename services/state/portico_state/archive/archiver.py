"""The archive job: closed days leave the stream as proven files, and only then are they trimmed.

The order makes every interruption harmless: verify all; write the file and read it back; write the manifest, which
is what makes the file count; sign that it is archived; compare file and stream row by row; note and sign that it is
trimmed, with an audit record; trim. A run that finds a step done goes on with the next, and nothing leaves the stream
that was not read back from the archive in the same run.

A day is a UTC day of the store's clock, which stands in the stream ids and never goes back: a writer whose clock
jumps cannot move its records into another day.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from portico_core.errors import ConfigurationError
from portico_state.archive.coverage import covered_lines
from portico_state.archive.day_file import DayFileWriter, read_rows, sha256_of
from portico_state.archive.decisions import Decisions, read_decisions
from portico_state.archive.desk import ArchiveDesk
from portico_state.archive.evidence import ArchiveEvidence
from portico_state.archive.manifest import NO_MANIFEST, Manifest, file_name
from portico_state.archive.soundness import Step, no_progress, require_sound
from portico_state.archive.store_days import day_of, last_id_before, store_day
from portico_state.archive.trim_note import remove_older_notes, write_note
from portico_state.archive.whole_walk import PAGE, Entry, live_entries
from portico_state.chain_walk import ChainWalk
from portico_state.checkpoint_history import checkpoint_files
from portico_state.checkpoints import CheckpointKind
from portico_state.identifiers import now_utc

RETENTION_DAYS = 2_192
"""Six years, two leap days included: 45 CFR 164.316(b)(2)(i)."""
LIVE_DAYS = 35
"""As long as the receipts that keep a turn recorded once (`StoreLimits.once_ttl_s`)."""
_UNFINISHED_S = 600.0


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    """What a run did; counts are of stretches (days) and records."""

    archived: tuple[str, ...] = ()
    archived_records: int = 0
    trimmed: tuple[str, ...] = ()
    trimmed_records: int = 0


@dataclass(slots=True)
class Archiver:
    """The archive job of one tenant."""

    desk: ArchiveDesk
    retention_days: int = RETENTION_DAYS
    live_days: int = LIVE_DAYS
    progress: Step = no_progress

    async def run(self) -> ArchiveReport:
        """Archive every closed day, then trim what is older than `live_days`.

        Raises:
            ConfigurationError: the evidence does not hold (nothing was written or trimmed), or the archive refuses.
            AuditUnavailable, StateUnavailable: the store failed; run it again.
            Conflict: another run is at work.
        """
        with self.desk.alone():
            return await self._run()

    async def _run(self) -> ArchiveReport:
        while await self.desk.audit.abandon_unfinished(older_than_s=_UNFINISHED_S):
            continue
        await self._refuse_damaged()
        today = await store_day(self.desk.store)
        archived = await self._archive_until(today)
        trimmed = await self._trim_until(today - timedelta(days=self.live_days))
        return ArchiveReport(
            tuple(manifest.day for manifest in archived),
            sum(manifest.records for manifest in archived),
            tuple(manifest.day for manifest, _ in trimmed),
            sum(count for _, count in trimmed),
        )

    async def _refuse_damaged(self) -> None:
        """Verify the live stream and the manifests. The files themselves are read where something depends on them."""
        evidence, decisions, _ = self._resume()
        evidence.check_decisions(decisions)
        self._put_note_back(evidence, decisions)
        await require_sound(
            self.desk.store, evidence, keyring=self.desk.keyring, checkpoints=self.desk.checkpoints.directory,
            progress=self.progress,
        )  # fmt: skip

    def _put_note_back(self, evidence: ArchiveEvidence, decisions: Decisions) -> None:
        """Write the trim note anew where it was lost: the signed line says which manifest it must be."""
        for manifest in evidence.manifests:
            if (manifest.number, manifest.digest) == decisions.last_trimmed:
                write_note(self.desk.checkpoints.directory, manifest)

    async def _archive_until(self, today: date) -> list[Manifest]:
        """Write every closed day that is in no manifest yet, and sign those that a crash left unsigned."""
        evidence, decisions, walk = self._resume()
        for manifest in evidence.manifests:
            if manifest.number not in decisions.archived:
                await self.desk.decide(CheckpointKind.ARCHIVED, manifest)
        written: list[Manifest] = []
        last = evidence.last
        closed = live_entries(self.desk.store, after=last.last_id if last else "", until=last_id_before(today))
        async for day, entries in _days(closed):
            last = await self._archive_day(day, entries, walk, last)
            written.append(last)
        return written

    def _resume(self) -> tuple[ArchiveEvidence, Decisions, ChainWalk]:
        evidence, history = self.desk.evidence(), self.desk.history()
        walk = ChainWalk(self.desk.keyring, self.desk.tenant, history)
        if evidence.last is not None:
            walk.resume(evidence.last.heads, evidence.last.open_turns)
        return evidence, read_decisions(history.decisions), walk

    async def _archive_day(
        self, day: date, entries: AsyncIterator[Entry], walk: ChainWalk, last: Manifest | None
    ) -> Manifest:
        number, touched = (last.number + 1 if last else 1), set[str]()
        with tempfile.TemporaryDirectory() as folder:
            path, ids, count = Path(folder) / "day.parquet", ["", ""], 0
            with DayFileWriter(path) as writer:
                async for stream_id, fields in entries:
                    record = walk.feed(stream_id, fields)
                    if record is None or walk.findings:
                        raise ConfigurationError(f"the record {stream_id} changed while the archive was written")
                    touched.add(record["chain"])
                    writer.add((stream_id, fields["record"]))
                    ids, count = [ids[0] or stream_id, stream_id], count + 1
                    if count % PAGE == 0:
                        self.progress(f"archiving {day}", count, 0)
            heads, covered = covered_lines(
                checkpoint_files(self.desk.checkpoints.directory), walk, touched, last.covered if last else {}
            )
            manifest = Manifest(
                number=number, tenant=self.desk.tenant, day=day.isoformat(),
                prev=last.digest if last else NO_MANIFEST,
                file=file_name(self.desk.tenant, number, day.isoformat()), size=path.stat().st_size,
                sha256=sha256_of(path), records=count, first_id=ids[0], last_id=ids[1],
                retain_until=(day + timedelta(days=self.retention_days)).isoformat(), created=now_utc(), heads=heads,
                open_turns=dict(walk.open_turns), covered=covered,
            ).signed(self.desk.keyring.audit)  # fmt: skip
            await asyncio.to_thread(self._put, manifest, path)
            self.desk.lock_if_held(manifest)
        await self.desk.decide(CheckpointKind.ARCHIVED, manifest)
        return manifest

    def _put(self, manifest: Manifest, path: Path) -> None:
        """Store the file, read it back, and only then store the manifest that makes it count."""
        until, shelf = date.fromisoformat(manifest.retain_until), self.desk.shelf
        shelf.put(manifest.file, path, retain_until=until)
        with shelf.fetch(manifest.file) as stored:
            if sha256_of(stored) != manifest.sha256 or sum(1 for _ in read_rows(stored)) != manifest.records:
                raise ConfigurationError(f"{manifest.file} reads back from {shelf.place} as something else")
        signed = path.with_name("manifest.json")
        signed.write_bytes(manifest.to_bytes())
        shelf.put(manifest.name, signed, retain_until=until)
        if shelf.read(manifest.name) != manifest.to_bytes():
            raise ConfigurationError(f"{manifest.name} reads back from {shelf.place} as something else")

    async def _trim_until(self, first_kept: date) -> list[tuple[Manifest, int]]:
        evidence, decisions, _ = self._resume()
        trimmed = []
        for manifest in evidence.kept(decisions.deleted)[1]:
            if date.fromisoformat(manifest.day) >= first_kept:
                break
            waiting = await self._compare(evidence, manifest, may_be_shorter=manifest.number in decisions.trimmed)
            if not waiting:
                continue
            if manifest.number not in decisions.trimmed:
                write_note(self.desk.checkpoints.directory, manifest)
                await self.desk.decide(CheckpointKind.TRIMMED, manifest)
                remove_older_notes(self.desk.checkpoints.directory, manifest)
            await self._trim(manifest)
            trimmed.append((manifest, waiting))
        return trimmed

    async def _compare(self, evidence: ArchiveEvidence, manifest: Manifest, *, may_be_shorter: bool) -> int:
        """Return how many of a stretch's records are in the stream; raise unless they are those of the file."""
        live = live_entries(self.desk.store, until=manifest.last_id)
        waiting, found = await anext(live, None), 0
        if waiting is None:
            return 0
        for stream_id, record in evidence.rows(manifest):
            if waiting is not None and waiting == (stream_id, {"record": record}):
                waiting, found = await anext(live, None), found + 1
            elif found or not may_be_shorter:
                waiting = ("", {})
                break
        if waiting is not None or evidence.findings:
            detail = f"{manifest.file} and the stream do not hold the same records: nothing was trimmed"
            raise ConfigurationError(detail)
        return found

    async def _trim(self, manifest: Manifest) -> None:
        """Trim up to the last archived record, a page at a time: the server answers others in between."""
        redis, stream, done = self.desk.store.redis, self.desk.store.keys.audit, 0
        while page := await self.desk.store.call(redis.xrange(stream, max=manifest.last_id, count=PAGE), deadline_s=10):
            after = _following(page[-1][0])
            await self.desk.store.call(redis.xtrim(stream, minid=after, approximate=False), deadline_s=10)
            done += len(page)
            self.progress(f"trimming {manifest.day}", done, manifest.records)


async def _days(entries: AsyncIterator[Entry]) -> AsyncIterator[tuple[date, AsyncIterator[Entry]]]:
    """Group entries by the UTC day of their ids; each group must be used up before the next."""
    waiting = await anext(entries, None)

    async def of_day(day: date) -> AsyncIterator[Entry]:
        nonlocal waiting
        while waiting is not None and day_of(waiting[0]) == day:
            yield waiting
            waiting = await anext(entries, None)

    while waiting is not None:
        day = day_of(waiting[0])
        yield day, of_day(day)


def _following(stream_id: str) -> str:
    milliseconds, _, number = stream_id.partition("-")
    return f"{milliseconds}-{int(number) + 1}"
