"""Base weights and committed adapters → the artefacts that Triton serves, without torch.

    python -m portico_models build

Merge, build the graph, quantise the linear layers to int8, measure against float on the golden messages, and only
then publish.
"""

import shutil
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import onnx

from portico_core.model_versions import FILE_NAME
from portico_models.artefacts import (
    MODEL,
    REFERENCE,
    TOKENIZER,
    VERSION_FOLDER,
    publish,
    read_manifest,
    sha256_of,
    stage,
    staging_folder,
)  # fmt: skip
from portico_models.bert_graph import BertShape, build_classifier, build_encoder
from portico_models.check import CLASSIFIER, ENCODER, MODELS, RESPONDER, CheckReport, check_artefacts
from portico_models.errors import ModelBuildError, ModelCheckError
from portico_models.quantise import as_npy, quantised
from portico_models.scoring import golden_sha256, load_golden, run_golden
from portico_models.versions import folder_in_force
from portico_models.weights import BASE_SHA256, Adapter, Base, load_adapter, load_base, merge

STEPS = (
    "reading base weights", "reading the adapter", "building the classifier", "building the encoder",
    "measuring parity and the safety gate", "publishing",
)  # fmt: skip
_FORMAT = 1
_ENCODER_RELEASE = "1.0.0"  # the base as its authors published it
# Every later layer amplifies an error of the first. With the first in float the largest difference of a golden score
# fell from .41 to .09 (training/LOG.md, entry 13).
_EXACT_LAYERS = 1


class Progress(Protocol):
    """Called at the start of each step, and once more at the end with `done == of`."""

    def __call__(self, step: str, done: int, of: int) -> None: ...


@dataclass(frozen=True, slots=True)
class BuiltModel:
    """One artefact: `sha256` and `megabytes` of its ONNX file."""

    name: str
    version: str
    sha256: str
    megabytes: float


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What was published, how it measured, and how long it took."""

    models: tuple[BuiltModel, ...]
    check: CheckReport
    seconds: float


@dataclass(frozen=True, slots=True)
class _Artefact:
    """An int8 model and what its float original says of the golden messages."""

    model: bytes
    reference: bytes


def make_candidate(repository: Path, out: Path) -> None:
    """Lay out an empty candidate beside what is in force: labels and code, to be built into and promoted.

    Raises:
        ModelBuildError: the folder holds something already, or cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise ModelBuildError(f"{out} is not empty: a candidate is made whole")
        for name in MODELS:
            target = out / name / VERSION_FOLDER
            target.mkdir(parents=True)
            for path in folder_in_force(repository, name).glob("*.py"):
                shutil.copyfile(path, target / path.name)
        shutil.copyfile(repository / CLASSIFIER / "labels.txt", out / CLASSIFIER / "labels.txt")
    except OSError as error:
        raise ModelBuildError(f"cannot make a candidate in {out}: {error.strerror}") from None


def silent(step: str, done: int, of: int) -> None:
    """Show no progress."""


def build_models(base: Path, adapters: Path, repository: Path, progress: Progress = silent) -> BuildReport:
    """Build, check and publish the three models.

    Args:
        base: folder with the pinned `model.safetensors` and `tokenizer.json`; see `weights.find_base`.
        adapters: folder with `safety_classifier/` as training exports it.
        repository: the model repository; only its version folders are written, and only at the very end.
        progress: told of each step.

    Raises:
        ModelBuildError: one line; nothing has been published.
    """
    started = time.monotonic()
    if (repository / FILE_NAME).exists():
        raise ModelBuildError(f"{repository} has promoted versions: build a candidate with --out, and promote it")
    steps = _Steps(progress)
    steps.next()
    source = load_base(base)
    steps.next()
    adapter = load_adapter(adapters / CLASSIFIER, source.weights, _read_labels(repository))
    steps.next()
    shape = BertShape()
    classifier = _make(
        build_classifier(merge(source.weights, adapter), shape, adapter.head), source, shape, exact_layers=_EXACT_LAYERS
    )
    steps.next()
    encoder = _make(build_encoder(source.weights, shape), source, shape)
    with staging_folder(repository) as staged:
        _stage_all(staged, source, adapter, classifier, encoder)
        steps.next()
        report = _check_staged(staged)
        steps.next()
        for name in MODELS:
            publish(staged / name, repository / name / VERSION_FOLDER)
    steps.finish()
    return BuildReport(_built(repository), report, round(time.monotonic() - started, 1))


class _Steps:
    """Count through STEPS."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._done = progress, 0

    def next(self) -> None:
        self._progress(STEPS[self._done], self._done, len(STEPS))
        self._done += 1

    def finish(self) -> None:
        self._progress("done", len(STEPS), len(STEPS))


def _read_labels(repository: Path) -> list[str]:
    path = repository / CLASSIFIER / "labels.txt"
    try:
        return path.read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        raise ModelBuildError(f"{path} is missing or unreadable") from None


def _make(model: onnx.ModelProto, source: Base, shape: BertShape, *, exact_layers: int = 0) -> _Artefact:
    reference = run_golden(model.SerializeToString(), source.tokenizer, load_golden())
    return _Artefact(quantised(model, shape, exact_layers=exact_layers), as_npy(reference))


def _stage_all(folder: Path, source: Base, adapter: Adapter, classifier: _Artefact, encoder: _Artefact) -> None:
    calibration = {name: adapter.about[name] for name in ("labels", "temperature", "thresholds")}
    release = str(adapter.about["version"])
    _stage(folder, CLASSIFIER, source, classifier, release=release, adapter_sha256=dict(adapter.sha256), **calibration)
    for name in (ENCODER, RESPONDER):
        _stage(folder, name, source, encoder, release=_ENCODER_RELEASE)


def _stage(folder: Path, name: str, source: Base, artefact: _Artefact, *, release: str, **extra: Any) -> None:
    files = {MODEL: artefact.model, TOKENIZER: source.tokenizer, REFERENCE: artefact.reference}
    about = {
        "format": _FORMAT, "model": name, "version": f"{release}+int8.{sha256_of(artefact.model)[:8]}",
        "golden_sha256": golden_sha256(),
        "base_sha256": BASE_SHA256["model.safetensors"],
        "built_with": {package: version(package) for package in ("onnx", "onnxruntime", "numpy")},
        **extra,
    }  # fmt: skip
    stage(folder / name, files, about)


def _check_staged(staged: Path) -> CheckReport:
    """Check what is about to be published.

    Raises:
        ModelBuildError: it failed parity or the safety gate.
    """
    folders = {name: staged / name for name in MODELS}
    try:
        report = check_artefacts(folders, {name: read_manifest(folder) for name, folder in folders.items()})
    except ModelCheckError as error:
        raise ModelBuildError(str(error)) from None
    if not report.passed:
        raise ModelBuildError(f"not published: {'; '.join(report.problems)}")
    return report


def _built(repository: Path) -> tuple[BuiltModel, ...]:
    return tuple(_describe(repository / name / VERSION_FOLDER) for name in MODELS)


def _describe(folder: Path) -> BuiltModel:
    manifest = read_manifest(folder)
    size = round((folder / MODEL).stat().st_size / 1e6, 1)
    return BuiltModel(str(manifest["model"]), str(manifest["version"]), str(manifest["files"][MODEL]), size)
