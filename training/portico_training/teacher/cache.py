"""What the frozen half says of each message, computed once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from portico_training.model import load_tokenizer
from portico_training.teacher.base import WEIGHTS, check_base
from portico_training.teacher.model import BEGIN, END, Encoder, pad

HALF = torch.bfloat16


@dataclass(frozen=True, slots=True)
class Cached:
    """Vectors of all tokens, [tokens of all texts, hidden], and where each text begins."""

    vectors: Tensor
    starts: list[int]

    def length(self, index: int) -> int:
        """Return how many tokens a text has."""
        return self.starts[index + 1] - self.starts[index]

    def rows(self, index: int) -> Tensor:
        """Return the vectors of a text."""
        return self.vectors[self.starts[index] : self.starts[index + 1]]


def load_encoder(folder: Path, *, first: int, last: int) -> Encoder:
    """Return some layers of the pinned base, bfloat16; raise TrainingError where it is another."""
    check_base(folder)
    return Encoder(load_file(folder / WEIGHTS), first=first, last=last).to(HALF).eval()


def encode_all(folder: Path, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
    """Return the first `max_tokens` ids of each text, with begin and end."""
    tokenizer: Tokenizer = load_tokenizer(folder)
    found = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return [[BEGIN, *one.ids[: max_tokens - 2], END] for one in found]


def batches_of(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Give indices of texts of like length, at most `most` tokens with padding together."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[index] > most:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


@torch.inference_mode()  # type: ignore[untyped-decorator]
def cache(encoder: Encoder, ids: Sequence[Sequence[int]], most: int) -> Cached:
    """Run the frozen half over all texts."""
    starts = [0]
    for row in ids:
        starts.append(starts[-1] + len(row))
    vectors = torch.zeros(starts[-1], encoder.words.embedding_dim, dtype=HALF)
    for batch in batches_of([len(row) for row in ids], most):
        padded, mask = pad([ids[i] for i in batch])
        found = encoder(encoder.embed(padded), mask)
        for row, i in zip(found, batch, strict=True):
            vectors[starts[i] : starts[i + 1]] = row[: len(ids[i])]
    return Cached(vectors, starts)


def gather(parts: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Pad vectors of several texts: [rows, tokens, hidden] and mask."""
    lengths = torch.tensor([len(part) for part in parts])
    vectors = torch.zeros(len(parts), int(lengths.max()), parts[0].shape[1], dtype=parts[0].dtype)
    for row, part in zip(vectors, parts, strict=True):
        row[: len(part)] = part
    return vectors, (torch.arange(vectors.shape[1]) < lengths[:, None]).long()
