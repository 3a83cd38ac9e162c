"""The archive on a real Valkey: closed days leave the stream proven, by decision, and come back whole."""

import random
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import redis

from integration.archived_days import QUIET, write_three_days
from portico_core.errors import ConfigurationError
from portico_state.archive import archiver as archiver_module
from portico_state.archive.archiver import Archiver
from portico_state.archive.desk import ArchiveDesk
from portico_state.archive.drill import restore_archive
from portico_state.archive.retention import Retention
from portico_state.archive.shelf import FolderShelf
from portico_state.archive.trim_note import note_name
from portico_state.archive.whole_walk import live_entries
from portico_state.client import open_store
from portico_state.findings import FindingKind, VerifyReport
from portico_state.valkey_server import start_valkey
from portico_state.verify import verify_audit
from unit.state.rig import StateRig, open_rig, say

SEED = 20261126
FAR = date(2100, 1, 1)


@pytest.fixture
async def rig(url: str, tmp_path: Path) -> AsyncIterator[StateRig]:
    async with open_rig(url, tmp_path, audit_limits=QUIET) as opened:
        await write_three_days(opened)
        yield opened


@pytest.fixture
def shelf(tmp_path: Path) -> FolderShelf:
    return FolderShelf(tmp_path / "archive")


def _desk(rig: StateRig, shelf: FolderShelf) -> ArchiveDesk:
    return ArchiveDesk(rig.store, rig.audit, rig.keyring, rig.checkpoints, shelf)


