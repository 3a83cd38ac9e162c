"""A tiny BERT, a practice adapter for it, and Triton's Python side as a small typed fake.

The fake holds only what our models call: a `MagicMock` would accept a misspelt call.
"""

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file

from portico_models.bert_graph import BertShape, _expected
from portico_models.weights import BASE_SHA256

REPOSITORY = Path(__file__).parents[3] / "model_repository"
LABELS = ["informational", "clinician", "emergency", "crisis", "attack", "out_of_scope"]
TINY = BertShape(layers=2, heads=2, hidden=8, intermediate=16, positions=32, vocabulary=50)

Weights = dict[str, NDArray[np.float32]]


class TritonError:
    """A request's own error."""

    INTERNAL = 1
    INVALID_ARG = 3

    def __init__(self, message: str, code: int) -> None:
        self.text, self.code = message, code


class TritonModelException(Exception):
    """What `initialize` raises to refuse."""


@dataclass(frozen=True)
class Tensor:
    """A named array."""

    label: str
    array: NDArray[Any]

    def as_numpy(self) -> NDArray[Any]:
        """Return the array."""
        return self.array


@dataclass(frozen=True)
class InferenceResponse:
    """Outputs or an error."""

    output_tensors: list[Tensor] = field(default_factory=list)
    error: TritonError | None = None

    def output(self, name: str) -> NDArray[Any]:
        """Return one output array."""
        return next(t.array for t in self.output_tensors if t.label == name)


@dataclass(frozen=True)
class Request:
    """Input tensors by name."""

    inputs: dict[str, NDArray[Any]]


def get_input_tensor_by_name(request: Request, name: str) -> Tensor:
    """Return one input."""
    return Tensor(name, request.inputs[name])


def request(**texts: str | bytes) -> Request:
    """Make a request of one row."""
    return Request(
        {
            name: np.array([[text.encode() if isinstance(text, str) else text]], dtype=np.object_)
            for name, text in texts.items()
        }
    )


@pytest.fixture(scope="session")
def triton() -> Iterator[ModuleType]:
    """Install the fake as `triton_python_backend_utils`."""
    fake = ModuleType("triton_python_backend_utils")
    for item in (TritonError, TritonModelException, Tensor, InferenceResponse, get_input_tensor_by_name):
        setattr(fake, item.__name__, item)
    sys.modules["triton_python_backend_utils"] = fake
    yield fake
    del sys.modules["triton_python_backend_utils"]


@pytest.fixture
def load_model(triton: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], ModuleType]:
    """Give a function that imports a module of a model folder, as the stub would: ("responder", "model")."""

    def load(model: str, module: str) -> ModuleType:
        folder = REPOSITORY / model / "1"
        for name in ("text_model", "selection"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.syspath_prepend(str(folder))
        spec = importlib.util.spec_from_file_location(f"{model}_{module}", folder / f"{module}.py")
        assert spec and spec.loader
        loaded = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, loaded)
        spec.loader.exec_module(loaded)
        return loaded

    return load


@pytest.fixture
def make_request() -> Callable[..., Request]:
    """Give `request`, which tests cannot import from here."""
    return request


@pytest.fixture(scope="session")
def shape() -> BertShape:
    """The sizes of the tiny BERT."""
    return TINY


@pytest.fixture
def weights(shape: BertShape) -> Weights:
    """Random weights of the tiny BERT, seed 7."""
    rng = np.random.default_rng(7)
    return {name: rng.normal(0, 0.3, size).astype(np.float32) for name, size in _expected(shape).items()}


@pytest.fixture
def adapter(tmp_path: Path, shape: BertShape) -> Path:
    """A folder as training exports it, for the tiny BERT."""
    rng, folder, name = np.random.default_rng(8), tmp_path / "adapter", "encoder.layer.0.attention.self.query.weight"
    folder.mkdir()
    factors = {
        f"{name}.lora_A": rng.normal(size=(2, shape.hidden)).astype(np.float16),
        f"{name}.lora_B": rng.normal(size=(shape.hidden, 2)).astype(np.float16),
    }
    save_file(factors, folder / "adapter.safetensors")
    head = {"weight": rng.normal(size=(6, shape.hidden)).astype(np.float32), "bias": np.zeros(6, np.float32)}
    save_file(head, folder / "head.safetensors")
    (folder / "adapter.json").write_text(json.dumps(adapter_about()))
    return folder


def adapter_about() -> dict[str, Any]:
    """Return an adapter.json that is accepted."""
    return {
        "version": "0.0.1", "labels": LABELS, "base_sha256": BASE_SHA256["model.safetensors"], "lora_scaling": 2.0,
        "pooling": "mean", "max_tokens": 256, "temperature": 0.9,
        "thresholds": {"informational": 0.7, "attack": 0.8, "out_of_scope": 0.8},
        "extra_tensors": [],
    }  # fmt: skip
