"""The ONNX graph of a BERT encoder, built node by node from its weights, without torch.

Inputs are `input_ids` and `attention_mask`, int64 [rows, tokens]; masked tokens neither attend nor are pooled.
The mean over tokens is part of the graph, and so is what follows it: the six-row head of the classifier
(`logits` [rows, 6]) or the unit length of the encoder (`embedding` [rows, 384]); there token types are always zero, so
their one vector is folded into the positions. The tagger keeps its tokens apart (`logits` [rows, tokens, 3]) and takes
`token_types`, int64 [rows, tokens], as a third input. Source of the arithmetic: Devlin et al. 2019 and the reference
implementation (transformers' BertModel), against which MODEL_CARD.md records the difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from portico_models.errors import ModelBuildError

Weights = Mapping[str, NDArray[np.float32]]

OPSET = 20  # the first with Gelu
IR_VERSION = 10
LAYER_NORM_EPSILON = 1e-12  # config.json of the base
_MASKED = np.float32(-1e4)
_ROWS, _TOKENS = "rows", "tokens"


@dataclass(frozen=True, slots=True)
class BertShape:
    """Sizes that the weights themselves do not tell, or that they must agree with."""

    layers: int = 6
    heads: int = 12
    hidden: int = 384
    intermediate: int = 1536
    positions: int = 512
    vocabulary: int = 30522
    token_types: int = 2


@dataclass(frozen=True, slots=True)
class Head:
    """The linear layer over the pooled vector: weight [labels, hidden], bias [labels]."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Graph:
    """Nodes and constants gathered so far; each method returns the name of what it added."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def linear(self, source: str, name: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        """Add `source · weight + bias`, weight [in, out]."""
        product = self.node("MatMul", [source, self.constant(f"{name}.weight", weight)], f"{name}.product")
        return self.node("Add", [product, self.constant(f"{name}.bias", bias)], name)

    def normalised(self, source: str, name: str, weights: Weights, key: str) -> str:
        """Add a layer normalisation with the weights under `key`."""
        scale = self.constant(f"{name}.scale", weights[f"{key}.weight"])
        shift = self.constant(f"{name}.shift", weights[f"{key}.bias"])
        return self.node("LayerNormalization", [source, scale, shift], name, axis=-1, epsilon=LAYER_NORM_EPSILON)


def build_classifier(weights: Weights, shape: BertShape, head: Head) -> onnx.ModelProto:
    """Build the graph that ends in `logits` [rows, labels]."""
    graph = _Graph()
    pooled = _pooled(graph, weights, shape)
    graph.linear(pooled, "logits", head.weight.T, head.bias)
    return _model(graph, "safety_classifier", "logits", len(head.bias))


def build_encoder(weights: Weights, shape: BertShape) -> onnx.ModelProto:
    """Build the graph that ends in `embedding` [rows, hidden], of unit length."""
    graph = _Graph()
    pooled = _pooled(graph, weights, shape)
    graph.node("LpNormalization", [pooled], "embedding", axis=-1, p=2)
    return _model(graph, "passage_encoder", "embedding", shape.hidden)


def build_tagger(weights: Weights, shape: BertShape, head: Head) -> onnx.ModelProto:
    """Build the graph that ends in `logits` [rows, tokens, tags]."""
    graph = _Graph()
    graph.linear(_encoded(graph, weights, shape, typed=True), "logits", head.weight.T, head.bias)
    return _model(graph, "phi_tagger", "logits", len(head.bias), typed=True)


def quantised_nodes(shape: BertShape, *, exact_layers: int = 0) -> list[str]:
    """Name the products that become int8: those of the encoder's linear layers after the exact ones, never the head."""
    layers = range(exact_layers, shape.layers)
    return [f"layer{i}.{part}.product" for i in layers for part in ("qkv", "mixed", "inner", "outer")]


