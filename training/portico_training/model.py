"""MiniLM as a one-token language model: the prompt is a message, the next token is its label.

TRL's DPOTrainer multiplies `base_model(...).last_hidden_state` with the weights of `lm_head` itself and never
asks the model for its logits. So the backbone gives the pooled vector of the prompt at *every* position, and
the head is a Linear over the vocabulary whose bias is -1e4 except on the six label tokens. Tokens beyond
HEAD_ROWS would all sit at -1e4, whose exponential is zero in float32; leaving them out changes no figure and
halves the time.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel, GenerationConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput, CausalLMOutput

from portico_training.artefacts import check_base_weights
from portico_training.messages import LABELS
from portico_training.scoring import Floats, most_severe
from portico_training.settings import SftSettings

PAD, CLS, SEP = 0, 101, 102
# [unused1] … [unused6] of the BERT vocabulary: tokens that no text contains.
LABEL_TOKENS = tuple(range(2, 2 + len(LABELS)))
HEAD_ROWS = 128
MASKED_BIAS = -1e4
LORA_TARGETS = r".*\.encoder\.layer\.\d+\..*(query|key|value|dense)"
WINDOW_OVERLAP = 64


class PooledPrompt(nn.Module):  # type: ignore[misc]
    """Give the mean of the prompt's token vectors at every position; what follows [SEP] is not read."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.bert = BertModel(config, add_pooling_layer=False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, **_: Any) -> BaseModelOutput:
        """Encode the prompts, shape [batch, tokens] → [batch, tokens, 384]."""
        if (twins := _twins(input_ids, attention_mask)) is not None:
            half = self(*twins).last_hidden_state[:, :1]
            return BaseModelOutput(last_hidden_state=half.repeat(2, input_ids.shape[1], 1))
        prompt = prompt_mask(input_ids) * attention_mask
        hidden = self.bert(input_ids=input_ids, attention_mask=prompt).last_hidden_state
        weights = prompt.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * weights).sum(1) / weights.sum(1)
        return BaseModelOutput(last_hidden_state=pooled.unsqueeze(1).expand_as(hidden))


def _twins(input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor] | None:
    """Return half a batch where both halves hold the same prompts, as chosen and rejected do in DPO."""
    half, odd = divmod(len(input_ids), 2)
    prompt = prompt_mask(input_ids) * attention_mask
    ids = input_ids * prompt
    if odd or not half or not torch.equal(ids[:half], ids[half:]):
        return None
    longest = int(prompt.sum(1).max())
    return ids[:half, :longest], prompt[:half, :longest]


def prompt_mask(input_ids: Tensor) -> Tensor:
    """Return 1 up to and including the first [SEP], else 0."""
    ends = (input_ids == SEP).long()
    return ((ends.cumsum(1) - ends) == 0).long()


