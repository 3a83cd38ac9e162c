"""The models of a run's stages, and what they say of each split."""

from collections.abc import Sequence

import torch

from portico_training.checkpoints import load_adapter, merge_adapter
from portico_training.messages import load_messages, of_split
from portico_training.model import LabelLanguageModel, load_base, load_tokenizer, logits_of
from portico_training.scoring import Floats
from portico_training.settings import RunSettings


def stage_model(run: RunSettings, stage: str) -> LabelLanguageModel:
    """Return the base with the adapter of a stage (sft or dpo) merged in."""
    adapter = load_adapter(run.work / f"{stage}.safetensors", run.sft.lora_alpha / run.sft.lora_rank)
    return merge_adapter(load_base(run.base), adapter)


def stage_logits(run: RunSettings, stage: str, splits: Sequence[str]) -> dict[str, tuple[Floats, list[str]]]:
    """Return logits and gold labels of each split."""
    torch.set_num_threads(run.threads)
    model, tokenizer = stage_model(run, stage), load_tokenizer(run.base)
    messages = load_messages(run.messages)
    scored = {}
    for split in splits:
        rows = of_split(messages, split)
        logits = logits_of(model, tokenizer, [m.text for m in rows], max_tokens=run.sft.max_tokens)
        scored[split] = (logits, [m.label for m in rows])
    return scored
