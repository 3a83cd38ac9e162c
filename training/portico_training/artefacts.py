"""Files that a run leaves behind: written whole or not at all, and a log of what happened."""

import hashlib
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class TrainingError(RuntimeError):
    """Stop a run with one clear line."""


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file atomically: a reader sees the old bytes or the new ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_text(path: Path, content: str) -> None:
    """Replace a text file atomically."""
    write_bytes(path, content.encode())


def write_json(path: Path, value: object) -> None:
    """Replace a JSON file atomically."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_base_weights(path: Path) -> None:
    """Refuse base weights that are not the ones this project pins."""
    if not path.is_file():
        raise TrainingError(f"{path}: base weights are missing; `make train` installs them")
    if (found := sha256_of(path)) != BASE_SHA256:
        raise TrainingError(f"{path}: SHA-256 is {found}, expected {BASE_SHA256}")


class RunLog:
    """Append one JSON object a line to the log of a run. It never holds a message, only figures."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path

    def record(self, event: str, **figures: Any) -> None:
        """Append one event with its figures."""
        line = json.dumps({"time": round(time.time(), 1), "event": event, **figures})
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def events(self, event: str) -> list[dict[str, Any]]:
        """Return what was recorded under one name."""
        if not self._path.exists():
            return []
        rows = [json.loads(line) for line in self._path.read_text(encoding="utf-8").splitlines()]
        return [row for row in rows if row["event"] == event]
