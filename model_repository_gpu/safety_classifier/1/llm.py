"""One question to a model of Triton's vLLM backend, over BLS, and everything that may be wrong with its reply.

The same file lies beside each thin `model.py`; `tests/contract/test_gpu_repository.py` holds the copies equal. Tensors
and parameters are those of the vLLM backend's documentation (user guide: README and "Additional Outputs").

Security choices:
- The prompt comes from `manifest.json`, where training wrote it with the chat template: the backend applies none.
- Control tokens of the template are broken in every text, so that nobody's words can end their own turn.
- The backend drops a parameter that it does not know in silence, so the reply is checked as if none had worked.
- Errors carry fixed words and never the text.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

MANIFEST = "manifest.json"
MAX_BYTES = 65_536


class Refused(Exception):
    """A request that cannot be served: a fixed message and the code of its TritonError."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Reply:
    """What the LLM said: its text, why it ended, the log-probabilities of each new token, and tokens read."""

    text: str
    finish_reason: str
    logprobs: Sequence[Mapping[str, Mapping[str, Any]]]
    tokens_read: int


def load_manifest(args: Mapping[str, str], fields: Mapping[str, type]) -> dict[str, Any]:
    """Return the manifest of the version that Triton loads.

    Raises:
        TritonModelException: it is missing, or a field of it is missing or of another type.
    """
    path = Path(args["model_repository"]) / args["model_version"] / MANIFEST
    wanted = {"version": str, "llm": str, "prompt": list, "control_tokens": list, **fields}
    try:
        manifest = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise unfit(args["model_name"], f"{MANIFEST} is missing or unreadable") from None
    wrong = [name for name, kind in wanted.items() if not isinstance(manifest.get(name), kind) or not manifest[name]]
    if wrong:
        raise unfit(args["model_name"], f"{MANIFEST} lacks {', '.join(wrong)}")
    if any(len(token) < 2 or any(map(str.isspace, token)) for token in manifest["control_tokens"]):
        raise unfit(args["model_name"], "a control token is too short to be broken")
    return manifest


def unfit(model: str, reason: str) -> Exception:
    """Return the refusal to load a model."""
    error: Exception = pb_utils.TritonModelException(f"portico: {model}: {reason}")
    return error


def read_texts(request: Any, name: str) -> list[str]:
    """Return the texts of one BYTES input, one for each row; raise Refused for one that is unusable."""
    rows = pb_utils.get_input_tensor_by_name(request, name).as_numpy().reshape(-1)
    texts = []
    for row in map(bytes, rows):
        if len(row) > MAX_BYTES:
            raise Refused(f"{name} is longer than {MAX_BYTES} bytes", pb_utils.TritonError.INVALID_ARG)
        try:
            texts.append(row.decode("utf-8"))
        except UnicodeDecodeError:
            raise Refused(f"{name} is not UTF-8", pb_utils.TritonError.INVALID_ARG) from None
        if not texts[-1].strip():
            raise Refused(f"{name} holds nothing to read", pb_utils.TritonError.INVALID_ARG)
    return texts


def fill_prompt(manifest: Mapping[str, Any], *texts: str) -> str:
    """Return the prompt: its fixed parts with a text between each two, control tokens of the template broken."""
    parts = [str(part) for part in manifest["prompt"]]
    if len(parts) != len(texts) + 1:
        raise Refused("the prompt of the manifest has other gaps", pb_utils.TritonError.INTERNAL)
    between = [broken(text, manifest["control_tokens"]) for text in texts]
    return parts[0] + "".join(text + part for text, part in zip(between, parts[1:], strict=True))


def broken(text: str, tokens: Sequence[str]) -> str:
    """Return a text in which no control token stands any more, also none that breaking another one made."""
    while any(token in text for token in tokens):
        for token in tokens:
            text = text.replace(token, f"{token[0]} {token[1:]}")
    return text


async def ask(manifest: Mapping[str, Any], prompt: str, parameters: Mapping[str, Any]) -> Reply:
    """Ask the LLM for one reply.

    Raises:
        Refused: it failed, gave none or several, or something else than was asked for.
    """
    named = {"lora_name": manifest["lora"]} if manifest.get("lora") else {}
    call = pb_utils.InferenceRequest(
        model_name=manifest["llm"],
        requested_output_names=["text_output", "finish_reason", "logprobs", "num_input_tokens"],
        inputs=[
            _bytes("text_input", prompt),
            _bytes("sampling_parameters", json.dumps({**parameters, **named})),
            _flag("stream", value=False),
            _flag("exclude_input_in_output", value=True),
            *(_flag(f"return_{name}", value=True) for name in ("finish_reason", "logprobs", "num_input_tokens")),
        ],
    )
    replies = []
    for response in await call.async_exec(decoupled=True):
        if response.has_error():
            raise Refused("the language model failed", pb_utils.TritonError.UNAVAILABLE)
        if response.output_tensors():  # The last one of a decoupled model may be empty.
            replies.append(_read(response))
    if len(replies) != 1:
        raise Refused("the language model gave no reply, or several", pb_utils.TritonError.INTERNAL)
    return replies[0]


def _read(response: Any) -> Reply:
    found = {tensor.name(): tensor.as_numpy().reshape(-1) for tensor in response.output_tensors()}
    try:
        logprobs = json.loads(found["logprobs"][0]) if found["logprobs"][0] != b"null" else []
        text, reason = (bytes(found[name][0]).decode("utf-8") for name in ("text_output", "finish_reason"))
        return Reply(text, reason, logprobs or [], int(found["num_input_tokens"][0]))
    except (KeyError, IndexError, ValueError, TypeError):
        raise Refused(
            "the language model's reply is not of the documented form", pb_utils.TritonError.INTERNAL
        ) from None


def finite(value: Any) -> float:
    """Return a number; raise Refused for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused("the language model gave a value that is not a number", pb_utils.TritonError.INTERNAL)
    return float(value)


def error_response(error: Exception) -> Any:
    """Turn what went wrong with one request into its own response: fixed words only."""
    if isinstance(error, Refused):
        found = pb_utils.TritonError(str(error), error.code)
    else:
        found = pb_utils.TritonError("the model failed", pb_utils.TritonError.INTERNAL)
    return pb_utils.InferenceResponse(output_tensors=[], error=found)


def _bytes(name: str, text: str) -> Any:
    return pb_utils.Tensor(name, np.array([text.encode()], dtype=np.object_))


def _flag(name: str, *, value: bool) -> Any:
    return pb_utils.Tensor(name, np.array([value], dtype=bool))
