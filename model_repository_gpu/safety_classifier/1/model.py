"""safety_classifier, GPU profile: an LLM that says one verdict token, behind the contract of the CPU profile.

`TEXT` [rows, 1] → `SCORES` [rows, 6], a softmax over the six verdict tokens in the order of `labels.txt`, and
`TOKENS_SCORED` [rows, 1], the tokens that the engine read, those of the prompt included; `LABELS` [rows, 6], the order.

Sampling is held to the six tokens (`allowed_token_ids`), and the engine is started with `logprobs_mode`
`processed_logprobs`, so that all six have a log-probability. A reply in which one is missing is no verdict. A text
longer than one window is judged in overlapping ones, every character in at least one, and the most severe wins.
"""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils
from llm import Refused, Reply, ask, error_response, fill_prompt, finite, load_manifest, read_texts, unfit
from numpy.typing import NDArray

# Danger to life within minutes comes first; out_of_scope stands above informational: an answer needs the whole input.
SEVERITY = ("emergency", "crisis", "attack", "clinician", "out_of_scope", "informational")

Floats = NDArray[np.float32]


class TritonPythonModel:
    """What Triton's Python backend calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the manifest; Triton does not become ready if this raises."""
        self.manifest = load_manifest(
            args,
            {"labels": list, "verdict_tokens": dict, "temperature": float, "window_chars": int, "thresholds": dict},
        )
        self.labels = (Path(args["model_repository"]) / "labels.txt").read_text(encoding="utf-8").split()
        tokens = self.manifest["verdict_tokens"]
        if self.labels != self.manifest["labels"] or sorted(self.labels) != sorted(SEVERITY):
            raise unfit("safety_classifier", "labels.txt and manifest.json do not agree")
        if set(tokens) != set(self.labels) or len(set(tokens.values())) != len(tokens):
            raise unfit("safety_classifier", "verdict_tokens names no token of its own for each label")
        self.token_ids = [int(tokens[label]) for label in self.labels]
        held = {"max_tokens": 1, "logprobs": len(self.labels), "allowed_token_ids": self.token_ids}
        self.sampling = {"temperature": 0.0, **held}

    async def execute(self, requests: list[Any]) -> list[Any]:
        """Answer each request by itself, all at once: the engine batches what is in flight."""
        return list(await asyncio.gather(*(self._respond(request) for request in requests)))

    async def _respond(self, request: Any) -> Any:
        try:
            scored = await asyncio.gather(*(self._score(text) for text in read_texts(request, "TEXT")))
        except Exception as error:  # Whatever it is, this request fails and says so.
            return error_response(error)
        scores = np.stack([row for row, _ in scored])
        counts = np.array([[count] for _, count in scored], dtype=np.int32)
        order = np.array([[label.encode() for label in self.labels]] * len(scored), dtype=np.object_)
        outputs = {"SCORES": scores, "TOKENS_SCORED": counts, "LABELS": order}
        return pb_utils.InferenceResponse([pb_utils.Tensor(name, value) for name, value in outputs.items()])

    async def _score(self, text: str) -> tuple[Floats, int]:
        windows = cut_windows(text, self.manifest["window_chars"])
        prompts = [fill_prompt(self.manifest, window) for window in windows]
        replies = await asyncio.gather(*(ask(self.manifest, prompt, self.sampling) for prompt in prompts))
        rows = np.stack([self._probabilities(reply) for reply in replies])
        return most_severe(rows, self.labels), sum(reply.tokens_read for reply in replies)

    def _probabilities(self, reply: Reply) -> Floats:
        if len(reply.logprobs) != 1:
            raise Refused("the language model said more or less than one token", pb_utils.TritonError.INTERNAL)
        said = reply.logprobs[0]
        try:
            logs = np.array([finite(said[str(token)]["logprob"]) for token in self.token_ids])
        except (KeyError, TypeError):
            raise Refused("a verdict token has no log-probability", pb_utils.TritonError.INTERNAL) from None
        scaled = logs / self.manifest["temperature"]
        exponent = np.exp(scaled - scaled.max())
        return np.asarray(exponent / exponent.sum(), dtype=np.float32)


def cut_windows(text: str, size: int) -> list[str]:
    """Cut a text into windows that overlap by half, every character in at least one; the last is a full one."""
    last = len(text) - size
    starts = [*range(0, last, max(1, size // 2)), last] if last > 0 else [0]
    return [text[start : start + size] for start in starts]


def most_severe(windows: Floats, labels: list[str]) -> Floats:
    """Return the scores of the window that decides: the most severe label, of several the surest.

    Where all are informational the least sure one decides, because the whole text must be safe to answer.
    """
    said = [labels[int(best)] for best in windows.argmax(axis=1)]
    worst = min(said, key=SEVERITY.index)
    rows = [row for row, label in zip(windows, said, strict=True) if label == worst]
    choose = min if worst == "informational" else max
    return choose(rows, key=lambda row: float(row.max()))
