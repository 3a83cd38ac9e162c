"""A tagger is built only from an adapter that fits, and used only where int8 tags as float does."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from portico_models.errors import ModelBuildError
from portico_models.tagger_build import TAGGER, TAGS, build_phi_tagger, check_phi_tagger
from portico_models.weights import BASE_SHA256, find_base, load_base

NAME = "encoder.layer.2.attention.self.query.weight"


def write_adapter(folder: Path, *, types: int = 4, **changed: Any) -> Path:
    """Write a small adapter whose head calls nothing a name."""
    rng, target = np.random.default_rng(5), folder / TAGGER
    target.mkdir(parents=True)
    factors = {f"{NAME}.lora_{s}": rng.normal(0, 0.01, size).astype(np.float16)
               for s, size in (("A", (4, 384)), ("B", (384, 4)))}  # fmt: skip
    save_file(factors, target / "adapter.safetensors")
    head = {
        "weight": np.zeros((3, 384), np.float32),
        "bias": np.array([2.0, 0.0, 0.0], np.float32),
        "token_types": np.zeros((types, 384), np.float32),
    }
    save_file(head, target / "head.safetensors")
    about = {"version": "0.0.1", "tags": TAGS, "threshold": 0.5, "lora_scaling": 2.0,
             "base_sha256": BASE_SHA256["model.safetensors"]}  # fmt: skip
    (target / "adapter.json").write_text(json.dumps(about | changed))
    return folder


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"tags": TAGS[::-1]}, "other tags"),  # The order decides what is a name.
        ({"base_sha256": "0" * 64}, "other base"),
        ({"threshold": 1.0}, "out of range"),
        ({"threshold": float("nan")}, "none"),
        ({"lora_scaling": "much"}, "unreadable"),
        ({"types": 2}, "no token types"),
    ],
)
def test_an_adapter_that_does_not_fit_is_refused(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    adapters = write_adapter(tmp_path / "adapters", **changed)
    with pytest.raises(ModelBuildError, match=words):
        build_phi_tagger(load_base(find_base()), adapters, tmp_path / "out")
    assert not list((tmp_path / "out").glob("*"))


def test_a_folder_without_a_tagger_is_a_problem(tmp_path: Path) -> None:
    assert not check_phi_tagger(tmp_path).passed


def test_the_built_tagger_passes_and_a_changed_reference_does_not(tmp_path: Path) -> None:
    """The tagger of this checkout; control: a reference in which everything is a name."""
    built = Path(__file__).parents[3] / "services" / "redaction" / "tagger"
    report = check_phi_tagger(built)
    assert report.passed and report.pieces > 1_000
    for file in built.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    reference = np.load(built / "reference.npy")
    reference[:, 1] = 99.0
    np.save(tmp_path / "reference.npy", reference)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["files"].pop("reference.npy")
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert not check_phi_tagger(tmp_path).passed
