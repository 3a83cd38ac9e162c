"""Supervised fine-tuning: LoRA on all linear layers of the encoder, and the head.

    python -m portico_training.sft --config training/configs/classifier.toml [--start-from ADAPTER] [--only SEED]

Several seeds give several adapters; `soup` joins them into one by stacking their factors, which is exactly
the mean of their weight changes. `--only` trains one of them, so that seeds can run beside each other. A stopped
run goes on from its last whole epoch. With `--start-from` training goes on from another adapter, a working file or
an exported folder, for a short pass after new messages came in.
"""

import argparse
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from tokenizers import Tokenizer
from torch import Tensor, nn
from tqdm import tqdm

from portico_training.artefacts import RunLog, TrainingError
from portico_training.augment import augment, calm_texts
from portico_training.checkpoints import (
    Adapter,
    load_adapter,
    load_state,
    put_adapter,
    save_adapter,
    save_state,
    take_adapter,
)
from portico_training.curve import draw_curve
from portico_training.messages import LABELS, Message, load_messages, messages_digest, of_split
from portico_training.model import encode, load_base, load_tokenizer, logits_of, pad_batch, unwrapped, wrap
from portico_training.scoring import macro_f1
from portico_training.settings import RunSettings, SftSettings, fingerprint, load_run

_WARM_UP_SHARE = 0.06


@dataclass(slots=True)
class Trainee:
    """What an epoch changes."""

    model: PeftModel
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR
    epoch: int = 0

    def state(self) -> dict[str, Any]:
        """Return what is needed to go on from here."""
        trained = {n: p.detach() for n, p in self.model.named_parameters() if p.requires_grad}
        return {
            "model": trained, "optimizer": self.optimizer.state_dict(), "schedule": self.schedule.state_dict(),
            "epoch": self.epoch, "random": torch.get_rng_state(),
        }  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.model.load_state_dict(state["model"], strict=False)
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.epoch = state["epoch"]
        torch.set_rng_state(state["random"])


