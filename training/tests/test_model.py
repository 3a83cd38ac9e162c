"""The one-token language model and its adapter; run in .venv-train by `make train`."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig

from portico_training.artefacts import TrainingError
from portico_training.blend import blend, change_of
from portico_training.checkpoints import (
    adapter_tensors,
    factors_from,
    load_adapter,
    merge_adapter,
    put_adapter,
    save_adapter,
    take_adapter,
)
from portico_training.model import (
    HEAD_ROWS,
    LABEL_TOKENS,
    SEP,
    LabelLanguageModel,
    add_lora,
    pad_batch,
    prompt_mask,
    unwrapped,
    windows,
)
from portico_training.sft import soup

PROMPTS = [[101, 7, 8, 9, SEP], [101, 7, SEP]]


def tiny(seed: int = 1) -> LabelLanguageModel:
    """Make a model small enough for a test."""
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=200, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    return LabelLanguageModel(config).eval().requires_grad_(False)


def trained(seed: int = 1) -> LabelLanguageModel:
    """Make a wrapped model whose adapter and head are no longer zero."""
    wrapped = add_lora(tiny(), rank=4, alpha=8, dropout=0.0)
    torch.manual_seed(seed + 10)
    with torch.no_grad():
        for name, parameter in wrapped.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.2)
        rows = list(LABEL_TOKENS)
        unwrapped(wrapped).lm_head.weight[rows] = torch.randn(len(rows), 32)
    return wrapped.eval()


def test_only_label_tokens_can_be_said() -> None:
    ids, mask = pad_batch(PROMPTS)
    p = tiny()(ids, mask).logits.softmax(-1)
    assert p.shape[-1] == HEAD_ROWS
    torch.testing.assert_close(p[..., list(LABEL_TOKENS)].sum(-1), torch.ones(2, 5))


def test_every_position_carries_the_prompt_and_the_completion_is_not_read() -> None:
    model = tiny()
    ids, mask = pad_batch([[101, 7, 8, SEP, 2], [101, 7, 8, SEP, 5]])
    hidden = model.encoder(ids, mask).last_hidden_state
    torch.testing.assert_close(hidden[0, 0], hidden[0, -1])
    torch.testing.assert_close(hidden[0], hidden[1])


def test_prompt_ends_with_its_first_separator() -> None:
    assert prompt_mask(torch.tensor([[101, 7, SEP, 3, SEP]])).tolist() == [[1, 1, 1, 0, 0]]


def test_halves_with_the_same_prompts_score_as_alone() -> None:
    model = tiny()
    ids, mask = pad_batch([[101, 7, SEP, 2], [101, 9, 8, SEP, 2], [101, 7, SEP, 4], [101, 9, 8, SEP, 4]])
    together = model.encoder(ids, mask).last_hidden_state[:, 0]
    alone = model.encoder(*pad_batch([[101, 9, 8, SEP]])).last_hidden_state[0, 0]
    torch.testing.assert_close(together[1], alone)
    torch.testing.assert_close(together[3], alone)


def test_merged_weights_score_like_the_adapter() -> None:
    wrapped = trained()
    ids, mask = pad_batch(PROMPTS)
    merged = merge_adapter(tiny(), take_adapter(wrapped))
    torch.testing.assert_close(merged.label_logits(ids, mask), unwrapped(wrapped).label_logits(ids, mask))


def test_float16_files_score_within_a_hundredth(tmp_path: Path) -> None:
    wrapped = trained()
    adapter = take_adapter(wrapped)
    save_adapter(adapter, tmp_path / "a.safetensors")
    read = load_adapter(tmp_path / "a.safetensors", adapter.scaling)
    halves = factors_from(adapter_tensors(read, torch.float16))
    ids, mask = pad_batch(PROMPTS)
    merged = merge_adapter(tiny(), type(read)(halves, read.scaling, read.head_weight, read.head_bias))
    difference = merged.label_logits(ids, mask) - unwrapped(wrapped).label_logits(ids, mask)
    assert difference.abs().max() < 0.01


def test_an_adapter_put_back_can_train_on() -> None:
    adapter = take_adapter(trained())
    wrapped = put_adapter(tiny(), adapter)
    ids, mask = pad_batch(PROMPTS)
    torch.testing.assert_close(unwrapped(wrapped).label_logits(ids, mask), unwrapped(trained()).label_logits(ids, mask))
    assert all(p.requires_grad for n, p in wrapped.named_parameters() if "lora_" in n)


def test_a_soup_is_the_mean_of_the_changes() -> None:
    one, two = take_adapter(trained(1)), take_adapter(trained(2))
    mixed = soup([one, two])
    for name, (a, b) in mixed.factors.items():
        mean = sum(other.factors[name][1] @ other.factors[name][0] for other in (one, two)) / 2
        torch.testing.assert_close(b @ a, mean)


def test_every_token_of_a_long_text_lies_in_a_window() -> None:
    class Numbers:
        def encode(self, text: str, add_special_tokens: bool) -> object:
            return type("Encoding", (), {"ids": list(range(1000, 1000 + len(text)))})()

    for length in (0, 1, 62, 63, 100, 300):
        cut = windows(Numbers(), "x" * length, 64 + 66)  # type: ignore[arg-type]
        assert {i for w in cut for i in w[1:-1]} == set(range(1000, 1000 + length))
        assert all(len(w) <= 130 for w in cut)


def test_a_missing_step_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="run the step before"):
        load_adapter(tmp_path / "none", 2.0)


def test_dpo_raises_the_margin_of_the_preferred_label(tmp_path: Path) -> None:
    from datasets import Dataset
    from transformers import BertTokenizerFast
    from trl import DPOConfig
    from trl.trainer.dpo_trainer import DataCollatorForPreference

    from portico_training.trainers import TokenDpoTrainer

    wrapped = put_adapter(tiny(), take_adapter(trained()))
    ids, mask = pad_batch([PROMPTS[0]])
    before = unwrapped(wrapped).label_logits(ids, mask).detach().numpy()[0]
    (tmp_path / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
    pair = {"prompt_ids": PROMPTS[0], "chosen_ids": [LABEL_TOKENS[2]], "rejected_ids": [LABEL_TOKENS[0]]}
    arguments = DPOConfig(
        output_dir=str(tmp_path), max_steps=5, learning_rate=1e-2, per_device_train_batch_size=2, bf16=False,
        use_cpu=True, gradient_checkpointing=False, report_to=[], save_strategy="no", disable_tqdm=True,
    )  # fmt: skip
    TokenDpoTrainer(
        model=wrapped, args=arguments, train_dataset=Dataset.from_list([pair] * 4),
        processing_class=BertTokenizerFast(str(tmp_path / "vocab.txt")),
        data_collator=DataCollatorForPreference(pad_token_id=0),
    ).train()  # fmt: skip
    after = unwrapped(wrapped.eval()).label_logits(ids, mask).detach().numpy()[0]
    assert np.subtract(after[2], after[0]) > np.subtract(before[2], before[0]) + 0.1


def test_a_blend_is_the_weighted_mean_of_the_weight_changes() -> None:
    one, other = take_adapter(trained(1)), replace(take_adapter(trained(2)), scaling=4.0)
    joined = blend([(one, 0.75), (other, 0.25)], rank=8, scaling=2.0)
    for name in joined.factors:
        expected = 0.75 * change_of(one, name) + 0.25 * change_of(other, name)
        assert torch.allclose(change_of(joined, name), expected, atol=1e-5)
    assert torch.allclose(joined.head_bias, 0.75 * one.head_bias + 0.25 * other.head_bias)


def test_a_blend_of_too_low_a_rank_is_only_near() -> None:
    one, other = take_adapter(trained(1)), take_adapter(trained(2))
    joined = blend([(one, 0.5), (other, 0.5)], rank=1, scaling=2.0)
    name = next(iter(joined.factors))
    assert not torch.allclose(change_of(joined, name), (change_of(one, name) + change_of(other, name)) / 2, atol=1e-5)
