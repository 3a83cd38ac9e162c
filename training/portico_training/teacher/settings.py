"""The configuration of a teacher and of the student it labels for: one TOML file."""

from dataclasses import dataclass
from pathlib import Path

from portico_training.settings import read_section, read_table


@dataclass(frozen=True, slots=True)
class TeachSettings:
    """How the larger model learns. `frozen` of its layers are computed once; `join_share` mixes calm text in."""

    seed: int
    frozen: int
    layers: int
    epochs: int
    batch_size: int
    batch_tokens: int
    learning_rate: float
    head_learning_rate: float
    lora_rank: int
    lora_scaling: float
    label_smoothing: float
    weight_decay: float
    max_tokens: int
    class_weights: tuple[float, ...]
    join_share: float
    drop_share: float


@dataclass(frozen=True, slots=True)
class DistilSettings:
    """How the small model learns from the labels. `hard_share` is the weight of the authored label in the loss."""

    seed: int
    start_from: Path
    epochs: int
    batch_size: int
    learning_rate: float
    head_learning_rate: float
    lora_dropout: float
    temperature: float
    hard_share: float
    label_smoothing: float
    weight_decay: float
    max_tokens: int
    class_weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TeacherRun:
    """Where everything lies, and the two steps."""

    messages: Path
    unlabelled: Path
    questions: Path
    base: Path
    student_base: Path
    work: Path
    threads: int
    teach: TeachSettings
    distil: DistilSettings


def load_teacher_run(path: Path) -> TeacherRun:
    """Read a configuration; paths are relative to the repository root.

    Raises:
        TrainingError: the file is missing, not TOML, or a key is missing or unknown.
    """
    table = read_table(path, paths=("messages", "unlabelled", "questions", "base", "student_base", "work"))
    root = path.resolve().parents[2]
    distil = table.get("distil", {})
    distil = distil | {"start_from": root / str(distil.get("start_from", ""))}
    table["teach"] = read_section(TeachSettings, table.get("teach", {}), where=f"{path} [teach]")
    table["distil"] = read_section(DistilSettings, distil, where=f"{path} [distil]")
    run: TeacherRun = read_section(TeacherRun, table, where=str(path))
    return run
