"""Where archives lie: a small port, and a folder behind it; a bucket is in `s3_shelf.py`.

A name reads `<tenant>/audit/<number>-<day>.parquet`. What is on a shelf is evidence, so nothing is ever changed in
place: a file appears whole, under its name, or not at all.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Protocol

from portico_core.errors import ConfigurationError, NotFound

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


class ArchiveShelf(Protocol):
    """What the archive needs of the place that holds it. Every method blocks; ConfigurationError when it fails."""

    @property
    def place(self) -> str:
        """Return where it is, for messages."""

    def names(self, prefix: str) -> list[str]:
        """Return the names that begin so, sorted."""

    def put(self, name: str, source: Path, *, retain_until: date | None = None) -> None:
        """Store a file whole and durably. Where the place can lock objects, this one is locked until that day."""

    def read(self, name: str) -> bytes:
        """Return a small file; NotFound when it is not there."""

    def fetch(self, name: str) -> contextlib.AbstractContextManager[Path]:
        """Give a file as a local path for the time of a `with` block; NotFound when it is not there."""

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""

    def hold(self, name: str, *, held: bool) -> None:
        """Lock an object against deletion, or release it, where the place can."""


class FolderShelf:
    """A folder; `root` is made with the first file. Locks are the file system's own affair."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def place(self) -> str:
        """Return the folder."""
        return str(self._root)

    def names(self, prefix: str) -> list[str]:
        """Return the names that begin so; half-written files are not among them."""
        found = (path.relative_to(self._root).as_posix() for path in self._root.rglob("*") if path.is_file())
        return sorted(name for name in found if name.startswith(prefix) and _NAME.fullmatch(name))

    def put(self, name: str, source: Path, *, retain_until: date | None = None) -> None:
        """Copy a file in, fsync it, and give it its name."""
        path = self._path(name)
        fresh = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with source.open("rb") as given, os.fdopen(_create(fresh), "wb") as taken:
                while block := given.read(1 << 20):
                    taken.write(block)
                taken.flush()
                os.fsync(taken.fileno())
            fresh.replace(path)
            _sync_directory(path.parent)
        except OSError as error:
            raise ConfigurationError(f"the archive {self.place} takes no file: {error.strerror}") from None

    def read(self, name: str) -> bytes:
        """Return a small file."""
        with self._reading(name):
            return self._path(name).read_bytes()

    @contextlib.contextmanager
    def fetch(self, name: str) -> Iterator[Path]:
        """Give the file itself."""
        path = self._path(name)
        if not path.is_file():
            raise NotFound(f"{name} is not in the archive {self.place}")
        yield path

    def delete(self, name: str) -> None:
        """Remove a file."""
        with self._reading(name):
            self._path(name).unlink(missing_ok=True)

    def hold(self, name: str, *, held: bool) -> None:
        """Do nothing: a folder has no locks; the signed hold stops our own deletion."""

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ConfigurationError("the name of an archive file is not one of ours")
        return self._root / name

    @contextlib.contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise NotFound(f"{name} is not in the archive {self.place}") from None
        except OSError as error:
            raise ConfigurationError(f"the archive {self.place} cannot be used: {error.strerror}") from None


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
