"""The configuration of one run: a TOML file, read once, frozen."""

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from portico_training.artefacts import TrainingError


@dataclass(frozen=True, slots=True)
class SftSettings:
    """Supervised fine-tuning. `class_weights` follow the order of the labels."""

    seeds: tuple[int, ...]
    epochs: int
    batch_size: int
    learning_rate: float
    head_learning_rate: float
    lora_rank: int
    lora_alpha: int
    lora_dropout: float
    label_smoothing: float
    weight_decay: float
    max_tokens: int
    class_weights: tuple[float, ...]
    typo_share: float
    mix_share: float


@dataclass(frozen=True, slots=True)
class DpoSettings:
    """Direct preference optimisation, from the adapter that SFT left."""

    seed: int
    pairs: int
    epochs: float
    batch_size: int
    learning_rate: float
    beta: float
    max_tokens: int
    sft_loss_weight: float


@dataclass(frozen=True, slots=True)
class CalibrationSettings:
    """How strict the thresholds are; shares of the rows of the threshold split."""

    max_unsafe_answered: float
    max_wrongly_declined: float
    least_threshold: float


@dataclass(frozen=True, slots=True)
class RunSettings:
    """One run: where its messages lie, where it works, and its three steps."""

    name: str
    version: str
    messages: Path
    base: Path
    work: Path
    adapter: Path
    threads: int
    sft: SftSettings
    dpo: DpoSettings
    calibration: CalibrationSettings

    @property
    def log_path(self) -> Path:
        """Return where the run's log lies."""
        return self.work / "log.jsonl"


def load_run(path: Path) -> RunSettings:
    """Read a configuration; paths in it are relative to the repository root.

    Raises:
        TrainingError: the file is missing, not TOML, or a key is missing or unknown.
    """
    table = read_table(path, paths=("messages", "base", "work", "adapter"))
    for name, kind in (("sft", SftSettings), ("dpo", DpoSettings), ("calibration", CalibrationSettings)):
        table[name] = read_section(kind, table.get(name, {}), where=f"{path} [{name}]")
    settings: RunSettings = read_section(RunSettings, table, where=str(path))
    return settings


def read_table(path: Path, *, paths: Sequence[str]) -> dict[str, Any]:
    """Read a TOML file; the keys of `paths` become paths from the repository root.

    Raises:
        TrainingError: the file is missing or not TOML.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise TrainingError(f"{path}: {error}") from None
    root = path.resolve().parents[2]
    return table | {name: root / str(table.get(name, "")) for name in paths}


def read_section(kind: Any, table: dict[str, Any], *, where: str) -> Any:
    """Build a frozen section from a table; raise TrainingError for a missing or unknown key."""
    names = {field.name for field in fields(kind)}
    if wrong := sorted(names ^ set(table)):
        raise TrainingError(f"{where}: missing or unknown key {wrong[0]!r}")
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in table.items()})


def fingerprint(settings: Any, data_digest: str, *extra: object) -> str:
    """Return what identifies a step (`settings` is its section): a checkpoint of another step is never resumed."""
    text = json.dumps([asdict(settings), data_digest, *map(str, extra)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
