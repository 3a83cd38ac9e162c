"""Files that must not be lost when somebody deletes them: held open, their bytes can still be read and written anew.

A file lives as long as a process has it open, whatever became of its name. The spool holds what it has promised.
"""

import os
from pathlib import Path


class HeldFiles:
    """The open files of one owner, by the path each has now. Not safe for threads: its owner locks."""

    def __init__(self) -> None:
        self._open: dict[Path, int] = {}

    def hold(self, path: Path) -> None:
        """Hold the file that is at this path now; the one held for it before must have been let go."""
        if path not in self._open and path.exists():
            self._open[path] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def move(self, old: Path, new: Path) -> None:
        """Note that a file has been renamed."""
        if old in self._open:
            self._open[new] = self._open.pop(old)

    def let_go(self, path: Path) -> None:
        """Hold a file no longer."""
        descriptor = self._open.pop(path, None)
        if descriptor is not None:
            os.close(descriptor)

    def deleted(self) -> dict[Path, bytes]:
        """Return what stood in the files that have no name any more; raise OSError where it cannot be read."""
        gone = {path: opened for path, opened in self._open.items() if os.fstat(opened).st_nlink == 0}
        return {path: os.pread(opened, os.fstat(opened).st_size, 0) for path, opened in gone.items()}
