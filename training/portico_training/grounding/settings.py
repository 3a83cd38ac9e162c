"""The configuration of one run of the entailment model: a TOML file, read once, frozen."""

from dataclasses import dataclass
from pathlib import Path

from portico_training.settings import read_section, read_table


@dataclass(frozen=True, slots=True)
class GroundingSettings:
    """Where the pairs and passages lie, where the run works, and how it trains.

    `made` is the number of pairs by rule in each epoch.
    """

    version: str
    data: Path
    passages: Path
    base: Path
    work: Path
    adapter: Path
    threads: int
    seed: int
    epochs: int
    made: int
    batch_size: int
    learning_rate: float
    head_learning_rate: float
    lora_rank: int
    lora_alpha: int
    lora_dropout: float
    label_smoothing: float
    weight_decay: float
    max_pieces: int

    @property
    def log_path(self) -> Path:
        """Return where the run's log lies."""
        return self.work / "log.jsonl"


def load_grounding_run(path: Path) -> GroundingSettings:
    """Read a configuration; paths in it are relative to the repository root.

    Raises:
        TrainingError: the file is missing, not TOML, or a key is missing or unknown.
    """
    table = read_table(path, paths=("data", "passages", "base", "work", "adapter"))
    settings: GroundingSettings = read_section(GroundingSettings, table, where=str(path))
    return settings
