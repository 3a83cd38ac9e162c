"""The ONNX graph says what a plain numpy BERT says, whatever the padding."""

import math
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import ModelProto

from portico_models.bert_graph import BertShape, Head, build_classifier, build_encoder, build_tagger
from portico_models.errors import ModelBuildError

Floats = NDArray[np.float64]
Weights = dict[str, NDArray[np.float32]]

HALF_PRECISION_WORDS = 2e-3


def run(model: ModelProto, rows: list[list[int]], pad_to: int = 0) -> NDArray[np.float32]:
    longest = max(pad_to, *map(len, rows))
    ids = np.array([row + [0] * (longest - len(row)) for row in rows], dtype=np.int64)
    mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in rows], dtype=np.int64)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"input_ids": ids, "attention_mask": mask})[0])


def pooled_by_numpy(w: Weights, shape: BertShape, ids: list[int]) -> Floats:
    """The mean over the tokens of one text."""
    return np.asarray(tokens_by_numpy(w, shape, ids, [0] * len(ids)).mean(0))


def tokens_by_numpy(w: Weights, shape: BertShape, ids: list[int], types: list[int]) -> Floats:
    """BERT by the book (Devlin et al. 2019), one text, no padding."""

    def norm(x: Floats, key: str) -> Floats:
        y = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
        return y * w[f"{key}.weight"] + w[f"{key}.bias"]

    def linear(x: Floats, key: str) -> Floats:
        return x @ w[f"{key}.weight"].T.astype(np.float64) + w[f"{key}.bias"]

    def heads(x: Floats) -> Floats:
        return x.reshape(len(ids), shape.heads, -1).transpose(1, 0, 2)

    x = (
        w["embeddings.word_embeddings.weight"][ids].astype(np.float64)
        + w["embeddings.position_embeddings.weight"][: len(ids)]
        + w["embeddings.token_type_embeddings.weight"][types]
    )
    x = norm(x, "embeddings.LayerNorm")
    for layer in (f"encoder.layer.{i}" for i in range(shape.layers)):
        q, k, v = (heads(linear(x, f"{layer}.attention.self.{n}")) for n in ("query", "key", "value"))
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(shape.hidden / shape.heads)
        attention = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
        mixed = (attention @ v).transpose(1, 0, 2).reshape(len(ids), -1)
        x = norm(linear(mixed, f"{layer}.attention.output.dense") + x, f"{layer}.attention.output.LayerNorm")
        inner = linear(x, f"{layer}.intermediate.dense")
        gelu = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        x = norm(linear(gelu, f"{layer}.output.dense") + x, f"{layer}.output.LayerNorm")
    return np.asarray(x)


def test_encoder_equals_numpy_and_has_unit_length(weights: Weights, shape: BertShape) -> None:
    rows = [[1, 5, 9, 2], [1, 30, 31, 32, 33, 34, 2], [1, 2]]
    found = run(build_encoder(weights, shape), rows)
    expected = np.stack([pooled_by_numpy(weights, shape, row) for row in rows])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.abs(found - expected).max() < HALF_PRECISION_WORDS
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_classifier_is_the_head_over_the_mean(weights: Weights, shape: BertShape) -> None:
    rng = np.random.default_rng(3)
    head = Head(rng.normal(size=(6, shape.hidden)).astype(np.float32), rng.normal(size=6).astype(np.float32))
    found = run(build_classifier(weights, shape, head), [[1, 5, 9, 2]])[0]
    expected = head.weight @ pooled_by_numpy(weights, shape, [1, 5, 9, 2]) + head.bias
    assert np.abs(found - expected).max() < 10 * HALF_PRECISION_WORDS


def test_tagger_is_the_head_over_every_token_with_its_type(weights: Weights, shape: BertShape) -> None:
    rng = np.random.default_rng(4)
    head = Head(rng.normal(size=(3, shape.hidden)).astype(np.float32), rng.normal(size=3).astype(np.float32))
    typed = replace(shape, token_types=4)
    weights["embeddings.token_type_embeddings.weight"] = rng.normal(size=(4, shape.hidden)).astype(np.float32)
    ids, types = [1, 5, 9, 2], [0, 3, 1, 2]
    session = onnxruntime.InferenceSession(build_tagger(weights, typed, head).SerializeToString())
    padded = {
        "input_ids": np.array([[*ids, 0, 0]]),
        "attention_mask": np.array([[1, 1, 1, 1, 0, 0]]),
        "token_types": np.array([[*types, 0, 0]]),
    }
    found = session.run(None, padded)[0][0, :4]
    expected = tokens_by_numpy(weights, typed, ids, types) @ head.weight.T + head.bias
    assert np.abs(found - expected).max() < 10 * HALF_PRECISION_WORDS
    padded["token_types"][0, 1] = 0  # Control: the types are read.
    assert np.abs(session.run(None, padded)[0][0, :4] - expected).max() > 10 * HALF_PRECISION_WORDS


def test_padding_changes_nothing(weights: Weights, shape: BertShape) -> None:
    model = build_encoder(weights, shape)
    assert np.allclose(run(model, [[1, 5, 9, 2]]), run(model, [[1, 5, 9, 2]], pad_to=20), atol=1e-5)


def test_a_changed_weight_changes_the_output(weights: Weights, shape: BertShape) -> None:
    """Negative control: the comparison above would see a wrong graph."""
    before = run(build_encoder(weights, shape), [[1, 5, 9, 2]])
    weights["encoder.layer.1.attention.self.value.bias"] += 1
    assert np.abs(run(build_encoder(weights, shape), [[1, 5, 9, 2]]) - before).max() > 10 * HALF_PRECISION_WORDS


def test_a_missing_weight_is_named(weights: Weights, shape: BertShape) -> None:
    del weights["encoder.layer.1.output.dense.bias"]
    with pytest.raises(ModelBuildError, match=r"lack encoder\.layer\.1\.output\.dense\.bias"):
        build_encoder(weights, shape)


def test_a_weight_of_another_shape_is_named(weights: Weights, shape: BertShape) -> None:
    weights["embeddings.word_embeddings.weight"] = weights["embeddings.word_embeddings.weight"][:, :4]
    with pytest.raises(ModelBuildError, match="word_embeddings"):
        build_encoder(weights, shape)
