"""Reading a set: JSON lines, checked before anything is measured. A fault is told by file and line, never by words."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portico_evaluation.errors import UnusableSet

NAME_CHARACTERS = 60


def read_rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each object with its line number; raise UnusableSet. Empty lines are passed over."""
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError:
        raise UnusableSet(file, "the file cannot be read") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise UnusableSet(file, "not UTF-8 text", line=number) from None
        except (ValueError, RecursionError):
            raise UnusableSet(file, "not JSON", line=number) from None
        if not isinstance(row, dict):
            raise UnusableSet(file, "not a JSON object", line=number)
        yield number, row


def string_of(file: Path, number: int, row: dict[str, Any], key: str, default: str | None = None) -> str:
    """Return the text under a key; raise UnusableSet."""
    value = row.get(key, default)
    if not isinstance(value, str):
        raise UnusableSet(file, f'"{key}" is not a text', line=number)
    return value


def name_of(file: Path, number: int, row: dict[str, Any], key: str) -> str:
    """Return a name that results and report will show; anything longer may be text."""
    name = string_of(file, number, row, key, "")
    if len(name) > NAME_CHARACTERS or "\n" in name:
        raise UnusableSet(file, f'"{key}" is longer than a name', line=number)
    return name


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