def main() -> None:
    """Train every seed of the configuration, then join them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--start-from", type=Path, metavar="ADAPTER")
    parser.add_argument("--only", type=int, metavar="SEED")
    try:
        args = parser.parse_args()
        run_sft(load_run(args.config), args.start_from, only=args.only)
    except (TrainingError, ValueError) as error:
        raise SystemExit(str(error)) from None


def run_sft(run: RunSettings, start_from: Path | None = None, *, only: int | None = None) -> None:
    """Train the seeds that are not trained yet; write `sft.safetensors` in the work folder.

    With `only` that one seed is trained, up to its checkpoint, and nothing is joined.
    """
    torch.set_num_threads(run.threads)
    messages = load_messages(run.messages)
    log = RunLog(run.log_path)
    if only is not None:
        train_seed(run, messages, only, log, start_from)
        return
    adapters = [train_seed(run, messages, seed, log, start_from) for seed in run.sft.seeds]
    save_adapter(soup(adapters), run.work / "sft.safetensors")
    draw_curve(log, run.work / "curve.png")


def train_seed(
    run: RunSettings, messages: Sequence[Message], seed: int, log: RunLog, start_from: Path | None
) -> Adapter:
    """Train one seed, or read it where it is done."""
    torch.manual_seed(seed)
    tokenizer = load_tokenizer(run.base)
    rows = of_split(messages, "train")
    model = starting_model(run, start_from)
    trainee = make_trainee(model, run.sft, steps=math.ceil(len(rows) / run.sft.batch_size) * run.sft.epochs)
    path = run.work / f"sft-{seed}.pt"
    key = fingerprint(run.sft, messages_digest(messages), seed, start_from)
    if state := load_state(path, key):
        trainee.restore(state)
    for epoch in range(trainee.epoch, run.sft.epochs):
        loss = train_epoch(trainee, rows, tokenizer, run.sft, seed=seed * 1000 + epoch)
        trainee.epoch = epoch + 1
        save_state(path, key, trainee.state())
        figures = validate(trainee.model, tokenizer, of_split(messages, "validation"), run.sft.max_tokens)
        log.record("sft_epoch", seed=seed, epoch=epoch + 1, loss=loss, **figures)
    return take_adapter(trainee.model)


def starting_model(run: RunSettings, start_from: Path | None) -> PeftModel:
    """Return the base with a fresh adapter, or with that of another run."""
    base = load_base(run.base)
    if start_from is None:
        return wrap(base, run.sft)
    adapter = load_adapter(start_from, run.sft.lora_alpha / run.sft.lora_rank)
    return put_adapter(base, adapter, dropout=run.sft.lora_dropout)


def make_trainee(model: PeftModel, settings: SftSettings, *, steps: int) -> Trainee:
    """Build optimizer and schedule; adapter and head learn at rates of their own."""
    head = unwrapped(model).lm_head.requires_grad_(True)
    head_parameters = set(head.parameters())
    lora = [p for p in model.parameters() if p.requires_grad and p not in head_parameters]
    groups = [
        {"params": lora, "lr": settings.learning_rate},
        {"params": list(head.parameters()), "lr": settings.head_learning_rate},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_share(step, steps))
    return Trainee(model, optimizer, schedule)


def learning_share(step: int, steps: int) -> float:
    """Return the share of the full learning rate at a step: a short rise, then down to nothing."""
    warm_up = max(1, round(steps * _WARM_UP_SHARE))
    return min((step + 1) / warm_up, max(0.0, (steps - step) / max(1, steps - warm_up)))


def train_epoch(
    trainee: Trainee, rows: Sequence[Message], tokenizer: Tokenizer, settings: SftSettings, *, seed: int
) -> float:
    """Train one epoch; return the mean loss.

    Raises:
        TrainingError: the loss is no longer a finite number.
    """
    trainee.model.train()
    weights = torch.tensor(settings.class_weights)
    batches = list(make_batches(rows, tokenizer, settings, random.Random(seed)))
    total = 0.0
    for step, (ids, mask, gold) in enumerate(tqdm(batches, desc="sft", disable=not sys.stderr.isatty())):
        logits = unwrapped(trainee.model).label_logits(ids, mask)
        loss = nn.functional.cross_entropy(logits, gold, weight=weights, label_smoothing=settings.label_smoothing)
        if not torch.isfinite(loss):
            raise TrainingError(f"loss became {loss.item()} at step {step}: lower the learning rate")
        trainee.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trainee.model.parameters(), 1.0)
        trainee.optimizer.step()
        trainee.schedule.step()
        total += loss.item()
    return total / len(batches)


def make_batches(
    rows: Sequence[Message], tokenizer: Tokenizer, settings: SftSettings, rng: random.Random
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Give batches of messages of like length, in random order, each message a little changed."""
    calm = calm_texts(rows)
    changed = [(augment(m, calm, rng, typos=settings.typo_share, mix=settings.mix_share), m.label) for m in rows]
    encoded = [(encode(tokenizer, text, settings.max_tokens), LABELS.index(label)) for text, label in changed]
    rng.shuffle(encoded)
    encoded.sort(key=lambda row: len(row[0]) // 8 + rng.random() * 3)
    batches = [encoded[i : i + settings.batch_size] for i in range(0, len(encoded), settings.batch_size)]
    rng.shuffle(batches)
    for batch in batches:
        yield *pad_batch([ids for ids, _ in batch]), torch.tensor([label for _, label in batch])


def validate(model: PeftModel, tokenizer: Tokenizer, rows: Sequence[Message], max_tokens: int) -> dict[str, float]:
    """Return macro-F1 and loss on the validation split."""
    logits = logits_of(unwrapped(model), tokenizer, [m.text for m in rows], max_tokens=max_tokens)
    gold = torch.tensor([LABELS.index(m.label) for m in rows])
    loss = nn.functional.cross_entropy(torch.from_numpy(logits), gold).item()
    said = [LABELS[i] for i in logits.argmax(axis=1)]
    return {"validation_macro_f1": macro_f1([m.label for m in rows], said), "validation_loss": loss}


def soup(adapters: Sequence[Adapter]) -> Adapter:
    """Join adapters: the stacked factors' product is the mean of the single products."""
    n = len(adapters)
    names = adapters[0].factors
    factors = {
        name: (
            torch.cat([a.factors[name][0] for a in adapters]),
            torch.cat([a.factors[name][1] for a in adapters], dim=1) / n,
        )
        for name in names
    }
    weight = torch.stack([a.head_weight for a in adapters]).mean(0)
    bias = torch.stack([a.head_bias for a in adapters]).mean(0)
    return Adapter(factors=factors, scaling=adapters[0].scaling, head_weight=weight, head_bias=bias)


if __name__ == "__main__":
    main()
