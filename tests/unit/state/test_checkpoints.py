"""The checkpoint file: numbered and chained lines, written by any process, readable after a crash."""

from pathlib import Path

import pytest

from portico_core.errors import AuditUnavailable, ConfigurationError
from portico_state.checkpoint_history import checkpoint_files, read_history
from portico_state.checkpoints import ChainHead, CheckpointKind, CheckpointLog, parse_checkpoint
from portico_state.keyring import Keyring
from unit.state.rig import TENANT

KEYRING = Keyring.generate()
HEAD = ChainHead("01a20a54-0000-7000-8000-000000000000.a1", 3, "ab" * 32)


def _write(directory: Path, count: int) -> CheckpointLog:
    log = CheckpointLog(directory, KEYRING, TENANT)
    for _ in range(count):
        log.write(CheckpointKind.PERIODIC, HEAD)
    return log


def test_lines_are_numbered_across_processes_and_private(tmp_path: Path) -> None:
    _write(tmp_path, 2)
    log = _write(tmp_path, 2)
    history = read_history(checkpoint_files(tmp_path), keyring=KEYRING, tenant=TENANT)
    assert (history.count, history.findings, history.warnings) == (4, [], [])
    assert history.newest is not None
    assert history.newest.number == 4
    assert log.path.stat().st_mode & 0o077 == 0


def test_half_a_line_of_a_crash_is_a_warning_and_the_count_goes_on(tmp_path: Path) -> None:
    log = _write(tmp_path, 2)
    whole = log.path.read_bytes()
    log.path.write_bytes(whole + whole[:100])
    _write(tmp_path, 1)
    history = read_history(checkpoint_files(tmp_path), keyring=KEYRING, tenant=TENANT)
    assert (history.count, history.findings, len(history.warnings)) == (3, [], 1)


def test_a_line_made_unreadable_is_a_finding_because_its_number_is_missing(tmp_path: Path) -> None:
    log = _write(tmp_path, 3)
    lines = log.path.read_bytes().splitlines()
    history = read_history([[lines[0], b"garbage", lines[2]]], keyring=KEYRING, tenant=TENANT)
    assert "removed" in history.findings[0].detail


@pytest.mark.parametrize("field", ["seq", "head", "time", "kind", "number", "tenant", "log", "key"])
def test_any_changed_field_is_found(field: str, tmp_path: Path) -> None:
    log = _write(tmp_path, 1)
    checkpoint = parse_checkpoint(log.path.read_bytes())
    assert checkpoint is not None
    values = {name: getattr(checkpoint, name) for name in checkpoint.__slots__}
    values[field] = values[field] + 1 if isinstance(values[field], int) else "other"
    line = type(checkpoint)(**values).to_line().rstrip()
    assert read_history([[line]], keyring=KEYRING, tenant=TENANT).findings


def test_a_checkpoint_of_another_tenant_is_named(tmp_path: Path) -> None:
    CheckpointLog(tmp_path, KEYRING, "other").write(CheckpointKind.OPEN, HEAD)
    history = read_history(checkpoint_files(tmp_path), keyring=KEYRING, tenant=TENANT)
    assert "tenant other" in history.findings[0].detail


def test_a_disk_that_refuses_is_an_audit_failure(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(AuditUnavailable):
        _write(blocked, 1)


def test_an_expected_head_must_have_its_form() -> None:
    with pytest.raises(ConfigurationError):
        read_history([], keyring=KEYRING, tenant=TENANT, expected_head="nonsense")
