"""The numbered versions of a model repository, and which of them are in force.

`in_force.json` is replaced by renaming, and a version appears under its number by renaming a folder that is complete
and on disk. So whatever interrupts a change, be it a full disk or a kill, what was in force stays in force and whole.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from portico_core.model_versions import FILE_NAME, FIRST_VERSION, InForce, parse_in_force
from portico_models.artefacts import MANIFEST, read_manifest, sync_folder, write_synced
from portico_models.errors import ModelBuildError, ModelCheckError


@dataclass(frozen=True, slots=True)
class Kept:
    """One version that is kept: its number, its release, and whether it is in force or the one before."""

    model: str
    number: int
    version: str
    is_in_force: bool
    is_previous: bool


def read_in_force(repository: Path) -> InForce:
    """Return what is in force; raise ModelCheckError for a file that is no such thing."""
    path = repository / FILE_NAME
    try:
        return parse_in_force(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return InForce()
    except (OSError, ValueError):
        raise ModelCheckError(f"{path} is unreadable: put back the one of the backup") from None


def folder_in_force(repository: Path, model: str) -> Path:
    """Return the folder of a model's version in force."""
    return repository / model / str(read_in_force(repository).number_of(model))


def numbers_of(repository: Path, model: str) -> list[int]:
    """Return the numbers of a model's version folders that hold a manifest, in order."""
    found = [path.parent.name for path in (repository / model).glob(f"*/{MANIFEST}")]
    return sorted(int(name) for name in found if name.isdecimal())


def list_versions(repository: Path, models: tuple[str, ...]) -> list[Kept]:
    """Return every version that is kept; raise ModelCheckError where a file of one is another."""
    in_force = read_in_force(repository)
    return [
        Kept(
            model, number, str(read_manifest(repository / model / str(number))["version"]),
            is_in_force=number == in_force.number_of(model), is_previous=number == in_force.previous.get(model),
        )
        for model in models for number in numbers_of(repository, model)
    ]  # fmt: skip


@contextlib.contextmanager
def changing(repository: Path) -> Iterator[None]:
    """Keep a second change of the same repository out; raise ModelBuildError where one runs."""
    try:
        folder = os.open(repository, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        raise ModelBuildError(f"no model repository at {repository}") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ModelBuildError(f"another change of {repository} is running") from None
    finally:
        os.close(folder)


def place(staged: Mapping[str, Path], repository: Path) -> dict[str, int]:
    """Give each staged folder the next number of its model, and return the numbers. Nothing of it is in force yet.

    Raises:
        ModelBuildError: the disk refuses; what is left is no version that anybody asks for.
    """
    numbers = {model: max([*numbers_of(repository, model), FIRST_VERSION]) + 1 for model in staged}
    try:
        for model, folder in staged.items():
            folder.rename(repository / model / str(numbers[model]))
            sync_folder(repository / model)
    except OSError as error:
        raise ModelBuildError(f"cannot write to {repository}: {error.strerror}") from None
    return numbers


def put_in_force(repository: Path, wanted: InForce) -> None:
    """Replace what is in force, in one step that a power cut cannot halve.

    Raises:
        ModelBuildError: the disk refuses; what was in force still is.
    """
    fresh = repository / f".{FILE_NAME}.part"
    try:
        write_synced(fresh, wanted.to_text().encode())
        fresh.replace(repository / FILE_NAME)
        sync_folder(repository)
    except OSError as error:
        raise ModelBuildError(f"cannot write to {repository}: {error.strerror}") from None


def remove_unused(repository: Path, models: tuple[str, ...]) -> None:
    """Remove what is neither in force nor the one before; Triton would load it for nobody."""
    in_force = read_in_force(repository)
    for model in models:
        kept = {in_force.number_of(model), in_force.previous.get(model, in_force.number_of(model))}
        for number in set(numbers_of(repository, model)) - kept:
            folder = repository / model / str(number)
            (folder / MANIFEST).unlink(missing_ok=True)  # First: a folder without one is no version.
            shutil.rmtree(folder, ignore_errors=True)
