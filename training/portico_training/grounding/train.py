"""Train the entailment model on the authored pairs and the pairs made from them by rule.

    python -m portico_training.grounding.train --config training/configs/grounding.toml

A stopped run goes on from its last finished epoch: the seed of an epoch follows from its number.
"""

import argparse
import json
import random
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from tokenizers import Tokenizer
from torch import nn
from tqdm import tqdm

from portico_core.premises import premises_of
from portico_training.artefacts import RunLog, TrainingError, sha256_of, write_bytes
from portico_training.checkpoints import factor_tensors, load_state, save_state, take_factors
from portico_training.grounding.model import EntailmentModel, encode_pairs, load_entailment_base
from portico_training.grounding.pairs import Pair, data_digest, read_pairs, split_of
from portico_training.grounding.sampling import Example, Sampler, batches
from portico_training.grounding.settings import GroundingSettings, load_grounding_run
from portico_training.model import load_tokenizer
from portico_training.sft import learning_share


def main() -> None:
    """Train one configuration."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    try:
        train_entailment(load_grounding_run(parser.parse_args().config))
    except TrainingError as error:
        raise SystemExit(str(error)) from None


def train_entailment(settings: GroundingSettings) -> None:
    """Train, or go on; write `entailment.safetensors` in the work folder."""
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    model, tokenizer = load_entailment_base(settings), load_tokenizer(settings.base)
    pairs = read_pairs(settings.data)
    sampler = Sampler(pairs_of(pairs, "train"), read_passages(settings.passages))
    rows = len(pairs_of(pairs, "train")) + settings.made
    steps = settings.epochs * -(-rows // settings.batch_size)
    optimizer = _make_optimizer(model, settings)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_share(step, steps))
    log, path, key = RunLog(settings.log_path), settings.work / "state.pt", run_key(settings)
    first = _resume(load_state(path, key), model, optimizer, schedule)
    progress = tqdm(total=settings.epochs, initial=first, desc="entailment", disable=not sys.stderr.isatty())
    for epoch in range(first, settings.epochs):
        seed = settings.seed * 1000 + epoch
        losses = []
        examples = sampler.epoch(seed, made=settings.made)
        for batch in batches(examples, settings.batch_size, random.Random(seed)):
            losses.append(_train_step(model, tokenizer, batch, optimizer, settings))
            schedule.step()
        progress.update()
        save_state(path, key, _state(model, optimizer, schedule, epoch + 1))
        figures = measure(pairs_of(pairs, "validation"), score_pairs(model, tokenizer, pairs, "validation", settings))
        log.record("epoch", epoch=epoch + 1, loss=sum(losses) / len(losses), **figures)
    write_bytes(settings.work / "entailment.safetensors", save(trained_tensors(model)))


def pairs_of(pairs: Sequence[Pair], split: str) -> list[Pair]:
    """Return the pairs whose topic lies in a split."""
    return [pair for pair in pairs if split_of(pair.topic) == split]


def read_passages(folder: Path) -> list[tuple[str, str]]:
    """Return (topic, section) of the built-in passages of topics that are trained on."""
    found = []
    for path in sorted(folder.glob("*/*.md")):
        head, _, body = path.read_text(encoding="utf-8").removeprefix("---").partition("\n---")
        topic = re.search(r"^id: (\S+)$", head, re.MULTILINE)
        if topic and split_of(topic[1]) == "train":
            sections = re.split(r"^## .*$", body, flags=re.MULTILINE)
            found += [(topic[1], " ".join(text.split())) for text in sections if text.strip()]
    if not found:
        raise TrainingError(f"{folder}: no passages")
    return found


@torch.inference_mode()  # type: ignore[untyped-decorator]
def score_pairs(
    model: EntailmentModel, tokenizer: Tokenizer, pairs: Sequence[Pair], split: str, settings: GroundingSettings
) -> list[float]:
    """Return for each pair of a split the share of "supported", of its best premise, as it is served."""
    model.eval()
    rows = pairs_of(pairs, split)
    flat = [(i, Example(p.sentence, premise, p.supported)) for i, p in enumerate(rows)
            for premise in premises_of(p.sentence, p.passage)]  # fmt: skip
    flat.sort(key=lambda row: len(row[1].sentence) + len(row[1].premise))
    best = [0.0] * len(rows)
    for at in range(0, len(flat), 64):
        chunk = flat[at : at + 64]
        shares = torch.sigmoid(model(encode_pairs(tokenizer, [e for _, e in chunk], settings.max_pieces))).tolist()
        for (i, _), share in zip(chunk, shares, strict=True):
            best[i] = max(best[i], share)
    return best


def measure(pairs: Sequence[Pair], shares: Sequence[float]) -> dict[str, float]:
    """Return how many supported sentences are kept where 6 % of the others get through, and the area under the ROC."""
    kept = sorted(s for p, s in zip(pairs, shares, strict=True) if p.supported)
    others = sorted((s for p, s in zip(pairs, shares, strict=True) if not p.supported), reverse=True)
    threshold = others[int(0.06 * len(others))]
    wins = sum(sum(1.0 if k > o else 0.5 if k == o else 0.0 for o in others) for k in kept)
    return {
        "kept_at_6": round(sum(s > threshold for s in kept) / len(kept), 4), "threshold_at_6": round(threshold, 4),
        "auc": round(wins / (len(kept) * len(others)), 4),
    }  # fmt: skip


def _make_optimizer(model: EntailmentModel, settings: GroundingSettings) -> torch.optim.Optimizer:
    head = [*model.head.parameters(), *model.bert.embeddings.token_type_embeddings.parameters()]
    known = set(head)
    lora = [p for p in model.parameters() if p.requires_grad and p not in known]
    return torch.optim.AdamW(
        [{"params": lora, "lr": settings.learning_rate}, {"params": head, "lr": settings.head_learning_rate}],
        weight_decay=settings.weight_decay,
    )


def _train_step(
    model: EntailmentModel, tokenizer: Tokenizer, rows: Sequence[Example], optimizer: torch.optim.Optimizer,
    settings: GroundingSettings,
) -> float:  # fmt: skip
    model.train()
    gold = torch.tensor([float(row.supported) for row in rows])
    smoothed = gold * (1 - settings.label_smoothing) + settings.label_smoothing / 2
    logits = model(encode_pairs(tokenizer, rows, settings.max_pieces))
    loss = nn.functional.binary_cross_entropy_with_logits(logits, smoothed)
    if not torch.isfinite(loss):
        raise TrainingError(f"loss became {loss.item()}: lower the learning rate")
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
    optimizer.step()
    return float(loss.item())


def trained_tensors(model: EntailmentModel) -> dict[str, torch.Tensor]:
    """Return everything that training changed: LoRA factors, token types, head."""
    types = model.bert.embeddings.token_type_embeddings.weight
    return factor_tensors(take_factors(model, "bert."), torch.float32) | {
        "embeddings.token_type_embeddings.weight": types.detach().contiguous(),
        "head.weight": model.head.weight.detach().contiguous(),
        "head.bias": model.head.bias.detach().contiguous(),
    }


def run_key(settings: GroundingSettings) -> str:
    """Return what identifies a run: a state of another one is never resumed."""
    passages = [sha256_of(path) for path in sorted(settings.passages.glob("*/*.md"))]
    known = {name: str(value) for name, value in asdict(settings).items()}
    return json.dumps([known, data_digest(settings.data), passages], sort_keys=True)


def _state(model: EntailmentModel, optimizer: Any, schedule: Any, epoch: int) -> dict[str, Any]:
    trained = {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
    return {"model": trained, "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(), "epoch": epoch}


def _resume(state: dict[str, Any] | None, model: EntailmentModel, optimizer: Any, schedule: Any) -> int:
    """Go on from a saved state; return the first epoch to train."""
    if state is None:
        return 0
    model.load_state_dict(state["model"], strict=False)
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    return int(state["epoch"])


if __name__ == "__main__":
    main()
