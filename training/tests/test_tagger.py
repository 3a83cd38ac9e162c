"""The tagger's generator and model; run in .venv-train by `make train`."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import BertConfig

from portico_core.tagging import Tag, cut_units
from portico_training.artefacts import TrainingError
from portico_training.model import load_tokenizer
from portico_training.tagger.generate import Generator, marked
from portico_training.tagger.model import Batch, TaggerModel, add_tagger_lora, collate, encode_sample
from portico_training.tagger.noise import make_untidy
from portico_training.tagger.pieces import Piece, Sample, to_sample
from portico_training.tagger.settings import TaggerSettings, load_tagger_run
from portico_training.tagger.templates import read_templates

CONFIG = Path(__file__).parents[1] / "configs" / "tagger.toml"


@pytest.fixture(scope="module")
def settings() -> TaggerSettings:
    return load_tagger_run(CONFIG)


def test_a_unit_has_the_tag_of_the_piece_it_begins_in() -> None:
    sample = to_sample([Piece("Hi "), Piece("Ana Ruiz", Tag.NAME), Piece(", from "), Piece("Dayton", Tag.PLACE)])
    assert marked(sample) == "Hi ⟦NAME:Ana Ruiz⟧, from ⟦PLACE:Dayton⟧"


def test_untidy_texts_keep_their_tags() -> None:
    pieces = [Piece("my name is "), Piece("Anastasia Montgomery", Tag.NAME), Piece(", thanks for everything.")]
    for seed in range(300):
        sample = to_sample(make_untidy(pieces, random.Random(seed)))
        assert len(sample.tags) == len(cut_units(sample.text))
        assert sample.tags.count(Tag.NAME) == 2


def test_the_same_seed_gives_the_same_texts_and_splits_share_no_template(settings: TaggerSettings) -> None:
    first, again = (Generator(settings, seed=3, validation=False) for _ in range(2))
    assert list(first.samples(20)) == list(again.samples(20))
    kept = Generator(settings, seed=3, validation=True)._templates
    trained = first._templates
    assert not {t.text for t in (*kept.positive, *kept.negative)} & {
        t.text for t in (*trained.positive, *trained.negative)
    }


@pytest.mark.parametrize("line", ["Hi {nobody}", "Hi {name", "Hi name}"])
def test_a_broken_template_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "positive.txt"
    path.write_text(f"## genre\n{line}\n", encoding="utf-8")
    with pytest.raises(TrainingError, match=r"positive\.txt:2"):
        read_templates(path, frozenset({"name"}))


def test_a_unit_is_the_mean_of_its_pieces_and_padding_changes_nothing(settings: TaggerSettings) -> None:
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=30522, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        type_vocab_size=4,
    )  # fmt: skip
    model = add_tagger_lora(TaggerModel(config), replace(settings, lora_rank=2)).eval()
    tokenizer = load_tokenizer(settings.base)
    texts = ["Xochitl took lisinopril", "Ana Ruiz, 12 Elm St, Dayton, called about her electrocardiogram"]
    rows = [encode_sample(tokenizer, Sample(t, (Tag.OUTSIDE,) * len(cut_units(t))), 160) for t in texts]
    with torch.inference_mode():
        alone, together = model(collate(rows[:1])), model(collate(rows))
    assert torch.allclose(alone, together[: len(alone)], atol=1e-5)
    batch = collate(rows[:1])
    flat = Batch(batch.ids, batch.mask, torch.zeros_like(batch.cases), batch.units, batch.tags)
    with torch.inference_mode():
        model.bert.embeddings.token_type_embeddings.weight[1] += 1.0
        assert not torch.allclose(model(batch), model(flat))  # Control: case is read.
