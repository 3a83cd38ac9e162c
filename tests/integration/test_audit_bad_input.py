"""Damaged, foreign, incomplete evidence and jobs that are killed: said exactly, and nothing repaired silently."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from integration.archived_days import DAY_MS, spread_over_days, write_three_days
from integration.audit_site import Site, prepare
from portico_core.errors import ConfigurationError
from portico_core.labels import AuditPhase
from portico_state import redis_audit
from portico_state.archive.day_file import read_rows
from portico_state.checkpoints import ChainHead, CheckpointKind, CheckpointLog
from portico_state.identifiers import new_id
from portico_state.keyring import Keyring, KeySet
from portico_state.keys import Keys
from unit.state.rig import TENANT, StateRig, entry

AUDIT = Keys(TENANT).audit


@pytest.fixture
def site(url: str, tmp_path: Path) -> Site:
    return prepare(url, tmp_path, write_three_days)


def remove(admin: "redis.Redis", place: int) -> str:
    """Take a record out of the stream; return its id."""
    stream: Any = admin.xrange(AUDIT)
    admin.xdel(AUDIT, stream[place][0])
    return str(stream[place][0])


def test_a_damaged_chain_is_named_with_its_place_and_never_archived(site: Site, admin: "redis.Redis") -> None:
    record = site.records()[4]
    remove(admin, 4)
    said = site.run("audit", "verify", status=1).stdout
    assert f"removed: chain {record['chain']} seq {record['seq'] + 1} (" in said
    assert f"1 record(s) before it are missing from seq {record['seq']}" in said
    for dry in ([], ["--dry-run"]):
        with pytest.raises(ConfigurationError, match=f"nothing was archived or trimmed.*chain {record['chain']}"):
            site.run("audit", "archive", *dry)
    assert not (site.state / "archive").exists()


@pytest.mark.parametrize("with_archive", [False, True])
def test_a_record_gone_right_behind_the_seam_is_missed(with_archive: bool, site: Site, admin: "redis.Redis") -> None:
    site.run("audit", "archive", "--live-days", "1")
    options = ["--archive", str(site.state / "archive")] if with_archive else []
    assert site.json("audit", "verify", *options)["ok"]
    first = remove(admin, 0)
    found = site.json("audit", "verify", *options, status=1)["findings"]
    wanted = f"stream {first}: is archived and not trimmed, and gone from the stream" if with_archive else "are missing"
    assert any(wanted in f"{finding['where']}: {finding['detail']}" for finding in found), found


def test_a_missing_key_id_is_named_for_records_checkpoints_manifests_and_holds(site: Site) -> None:
    site.run("audit", "archive", "--live-days", "1")
    site.run("audit", "hold", "add", "case-1", "--reason", "litigation")
    whole = Keyring.load(site.state / "keys.json")
    other = Keyring.generate()
    replace(whole, audit=KeySet("a2", {"a2": other.audit.active_key})).save(site.state / "keys.json")
    said = site.run("audit", "verify", "--archive", str(site.state / "archive"), status=1).stdout
    lines = [line for line in said.splitlines() if "the audit key a1, which is not in the keyring" in line]
    assert {line.split(":")[0] for line in lines} == {"unknown_key", "checkpoint", "archive"}
    with pytest.raises(ConfigurationError, match="signed with the audit key a1, not in the keyring"):
        site.run("audit", "hold", "list")
    result = site.run("audit", "search", "--actor", "gateway", status=1)
    assert result.stdout.startswith("time") and "0 records; TAMPERED OR INCOMPLETE" in result.stdout
    assert "the audit key a1, which is not in the keyring" in result.stderr
    whole.save(site.state / "keys.json")
    assert len(site.json("audit", "search", "--actor", "gateway", status=1)["records"]) == 60


def test_a_checkpoint_of_another_tenant_is_named(site: Site) -> None:
    log = CheckpointLog(site.state / "checkpoints" / "other", Keyring.load(site.state / "keys.json"), "elsewhere")
    log.write(CheckpointKind.OPEN, ChainHead("chain", 0, "0" * 64))
    assert "is of the tenant elsewhere" in site.run("audit", "verify", status=1).stdout


def test_an_archive_of_another_tenant_is_named_and_never_counts_as_ones_own(site: Site) -> None:
    archive = site.state / "archive"
    archive.mkdir()
    empty = site.run("audit", "verify", "--archive", str(archive)).stdout
    assert f"note: {archive}: holds no archived day of the tenant {TENANT}" in empty
    site.run("audit", "archive")
    assert "holds no" not in site.run("audit", "verify", "--archive", str(archive)).stdout
    with pytest.raises(ConfigurationError, match=r"holds no archived day of the tenant elsewhere"):
        site.run("audit", "restore-drill", "--tenant", "elsewhere")
    (archive / TENANT).rename(archive / "elsewhere")
    said = site.run("audit", "verify", "--archive", str(archive), "--tenant", "elsewhere", status=1).stdout
    assert "000001" in said and f"is of the tenant {TENANT}" in said
    missed = site.run("audit", "verify", "--archive", str(archive), status=1).stdout
    assert "manifest 1: was decided on, and is not in the archive: removed or rolled back" in missed


def test_a_writers_clock_that_jumps_back_is_told_and_loses_nothing(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(rig: StateRig) -> None:
        await rig.audit.append(entry(AuditPhase.ACCESS, new_id(), actor="clinician:dana"))
        back = (datetime.now(UTC) - timedelta(hours=2)).isoformat(timespec="microseconds").replace("+00:00", "Z")
        monkeypatch.setattr(redis_audit, "now_utc", lambda: back)
        await rig.audit.append(entry(AuditPhase.ACCESS, new_id(), actor="clinician:dana"))
        monkeypatch.undo()

    site = prepare(url, tmp_path, work)
    result = site.json("audit", "verify")
    told = [warning["detail"] for warning in result["warnings"] if warning["kind"] == "clock"]
    assert result["ok"] and len(told) >= 2
    assert told[0].startswith("the writer's clock went back from ")
    assert told[1].startswith("the writer's clock and the store's differ by -7")
    assert len(site.json("audit", "search", "--actor", "clinician:dana")["records"]) == 2


def test_a_store_whose_clock_was_ahead_archives_only_days_that_are_over(
    url: str, tmp_path: Path, admin: "redis.Redis"
) -> None:
    """Ids of tomorrow stay in the stream; what comes after the clock was set right is stored behind them."""

    async def work(rig: StateRig) -> None:
        await write_three_days(rig)
        await spread_over_days(rig, lambda place: -1 if place >= 40 else 0)

    site = prepare(url, tmp_path, work)
    done = site.json("audit", "archive", "--live-days", "1")
    assert (len(done["archived"]), done["archived_records"]) == (2, 40)
    stream: Any = admin.xinfo_stream(AUDIT)
    last = stream["last-generated-id"]
    assert int(last.partition("-")[0]) > datetime.now(UTC).timestamp() * 1000 + DAY_MS / 2
    assert site.json("audit", "verify", "--archive", str(site.state / "archive"))["findings"] == []


KILLED = """
import os, signal, sys
from portico_cli.main import main
from portico_state.archive.archiver import Archiver
from portico_state.archive.desk import ArchiveDesk

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