def check_weights(weights: Weights, shape: BertShape) -> None:
    """Refuse weights that lack a tensor of the graph or hold one of another shape.

    Raises:
        ModelBuildError: names the first such tensor.
    """
    for name, expected in _expected(shape).items():
        if name not in weights:
            raise ModelBuildError(f"base weights lack {name}")
        if weights[name].shape != expected:
            raise ModelBuildError(f"base weight {name} has shape {weights[name].shape}, expected {expected}")


def _expected(shape: BertShape) -> dict[str, tuple[int, ...]]:
    h, i = shape.hidden, shape.intermediate
    expected: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (shape.vocabulary, h),
        "embeddings.position_embeddings.weight": (shape.positions, h),
        "embeddings.token_type_embeddings.weight": (shape.token_types, h),
        "embeddings.LayerNorm.weight": (h,),
        "embeddings.LayerNorm.bias": (h,),
    }
    linear = {
        "attention.self.query": (h, h), "attention.self.key": (h, h), "attention.self.value": (h, h),
        "attention.output.dense": (h, h), "intermediate.dense": (i, h), "output.dense": (h, i),
    }  # fmt: skip
    for layer in (f"encoder.layer.{n}" for n in range(shape.layers)):
        for name, size in linear.items():
            expected |= {f"{layer}.{name}.weight": size, f"{layer}.{name}.bias": size[:1]}
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            expected |= {f"{layer}.{name}.weight": (h,), f"{layer}.{name}.bias": (h,)}
    return expected


def _pooled(graph: _Graph, weights: Weights, shape: BertShape) -> str:
    """Add the encoder and the mean over the tokens that the mask keeps."""
    hidden = _encoded(graph, weights, shape, typed=False)
    graph.constant("axis_tokens", np.array([1]))
    kept = graph.node("Unsqueeze", ["mask", graph.constant("axis_last", np.array([-1]))], "kept")
    summed = graph.node(
        "ReduceSum", [graph.node("Mul", [hidden, kept], "kept_hidden"), "axis_tokens"], "summed", keepdims=0
    )
    count = graph.node("ReduceSum", [kept, "axis_tokens"], "count", keepdims=0)
    return graph.node("Div", [summed, count], "pooled")


def _encoded(graph: _Graph, weights: Weights, shape: BertShape, *, typed: bool) -> str:
    """Add the encoder: a vector for each token."""
    check_weights(weights, shape)
    _add_shared(graph, shape)
    hidden = _embedded(graph, weights, shape, typed=typed)
    for index in range(shape.layers):
        hidden = _layer(graph, weights, shape, index, hidden)
    return hidden


