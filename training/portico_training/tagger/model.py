"""MiniLM as a tagger of units: LoRA on every linear layer, a token type for a word's case, a head of three tags.

The tokenizer is uncased, so case comes in through the token types (portico_core.tagging.UnitCase); their four vectors
are trained and start as the base's first one. A unit's logits are the mean of its word pieces' logits, in training as
in serving.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from peft import LoraConfig, inject_adapter_in_model
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from portico_core.tagging import Tag, UnitCase, cut_units, owners_of
from portico_training.artefacts import check_base_weights
from portico_training.model import CLS, LORA_TARGETS, PAD, SEP
from portico_training.tagger.pieces import Sample
from portico_training.tagger.settings import TaggerSettings

UNTAGGED = -100


@dataclass(frozen=True, slots=True)
class EncodedSample:
    """Word pieces of a text with [CLS] and [SEP]; `units` holds each piece's unit, -1 for the two."""

    ids: list[int]
    cases: list[int]
    units: list[int]
    tags: list[int]


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded pieces [rows, pieces] and the tags of all units [units]; `units` numbers them through the batch."""

    ids: Tensor
    mask: Tensor
    cases: Tensor
    units: Tensor
    tags: Tensor


class TaggerModel(nn.Module):  # type: ignore[misc]
    """BERT with four token types and a head over each piece."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.bert = BertModel(config, add_pooling_layer=False)
        self.head = nn.Linear(config.hidden_size, len(Tag))

    def forward(self, batch: Batch) -> Tensor:
        """Return the logits of every unit, shape [units, 3]."""
        hidden = self.bert(batch.ids, batch.mask, token_type_ids=batch.cases).last_hidden_state
        logits = self.head(hidden)
        inside = batch.units >= 0
        units = batch.units[inside]
        sums = torch.zeros(len(batch.tags), len(Tag)).index_add(0, units, logits[inside])
        return sums / torch.bincount(units, minlength=len(batch.tags)).clamp(min=1).unsqueeze(1)


def load_tagger_base(settings: TaggerSettings) -> TaggerModel:
    """Build the model on the pinned base weights with a fresh adapter; only what is to be trained has gradients.

    Raises:
        TrainingError: the weights are missing or are others than the pinned ones.
    """
    check_base_weights(settings.base / "model.safetensors")
    config = BertConfig.from_pretrained(settings.base)
    config.vocab_size, config.type_vocab_size = 30522, len(UnitCase)
    model = TaggerModel(config)
    weights = load_file(settings.base / "model.safetensors")
    types = "embeddings.token_type_embeddings.weight"
    weights[types] = weights[types][:1].repeat(len(UnitCase), 1)
    missing = model.bert.load_state_dict(weights, strict=False).missing_keys
    if missing:
        raise RuntimeError(f"base weights lack {missing[0]}")
    return add_tagger_lora(model, settings)


def add_tagger_lora(model: TaggerModel, settings: TaggerSettings) -> TaggerModel:
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


def encode_sample(tokenizer: Tokenizer, sample: Sample, max_pieces: int) -> EncodedSample:
    """Cut a text into word pieces, each with its unit; a text too long loses its end, and those units their tags."""
    encoding = tokenizer.encode(sample.text, add_special_tokens=False)
    units = cut_units(sample.text)
    kept = list(zip(encoding.ids, owners_of(units, encoding.offsets), strict=True))[: max_pieces - 2]
    seen = {number for _, number in kept}
    return EncodedSample(
        ids=[CLS, *(i for i, _ in kept), SEP],
        cases=[0, *(int(units[n].case) if n >= 0 else 0 for _, n in kept), 0],
        units=[-1, *(n for _, n in kept), -1],
        tags=[int(tag) if number in seen else UNTAGGED for number, tag in enumerate(sample.tags)],
    )  # fmt: skip


def collate(rows: Sequence[EncodedSample]) -> Batch:
    """Pad samples to one batch."""
    longest = max(len(row.ids) for row in rows)
    ids = torch.full((len(rows), longest), PAD, dtype=torch.long)
    cases, units = torch.zeros_like(ids), torch.full_like(ids, -1)
    tags: list[int] = []
    for at, row in enumerate(rows):
        ids[at, : len(row.ids)] = torch.tensor(row.ids)
        cases[at, : len(row.ids)] = torch.tensor(row.cases)
        numbers = torch.tensor(row.units)
        units[at, : len(row.ids)] = torch.where(numbers >= 0, numbers + len(tags), numbers)
        tags.extend(row.tags)
    lengths = torch.tensor([len(row.ids) for row in rows])
    return Batch(ids, (torch.arange(longest) < lengths[:, None]).long(), cases, units, torch.tensor(tags))
