"""A text model inside Triton: its verified files, its windows, its one run of ONNX.

The same file lies beside each `model.py`, so that every model folder can be copied alone to where Triton serves
from; `tests/contract/test_model_repository.py` holds the copies equal.

Security choices, each because this guards what a patient is told:
- A file whose SHA-256 is not the one in `manifest.json` is not loaded.
- `[SEP]`, `[PAD]` and the like in a message are read as the letters they are, never as control tokens.
- Every token lies in a window that is run; nothing is cut off silently. Too long a text is refused.
- One window a run: int8 takes its scale from the whole tensor, so a neighbour in the batch would move the
  scores of this patient. Batching rows gains under 10 % on one core, so nothing is paid for it.
- Errors carry fixed words and never the text.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import triton_python_backend_utils as pb_utils
from numpy.typing import NDArray
from tokenizers import Tokenizer

MANIFEST = "manifest.json"
CLS, SEP = 101, 102  # of the BERT vocabulary
WINDOW_TOKENS = 254  # 256, as the models were trained, less [CLS] and [SEP]
WINDOW_STRIDE = 127
MAX_BYTES = 65_536


class Refused(Exception):
    """A request that cannot be served: a fixed message and the code of its TritonError."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class TextModel:
    """A tokenizer, an ONNX session with one output, and the manifest they were checked against."""

    tokenizer: Tokenizer
    session: onnxruntime.InferenceSession
    manifest: dict[str, Any]

    def token_ids(self, text: str) -> list[int]:
        """Return the tokens of a text, without [CLS] and [SEP]."""
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def run(self, window: list[int]) -> NDArray[np.float32]:
        """Run one window of tokens; returns the output row.

        Raises:
            Refused: the row holds something that is not a number.
        """
        ids = np.array([[CLS, *window, SEP]], dtype=np.int64)
        row = self.session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        if not np.isfinite(row).all():
            raise Refused("the model gave a value that is not a number", pb_utils.TritonError.INTERNAL)
        return np.asarray(row, dtype=np.float32)

    def embed(self, text: str, name: str) -> NDArray[np.float32]:
        """Return the unit vector of a text: of a long one, the direction of the mean over its windows.

        Raises:
            Refused: there is nothing to read, or the vector is no vector.
        """
        tokens = refuse_empty(self.token_ids(text), name)
        mean = np.mean([self.run(window) for window in cut_windows(tokens)], axis=0)
        length = float(np.linalg.norm(mean))
        if not length:
            raise Refused(f"the windows of {name} cancel out", pb_utils.TritonError.INTERNAL)
        return np.asarray(mean / length, dtype=np.float32)


def load_text_model(args: dict[str, str]) -> TextModel:
    """Load the model that Triton's `initialize` arguments name.

    Raises:
        TritonModelException: a file is missing or is not the one that was built.
    """
    folder = Path(args["model_repository"]) / args["model_version"]
    manifest = _verified_manifest(folder, args["model_name"])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()  # The shipped file pads everything to 128 tokens …
    tokenizer.no_truncation()  # … and cuts at 128.
    tokenizer.encode_special_tokens = True
    return TextModel(tokenizer, _open_session(folder / "model.onnx"), manifest)


def cut_windows(tokens: list[int], size: int = WINDOW_TOKENS, stride: int = WINDOW_STRIDE) -> list[list[int]]:
    """Cut tokens into overlapping windows, every token in at least one; the last window is a full one."""
    last = len(tokens) - size
    starts = [*range(0, last, stride), last] if last > 0 else [0]
    return [tokens[start : start + size] for start in starts]


def read_texts(request: Any, name: str) -> list[str]:
    """Return the texts of one BYTES input, one for each row of the request.

    Raises:
        Refused: not UTF-8, or too long.
    """
    rows = pb_utils.get_input_tensor_by_name(request, name).as_numpy().reshape(-1)
    return [_read_text(bytes(row), name) for row in rows]


def refuse_empty(tokens: list[int], name: str) -> list[int]:
    """Return tokens, if there are any.

    Raises:
        Refused: a verdict about nothing would look like a verdict.
    """
    if not tokens:
        raise Refused(f"{name} holds nothing to read", pb_utils.TritonError.INVALID_ARG)
    return tokens


def error_response(error: Exception) -> Any:
    """Turn what went wrong with one request into its own response: fixed words only."""
    if isinstance(error, Refused):
        found = pb_utils.TritonError(str(error), error.code)
    else:
        found = pb_utils.TritonError("the model failed", pb_utils.TritonError.INTERNAL)
    return pb_utils.InferenceResponse(output_tensors=[], error=found)


def _read_text(row: bytes, name: str) -> str:
    if len(row) > MAX_BYTES:
        raise Refused(f"{name} is longer than {MAX_BYTES} bytes", pb_utils.TritonError.INVALID_ARG)
    try:
        return row.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{name} is not UTF-8", pb_utils.TritonError.INVALID_ARG) from None


def _verified_manifest(folder: Path, model: str) -> dict[str, Any]:
    try:
        manifest = dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        expected = dict(manifest["files"])
    except (OSError, ValueError, KeyError, TypeError):
        raise _unfit(model, f"{MANIFEST} is missing or unreadable") from None
    for name in ("model.onnx", "tokenizer.json"):
        if _sha256(folder / name, model) != expected.get(name):
            raise _unfit(model, f"{name} is not the file that was built (SHA-256 differs)")
    return manifest


def _sha256(path: Path, model: str) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise _unfit(model, f"{path.name} is missing") from None


def _unfit(model: str, reason: str) -> Exception:
    error: Exception = pb_utils.TritonModelException(f"portico: {model}: {reason}; run `portico models build`")
    return error


def _open_session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # More threads than cores collapse; Triton scales by instances.
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
