"""MPNet with frozen lower layers, LoRA on the upper ones, and a head on the means of two depths.

Source of the arithmetic: Song et al. 2020 and transformers' MPNetModel, against which the test compares it. Written out
because the two halves run apart: what the frozen half says of a message never changes and is computed once. Weights and
vectors are bfloat16 (3.5 times as fast as float32 on a processor with AVX-512 BF16); factors, means and head float32.
"""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from portico_training.messages import LABELS

BEGIN, PAD, END = 0, 1, 2
_BUCKETS, _FARTHEST = 32, 128
_POSITIONS_BEFORE_FIRST = 2  # rows of the position table that no token uses
# The mean of the last layer is small beside that of the first half, which is normalised.
_LAST_GAIN = 4.0


class LoraLinear(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """A frozen linear layer plus `scaling · B @ A`, A [rank, in], B [out, rank]."""

    def __init__(self, inner: nn.Linear, rank: int, scaling: float) -> None:
        super().__init__()
        self.inner, self.scaling = inner.requires_grad_(False), scaling
        self.a = nn.Parameter(torch.randn(rank, inner.in_features) / math.sqrt(inner.in_features))
        self.b = nn.Parameter(torch.zeros(inner.out_features, rank))

    def forward(self, source: Tensor) -> Tensor:
        """Return the layer's output."""
        kind = source.dtype
        low = functional.linear(source, self.a.to(kind))
        return self.inner(source) + functional.linear(low, (self.scaling * self.b).to(kind))


class Layer(nn.Module):  # type: ignore[misc]  # see above
    """One transformer layer; queries, keys and values are one product."""

    def __init__(self, weights: Mapping[str, Tensor], index: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        parts = {kind: _take(weights, f"encoder.layer.{index}", kind) for kind in ("weight", "bias")}
        self.qkv, self.mixed, self.inner, self.outer = (
            _linear(parts["weight"][name], parts["bias"][name]) for name in ("qkv", "mixed", "inner", "outer")
        )
        self.middle_norm, self.out_norm = (
            _norm(parts["weight"][name], parts["bias"][name]) for name in ("middle_norm", "out_norm")
        )

    def forward(self, source: Tensor, bias: Tensor) -> Tensor:
        """Encode [rows, tokens, hidden] under an attention bias [rows, heads, tokens, tokens]."""
        rows, tokens, hidden = source.shape
        joint = self.qkv(source).view(rows, tokens, 3, self.heads, hidden // self.heads)
        query, key, value = joint.permute(2, 0, 3, 1, 4)
        found = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        middle = self.middle_norm(self.mixed(found.transpose(1, 2).reshape(rows, tokens, hidden)) + source)
        return self.out_norm(self.outer(functional.gelu(self.inner(middle))) + middle)


class Encoder(nn.Module):  # type: ignore[misc]  # see above
    """Layers `first` to `last` of MPNet. With `first` 0 it starts from ids, else from another encoder's vectors."""

    def __init__(self, weights: Mapping[str, Tensor], *, first: int, last: int, heads: int = 12) -> None:
        super().__init__()
        self.words = nn.Embedding.from_pretrained(weights["embeddings.word_embeddings.weight"])
        self.places = nn.Embedding.from_pretrained(
            weights["embeddings.position_embeddings.weight"][_POSITIONS_BEFORE_FIRST:]
        )
        self.norm = _norm(weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"])
        near = weights["encoder.relative_attention_bias.weight"][_buckets(self.places.num_embeddings)]
        self.register_buffer("near", near.permute(2, 0, 1)[None].contiguous())
        self.layers = nn.ModuleList(Layer(weights, index, heads) for index in range(first, last))
        self.requires_grad_(False)

    def embed(self, ids: Tensor) -> Tensor:
        """Return the first vectors of tokens, [rows, tokens] → [rows, tokens, hidden]."""
        return self.norm(self.words(ids) + self.places.weight[: ids.shape[1]])

    def forward(self, vectors: Tensor, mask: Tensor) -> Tensor:
        """Run the layers; where the mask is 0 nothing is attended to."""
        length = mask.shape[1]
        hole = ((1 - mask.to(self.near.dtype)) * -1e4)[:, None, None, :]
        bias = self.near[:, :, :length, :length] + hole
        for layer in self.layers:
            vectors = layer(vectors, bias)
        return vectors


class Teacher(nn.Module):  # type: ignore[misc]  # see above
    """The trained half: LoRA on every linear layer, and a head on the mean before it and the mean after it."""

    def __init__(self, upper: Encoder, *, rank: int, scaling: float) -> None:
        super().__init__()
        hidden = upper.words.embedding_dim
        self.upper = upper
        for layer in upper.layers:
            for name in ("qkv", "mixed", "inner", "outer"):
                setattr(layer, name, LoraLinear(getattr(layer, name), rank, scaling))
        self.scale_first = nn.BatchNorm1d(hidden, affine=False)
        self.dropout, self.head = nn.Dropout(0.1), nn.Linear(2 * hidden, len(LABELS))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, vectors: Tensor, mask: Tensor) -> Tensor:
        """Return label logits [rows, 6] of what the frozen half says."""
        first, last = mean_of(vectors, mask), mean_of(self.upper(vectors, mask), mask)
        return self.head(self.dropout(torch.cat([self.scale_first(first), last * _LAST_GAIN], dim=1)))

    def learnt(self) -> dict[str, Tensor]:
        """Return what training changes: factors, head and running means."""
        own = self.state_dict()
        return {n: t for n, t in own.items() if n.endswith((".a", ".b")) or n.startswith(("head.", "scale_first."))}


def mean_of(vectors: Tensor, mask: Tensor) -> Tensor:
    """Return the float32 mean over the tokens that the mask keeps, [rows, hidden]."""
    share = mask.float() / mask.sum(1, keepdim=True)
    return (share.unsqueeze(1) @ vectors.float()).squeeze(1)


def pad(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return ids and mask, padded to the longest row."""
    lengths = torch.tensor([len(row) for row in rows])
    ids = torch.full((len(rows), int(lengths.max())), PAD)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
    return ids, (torch.arange(ids.shape[1]) < lengths[:, None]).long()


def _take(weights: Mapping[str, Tensor], layer: str, kind: str) -> dict[str, Tensor]:
    joint = torch.cat([weights[f"{layer}.attention.attn.{part}.{kind}"] for part in "qkv"])
    return {
        "qkv": joint, "mixed": weights[f"{layer}.attention.attn.o.{kind}"],
        "inner": weights[f"{layer}.intermediate.dense.{kind}"], "outer": weights[f"{layer}.output.dense.{kind}"],
        "middle_norm": weights[f"{layer}.attention.LayerNorm.{kind}"],
        "out_norm": weights[f"{layer}.output.LayerNorm.{kind}"],
    }  # fmt: skip


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight, layer.bias = nn.Parameter(weight), nn.Parameter(bias)
    return layer


def _norm(weight: Tensor, bias: Tensor) -> nn.LayerNorm:
    layer = nn.LayerNorm(len(weight), eps=1e-5)
    layer.weight, layer.bias = nn.Parameter(weight), nn.Parameter(bias)
    return layer


def _buckets(length: int) -> Tensor:
    """Return which row of the bias table each pair of places uses, [length, length]."""
    place = torch.arange(length)
    offset = place[None, :] - place[:, None]
    half, exact = _BUCKETS // 2, _BUCKETS // 4
    distance = offset.abs()
    far = exact + (torch.log(distance.clamp(min=1) / exact) / math.log(_FARTHEST / exact) * (half - exact)).long()
    return torch.where(offset > 0, half, 0) + torch.where(distance < exact, distance, far.clamp(max=half - 1))
