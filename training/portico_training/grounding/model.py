"""MiniLM as a cross-encoder: a sentence and a premise in one sequence, one logit.

The two are told apart by their token types. The mean is taken over the sentence alone: what counts is whether each of
its words is carried by the premise, not what else the premise says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from peft import LoraConfig, inject_adapter_in_model
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from portico_training.artefacts import check_base_weights
from portico_training.grounding.sampling import Example
from portico_training.grounding.settings import GroundingSettings
from portico_training.model import CLS, LORA_TARGETS, PAD, SEP


@dataclass(frozen=True, slots=True)
class PairBatch:
    """Padded pairs [rows, pieces]; `types` is 1 on the premise."""

    ids: Tensor
    mask: Tensor
    types: Tensor


class EntailmentModel(nn.Module):  # type: ignore[misc]
    """BERT over a pair, and a head over the mean of the sentence's pieces."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.bert = BertModel(config, add_pooling_layer=False)
        self.head = nn.Linear(config.hidden_size, 1)

    def forward(self, batch: PairBatch) -> Tensor:
        """Return one logit for each pair: above zero where the premise says the sentence."""
        hidden = self.bert(batch.ids, batch.mask, token_type_ids=batch.types).last_hidden_state
        weights = (batch.mask * (1 - batch.types)).unsqueeze(-1).to(hidden.dtype)
        return self.head((hidden * weights).sum(1) / weights.sum(1)).squeeze(-1)


def load_entailment_base(settings: GroundingSettings) -> EntailmentModel:
    """Build the model on the pinned base weights with a fresh adapter; only what is to be trained has gradients.

    Raises:
        TrainingError: the weights are missing or are others than the pinned ones.
    """
    check_base_weights(settings.base / "model.safetensors")
    config = BertConfig.from_pretrained(settings.base)
    config.vocab_size = 30522
    model = EntailmentModel(config)
    missing = model.bert.load_state_dict(load_file(settings.base / "model.safetensors"), strict=False).missing_keys
    if missing:
        raise RuntimeError(f"base weights lack {missing[0]}")
    return add_entailment_lora(model, settings)


def add_entailment_lora(model: EntailmentModel, settings: GroundingSettings) -> EntailmentModel:
    """Freeze the base and put an adapter in; head and token types learn as they are."""
    model.requires_grad_(False)
    config = LoraConfig(
        r=settings.lora_rank, lora_alpha=settings.lora_alpha, lora_dropout=settings.lora_dropout,
        target_modules=LORA_TARGETS,
    )  # fmt: skip
    inject_adapter_in_model(config, model)
    model.head.requires_grad_(True)
    model.bert.embeddings.token_type_embeddings.requires_grad_(True)
    return model


def encode_pairs(tokenizer: Tokenizer, rows: Sequence[Example], max_pieces: int) -> PairBatch:
    """Cut pairs into word pieces, [CLS] sentence [SEP] premise [SEP]; a premise too long loses its end."""
    sentences = tokenizer.encode_batch([row.sentence for row in rows], add_special_tokens=False)
    premises = tokenizer.encode_batch([row.premise for row in rows], add_special_tokens=False)
    cut = []
    for sentence, premise in zip(sentences, premises, strict=True):
        first = [CLS, *sentence.ids[: max_pieces // 2], SEP]
        cut.append((first, [*premise.ids[: max_pieces - len(first) - 1], SEP]))
    longest = max(len(first) + len(second) for first, second in cut)
    ids = torch.full((len(cut), longest), PAD, dtype=torch.long)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    for at, (first, second) in enumerate(cut):
        ids[at, : len(first) + len(second)] = torch.tensor(first + second)
        mask[at, : len(first) + len(second)] = 1
        types[at, len(first) : len(first) + len(second)] = 1
    return PairBatch(ids, mask, types)
