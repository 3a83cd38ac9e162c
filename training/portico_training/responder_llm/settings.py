"""The configuration of one run of the LLM responder: a TOML file, read once, frozen."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from portico_training.artefacts import TrainingError
from portico_training.settings import read_section, read_table


@dataclass(frozen=True, slots=True)
class LoraSettings:
    """The adapter that SFT starts and DPO goes on with. `targets` is what PEFT calls `target_modules`."""

    rank: int
    alpha: int
    dropout: float
    targets: str


@dataclass(frozen=True, slots=True)
class SftSettings:
    """Supervised fine-tuning on the chosen drafts.

    `unanswered_share` is how many questions without an answer come to one with: they get passages of other topics,
    and the draft to learn is the empty one.
    """

    seed: int
    epochs: int
    batch_size: int
    accumulate: int
    learning_rate: float
    weight_decay: float
    unanswered_share: float
    save_steps: int
    log_steps: int


@dataclass(frozen=True, slots=True)
class DpoSettings:
    """Direct preference optimisation, from the adapter that SFT left."""

    seed: int
    epochs: int
    batch_size: int
    accumulate: int
    learning_rate: float
    beta: float
    sft_loss_weight: float
    save_steps: int
    log_steps: int


@dataclass(frozen=True, slots=True)
class DraftSettings:
    """How drafts are made for the figures: greedily, as the gateway asks for them."""

    batch_size: int
    max_new_tokens: int


@dataclass(frozen=True, slots=True)
class LlmRun:
    """One run: its pairs and passages, its base model, where it works and what it leaves.

    `base` is a folder as `save_pretrained` writes it, tokenizer with chat template and all; nothing is fetched.
    `max_tokens` is the longest prompt and draft together: a longer one is an error and is not cut. `template` holds
    further arguments of the chat template.
    """

    name: str
    version: str
    pairs: Path
    passages: Path
    base: Path
    work: Path
    export: Path
    device: Literal["cuda", "cpu"]
    max_tokens: int
    template: dict[str, Any]
    lora: LoraSettings
    sft: SftSettings
    dpo: DpoSettings
    drafts: DraftSettings

    @property
    def log_path(self) -> Path:
        """Return where the run's log lies."""
        return self.work / "log.jsonl"


def load_llm_run(path: Path) -> LlmRun:
    """Read a configuration; paths in it are relative to the repository root.

    Raises:
        TrainingError: the file is missing, not TOML, a key is missing or unknown, or the device is none of ours.
    """
    table = read_table(path, paths=("pairs", "passages", "base", "work", "export"))
    for name, kind in (("lora", LoraSettings), ("sft", SftSettings), ("dpo", DpoSettings), ("drafts", DraftSettings)):
        table[name] = read_section(kind, table.get(name, {}), where=f"{path} [{name}]")
    run: LlmRun = read_section(LlmRun, table, where=str(path))
    if run.device not in {"cuda", "cpu"}:
        raise TrainingError(f"{path}: device is cuda or cpu")
    return run
