"""Files that Triton serves: their checksums, their manifest, and how they are put in place.

A manifest names the SHA-256 of every file beside it and is always written last. A model refuses to load what its
manifest does not name, so a build that dies in the middle leaves a repository that is refused, never one that
serves half of something.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from portico_models.errors import ModelBuildError, ModelCheckError

MANIFEST = "manifest.json"
MODEL, TOKENIZER, REFERENCE = "model.onnx", "tokenizer.json", "reference.npy"
VERSION_FOLDER = "1"


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of bytes, as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


@contextmanager
def staging_folder(repository: Path) -> Iterator[Path]:
    """Give an empty folder beside the repository, on its file system; it is gone afterwards.

    Not inside: Triton takes every folder there for a model.
    """
    if not repository.is_dir():
        raise ModelBuildError(f"no model repository at {repository}")
    try:
        folder = Path(tempfile.mkdtemp(prefix=".portico-models-", dir=repository.resolve().parent))
    except OSError as error:
        raise ModelBuildError(f"cannot write beside {repository}: {error.strerror}") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def stage(folder: Path, files: Mapping[str, bytes], about: Mapping[str, Any]) -> str:
    """Write one model's files and its manifest; returns the SHA-256 of the model."""
    folder.mkdir(parents=True)
    sums = {name: sha256_of(content) for name, content in files.items()}
    manifest = json.dumps({**about, "files": sums}, indent=2, ensure_ascii=False) + "\n"
    for name, content in {**files, MANIFEST: manifest.encode()}.items():
        write_synced(folder / name, content)
    return sums[MODEL]


def write_synced(path: Path, content: bytes) -> None:
    """Write a file and wait until it is on disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def publish(staged: Path, target: Path) -> None:
    """Move staged files into a model's version folder, each at once, the manifest last."""
    try:
        names = sorted((path.name for path in staged.iterdir()), key=lambda name: name == MANIFEST)
        for name in names:
            (staged / name).replace(target / name)
    except OSError as error:
        raise ModelBuildError(f"cannot write to {target}: {error.strerror}") from None


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a model's manifest and verify every file that it names.

    Raises:
        ModelCheckError: names the first file that is missing or is another.
    """
    manifest = _read_json(folder / MANIFEST)
    files = manifest.get("files")
    if not isinstance(files, dict) or not {MODEL, TOKENIZER, REFERENCE} <= files.keys():
        raise ModelCheckError(f"{folder / MANIFEST} names no files; run `portico models build`")
    for name, expected in files.items():
        if _sha256_of_file(folder / name) != expected:
            raise ModelCheckError(f"{folder / name} is not the file that was built (SHA-256 differs)")
    return manifest


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelCheckError(f"{path} is missing; run `portico models build`") from None
    except (OSError, ValueError):
        raise ModelCheckError(f"{path} is unreadable; run `portico models build`") from None
    if not isinstance(content, dict):
        raise ModelCheckError(f"{path} is no manifest; run `portico models build`")
    return content


def _sha256_of_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise ModelCheckError(f"{path} is missing; run `portico models build`") from None
