"""Building from the real base with an adapter made here: random, small, and refused where it must be."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper
from safetensors.numpy import save_file

from portico_models.artefacts import MANIFEST, sha256_of
from portico_models.bert_graph import BertShape, Head, build_classifier
from portico_models.build import STEPS, build_models
from portico_models.check import MODELS, check_models
from portico_models.errors import ModelBuildError
from portico_models.scoring import load_golden, run_golden
from portico_models.weights import BASE_SHA256, find_base, load_base

REPOSITORY = Path(__file__).parents[2] / "model_repository"
LABELS = (REPOSITORY / "safety_classifier" / "labels.txt").read_text().split()
SEED = 20261123
GENERATED = ("model.onnx", "tokenizer.json", "reference.npy", MANIFEST)


def fit_head() -> dict[str, NDArray[np.float32]]:
    """Fit a ridge head on the golden messages themselves: a toy, but one with real margins."""
    base = load_base(find_base())
    eye = Head(np.eye(384, dtype=np.float32), np.zeros(384, np.float32))
    pooled = run_golden(
        build_classifier(base.weights, BertShape(), eye).SerializeToString(), base.tokenizer, load_golden()
    )
    wanted = np.array([[8.0 * (m.label == label) for label in LABELS] for m in load_golden()])
    x = np.hstack([pooled, np.ones((len(pooled), 1))]).astype(np.float64)
    fitted = np.linalg.solve(x.T @ x + 0.1 * np.eye(385), x.T @ wanted).astype(np.float32)
    return {"weight": np.ascontiguousarray(fitted[:-1].T), "bias": np.ascontiguousarray(fitted[-1])}


def write_adapter(folder: Path, head: dict[str, NDArray[np.float32]], **changed: Any) -> Path:
    rng, name = np.random.default_rng(SEED), "encoder.layer.3.attention.self.query.weight"
    target = folder / "safety_classifier"
    target.mkdir(parents=True)
    factors = {
        f"{name}.lora_{s}": rng.normal(0, 0.01, size).astype(np.float16)
        for s, size in (("A", (4, 384)), ("B", (384, 4)))
    }
    save_file(factors, target / "adapter.safetensors")
    save_file(head, target / "head.safetensors")
    about = {
        "version": "0.0.1", "labels": LABELS, "base_sha256": BASE_SHA256["model.safetensors"], "lora_scaling": 2.0,
        "pooling": "mean", "max_tokens": 256, "temperature": 1.0,
        "thresholds": {"informational": 0.7, "attack": 0.8, "out_of_scope": 0.8},
    }  # fmt: skip
    (target / "adapter.json").write_text(json.dumps(about | changed))
    return folder


def bare_repository(folder: Path) -> Path:
    """Copy the model repository without what builds have generated."""
    shutil.copytree(REPOSITORY, folder, ignore=shutil.ignore_patterns(*GENERATED, "__pycache__"))
    return folder


@pytest.fixture(scope="module")
def head() -> dict[str, NDArray[np.float32]]:
    return fit_head()


@pytest.fixture(scope="module")
def built(head: dict[str, NDArray[np.float32]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("built")
    steps: list[str] = []
    repository = bare_repository(folder / "model_repository")
    adapters = write_adapter(folder / "adapters", head)
    report = build_models(find_base(), adapters, repository, lambda step, done, of: steps.append(step))
    assert steps == [*STEPS, "done"]
    assert report.check.passed
    assert report.seconds < 60
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
    yield repository


def test_a_built_repository_passes_its_check(built: Path) -> None:
    report = check_models(built)
    assert report.passed, report.problems
    assert report.messages == 120
    assert set(report.versions) == set(MODELS)


def test_manifests_carry_calibration_and_origin(built: Path) -> None:
    manifest = json.loads((built / "safety_classifier" / "1" / MANIFEST).read_text())
    assert manifest["thresholds"] == {"informational": 0.7, "attack": 0.8, "out_of_scope": 0.8}
    assert manifest["labels"] == LABELS
    assert manifest["base_sha256"] == BASE_SHA256["model.safetensors"]
    assert manifest["version"].startswith("0.0.1+int8.")


def test_worse_recall_than_float_is_refused(built: Path, tmp_path: Path) -> None:
    """Negative control of the safety gate: an artefact whose head cannot say crisis, while float could."""
    repository = tmp_path / "model_repository"
    shutil.copytree(built, repository)
    silence(repository, "crisis")
    problems = check_models(repository).problems
    assert any("safety gate" in problem and "crisis" in problem for problem in problems)


def silence(repository: Path, label: str) -> None:
    """Make the classifier unable to say a label, with a manifest that agrees."""
    folder = repository / "safety_classifier" / "1"
    model = onnx.load(folder / "model.onnx")
    bias = next(t for t in model.graph.initializer if t.name == "logits.bias")
    values = numpy_helper.to_array(bias).copy()
    values[LABELS.index(label)] -= 100
    bias.CopyFrom(numpy_helper.from_array(values, "logits.bias"))
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"]["model.onnx"] = sha256_of((folder / "model.onnx").read_bytes())
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_a_changed_artefact_is_found(built: Path, tmp_path: Path) -> None:
    repository = tmp_path / "model_repository"
    shutil.copytree(built, repository)
    with (repository / "responder" / "1" / "model.onnx").open("ab") as file:
        file.write(b"x")
    assert any("responder" in problem for problem in check_models(repository).problems)


def test_a_refused_build_changes_nothing(built: Path, head: dict[str, NDArray[np.float32]], tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.rglob("*") if path.is_file()}
    adapters = write_adapter(tmp_path / "adapters", head, labels=LABELS[::-1])
    with pytest.raises(ModelBuildError, match="other labels"):
        build_models(find_base(), adapters, built)
    assert {path: path.stat().st_mtime_ns for path in built.rglob("*") if path.is_file()} == before
