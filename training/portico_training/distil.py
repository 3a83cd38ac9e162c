"""Teach the small model what the larger one says: one more way from an adapter to an adapter.

    python -m portico_training.distil --config training/configs/teacher.toml

The loss is the divergence from the teacher's softened labels, and for a share the authored label where there is one
(Hinton et al. 2015). The student keeps its base, its rank and its latency; `student.safetensors` in the work folder
goes through `blend`, `calibrate` and `export` like any other adapter.
"""

import argparse
import json
import math
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import PeftModel
from safetensors.torch import load_file
from torch import Tensor, nn
from tqdm import tqdm

from portico_training.artefacts import RunLog, TrainingError
from portico_training.checkpoints import load_adapter, put_adapter, save_adapter, take_adapter
from portico_training.messages import load_messages, of_split
from portico_training.model import encode, load_base, load_tokenizer, pad_batch, unwrapped
from portico_training.sft import learning_share, validate
from portico_training.teacher.settings import DistilSettings, TeacherRun, load_teacher_run


@dataclass(frozen=True, slots=True)
class Taught:
    """Texts as ids, the teacher's logits [texts, 6], and authored labels, -1 where there is none."""

    ids: list[list[int]]
    soft: Tensor
    gold: Tensor


def main() -> None:
    """Distil as the configuration says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    try:
        distil(load_teacher_run(parser.parse_args().config))
    except (TrainingError, ValueError) as error:
        raise SystemExit(str(error)) from None


def distil(run: TeacherRun) -> None:
    """Write `student.safetensors`; every epoch is measured on validation and on the unseen style."""
    torch.set_num_threads(run.threads)
    torch.manual_seed(run.distil.seed)
    tokenizer = load_tokenizer(run.student_base)
    messages = load_messages(run.messages)
    taught = load_taught(run.work, lambda text: encode(tokenizer, text, run.distil.max_tokens))
    adapter = load_adapter(run.distil.start_from, scaling=2.0)
    model = put_adapter(load_base(run.student_base), adapter, dropout=run.distil.lora_dropout)
    optimizer = make_optimizer(model, run.distil)
    steps = math.ceil(len(taught.ids) / run.distil.batch_size) * run.distil.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_share(step, steps))
    for epoch in range(run.distil.epochs):
        loss = _epoch(model, taught, run.distil, optimizer, schedule, seed=run.distil.seed * 100 + epoch)
        save_adapter(take_adapter(model), run.work / "student.safetensors")
        figures = {
            split: validate(model, tokenizer, of_split(messages, split), run.distil.max_tokens)["validation_macro_f1"]
            for split in ("validation", "threshold")
        }
        RunLog(run.work / "log.jsonl").record("student_epoch", epoch=epoch + 1, loss=loss, **figures)


def load_taught(work: Path, ids_of: Callable[[str], list[int]]) -> Taught:
    """Read what the teacher labelled.

    Raises:
        TrainingError: nothing was labelled, or texts and labels do not belong together.
    """
    try:
        rows = json.loads((work / "texts.json").read_text(encoding="utf-8"))
        soft = load_file(work / "labels.safetensors")["logits"]
    except OSError:
        raise TrainingError(f"{work}: run portico_training.teacher.label first") from None
    if len(rows) != len(soft) or not torch.isfinite(soft).all():
        raise TrainingError(f"{work}: {len(rows)} texts and {len(soft)} labels, or a label that is no number")
    return Taught([ids_of(text) for text, _ in rows], soft, torch.tensor([gold for _, gold in rows]))


def make_optimizer(model: PeftModel, settings: DistilSettings) -> torch.optim.Optimizer:
    """Build the optimizer; adapter and head learn at rates of their own."""
    head = list(unwrapped(model).lm_head.requires_grad_(True).parameters())
    own = {id(p) for p in head}
    factors = [p for p in model.parameters() if p.requires_grad and id(p) not in own]
    groups = [
        {"params": factors, "lr": settings.learning_rate},
        {"params": head, "lr": settings.head_learning_rate},
    ]
    return torch.optim.AdamW(groups, weight_decay=settings.weight_decay)


def distil_loss(logits: Tensor, soft: Tensor, gold: Tensor, settings: DistilSettings) -> Tensor:
    """Return the divergence from the teacher's labels, joined with the authored ones where there are any."""
    t = settings.temperature
    said, meant = (rows.div(t) for rows in (logits, soft))
    loss = nn.functional.kl_div(said.log_softmax(1), meant.softmax(1), reduction="batchmean") * t * t
    known = gold >= 0
    if not known.any():
        return loss
    hard = nn.functional.cross_entropy(
        logits[known],
        gold[known],
        weight=torch.tensor(settings.class_weights),
        label_smoothing=settings.label_smoothing,
    )
    return (1 - settings.hard_share) * loss + settings.hard_share * hard


def _epoch(
    model: PeftModel, taught: Taught, settings: DistilSettings, optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR, *, seed: int,
) -> float:  # fmt: skip
    """Train one epoch; return the mean loss, or raise TrainingError where it is no number."""
    model.train()
    batches, total = _batches(taught, settings.batch_size, random.Random(seed)), 0.0
    for step, batch in enumerate(tqdm(batches, desc="student", disable=not sys.stderr.isatty())):
        ids, mask = pad_batch([taught.ids[i] for i in batch])
        with torch.autocast("cpu", torch.bfloat16):
            logits = unwrapped(model).label_logits(ids, mask)
        loss = distil_loss(logits.float(), taught.soft[batch], taught.gold[batch], settings)
        if not torch.isfinite(loss):
            raise TrainingError(f"loss became {loss.item()} at step {step}: lower the learning rate")
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += loss.item()
    return total / len(batches)


def _batches(taught: Taught, size: int, rng: random.Random) -> list[list[int]]:
    order = list(range(len(taught.ids)))
    rng.shuffle(order)
    order.sort(key=lambda i: len(taught.ids[i]) // 8 + rng.random() * 3)
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    rng.shuffle(batches)
    return batches


if __name__ == "__main__":
    main()
