"""The passage encoder in this process: for building an index and for tests, without a Triton.

The same file and the same windows as `model_repository/passage_encoder/1`: one text a run, one thread a run, so that a
vector made here is the vector Triton gives; several runs at once.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from portico_core.errors import ConfigurationError

DIMENSIONS = 384
WINDOW_TOKENS = 254  # 256 of the model, less [CLS] and [SEP]
WINDOW_STRIDE = 127
_THREADS = min(4, os.cpu_count() or 1)
_CLS, _SEP = 101, 102  # of the BERT vocabulary

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LocalEncoder:
    """Call it with texts; it gives unit vectors, shape [texts, 384]. `version` is that of the model's manifest."""

    tokenizer: Tokenizer
    session: onnxruntime.InferenceSession
    version: str

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Encode texts; an empty one gets the zero vector, which is near to nothing."""
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        with ThreadPoolExecutor(_THREADS) as threads:  # The session leaves the interpreter free while it runs.
            return np.stack(list(threads.map(self._encode, texts)))

    def _encode(self, text: str) -> Floats:
        tokens = list(self.tokenizer.encode(text, add_special_tokens=False).ids)
        if not tokens:
            return np.zeros(DIMENSIONS, dtype=np.float32)
        mean = np.mean([self._run(window) for window in _windows(tokens)], axis=0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)

    def _run(self, window: list[int]) -> Floats:
        ids = np.array([[_CLS, *window, _SEP]], dtype=np.int64)
        return np.asarray(self.session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0])


def open_local_encoder(folder: Path) -> LocalEncoder:
    """Open the model in `folder` (`model_repository/passage_encoder/1`), its checksums held against its manifest.

    Raises:
        ConfigurationError: a file is missing or is not the one that was built.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for name in ("model.onnx", "tokenizer.json"):
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != manifest["files"][name]:
                raise ConfigurationError(f"{folder / name}: not the file that was built; run `portico models build`")
    except (OSError, ValueError, KeyError):
        raise ConfigurationError(f"{folder}: no usable encoder; run `portico models build`") from None
    return LocalEncoder(_open_tokenizer(folder), _open_session(folder), str(manifest["version"]))


def _windows(tokens: list[int]) -> list[list[int]]:
    last = len(tokens) - WINDOW_TOKENS
    starts = [*range(0, last, WINDOW_STRIDE), last] if last > 0 else [0]
    return [tokens[start : start + WINDOW_TOKENS] for start in starts]


def _open_tokenizer(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True
    return tokenizer


def _open_session(folder: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
