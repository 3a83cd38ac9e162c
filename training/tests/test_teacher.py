"""The teacher that is never served, and what it hands to the small model; run in .venv-train by `make train`."""

import random
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import MPNetConfig, MPNetModel

from portico_training.artefacts import TrainingError
from portico_training.distil import distil_loss
from portico_training.messages import LABELS, Message
from portico_training.teacher.base import find_parts, write_base
from portico_training.teacher.cache import HALF, cache, gather
from portico_training.teacher.label import NO_LABEL, student_texts
from portico_training.teacher.model import Encoder, Teacher, pad
from portico_training.teacher.settings import load_teacher_run
from portico_training.teacher.train import logits_of_cached, thinned

CONFIG = Path(__file__).parents[1] / "configs" / "teacher.toml"
COMMITTED = Path(__file__).parents[1] / "teacher" / "teacher.safetensors"
ROWS = [[0, 9, 8, 7, 11, 2], [0, 5, 2]]


def reference() -> MPNetModel:
    """Make transformers' own model, small."""
    torch.manual_seed(3)
    config = MPNetConfig(
        vocab_size=40, hidden_size=24, num_hidden_layers=4, num_attention_heads=12, intermediate_size=32,
        max_position_embeddings=66, layer_norm_eps=1e-5,
    )  # fmt: skip
    model = MPNetModel(config, add_pooling_layer=False).eval()
    torch.nn.init.normal_(model.encoder.relative_attention_bias.weight)
    return model


def teacher(rank: int = 4) -> Teacher:
    """Make a teacher of the upper two layers."""
    return Teacher(Encoder(reference().state_dict(), first=2, last=4), rank=rank, scaling=2.0)


def test_two_halves_give_what_the_reference_gives() -> None:
    model, (ids, mask) = reference(), pad(ROWS)
    weights = model.state_dict()
    lower, upper = (Encoder(weights, first=first, last=first + 2) for first in (0, 2))
    with torch.inference_mode():
        expected = model(input_ids=ids, attention_mask=mask).last_hidden_state
        found = upper(lower(lower.embed(ids), mask), mask)
    assert torch.allclose(found[mask.bool()], expected[mask.bool()], atol=1e-5)


def test_far_apart_words_have_a_bias_of_their_own() -> None:
    model = reference()
    ids = torch.randint(3, 40, (1, 60))
    mask = torch.ones_like(ids)
    encoder = Encoder(model.state_dict(), first=0, last=4)
    with torch.inference_mode():
        expected = model(input_ids=ids, attention_mask=mask).last_hidden_state
        assert torch.allclose(encoder(encoder.embed(ids), mask), expected, atol=1e-5)


def test_cached_texts_are_scored_as_they_are_alone() -> None:
    lower = Encoder(reference().state_dict(), first=0, last=2).to(HALF)
    cached = cache(lower, ROWS, 64)
    assert cached.starts == [0, 6, 9]
    model = teacher().to(torch.float32).eval()
    model.upper.to(HALF)
    torch.nn.init.normal_(model.head.weight)
    together = logits_of_cached(model, cached)
    with torch.inference_mode():
        alone = torch.cat([model(*gather([cached.rows(i)])) for i in range(2)])
    assert torch.allclose(torch.from_numpy(together).float(), alone, atol=2e-2)


def test_only_factors_and_head_learn() -> None:
    model = teacher()
    learnt = {name for name, p in model.named_parameters() if p.requires_grad}
    assert learnt == {name for name in model.learnt() if not name.startswith("scale_first.")}
    assert any(name.endswith(".a") for name in learnt)


def test_the_committed_teacher_is_what_the_configuration_describes() -> None:
    settings, tensors = load_teacher_run(CONFIG).teach, load_file(COMMITTED)
    factors = {name: t for name, t in tensors.items() if name.startswith("upper.")}
    layers = {int(name.split(".")[2]) for name in factors}
    assert layers == set(range(settings.layers - settings.frozen))
    assert {t.shape[0 if name.endswith(".a") else 1] for name, t in factors.items()} == {settings.lora_rank}
    assert set(tensors) - set(factors) == {name for name in teacher().learnt() if not name.startswith("upper.")}
    assert all(torch.isfinite(t).all() for t in tensors.values())


def test_a_thinned_mask_keeps_the_first_token() -> None:
    torch.manual_seed(1)
    mask = thinned(torch.ones(64, 30, dtype=torch.long), 0.5)
    assert mask[:, 0].all() and 0 < (mask == 0).sum() < 64 * 29


@pytest.mark.parametrize(("change", "said"), [("none", "SHA-256 differs"), ("cut", "do not make")])
def test_other_bytes_are_no_base(tmp_path: Path, change: str, said: str) -> None:
    archive = tmp_path / "whole.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name in ("model.safetensors", "tokenizer.json"):
            file.writestr(f"base/{name}", b"not the pinned file")
    content = archive.read_bytes()[: 40 if change == "cut" else None]
    parts = [tmp_path / f"part{i}" for i in range(2)]
    for part, half in zip(parts, (content[:30], content[30:]), strict=True):
        part.write_bytes(half)
    with pytest.raises(TrainingError, match=said):
        write_base(parts, tmp_path / "out")
    assert not (tmp_path / "out" / "model.safetensors").exists()


def test_missing_pieces_are_counted(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="0 of 5"):
        find_parts(tmp_path)


def message(text: str, label: str, split: str) -> Message:
    """Make a message."""
    return Message(text, text, label, LABELS[0], text, "main", "en", "a test", split)


def test_nothing_that_measures_is_taught() -> None:
    train = [message(f"One {i}. Two {i}. Three {i}. Four {i}.", LABELS[i % 6], "train") for i in range(24)]
    held = message("Keep me out.", "emergency", "test")
    texts = student_texts([*train, held], ["keep me OUT", "Plain line."], random.Random(1))
    said = {one.text for one in texts}
    assert "Plain line." in said and "keep me OUT" not in said and held.text not in said
    assert {one.gold for one in texts if one.text == "Plain line."} == {NO_LABEL}


def test_the_loss_is_least_where_student_and_teacher_agree() -> None:
    settings = load_teacher_run(CONFIG).distil
    soft = torch.tensor([[4.0, 0, 0, 0, 0, 0]])
    unknown = torch.tensor([NO_LABEL])
    agree, differ = (distil_loss(rows, soft, unknown, settings) for rows in (soft, soft.flip(1)))
    assert agree == pytest.approx(0, abs=1e-6) and differ > 1
    assert distil_loss(soft, soft, torch.tensor([3]), settings) > distil_loss(soft, soft, torch.tensor([0]), settings)
