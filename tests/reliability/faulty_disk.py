"""A disk that loses power, fills up or turns read-only under one process (`faulty_disk.c`).

    disk = FaultyDisk.make(folder, under=state)
    with disk.under_valkey(): server = start_valkey(state)
    ...
    cut_power(server, disk)

A file that was never synced keeps nothing. No root, no FUSE: a shared library of 80 lines that any C compiler makes.
"""

import contextlib
import functools
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from unittest import mock

from portico_state import valkey_server
from portico_state.valkey_server import ValkeyServer

SOURCE = Path(__file__).with_name("faulty_disk.c")


class DiskMode(StrEnum):
    """What writing does."""

    WORKS = "0"
    FULL = "f"
    READ_ONLY = "r"


@dataclass(frozen=True, slots=True)
class FaultyDisk:
    """The switch of a disk: everything that one process writes below `under`."""

    under: Path
    mode: Path
    notes: Path

    @classmethod
    def make(cls, folder: Path, *, under: Path) -> "FaultyDisk":
        """Lay out the switch in a folder of its own; the disk works."""
        folder.mkdir(parents=True, exist_ok=True)
        disk = cls(under.resolve(), folder / "mode", folder / "notes")
        disk.mode.write_bytes(DiskMode.WORKS.encode())
        disk.notes.touch()
        return disk

    def turn(self, mode: DiskMode) -> None:
        """Change what writing does, at once."""
        with self.mode.open("r+b") as file:
            file.write(mode.encode())

    def environment(self) -> dict[str, str]:
        """Return what a process needs to run on this disk."""
        return {
            "LD_PRELOAD": str(_library()),
            "FAULTY_DISK_UNDER": str(self.under),
            "FAULTY_DISK_MODE": str(self.mode.resolve()),
            "FAULTY_DISK_NOTES": str(self.notes.resolve()),
        }

    @contextlib.contextmanager
    def under_valkey(self) -> Iterator[None]:
        """Let `start_valkey`, which inherits no environment, start its binary on this disk."""
        script = self.mode.with_name("valkey-server")
        settings = " ".join(f"{name}='{value}'" for name, value in self.environment().items())
        script.write_text(f'#!/bin/sh\nexec env {settings} "{valkey_server._binary()}" "$@"\n', encoding="utf-8")
        script.chmod(0o700)
        with mock.patch.object(valkey_server, "_binary", lambda: script):
            yield

    def synced(self) -> dict[Path, int]:
        """Return how many bytes of each file the last finished sync promised."""
        lines = self.notes.read_text(encoding="utf-8").splitlines()
        return {Path(path): int(size) for size, path in (line.split(" ", 1) for line in lines)}


@dataclass(frozen=True, slots=True)
class PowerCut:
    """What was in the page cache only, in bytes."""

    torn_off: int


def cut_power(server: ValkeyServer, disk: FaultyDisk) -> PowerCut:
    """Kill the server and take from its append-only file whatever no finished sync covers."""
    server.process.kill()
    server.process.wait()
    promised, torn = disk.synced(), 0
    for path in sorted((disk.under / "appendonlydir").glob("*.incr.aof")):
        size = path.stat().st_size
        kept = min(size, promised.get(path.resolve(), 0))
        os.truncate(path, kept)
        torn += size - kept
    return PowerCut(torn)


@functools.cache
def _library() -> Path:
    """Compile once a process; a missing compiler is an error, not a skip."""
    library = Path(tempfile.mkdtemp(prefix="faulty-disk-")) / "faulty_disk.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"], check=True)  # noqa: S607
    return library
