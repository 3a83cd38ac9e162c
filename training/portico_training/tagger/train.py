"""Train the tagger on synthetic texts, each seen once.

    python -m portico_training.tagger.train --config training/configs/tagger.toml

A stopped run goes on from its last saved step: texts come in blocks, and the seed of a block follows from its number.
"""

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from tokenizers import Tokenizer
from torch import nn
from tqdm import tqdm

from portico_core.tagging import Tag
from portico_training.artefacts import RunLog, TrainingError, sha256_of, write_bytes
from portico_training.checkpoints import factor_tensors, load_state, save_state, take_factors
from portico_training.curve import draw_tagger_curve
from portico_training.model import load_tokenizer
from portico_training.sft import learning_share
from portico_training.tagger.generate import Generator
from portico_training.tagger.model import UNTAGGED, Batch, TaggerModel, collate, encode_sample, load_tagger_base
from portico_training.tagger.settings import TaggerSettings, load_tagger_run

BLOCK = 1024
"""Texts generated at a time; their batches hold texts of like length."""


def main() -> None:
    """Train one configuration."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    try:
        train_tagger(load_tagger_run(parser.parse_args().config))
    except TrainingError as error:
        raise SystemExit(str(error)) from None


def train_tagger(settings: TaggerSettings) -> None:
    """Train, or go on; write `tagger.safetensors` and the learning curve in the work folder."""
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    model, tokenizer = load_tagger_base(settings), load_tokenizer(settings.base)
    blocks = -(-settings.samples // BLOCK)
    steps = blocks * (BLOCK // settings.batch_size)
    optimizer = make_optimizer(model, settings)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_share(step, steps))
    log, path, key = RunLog(settings.log_path), settings.work / "state.pt", run_key(settings)
    first = _resume(load_state(path, key), model, optimizer, schedule)
    generator = Generator(settings, seed=settings.seed, validation=False)
    progress = tqdm(
        total=steps, initial=first * (BLOCK // settings.batch_size), desc="tagger", disable=not sys.stderr.isatty()
    )
    for block in range(first, blocks):
        losses = []
        for batch in make_batches(generator, tokenizer, settings, block):
            losses.append(train_step(model, batch, optimizer, settings))
            schedule.step()
            progress.update()
        log.record("block", block=block + 1, of=blocks, loss=sum(losses) / len(losses))
        if (block + 1) % settings.save_every == 0 or block + 1 == blocks:
            save_state(path, key, _state(model, optimizer, schedule, block + 1))
            log.record("validation", block=block + 1, **validate(model, tokenizer, settings))
    write_bytes(settings.work / "tagger.safetensors", save(trained_tensors(model)))
    draw_tagger_curve(log, settings.work / "curve.png")


def make_optimizer(model: TaggerModel, settings: TaggerSettings) -> torch.optim.Optimizer:
    """Build AdamW; the head and the token types learn at the head's rate."""
    head = [*model.head.parameters(), *model.bert.embeddings.token_type_embeddings.parameters()]
    known = set(head)
    lora = [p for p in model.parameters() if p.requires_grad and p not in known]
    return torch.optim.AdamW(
        [{"params": lora, "lr": settings.learning_rate}, {"params": head, "lr": settings.head_learning_rate}],
        weight_decay=settings.weight_decay,
    )


def make_batches(generator: Generator, tokenizer: Tokenizer, settings: TaggerSettings, block: int) -> Iterator[Batch]:
    """Give the batches of one block, texts of like length together, in random order."""
    generator.reseed(settings.seed * 100_000 + block)
    rows = [encode_sample(tokenizer, sample, settings.max_pieces) for sample in generator.samples(BLOCK)]
    rows.sort(key=lambda row: len(row.ids))
    batches = [rows[at : at + settings.batch_size] for at in range(0, BLOCK, settings.batch_size)]
    random.Random(block).shuffle(batches)
    yield from map(collate, batches)


def train_step(model: TaggerModel, batch: Batch, optimizer: torch.optim.Optimizer, settings: TaggerSettings) -> float:
    """Take one step; return the loss.

    Raises:
        TrainingError: the loss is no longer a finite number.
    """
    model.train()
    weights = torch.tensor(settings.tag_weights)
    loss = nn.functional.cross_entropy(
        model(batch), batch.tags, weight=weights, ignore_index=UNTAGGED, label_smoothing=settings.label_smoothing
    )
    if not torch.isfinite(loss):
        raise TrainingError(f"loss became {loss.item()}: lower the learning rate")
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
    optimizer.step()
    return float(loss.item())


@torch.inference_mode()  # type: ignore[untyped-decorator]
def validate(model: TaggerModel, tokenizer: Tokenizer, settings: TaggerSettings) -> dict[str, float]:
    """Return precision and recall over units, on texts of templates that are not trained on."""
    model.eval()
    generator = Generator(settings, seed=settings.seed + 1, validation=True)
    samples = list(generator.samples(settings.validation_samples))
    rows = [encode_sample(tokenizer, sample, settings.max_pieces) for sample in samples]
    hits = {tag: [0, 0, 0] for tag in (Tag.NAME, Tag.PLACE)}
    for at in range(0, len(rows), 64):
        batch = collate(rows[at : at + 64])
        said = model(batch).argmax(1)
        for tag, cell in hits.items():
            gold, found = batch.tags == int(tag), said == int(tag)
            cell[0] += int((gold & found).sum())
            cell[1] += int(gold.sum())
            cell[2] += int((found & (batch.tags != UNTAGGED)).sum())
    return {
        f"{tag.name.lower()}_{what}": round(right / max(1, total), 4)
        for tag, (right, gold_n, found_n) in hits.items()
        for what, total in (("recall", gold_n), ("precision", found_n))
    }


def trained_tensors(model: TaggerModel) -> dict[str, torch.Tensor]:
    """Return everything that training changed: LoRA factors, token types, head."""
    types = model.bert.embeddings.token_type_embeddings.weight
    return factor_tensors(take_factors(model, "bert."), torch.float32) | {
        "embeddings.token_type_embeddings.weight": types.detach().contiguous(),
        "head.weight": model.head.weight.detach().contiguous(),
        "head.bias": model.head.bias.detach().contiguous(),
    }


def data_digest(data: Path) -> str:
    """Return what identifies templates and word lists."""
    files = sorted(data.rglob("*.txt"))
    return hashlib.sha256("".join(sha256_of(file) for file in files).encode()).hexdigest()


def run_key(settings: TaggerSettings) -> str:
    """Return what identifies a run: a state of another one is never resumed."""
    text = json.dumps([{k: str(v) for k, v in asdict(settings).items()}, data_digest(settings.data)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _state(model: TaggerModel, optimizer: Any, schedule: Any, block: int) -> dict[str, Any]:
    trained = {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
    return {"model": trained, "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(), "block": block}


def _resume(state: dict[str, Any] | None, model: TaggerModel, optimizer: Any, schedule: Any) -> int:
    """Go on from a saved state; return the first block to train."""
    if state is None:
        return 0
    model.load_state_dict(state["model"], strict=False)
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    return int(state["block"])


if __name__ == "__main__":
    main()