def _add_shared(graph: _Graph, shape: BertShape) -> None:
    """Add the mask in its two forms (1/0 and 0/-1e4) and the constants that several nodes use."""
    graph.constant("axes_heads", np.array([1, 2]))
    graph.constant("split_heads", np.array([0, 0, shape.heads, shape.hidden // shape.heads]))
    graph.constant("join_heads", np.array([0, 0, shape.hidden]))
    graph.constant("one", np.array(1, dtype=np.float32))
    graph.constant("masked", np.array(_MASKED))
    graph.constant("scale", np.array((shape.hidden // shape.heads) ** -0.5, dtype=np.float32))
    mask = graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    hole = graph.node("Mul", [graph.node("Sub", ["one", mask], "hole"), "masked"], "hole_score")
    graph.node("Unsqueeze", [hole, "axes_heads"], "mask_score")


def _embedded(graph: _Graph, weights: Weights, shape: BertShape, *, typed: bool) -> str:
    """Add word, position and token-type vectors and their normalisation.

    Word vectors are stored in half precision: they are only ever looked up, and it halves the file.
    """
    words = graph.constant("words", weights["embeddings.word_embeddings.weight"].astype(np.float16))
    types = weights["embeddings.token_type_embeddings.weight"]
    base = weights["embeddings.position_embeddings.weight"]
    positions = graph.constant("positions", base if typed else base + types[0])
    found = graph.node("Gather", [words, "input_ids"], "word_half")
    vectors = graph.node("Cast", [found], "word", to=TensorProto.FLOAT)
    length = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    start, axis = graph.constant("start", np.array([0])), graph.constant("axis_first", np.array([0]))
    placed = graph.node("Slice", [positions, start, length, axis], "placed")
    if typed:
        written = graph.node("Gather", [graph.constant("types", types), "token_types"], "written")
        placed = graph.node("Add", [placed, written], "placed_written")
    return graph.normalised(
        graph.node("Add", [vectors, placed], "embedded"), "layer_in", weights, "embeddings.LayerNorm"
    )


def _layer(graph: _Graph, weights: Weights, shape: BertShape, index: int, source: str) -> str:
    """Add one transformer layer."""
    name, key = f"layer{index}", f"encoder.layer.{index}"
    mixed = graph.linear(
        _attended(graph, weights, name, key, source), f"{name}.mixed",
        weights[f"{key}.attention.output.dense.weight"].T, weights[f"{key}.attention.output.dense.bias"],
    )  # fmt: skip
    middle = graph.normalised(
        graph.node("Add", [mixed, source], f"{name}.middle_sum"),
        f"{name}.middle",
        weights,
        f"{key}.attention.output.LayerNorm",
    )
    inner = graph.linear(
        middle,
        f"{name}.inner",
        weights[f"{key}.intermediate.dense.weight"].T,
        weights[f"{key}.intermediate.dense.bias"],
    )
    outer = graph.linear(
        graph.node("Gelu", [inner], f"{name}.gelu"), f"{name}.outer",
        weights[f"{key}.output.dense.weight"].T, weights[f"{key}.output.dense.bias"],
    )  # fmt: skip
    return graph.normalised(
        graph.node("Add", [outer, middle], f"{name}.out_sum"), f"{name}.out", weights, f"{key}.output.LayerNorm"
    )


def _attended(graph: _Graph, weights: Weights, name: str, key: str, source: str) -> str:
    """Add self-attention; one product makes queries, keys and values, which saves two quantisations a layer."""
    parts = [f"{key}.attention.self.{part}" for part in ("query", "key", "value")]
    weight = np.concatenate([weights[f"{p}.weight"].T for p in parts], axis=1)
    joint = graph.linear(source, f"{name}.qkv", weight, np.concatenate([weights[f"{p}.bias"] for p in parts]))
    names = [f"{name}.query", f"{name}.key", f"{name}.value"]
    graph.nodes.append(helper.make_node("Split", [joint], names, name=f"{name}.split", axis=-1, num_outputs=3))
    query, keys, values = (
        graph.node("Transpose", [graph.node("Reshape", [n, "split_heads"], f"{n}.split")], f"{n}.heads", perm=perm)
        for n, perm in zip(names, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]), strict=True)
    )
    scaled = graph.node("Mul", [graph.node("MatMul", [query, keys], f"{name}.dots"), "scale"], f"{name}.scaled")
    attention = graph.node(
        "Softmax", [graph.node("Add", [scaled, "mask_score"], f"{name}.scores")], f"{name}.attention", axis=-1
    )
    context = graph.node("MatMul", [attention, values], f"{name}.context")
    turned = graph.node("Transpose", [context], f"{name}.turned", perm=[0, 2, 1, 3])
    return graph.node("Reshape", [turned, "join_heads"], f"{name}.joined")


def _model(graph: _Graph, name: str, output: str, width: int, *, typed: bool = False) -> onnx.ModelProto:
    names = ["input_ids", "attention_mask", *(["token_types"] if typed else [])]
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, [_ROWS, _TOKENS]) for n in names]
    size = [_ROWS, _TOKENS, width] if typed else [_ROWS, width]
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, size)]
    proto = helper.make_graph(graph.nodes, name, inputs, outputs, graph.constants)
    model = helper.make_model(
        proto, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="portico"
    )
    onnx.checker.check_model(model)
    return model