class LabelLanguageModel(PreTrainedModel):  # type: ignore[misc]
    """A causal language model that can only ever say one of six tokens."""

    config_class = BertConfig
    base_model_prefix = "encoder"
    main_input_name = "input_ids"

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config)
        self.encoder = PooledPrompt(config)
        self.lm_head = nn.Linear(config.hidden_size, HEAD_ROWS)
        self.generation_config = GenerationConfig()  # DPOTrainer writes its pad token there
        self.post_init()
        clear_head(self.lm_head)

    def get_input_embeddings(self) -> nn.Module:
        """Return the frozen word embeddings."""
        return self.encoder.bert.embeddings.word_embeddings

    def get_output_embeddings(self) -> nn.Module:
        """Return the head, which TRL reads directly."""
        return self.lm_head

    def forward(self, input_ids: Tensor, attention_mask: Tensor, **_: Any) -> CausalLMOutput:
        """Return logits over the first HEAD_ROWS tokens at every position."""
        return CausalLMOutput(logits=self.lm_head(self.encoder(input_ids, attention_mask).last_hidden_state))

    def label_logits(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the logits of the six labels, shape [batch, 6]."""
        pooled = self.encoder(input_ids, attention_mask).last_hidden_state[:, 0]
        rows = list(LABEL_TOKENS)
        return nn.functional.linear(pooled, self.lm_head.weight[rows], self.lm_head.bias[rows])


def clear_head(head: nn.Linear) -> None:
    """Silence every token but the labels."""
    with torch.no_grad():
        head.weight.zero_()
        head.bias.fill_(MASKED_BIAS)
        head.bias[list(LABEL_TOKENS)] = 0.0


def set_head(model: LabelLanguageModel, weight: Tensor, bias: Tensor) -> None:
    """Put the six rows of a trained head in their places."""
    with torch.no_grad():
        model.lm_head.weight[list(LABEL_TOKENS)] = weight
        model.lm_head.bias[list(LABEL_TOKENS)] = bias


def load_base(folder: Path) -> LabelLanguageModel:
    """Build the model on the pinned base weights, everything frozen.

    Raises:
        TrainingError: the weights are missing or are others than the pinned ones.
    """
    weights = folder / "model.safetensors"
    check_base_weights(weights)
    config = BertConfig.from_pretrained(folder)
    config.vocab_size = 30522
    model = LabelLanguageModel(config)
    missing = model.encoder.bert.load_state_dict(load_file(weights), strict=False).missing_keys
    if missing:
        raise RuntimeError(f"base weights lack {missing[0]}")
    model.requires_grad_(False)
    return model


def add_lora(model: LabelLanguageModel, *, rank: int, alpha: int, dropout: float) -> PeftModel:
    """Wrap a model with a fresh LoRA adapter over all linear layers of the encoder."""
    config = LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules=LORA_TARGETS)
    return get_peft_model(model, config)


def wrap(model: LabelLanguageModel, settings: SftSettings) -> PeftModel:
    """Wrap a model as the SFT settings say."""
    return add_lora(model, rank=settings.lora_rank, alpha=settings.lora_alpha, dropout=settings.lora_dropout)


def load_tokenizer(folder: Path) -> Tokenizer:
    """Load the tokenizer without the padding and truncation its file asks for."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode(tokenizer: Tokenizer, text: str, max_tokens: int) -> list[int]:
    """Return [CLS] … [SEP], the first `max_tokens` tokens of a text."""
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    return [CLS, *ids[: max_tokens - 2], SEP]


def windows(tokenizer: Tokenizer, text: str, max_tokens: int) -> list[list[int]]:
    """Cut a text into overlapping windows so that every token lies in one."""
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    size = max_tokens - 2
    starts = range(0, max(1, len(ids) - WINDOW_OVERLAP), size - WINDOW_OVERLAP)
    return [[CLS, *ids[start : start + size], SEP] for start in starts]


def pad_batch(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return ids and attention mask, padded to the longest row."""
    longest = max(map(len, rows))
    ids = torch.full((len(rows), longest), PAD, dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
    lengths = torch.tensor([len(row) for row in rows])
    return ids, (torch.arange(longest) < lengths[:, None]).long()


@torch.inference_mode()  # type: ignore[untyped-decorator]
def logits_of(
    model: LabelLanguageModel, tokenizer: Tokenizer, texts: Sequence[str], *, max_tokens: int, batch_size: int = 64
) -> Floats:
    """Return label logits of shape [n, 6]; of a long text, those of its most severe window."""
    model.eval()
    cut = [windows(tokenizer, text, max_tokens) for text in texts]
    flat = sorted(((i, w) for i, ws in enumerate(cut) for w in ws), key=lambda pair: len(pair[1]))
    found: list[list[np.ndarray[Any, Any]]] = [[] for _ in texts]
    for start in range(0, len(flat), batch_size):
        batch = flat[start : start + batch_size]
        logits = model.label_logits(*pad_batch([w for _, w in batch])).double().numpy()
        for (i, _), row in zip(batch, logits, strict=True):
            found[i].append(row)
    return np.stack([most_severe(np.stack(rows)) for rows in found])


def unwrapped(model: PeftModel) -> LabelLanguageModel:
    """Return the language model inside its adapter."""
    inner = model.get_base_model()
    return cast(LabelLanguageModel, inner)  # PEFT is untyped
