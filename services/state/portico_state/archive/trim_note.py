"""The manifest of the last trimmed stretch, kept beside the checkpoints: where a walk of the live stream begins.

It needs no signature beyond the manifest's own: the checkpoint file's `trimmed` line names its SHA-256. A note is
written before its line, so it carries its number: a crash in between leaves the older one in force.
"""

import contextlib
import os
from pathlib import Path

from portico_core.errors import AuditUnavailable, ConfigurationError
from portico_state.archive.manifest import Manifest, read_manifest
from portico_state.keyring import Keyring


def note_name(number: int) -> str:
    """Return the file name of a note."""
    return f"trimmed-{number:06}.manifest.json"


def read_note(checkpoints: Path, trimmed: tuple[int, str], *, keyring: Keyring, tenant: str) -> Manifest | None:
    """Return the manifest that a `trimmed` line names, or None where the note is missing or another."""
    name = note_name(trimmed[0])
    try:
        manifest = read_manifest((checkpoints / name).read_bytes(), keys=keyring.audit, tenant=tenant, name=name)
    except (OSError, ConfigurationError):
        return None
    return manifest if (manifest.number, manifest.digest) == trimmed else None


def write_note(checkpoints: Path, manifest: Manifest) -> None:
    """Write a note durably; raise AuditUnavailable when the disk refuses."""
    path = checkpoints / note_name(manifest.number)
    fresh = path.with_suffix(".part")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(manifest.to_bytes())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        raise AuditUnavailable from None


def remove_older_notes(checkpoints: Path, manifest: Manifest) -> None:
    """Remove the notes before one whose `trimmed` line is written."""
    for path in checkpoints.glob("trimmed-*.manifest.json"):
        if path.name < note_name(manifest.number):
            with contextlib.suppress(OSError):
                path.unlink()
