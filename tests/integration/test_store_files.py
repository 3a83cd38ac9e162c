"""The store's files are deleted under it: it takes nothing until they are whole, and keeps what it had acknowledged."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from portico_state import store_files, valkey_server
from portico_state.valkey_server import ValkeyServer, start_valkey

PATIENCE_S = 20.0


@pytest.fixture(autouse=True)
def briefly_fenced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_files, "FENCED_S", 1.0)
    monkeypatch.setattr(store_files, "LOOK_EVERY_S", 0.1)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ValkeyServer]:
    with start_valkey(tmp_path / "valkey") as started:
        yield started


def delete(state: Path, pattern: str) -> None:
    """Delete some files of the append-only folder, or all of it."""
    folder = state / "appendonlydir"
    if not pattern:
        shutil.rmtree(folder)
    for path in list(folder.glob(pattern)) if pattern else ():
        path.unlink()


def write_until(client: "redis.Redis", *, fenced: bool) -> int:
    """Write until the server refuses, or until it takes a record again; return how many it acknowledged."""
    taken, deadline = 0, time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            client.xadd("stream", {"n": taken})
        except redis.RedisError:
            if fenced:
                return taken
        else:
            taken += 1
            if not fenced:
                return taken
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")


def records_after_kill(server: ValkeyServer) -> int:
    """Count what a new server finds in the files of a killed one."""
    server.process.kill()
    server.process.wait()
    with start_valkey(server.state) as again, redis.Redis.from_url(again.admin_url) as client:
        return int(client.xlen("stream"))


@pytest.mark.parametrize("pattern", ["*.incr.aof", "*.manifest", ""])
def test_what_was_acknowledged_outlives_its_deleted_files(server: ValkeyServer, pattern: str) -> None:
    with redis.Redis.from_url(server.admin_url) as client:
        acknowledged = write_until(client, fenced=False)
        delete(server.state, pattern)
        acknowledged += write_until(client, fenced=True)
        acknowledged += write_until(client, fenced=False)
    assert records_after_kill(server) == acknowledged


def test_without_the_watch_it_would_be_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: Valkey itself neither sees nor says anything."""
    monkeypatch.setattr(valkey_server, "watch_files", lambda *_: None)
    with start_valkey(tmp_path / "valkey") as server, redis.Redis.from_url(server.admin_url) as client:
        delete(server.state, "")
        client.xadd("stream", {"n": 1})
        assert store_files.missing_files(server.state, server.process) == ["appendonly.aof.manifest"]
        assert records_after_kill(server) == 0


def test_a_rewrite_of_its_own_is_no_alarm(server: ValkeyServer) -> None:
    with redis.Redis.from_url(server.admin_url) as client:
        client.xadd("stream", {"n": 1})
        client.bgrewriteaof()
        deadline = time.monotonic() + 2.0
        while time.monotonic() < deadline:
            client.xadd("stream", {"n": 2})  # Would raise while it is fenced.
            time.sleep(0.01)
    assert store_files.missing_files(server.state, server.process) == []
