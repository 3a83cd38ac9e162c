"""Adapters and training states on disk. An adapter is named after the base weights it changes."""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors.torch import load, save
from torch import Tensor, nn

from portico_training.artefacts import TrainingError, write_bytes
from portico_training.model import LABEL_TOKENS, LabelLanguageModel, add_lora, set_head, unwrapped

_PREFIX = "base_model.model.encoder.bert."


@dataclass(frozen=True, slots=True)
class Adapter:
    """LoRA factors (A, B) by base weight: the merged weight is W + scaling · B @ A. And the head's six rows."""

    factors: dict[str, tuple[Tensor, Tensor]]
    scaling: float
    head_weight: Tensor
    head_bias: Tensor


def take_adapter(model: PeftModel) -> Adapter:
    """Read the adapter and the head out of a model."""
    config = model.peft_config["default"]
    head = unwrapped(model).lm_head
    rows = list(LABEL_TOKENS)
    return Adapter(
        factors=take_factors(model, _PREFIX), scaling=config.lora_alpha / config.r,
        head_weight=head.weight[rows].detach().clone(), head_bias=head.bias[rows].detach().clone(),
    )  # fmt: skip


def take_factors(model: nn.Module, prefix: str) -> dict[str, tuple[Tensor, Tensor]]:
    """Read the LoRA factors (A, B) out of a model, by the name of the base weight behind `prefix`."""
    parameters = dict(model.named_parameters())
    factors = {}
    for name, a in parameters.items():
        if name.endswith(".lora_A.default.weight"):
            weight = name.removeprefix(prefix).replace(".lora_A.default.weight", ".weight")
            b = parameters[name.replace(".lora_A.", ".lora_B.")]
            factors[weight] = (a.detach().clone(), b.detach().clone())
    return factors


def put_adapter(model: LabelLanguageModel, adapter: Adapter, *, dropout: float = 0.0) -> PeftModel:
    """Wrap a base model with an adapter that can be trained further."""
    rank = next(iter(adapter.factors.values()))[0].shape[0]
    wrapped = add_lora(model, rank=rank, alpha=round(adapter.scaling * rank), dropout=dropout)
    parameters = dict(wrapped.named_parameters())
    with torch.no_grad():
        for name, (a, b) in adapter.factors.items():
            stem = _PREFIX + name.removesuffix(".weight")
            parameters[f"{stem}.lora_A.default.weight"].copy_(a)
            parameters[f"{stem}.lora_B.default.weight"].copy_(b)
    set_head(unwrapped(wrapped), adapter.head_weight, adapter.head_bias)
    return wrapped


def merge_adapter(model: LabelLanguageModel, adapter: Adapter) -> LabelLanguageModel:
    """Add an adapter's changes to the base weights, as `portico models build` does in numpy."""
    weights = dict(model.encoder.bert.named_parameters())
    with torch.no_grad():
        for name, (a, b) in adapter.factors.items():
            weights[name] += adapter.scaling * b.float() @ a.float()
    set_head(model, adapter.head_weight, adapter.head_bias)
    return model


def adapter_tensors(adapter: Adapter, dtype: torch.dtype) -> dict[str, Tensor]:
    """Return the adapter's factors as tensors of a file."""
    return factor_tensors(adapter.factors, dtype)


def factor_tensors(factors: dict[str, tuple[Tensor, Tensor]], dtype: torch.dtype) -> dict[str, Tensor]:
    """Return the factors as `<base weight>.lora_A` [r, in] and `.lora_B` [out, r]."""
    pairs = ((f"{n}.lora_{side}", t) for n, ab in factors.items() for side, t in zip("AB", ab, strict=True))
    return {name: tensor.to(dtype).contiguous() for name, tensor in pairs}


def factors_from(tensors: dict[str, Tensor]) -> dict[str, tuple[Tensor, Tensor]]:
    """Pair the tensors of an adapter file by base weight."""
    names = [name.removesuffix(".lora_A") for name in tensors if name.endswith(".lora_A")]
    return {n: (tensors[f"{n}.lora_A"].float(), tensors[f"{n}.lora_B"].float()) for n in names}


def save_adapter(adapter: Adapter, path: Path) -> None:
    """Write an adapter with its head as one working file."""
    tensors = adapter_tensors(adapter, torch.float32)
    tensors |= {"head.weight": adapter.head_weight, "head.bias": adapter.head_bias}
    write_bytes(path, save(tensors, metadata={"scaling": str(adapter.scaling)}))


def load_adapter(path: Path, scaling: float) -> Adapter:
    """Read a working file of `save_adapter`, or a folder that was exported, which says its scaling itself.

    Raises:
        TrainingError: it is not there.
    """
    try:
        tensors = load((path / "adapter.safetensors" if path.is_dir() else path).read_bytes())
        if path.is_dir():
            head = load((path / "head.safetensors").read_bytes())
            tensors |= {f"head.{name}": tensor for name, tensor in head.items()}
            scaling = float(json.loads((path / "adapter.json").read_text(encoding="utf-8"))["lora_scaling"])
    except OSError:
        raise TrainingError(f"{path}: run the step before this one first") from None
    return Adapter(factors_from(tensors), scaling, tensors["head.weight"], tensors["head.bias"])


def save_state(path: Path, key: str, state: dict[str, Any]) -> None:
    """Write a training state atomically."""
    buffer = io.BytesIO()
    torch.save({"key": key, "state": state}, buffer)
    write_bytes(path, buffer.getvalue())


def load_state(path: Path, key: str) -> dict[str, Any] | None:
    """Read the training state of exactly this step, else nothing."""
    if not path.is_file():
        return None
    saved = torch.load(path, weights_only=True)
    return dict(saved["state"]) if saved["key"] == key else None
