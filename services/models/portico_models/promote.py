"""A candidate becomes the version in force, or the version before becomes it again; nothing is in force by halves.

A candidate is a model repository that `portico models build --out` made. It is promoted only if the whole that would be
in force passes parity and the safety gate, and if it recognises what a person must see no worse than what it replaces.
Whoever calls records the change inside the `with` block: without that record it does not come into force.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from portico_core.model_versions import InForce
from portico_models.artefacts import MANIFEST, read_manifest, staging_folder, sync_folder, write_synced
from portico_models.check import CLASSIFIER, MODELS, check_artefacts, losses_against
from portico_models.errors import ModelBuildError, ModelCheckError
from portico_models.versions import changing, folder_in_force, place, put_in_force, read_in_force, remove_unused


@dataclass(frozen=True, slots=True)
class Change:
    """What is about to come into force: the numbers, and the release of each model."""

    wanted: InForce
    releases: Mapping[str, str]


@contextlib.contextmanager
def promoting(candidate: Path, repository: Path) -> Iterator[Change]:
    """Put a candidate in force when the block has ended; if it raises, what was in force stays.

    Raises:
        ModelError: one line that says why the candidate is refused, or what the disk refuses; nothing has changed.
    """
    with changing(repository):
        before = {name: folder_in_force(repository, name) for name in MODELS}
        after = before | _new_folders(candidate, before)
        new = {name: folder for name, folder in after.items() if folder != before[name]}
        if not new:
            raise ModelBuildError(f"nothing to promote: {candidate} holds what is in force")
        _gate(before, after, labels=(repository / CLASSIFIER / "labels.txt").read_text(encoding="utf-8").split())
        try:
            numbers = _place_copies(new, repository)
            releases = {name: _release(folder) for name, folder in after.items()}
            change = Change(_after(read_in_force(repository), numbers), releases)
            yield change
            put_in_force(repository, change.wanted)
        finally:
            remove_unused(repository, MODELS)


@contextlib.contextmanager
def rolling_back(repository: Path) -> Iterator[Change]:
    """Put the versions before in force when the block has ended; the ones that go are kept, so it can be undone.

    Raises:
        ModelError: there is nothing to return to, or a file of it is another; nothing has changed.
    """
    with changing(repository):
        current = read_in_force(repository)
        if not current.previous:
            raise ModelBuildError(f"nothing was promoted in {repository}: there is no version before")
        wanted = InForce(current.previous, {name: current.number_of(name) for name in MODELS})
        releases = {name: _release(repository / name / str(wanted.number_of(name))) for name in MODELS}
        yield Change(wanted, releases)
        put_in_force(repository, wanted)


def _new_folders(candidate: Path, before: Mapping[str, Path]) -> dict[str, Path]:
    """Return the candidate's folder of each model that is not what is in force, file for file."""
    there = [name for name in MODELS if (candidate / name).is_dir()]
    if not there:
        raise ModelBuildError(
            f"{candidate} holds none of {', '.join(MODELS)}: make it with `portico models build --out`"
        )
    folders = {name: folder_in_force(candidate, name) for name in there}
    return {name: folder for name, folder in folders.items() if _differs(folder, before[name])}


def _differs(candidate: Path, current: Path) -> bool:
    """Say whether a version is another in files, calibration or code; raise where it has the other's release name."""
    files, new, old = files_of(candidate), read_manifest(candidate), read_manifest(current)
    code = [name for name in files if name.endswith(".py")]
    if files == files_of(current) and new == old and all(_same(candidate / name, current / name) for name in code):
        return False
    if new["version"] == old["version"]:
        raise ModelBuildError(f"{candidate} is not what is in force and has its release name, {old['version']}")
    return True


def _same(one: Path, other: Path) -> bool:
    return one.read_bytes() == other.read_bytes()


def files_of(folder: Path) -> dict[str, str]:
    """Return name → SHA-256 of a version's verified files, "" for code; raise ModelCheckError for any other file."""
    named = dict(read_manifest(folder)["files"])
    code = {path.name: "" for path in folder.glob("*.py")}
    foreign = {path.name for path in folder.iterdir()} - {*named, *code, MANIFEST, "__pycache__"}
    if foreign:
        raise ModelCheckError(f"{folder} holds {min(foreign)}, which is no part of a model")
    if "model.py" not in code:
        raise ModelCheckError(f"{folder / 'model.py'} is missing")
    return named | code


def _gate(before: Mapping[str, Path], after: Mapping[str, Path], *, labels: list[str]) -> None:
    manifests = {name: read_manifest(folder) for name, folder in after.items()}
    if manifests[CLASSIFIER].get("labels") != labels:
        raise ModelCheckError("not promoted: the candidate's labels, or their order, are not those of labels.txt")
    problems = [*check_artefacts(dict(after), manifests).problems]
    if not problems and after[CLASSIFIER] != before[CLASSIFIER]:
        problems = losses_against(before[CLASSIFIER], after[CLASSIFIER], labels)
    if problems:
        raise ModelCheckError(f"not promoted: {'; '.join(problems)}")


def _place_copies(folders: Mapping[str, Path], repository: Path) -> dict[str, int]:
    """Copy what is promoted beside the repository, verify the copies, and give them their numbers."""
    with staging_folder(repository) as staging:
        try:
            for name, folder in folders.items():
                _copy(folder, staging / name)
        except OSError as error:
            raise ModelBuildError(f"cannot write beside {repository}: {error.strerror}") from None
        for name, folder in folders.items():
            if read_manifest(staging / name) != read_manifest(folder):
                raise ModelBuildError(f"the candidate changed while it was copied: {folder}")
        return place({name: staging / name for name in folders}, repository)


def _copy(source: Path, target: Path) -> None:
    target.mkdir()
    for name in [*files_of(source), MANIFEST]:
        write_synced(target / name, (source / name).read_bytes())
    sync_folder(target)


def _after(current: InForce, numbers: Mapping[str, int]) -> InForce:
    before = {name: current.number_of(name) for name in MODELS}
    return InForce(before | dict(numbers), before)


def _release(folder: Path) -> str:
    return str(read_manifest(folder)["version"])
