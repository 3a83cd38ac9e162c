"""The configuration of one run of the tagger: a TOML file, read once, frozen."""

from dataclasses import dataclass
from pathlib import Path

from portico_training.settings import read_section, read_table


@dataclass(frozen=True, slots=True)
class TaggerSettings:
    """Where the templates lie, where the run works, and how it trains.

    `samples` is the number of texts in all; each is seen once. `tag_weights` follow the order of
    `portico_core.tagging.Tag`. `max_pieces` bounds a text while training.
    """

    version: str
    data: Path
    towns: Path
    base: Path
    work: Path
    adapter: Path
    threads: int
    seed: int
    samples: int
    validation_samples: int
    positive_share: float
    batch_size: int
    learning_rate: float
    head_learning_rate: float
    lora_rank: int
    lora_alpha: int
    lora_dropout: float
    label_smoothing: float
    weight_decay: float
    max_pieces: int
    tag_weights: tuple[float, ...]
    save_every: int

    @property
    def log_path(self) -> Path:
        """Return where the run's log lies."""
        return self.work / "log.jsonl"


def load_tagger_run(path: Path) -> TaggerSettings:
    """Read a configuration; paths in it are relative to the repository root.

    Raises:
        TrainingError: the file is missing, not TOML, or a key is missing or unknown.
    """
    table = read_table(path, paths=("data", "towns", "base", "work", "adapter"))
    settings: TaggerSettings = read_section(TaggerSettings, table, where=str(path))
    return settings