async def decide_and_die(*given):
    await decide(*given)
    die()

async def die_at_once(*_):
    die()

decide, put = ArchiveDesk.decide, Archiver._put
match sys.argv.pop(1):
    case "manifest":
        Archiver._put = lambda *given: (put(*given), die())
    case "decision":
        ArchiveDesk.decide = decide_and_die
    case "trim":
        Archiver._trim = die_at_once
main()
"""


def test_an_archive_job_that_is_killed_goes_on_where_it_stood(site: Site) -> None:
    """SIGKILL at three steps, one run after the other, each of them cut off; then one that ends."""
    before = [record["id"] for record in site.records()]
    words = ["audit", "archive", "--live-days", "1", "--state", str(site.state), "--tenant", TENANT]
    for step in ("manifest", "decision", "trim"):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, step, *words],
            env={**os.environ, "PORTICO_REDIS_URL": site.url}, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == -signal.SIGKILL, (step, done.stderr)
        assert site.json("audit", "verify")["intact"]
    last = site.json("audit", "archive", "--live-days", "1")
    assert last["trimmed_records"] == 20
    whole = site.json("audit", "verify", "--archive", str(site.state / "archive"))
    assert (whole["findings"], whole["archived"]) == ([], 2)
    files = sorted((site.state / "archive").rglob("*.parquet"))
    archived = [json.loads(row[1])["id"] for file in files for row in read_rows(file)]
    live = [record["id"] for record in site.records()]
    assert archived == before[:40]
    assert live[: len(before) - 20] == before[20:]  # The second day is kept live as well.