async def _verify(rig: StateRig, shelf: FolderShelf | None, **more: object) -> VerifyReport:
    return await verify_audit(
        rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory, archive=shelf,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


async def _all_records(rig: StateRig) -> list[str]:
    return [fields["record"] async for _, fields in live_entries(rig.store)]


async def test_closed_days_are_archived_trimmed_and_walked_as_one_chain(rig: StateRig, shelf: FolderShelf) -> None:
    before = await _all_records(rig)
    report = await Archiver(_desk(rig, shelf), live_days=0).run()
    assert (len(report.archived), report.archived_records, report.trimmed_records) == (2, 40, 40)
    assert (await _all_records(rig))[:20] == before[40:]
    whole = await _verify(rig, shelf)
    assert (whole.findings, whole.records) == ((), 60 + 4)  # Two days archived and trimmed: four decisions.
    live = await _verify(rig, None)
    assert (live.findings, live.records) == ((), 20 + 4)
    assert any("not walked: give --archive" in warning.detail for warning in live.warnings)
    assert (await Archiver(_desk(rig, shelf), live_days=0).run()).archived == ()


async def test_days_that_are_kept_live_are_compared_with_their_archive(
    rig: StateRig, shelf: FolderShelf, admin: "redis.Redis"
) -> None:
    report = await Archiver(_desk(rig, shelf), live_days=30).run()
    assert (len(report.archived), report.trimmed) == (2, ())
    assert (await _verify(rig, shelf)).findings == ()
    assert (await _verify(rig, None)).findings == ()
    first = (await rig.stream())[3][0]
    admin.xdel(rig.store.keys.audit, first)
    found = (await _verify(rig, shelf)).findings
    assert [(finding.kind, finding.where) for finding in found] == [(FindingKind.ARCHIVE, f"stream {first}")]
    with pytest.raises(ConfigurationError, match="does not hold"):
        await Archiver(_desk(rig, shelf), live_days=0).run()


class _Interrupted(Exception):
    """The job was killed here."""


@pytest.mark.parametrize("step", ["put", "decide", "write_note", "trim"])
@pytest.mark.parametrize("time", [0, 1, 2])
async def test_an_interrupted_job_loses_nothing_and_goes_on(
    step: str, time: int, rig: StateRig, shelf: FolderShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stop the job before the first, second or third time it takes a step; afterwards run it again."""
    before, calls = await _all_records(rig), 0

    def interrupt() -> None:
        nonlocal calls
        calls += 1
        if calls == time + 1:
            raise _Interrupted

    with monkeypatch.context() as patch:
        owner, name = {
            "put": (FolderShelf, "put"), "decide": (ArchiveDesk, "decide"),
            "write_note": (archiver_module, "write_note"), "trim": (Archiver, "_trim"),
        }[step]  # fmt: skip
        genuine = getattr(owner, name)

        def stopped(*given: object, **more: object) -> object:
            interrupt()
            return genuine(*given, **more)

        patch.setattr(owner, name, stopped)
        interrupted = False
        try:
            await Archiver(_desk(rig, shelf), live_days=0).run()
        except _Interrupted:
            interrupted = True
    assert interrupted or (step in {"write_note", "trim"} and time == 2)
    halfway = await _verify(rig, shelf)
    assert halfway.intact, halfway.findings
    await Archiver(_desk(rig, shelf), live_days=0).run()
    after = await _verify(rig, shelf)
    assert after.intact, after.findings
    archived = [row[1] for manifest in _desk(rig, shelf).evidence().manifests
                for row in _desk(rig, shelf).evidence().rows(manifest)]  # fmt: skip
    live = await _all_records(rig)
    assert archived + live[: len(before) - 40] == before


async def test_a_changed_byte_of_an_archive_is_told_with_its_file(rig: StateRig, shelf: FolderShelf) -> None:
    await Archiver(_desk(rig, shelf), live_days=0).run()
    rng, missed = random.Random(SEED), []
    files = _desk(rig, shelf).evidence().manifests
    for number in range(40):
        manifest = files[number % len(files)]
        name = manifest.file if number % 4 else manifest.name
        with shelf.fetch(name) as path:
            genuine = path.read_bytes()
            place = rng.randrange(len(genuine))
            path.write_bytes(genuine[:place] + bytes([genuine[place] ^ (1 << rng.randrange(8))]) + genuine[place + 1 :])
            report = await _verify(rig, shelf)
            path.write_bytes(genuine)
        told = [
            finding
            for finding in report.findings
            if name.rsplit("/", 1)[1][:6] in finding.where or name in finding.where
        ]
        if report.intact or not told:
            missed.append((name, place, report.findings))
    say(f"changed bytes found: {40 - len(missed)} of 40, seed {SEED}")
    assert not missed
    assert (await _verify(rig, shelf)).intact


async def test_a_removed_or_swapped_archive_is_told(rig: StateRig, shelf: FolderShelf) -> None:
    await Archiver(_desk(rig, shelf), live_days=0).run()
    first, second = _desk(rig, shelf).evidence().manifests
    with shelf.fetch(first.file) as one, shelf.fetch(second.file) as two:
        kept_one, kept_two = one.read_bytes(), two.read_bytes()
        one.unlink()
        assert "is missing" in (await _verify(rig, shelf)).findings[0].detail
        one.write_bytes(kept_two)
        assert "bytes were changed" in (await _verify(rig, shelf)).findings[0].detail
        one.write_bytes(kept_one)
    with shelf.fetch(second.name) as path:
        kept = path.read_bytes()
        path.unlink()
        found = (await _verify(rig, shelf)).findings
        path.write_bytes(kept)
    assert "removed or rolled back" in found[0].detail
    note = rig.checkpoints.directory / note_name(second.number)
    note.unlink()
    assert any("give --archive" in finding.detail for finding in (await _verify(rig, None)).findings)
    assert (await _verify(rig, shelf)).intact


async def test_damaged_evidence_is_never_archived(rig: StateRig, shelf: FolderShelf, admin: "redis.Redis") -> None:
    admin.xdel(rig.store.keys.audit, (await rig.stream())[4][0])
    with pytest.raises(ConfigurationError, match="nothing was archived or trimmed"):
        await Archiver(_desk(rig, shelf), live_days=0).run()
    assert shelf.names("") == []
    assert len(await rig.stream()) == 59


async def test_retention_deletes_by_decision_and_a_hold_stops_it(rig: StateRig, shelf: FolderShelf) -> None:
    await Archiver(_desk(rig, shelf), live_days=0, retention_days=1).run()
    retention, (first, second) = Retention(_desk(rig, shelf)), _desk(rig, shelf).evidence().manifests
    assert (await retention.delete_expired(date(1970, 1, 1))).deleted == ()
    hold = await retention.place_hold("case-17", reason="litigation", first_day=second.day)
    held = await retention.delete_expired(FAR)
    assert (held.deleted, held.held) == ((first.day,), "case-17")
    whole = await _verify(rig, shelf)
    assert (whole.intact, whole.findings) == (True, ())
    shelf.delete(f"demo/holds/{hold.name}.json")  # Whoever removes the document frees nothing.
    with pytest.raises(ConfigurationError, match="the hold case-17 is in force"):
        await retention.delete_expired(FAR)
    await retention.release_hold("case-17")
    assert (await retention.delete_expired(FAR)).deleted == (second.day,)
    assert [name.endswith(".manifest.json") for name in shelf.names("demo/audit/")] == [True, True]
    assert (await _verify(rig, shelf)).findings == ()
    assert (await _verify(rig, None)).findings == ()


async def test_the_drill_restores_into_a_fresh_store_and_sees_damage(
    rig: StateRig, shelf: FolderShelf, tmp_path: Path
) -> None:
    await Archiver(_desk(rig, shelf), live_days=0).run()
    manifest = _desk(rig, shelf).evidence().manifests[0]
    for damage in (False, True):
        if damage:
            with shelf.fetch(manifest.file) as path:
                data = bytearray(path.read_bytes())
                data[len(data) // 2] ^= 1
                path.write_bytes(data)
        with start_valkey(tmp_path / f"fresh{damage}", appendfsync="no") as server:
            store = open_store(server.url, tenant="demo")
            report = await restore_archive(shelf, store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)
            await store.close()
        if damage:
            assert not report.ok
            assert manifest.file in {finding.where for finding in report.findings}
        else:
            assert (report.ok, report.stretches, report.records) == (True, 2, 40), report.findings
