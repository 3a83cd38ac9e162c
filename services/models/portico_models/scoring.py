"""Run an artefact over the golden messages, exactly as the model inside Triton does: one text a run, unpadded."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from portico_models.errors import ModelCheckError

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class GoldenMessage:
    """An authored message with its label. The set is for parity and the gate; training never sees it."""

    label: str
    text: str


def load_golden() -> list[GoldenMessage]:
    """Return the committed golden messages."""
    rows = map(json.loads, _golden_file().decode().splitlines())
    return [GoldenMessage(row["label"], row["text"]) for row in rows]


def golden_sha256() -> str:
    """Return the checksum of the golden messages: references are of one version of them only."""
    return hashlib.sha256(_golden_file()).hexdigest()


def _golden_file() -> bytes:
    return (files("portico_models") / "golden_messages.jsonl").read_bytes()


def open_session(model: bytes) -> onnxruntime.InferenceSession:
    """Open a model with one thread.

    Raises:
        ModelCheckError: these bytes are no model.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception:  # onnxruntime raises types of its own that are no public API.
        raise ModelCheckError("the model cannot be opened") from None


def run_golden(model: bytes, tokenizer: bytes, messages: Sequence[GoldenMessage]) -> Floats:
    """Return the model's output for every message, shape [messages, width]."""
    session, words = open_session(model), open_tokenizer(tokenizer)
    return np.concatenate([_run(session, words.encode(m.text).ids) for m in messages])


def open_tokenizer(content: bytes) -> Tokenizer:
    """Open a tokenizer without the padding and cutting its file asks for."""
    tokenizer = Tokenizer.from_str(content.decode())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True
    return tokenizer


def softmax(logits: Floats, temperature: float) -> NDArray[np.float64]:
    """Return probabilities of each row."""
    scaled = logits.astype(np.float64) / temperature
    exponent = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(exponent / exponent.sum(axis=1, keepdims=True))


def _run(session: onnxruntime.InferenceSession, tokens: Sequence[int]) -> Floats:
    ids = np.array([tokens], dtype=np.int64)
    return np.asarray(session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0], dtype=np.float32)
