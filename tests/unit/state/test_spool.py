"""The spool file: private, durable line by line, and tolerant of the half line a crash leaves."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from portico_core.audit import AuditEntry
from portico_core.errors import AuditUnavailable
from portico_core.labels import AuditPhase, Author
from portico_core.text import RedactedText
from portico_state.audit_script import Receipt
from portico_state.effects import Effects, Operation, StoredMessage
from portico_state.identifiers import now_utc
from portico_state.keyring import Keyring
from portico_state.spool import RefusalSpool
from unit.state.rig import TENANT, entry

KEYRING = Keyring.generate()
EFFECTS = Effects(messages=(StoredMessage(Author.PATIENT, RedactedText("[NAME_1] is not well"), now_utc()),))


class FakeAudit:
    """Remember what was recorded, once a turn; fail after `works` records."""

    def __init__(self, *, works: int = 1_000) -> None:
        self.turns: list[str] = []
        self.entries: list[AuditEntry] = []
        self._works = works

    async def append_operations(self, made: AuditEntry, operations: Sequence[Operation]) -> Receipt:
        if self._works == 0:
            raise AuditUnavailable
        self._works -= 1
        duplicate = made.turn in self.turns
        if not duplicate:
            self.turns.append(made.turn)
            self.entries.append(made)
        assert [operation["act"] for operation in operations] == ["push", "touch", "touch"]
        return Receipt("r", "1-1", "c", 1, "h", made.phase, None, duplicate=duplicate)


def _spool(folder: Path, *turns: str) -> RefusalSpool:
    spool = RefusalSpool(folder, keyring=KEYRING, tenant=TENANT)
    for turn in turns:
        spool.put(entry(AuditPhase.REFUSED, turn), EFFECTS)
    return spool


async def test_what_waits_is_replayed_in_order_and_removed(tmp_path: Path) -> None:
    spool, audit = _spool(tmp_path, "t1", "t2", "t3"), FakeAudit()
    assert spool.waiting() == 3
    assert (tmp_path / "refusals.jsonl").stat().st_mode & 0o077 == 0
    report = await spool.replay(audit)  # type: ignore[arg-type]
    assert (report.replayed, report.duplicates, report.damaged, spool.waiting()) == (3, 0, 0, 0)
    assert audit.turns == ["t1", "t2", "t3"]
    assert all("spooled" in made.latency_ms for made in audit.entries)


@pytest.mark.parametrize("cut", [1, 2, 50, 200])
async def test_half_a_line_is_kept_aside_and_the_next_put_stands_alone(cut: int, tmp_path: Path) -> None:
    spool, audit = _spool(tmp_path, "t1", "t2"), FakeAudit()
    whole = (tmp_path / "refusals.jsonl").read_bytes()
    (tmp_path / "refusals.jsonl").write_bytes(whole[:-cut])
    _spool(tmp_path, "t3")
    report = await spool.replay(audit)  # type: ignore[arg-type]
    # Cutting the newline alone loses nothing.
    expected = ["t1", "t2", "t3"] if cut == 1 else ["t1", "t3"]
    assert (audit.turns, report.damaged) == (expected, 3 - len(expected))
    assert (tmp_path / "refusals.damaged").exists() == (cut > 1)


async def test_an_edited_line_is_not_recorded(tmp_path: Path) -> None:
    spool, audit = _spool(tmp_path, "t1", "t2"), FakeAudit()
    file = tmp_path / "refusals.jsonl"
    file.write_bytes(file.read_bytes().replace(b"t2", b"t9"))
    report = await spool.replay(audit)  # type: ignore[arg-type]
    assert (audit.turns, report.damaged) == (["t1"], 1)


async def test_a_replay_that_fails_halfway_loses_and_doubles_nothing(tmp_path: Path) -> None:
    spool, audit = _spool(tmp_path, "t1", "t2", "t3"), FakeAudit(works=2)
    with pytest.raises(AuditUnavailable):
        await spool.replay(audit)  # type: ignore[arg-type]
    _spool(tmp_path, "t4")
    audit._works = 1_000
    report = await _spool(tmp_path).replay(audit)  # type: ignore[arg-type]
    assert audit.turns == ["t1", "t2", "t3", "t4"]
    assert (report.replayed, report.duplicates) == (2, 2)


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AuditUnavailable):
        _spool(tmp_path / "file", "t1")


async def test_a_deleted_spool_is_written_down_again_and_nothing_is_lost(tmp_path: Path) -> None:
    spool, audit = _spool(tmp_path, "t1", "t2"), FakeAudit()
    (tmp_path / "refusals.jsonl").unlink()
    assert spool.waiting() == 0  # What is there, to whoever looks at names only.
    assert (spool.restore(), spool.restore(), spool.waiting()) == (2, 0, 2)
    report = await spool.replay(audit)  # type: ignore[arg-type]
    assert (report.replayed, audit.turns, spool.restore()) == (2, ["t1", "t2"], 0)


async def test_the_next_refusal_restores_what_was_deleted_with_the_whole_folder(tmp_path: Path) -> None:
    spool, audit = _spool(tmp_path / "spool", "t1"), FakeAudit()
    shutil.rmtree(tmp_path / "spool")
    spool.put(entry(AuditPhase.REFUSED, "t2"), EFFECTS)
    await spool.replay(audit)  # type: ignore[arg-type]
    assert audit.turns == ["t1", "t2"]


async def test_a_file_deleted_while_it_is_replayed_is_restored(tmp_path: Path) -> None:
    spool = _spool(tmp_path, "t1", "t2")
    with pytest.raises(AuditUnavailable):
        await spool.replay(FakeAudit(works=0))  # type: ignore[arg-type]
    (tmp_path / "refusals.000001.replaying").unlink()
    audit = FakeAudit()
    assert spool.restore() == 2
    await spool.replay(audit)  # type: ignore[arg-type]
    assert audit.turns == ["t1", "t2"]


async def test_what_an_earlier_process_left_is_held_from_the_first_look(tmp_path: Path) -> None:
    _spool(tmp_path, "t1")
    spool, audit = RefusalSpool(tmp_path, keyring=KEYRING, tenant=TENANT), FakeAudit()
    assert spool.restore() == 0
    (tmp_path / "refusals.jsonl").unlink()
    assert spool.restore() == 1
    await spool.replay(audit)  # type: ignore[arg-type]
    assert audit.turns == ["t1"]


async def test_many_lines_are_replayed_in_order(tmp_path: Path) -> None:
    turns = [f"t{number}" for number in range(120)]
    spool, audit = _spool(tmp_path, *turns), FakeAudit()
    report = await spool.replay(audit)  # type: ignore[arg-type]
    assert (report.replayed, audit.turns) == (120, turns)
