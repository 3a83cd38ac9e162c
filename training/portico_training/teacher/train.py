"""Train the teacher: what its frozen half says is kept in memory, LoRA learns above it.

    python -m portico_training.teacher.train --config training/configs/teacher.toml

Ten minutes an epoch on one busy core with bfloat16. `teacher.safetensors` in the work folder holds what was learnt.
"""

import argparse
import math
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn
from tqdm import tqdm

from portico_training.artefacts import RunLog, TrainingError, write_bytes
from portico_training.messages import LABELS, Message, load_messages, of_split
from portico_training.scoring import MUST_NOT_ANSWER, Floats, macro_f1
from portico_training.sft import learning_share
from portico_training.teacher.cache import Cached, cache, encode_all, gather, load_encoder
from portico_training.teacher.model import Teacher
from portico_training.teacher.settings import TeacherRun, TeachSettings, load_teacher_run

_JOINED_TOKENS = 110  # a longer message is not joined with another one


@dataclass(frozen=True, slots=True)
class _Lesson:
    """The training messages as the teacher sees them."""

    cached: Cached
    gold: Tensor
    calm: list[int]
    joinable: frozenset[int]


def main() -> None:
    """Train as the configuration says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    try:
        train_teacher(load_teacher_run(parser.parse_args().config))
    except (TrainingError, ValueError) as error:
        raise SystemExit(str(error)) from None


def train_teacher(run: TeacherRun) -> None:
    """Write `teacher.safetensors`; every epoch is measured on validation and on the unseen style."""
    torch.set_num_threads(run.threads)
    torch.manual_seed(run.teach.seed)
    messages = load_messages(run.messages)
    splits = {split: of_split(messages, split) for split in ("train", "validation", "threshold")}
    cached = {split: cache_messages(run, rows) for split, rows in splits.items()}
    teacher = new_teacher(run)
    lesson = _lesson(cached["train"], splits["train"])
    steps = math.ceil(len(splits["train"]) / run.teach.batch_size) * run.teach.epochs
    optimizer = make_optimizer(teacher, run.teach)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_share(step, steps))
    for epoch in range(run.teach.epochs):
        loss = _epoch(teacher, lesson, run.teach, optimizer, schedule, seed=run.teach.seed * 100 + epoch)
        write_bytes(run.work / "teacher.safetensors", save(teacher.learnt()))
        figures = {split: figure(teacher, cached[split], splits[split]) for split in ("validation", "threshold")}
        RunLog(run.work / "log.jsonl").record("teacher_epoch", epoch=epoch + 1, loss=loss, **figures)


def cache_messages(run: TeacherRun, rows: Sequence[Message]) -> Cached:
    """Run the frozen half over messages."""
    ids = encode_all(run.base, [m.text for m in rows], run.teach.max_tokens)
    return cache(load_encoder(run.base, first=0, last=run.teach.frozen), ids, run.teach.batch_tokens)


def new_teacher(run: TeacherRun) -> Teacher:
    """Return an untrained teacher."""
    upper = load_encoder(run.base, first=run.teach.frozen, last=run.teach.layers)
    return Teacher(upper, rank=run.teach.lora_rank, scaling=run.teach.lora_scaling)


def trained_teacher(run: TeacherRun) -> Teacher:
    """Return the teacher of this run; raise TrainingError where it has not been trained."""
    path = run.work / "teacher.safetensors"
    if not path.is_file():
        raise TrainingError(f"{path}: run portico_training.teacher.train first")
    teacher = new_teacher(run)
    if teacher.load_state_dict(load_file(path), strict=False).unexpected_keys:
        raise TrainingError(f"{path} is of another teacher")
    return teacher.eval()


def make_optimizer(teacher: Teacher, settings: TeachSettings) -> torch.optim.Optimizer:
    """Build the optimizer; factors and head learn at rates of their own."""
    head = list(teacher.head.parameters())
    factors = [p for n, p in teacher.named_parameters() if p.requires_grad and not n.startswith("head.")]
    groups = [
        {"params": factors, "lr": settings.learning_rate},
        {"params": head, "lr": settings.head_learning_rate},
    ]
    return torch.optim.AdamW(groups, weight_decay=settings.weight_decay)


def _lesson(cached: Cached, rows: Sequence[Message]) -> _Lesson:
    short = [i for i in range(len(rows)) if cached.length(i) < _JOINED_TOKENS]
    return _Lesson(
        cached=cached,
        gold=torch.tensor([LABELS.index(m.label) for m in rows]),
        calm=[i for i in short if rows[i].label in {"informational", "out_of_scope"}],
        joinable=frozenset(i for i in short if rows[i].label in MUST_NOT_ANSWER),
    )


def _epoch(
    teacher: Teacher, lesson: _Lesson, settings: TeachSettings, optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR, *, seed: int,
) -> float:  # fmt: skip
    """Train one epoch; return the mean loss, or raise TrainingError where it is no number."""
    teacher.train()
    rng, total = random.Random(seed), 0.0
    batches = _batches(lesson, settings.batch_size, rng)
    weights = torch.tensor(settings.class_weights)
    for step, batch in enumerate(tqdm(batches, desc="teacher", disable=not sys.stderr.isatty())):
        vectors, mask = gather([_joined(lesson, i, settings.join_share, rng) for i in batch])
        logits = teacher(vectors, thinned(mask, settings.drop_share))
        loss = nn.functional.cross_entropy(
            logits, lesson.gold[batch], weight=weights, label_smoothing=settings.label_smoothing
        )
        if not torch.isfinite(loss):
            raise TrainingError(f"loss became {loss.item()} at step {step}: lower the learning rate")
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += loss.item()
    return total / len(batches)


def _batches(lesson: _Lesson, size: int, rng: random.Random) -> list[list[int]]:
    order = list(range(len(lesson.gold)))
    rng.shuffle(order)
    order.sort(key=lambda i: lesson.cached.length(i) // 8 + rng.random() * 3)
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    rng.shuffle(batches)
    return batches


def _joined(lesson: _Lesson, index: int, share: float, rng: random.Random) -> Tensor:
    """Return a text's vectors, at times with those of a harmless one behind; the severe part decides the label."""
    own = lesson.cached.rows(index)
    if index not in lesson.joinable or rng.random() >= share:
        return own
    return torch.cat([own, lesson.cached.rows(rng.choice(lesson.calm))])


def thinned(mask: Tensor, share: float) -> Tensor:
    """Hide a share of the tokens of every other text, never the first one: no single word may decide."""
    hidden = (torch.rand(mask.shape) < share) & (torch.rand(len(mask), 1) < 0.5)
    hidden[:, 0] = False
    return mask * (~hidden).long()


@torch.inference_mode()  # type: ignore[untyped-decorator]
def logits_of_cached(teacher: Teacher, cached: Cached, *, batch_size: int = 48) -> Floats:
    """Return label logits of all texts, [texts, 6]."""
    teacher.eval()
    found = torch.zeros(len(cached.starts) - 1, len(LABELS), dtype=torch.float64)
    order = sorted(range(len(found)), key=cached.length)
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        found[batch] = teacher(*gather([cached.rows(i) for i in batch])).double()
    return found.numpy()


def figure(teacher: Teacher, cached: Cached, rows: Sequence[Message]) -> float:
    """Return macro-F1 of a split."""
    said = [LABELS[i] for i in logits_of_cached(teacher, cached).argmax(axis=1)]
    return macro_f1([m.label for m in rows], said)


if __name__ == "__main__":
    main()
