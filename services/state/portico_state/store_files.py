"""Watch the files of a Valkey that we started: a deleted one is seen while the server still holds what stood in it.

Valkey never looks at its append-only file again once it has it open. If the file is deleted, the server goes on
acknowledging records, and all of them are gone with its next start. So its files are looked at from outside. When one
is missing, writes are refused first (no record, no answer), then the server writes everything down anew from memory,
and only when all files are whole are writes taken again (docs/adr/0030).
"""

import contextlib
import logging
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

LOOK_EVERY_S = 0.5
# At least so long nothing is taken, so that every probe of the gateway (one in two seconds) sees it and alerts stand.
FENCED_S = 5.0
_REPLY_S = 1.0
_FOLDER, _MANIFEST = "appendonlydir", "appendonly.aof.manifest"

logger = logging.getLogger(__name__)


def missing_files(state: Path, process: "subprocess.Popen[bytes]") -> list[str]:
    """Return the names of append-only files that are not where they must be, or are not the server's own any more."""
    folder = (state / _FOLDER).resolve()
    try:
        rows = [line.split() for line in (folder / _MANIFEST).read_text(encoding="ascii").splitlines()]
    except OSError:
        return [_MANIFEST]
    kept = [(row[1], row[5]) for row in rows if len(row) >= 6 and row[5] in ("b", "i")]
    missing = [name for name, _ in kept if not (folder / name).exists()]
    written = [name for name, kind in kept if kind == "i"][-1:]
    opened = _open_files(process.pid)
    return missing or [name for name in written if str(folder / name) not in opened]


def watch_files(state: Path, process: "subprocess.Popen[bytes]", url: str) -> None:
    """Start a thread that watches until the server ends."""
    watch = _Watch(state, process, url)
    threading.Thread(target=watch.run, name="valkey-files", daemon=True).start()


@dataclass(frozen=True, slots=True)
class _Watch:
    state: Path
    process: "subprocess.Popen[bytes]"
    url: str = field(repr=False)

    def run(self) -> None:
        suspected = False
        while self._is_alive():
            missing = missing_files(self.state, self.process)
            if missing and suspected:  # Seen twice: between two looks the server may have changed to its next file.
                self._save(missing)
            suspected = bool(missing)
            time.sleep(LOOK_EVERY_S)

    def _save(self, missing: list[str]) -> None:
        logger.critical("valkey_files_missing", extra={"fields": {"files": ",".join(missing)}})
        begun = time.monotonic()
        with redis.Redis.from_url(self.url, socket_timeout=_REPLY_S, socket_connect_timeout=_REPLY_S) as server:
            self._until(lambda: _set_replicas_wanted(server, "1"))
            self._until(lambda: self._is_whole(server) and time.monotonic() - begun >= FENCED_S)
            self._until(lambda: self._is_whole(server) and _set_replicas_wanted(server, "0"))
        logger.critical("valkey_files_written_anew")

    def _is_whole(self, server: "redis.Redis") -> bool:
        """Say whether every file is there and none is being written anew; ask for that where one is missing."""
        info = _reply(lambda: server.info("persistence"))
        if not info or info["aof_rewrite_in_progress"]:
            return False
        missing = missing_files(self.state, self.process)
        if missing:
            _reply(server.bgrewriteaof)
        return not missing

    def _until(self, done: Callable[[], bool]) -> None:
        while self._is_alive() and not done():
            time.sleep(LOOK_EVERY_S)

    def _is_alive(self) -> bool:
        return self.process.poll() is None


def _set_replicas_wanted(server: "redis.Redis", count: str) -> bool:
    """With one replica wanted, which it does not have, the server refuses every write; with none it takes them."""
    return _reply(lambda: server.config_set("min-replicas-to-write", count)) is not None


def _reply(ask: Callable[[], Any]) -> Any:
    """Return the reply to a command, None where there is none."""
    try:
        return ask()
    except (redis.RedisError, OSError):
        return None


def _open_files(pid: int) -> set[str]:
    """Return the paths of what a process has open; nothing once it has ended."""
    found = set[str]()
    with contextlib.suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(str(link.readlink()))
    return found
