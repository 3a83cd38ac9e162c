"""Only the pinned base and an adapter that fits it are ever built."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from portico_models.errors import ModelBuildError
from portico_models.weights import load_adapter, load_base, merge

LABELS = ["informational", "clinician", "emergency", "crisis", "attack", "out_of_scope"]
QUERY = "encoder.layer.0.attention.self.query.weight"
Weights = dict[str, NDArray[np.float32]]


def test_merging_adds_scaled_factors(adapter: Path, weights: Weights) -> None:
    factors = load_file(adapter / "adapter.safetensors")
    merged = merge(weights, load_adapter(adapter, weights, LABELS))
    expected = weights[QUERY] + 2.0 * factors[f"{QUERY}.lora_B"].astype(np.float32) @ factors[f"{QUERY}.lora_A"]
    assert np.allclose(merged[QUERY], expected, atol=1e-5)
    other = "encoder.layer.1.output.dense.weight"
    assert np.array_equal(merged[other], weights[other])


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        # The order decides which score is whose.
        ("labels", LABELS[::-1], "other labels"),
        ("labels", LABELS[:5], "other labels"),
        ("base_sha256", "0" * 64, "other base"),
        ("pooling", "cls", "pooling"),
        ("extra_tensors", ["pooler.dense.weight"], "does not know"),
        # Serving windows of 256 tokens to a model that never saw them.
        ("max_tokens", 128, "shorter"),
        ("temperature", 0, "out of range"),
        ("temperature", float("nan"), "none"),
        ("thresholds", {"informational": 1.2, "attack": 0.5, "out_of_scope": 0.5}, "out of range"),
        ("thresholds", {"informational": 0.7, "attack": 0.5}, "lacks a field"),
        ("lora_scaling", "much", "unreadable"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(
    adapter: Path, weights: Weights, field: str, value: Any, words: str
) -> None:
    about = json.loads((adapter / "adapter.json").read_text()) | {field: value}
    (adapter / "adapter.json").write_text(json.dumps(about))
    with pytest.raises(ModelBuildError, match=words):
        load_adapter(adapter, weights, LABELS)


@pytest.mark.parametrize("name", ["adapter.json", "adapter.safetensors", "head.safetensors"])
def test_a_missing_file_is_named(adapter: Path, weights: Weights, name: str) -> None:
    (adapter / name).unlink()
    with pytest.raises(ModelBuildError, match=f"{name} is missing"):
        load_adapter(adapter, weights, LABELS)


@pytest.mark.parametrize("content", [b"", b"\x00" * 64, b"\xff" * 9 + b"{}"])
def test_damaged_tensors_are_named(adapter: Path, weights: Weights, content: bytes) -> None:
    (adapter / "adapter.safetensors").write_bytes(content)
    with pytest.raises(ModelBuildError, match=r"adapter\.safetensors is damaged"):
        load_adapter(adapter, weights, LABELS)


def test_half_a_factor_is_refused(adapter: Path, weights: Weights) -> None:
    factors = load_file(adapter / "adapter.safetensors")
    del factors[f"{QUERY}.lora_B"]
    save_file(factors, adapter / "adapter.safetensors")
    with pytest.raises(ModelBuildError, match="does not fit"):
        load_adapter(adapter, weights, LABELS)


def test_a_factor_of_another_shape_is_refused(adapter: Path, weights: Weights) -> None:
    weights[QUERY] = weights[QUERY][:4]
    with pytest.raises(ModelBuildError, match="another shape"):
        load_adapter(adapter, weights, LABELS)


def test_a_head_that_is_no_number_is_refused(adapter: Path, weights: Weights) -> None:
    head = load_file(adapter / "head.safetensors")
    head["weight"][0, 0] = np.nan
    save_file(head, adapter / "head.safetensors")
    with pytest.raises(ModelBuildError, match="no number"):
        load_adapter(adapter, weights, LABELS)


def test_other_base_weights_are_refused(tmp_path: Path) -> None:
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(ModelBuildError, match="not the pinned file"):
        load_base(tmp_path)


def test_missing_base_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelBuildError, match=r"model\.safetensors is missing"):
        load_base(tmp_path)
