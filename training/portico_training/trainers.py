"""What every TRL trainer here has in common: ids come ready, a loss that is no number stops, figures go to the log."""

from collections.abc import Mapping
from typing import Any

import torch
from datasets import Dataset
from transformers import TrainerCallback
from trl import DPOTrainer, SFTTrainer

from portico_training.artefacts import RunLog, TrainingError


class FiniteLoss:
    """Stop when the loss is no number: what is learned from there on is nothing."""

    def compute_loss(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the loss as TRL does; raise TrainingError for one that is not finite."""
        loss = super().compute_loss(*args, **kwargs)  # type: ignore[misc]
        value = loss[0] if isinstance(loss, tuple) else loss
        if not torch.isfinite(value).all():
            raise TrainingError(f"loss became {value.item()}: lower the learning rate or beta")
        return loss


class TokenSftTrainer(FiniteLoss, SFTTrainer):  # type: ignore[misc]  # TRL is untyped
    """An SFTTrainer for rows of ids (`input_ids`, `completion_mask`), which TRL takes as they are."""


class TokenDpoTrainer(FiniteLoss, DPOTrainer):  # type: ignore[misc]
    """A DPOTrainer whose pairs are token ids already: TRL's own preparation would append an end token."""

    def _prepare_dataset(self, dataset: Dataset, *_: Any) -> Dataset:
        return dataset


class LogFigures(TrainerCallback):  # type: ignore[misc]  # so is transformers' callback
    """Copy TRL's figures into the run log: for each event our names and TRL's; the first one says that it happened."""

    def __init__(self, log: RunLog, events: Mapping[str, Mapping[str, str]]) -> None:
        self._log, self._events = log, events

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any) -> None:
        """Record a step's figures."""
        said = logs or {}
        for event, figures in self._events.items():
            if next(iter(figures.values())) in said:
                found = {ours: float(said[theirs]) for ours, theirs in figures.items() if theirs in said}
                self._log.record(event, step=state.global_step, **found)


DPO_FIGURES = {"loss": "loss", "margin": "rewards/margins", "accuracy": "rewards/accuracies"}
