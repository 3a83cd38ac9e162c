"""The three models on Triton over gRPC: one deadline per call, one error per fault, no text in either.

gRPC has no default deadline and its reconnect back-off can reach two minutes, so both are set here
(design/promises.md). Scores are checked in full before they become a verdict: wrong shape, NaN or a missing label is
the same as no answer. Each model is asked by the number of its version in force: a server without it is no answer too.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
import tritonclient.grpc.aio as triton
from numpy.typing import NDArray
from tritonclient.utils import InferenceServerException

from portico_core.errors import (
    ClassifierUnavailable,
    ConfigurationError,
    DependencyUnavailable,
    EncoderUnavailable,
    ResponderUnavailable,
)
from portico_core.knowledge import Passage
from portico_core.labels import Label
from portico_core.model_versions import InForce
from portico_core.text import RedactedText
from portico_core.verdict import Verdict, verdict_from_scores

EMBEDDING_SIZE = 384
_CHANNEL = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.lb_policy_name", "round_robin"),  # Over every address of the name: a cluster's Triton has many pods.
]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds allowed for one call of each model."""

    classify_s: float
    encode_s: float
    respond_s: float


class TritonModels:
    """The classifier, the encoder and the responder behind one channel."""

    def __init__(
        self, url: str, *, deadlines: Deadlines, classifier_version: str, in_force: InForce | None = None
    ) -> None:
        self._client = triton.InferenceServerClient(url=url, channel_args=_CHANNEL)
        self._deadlines = deadlines
        self._classifier_version = classifier_version
        self._in_force = in_force or InForce()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self._client.close()

    async def classify(self, texts: Sequence[RedactedText]) -> tuple[Verdict, ...]:
        """Judge each text on its own; Triton batches what arrives together."""
        return tuple(await asyncio.gather(*(self._classify_one(text) for text in texts)))

    async def encode(self, text: RedactedText) -> NDArray[np.float32]:
        """Return the unit vector of a question."""
        result = await self._infer(
            "passage_encoder", {"TEXT": text.text}, "EMBEDDING", self._deadlines.encode_s, EncoderUnavailable
        )
        vector: NDArray[np.float32] = np.asarray(result, dtype=np.float32).reshape(-1)
        if vector.shape != (EMBEDDING_SIZE,) or not np.isfinite(vector).all():
            raise EncoderUnavailable
        return vector

    async def respond(self, question: RedactedText, passages: Sequence[Passage]) -> bytes:
        """Return the responder's draft as bytes, unchecked."""
        material = json.dumps([{"id": p.id, "text": p.text} for p in passages], ensure_ascii=False)
        inputs = {"QUESTION": question.text, "PASSAGES": material}
        result = await self._infer("responder", inputs, "DRAFT", self._deadlines.respond_s, ResponderUnavailable)
        draft = np.asarray(result).reshape(-1)
        if draft.shape != (1,) or not isinstance(draft[0], bytes):
            raise ResponderUnavailable
        return bytes(draft[0])

    async def check_label_order(self) -> None:
        """Refuse to start against a classifier whose tensors are not those of contracts.md."""
        try:
            number = str(self._in_force.number_of("safety_classifier"))
            metadata = await self._client.get_model_metadata("safety_classifier", number, client_timeout=5)
        except (InferenceServerException, asyncio.CancelledError):
            raise ClassifierUnavailable from None
        outputs = {output.name: list(output.shape) for output in metadata.outputs}
        if outputs.get("SCORES", [])[-1:] != [len(Label)]:
            raise ConfigurationError("the safety classifier's SCORES do not hold one number per label")

    async def _classify_one(self, text: RedactedText) -> Verdict:
        scores = await self._infer(
            "safety_classifier", {"TEXT": text.text}, "SCORES", self._deadlines.classify_s, ClassifierUnavailable
        )
        flat = np.asarray(scores, dtype=np.float64).reshape(-1)
        if flat.shape != (len(Label),):
            raise ClassifierUnavailable
        try:
            named = {label: float(score) for label, score in zip(Label, flat, strict=True)}
            return verdict_from_scores(named, model=self._classifier_version)
        except ValueError:
            raise ClassifierUnavailable from None

    async def _infer(
        self, model: str, inputs: dict[str, str], output: str, deadline_s: float, error: type[DependencyUnavailable]
    ) -> Any:
        tensors = [_bytes_tensor(name, value) for name, value in inputs.items()]
        wanted = [triton.InferRequestedOutput(output)]
        try:
            async with asyncio.timeout(deadline_s + 0.1):
                result = await self._client.infer(
                    model, tensors, model_version=str(self._in_force.number_of(model)), outputs=wanted,
                    client_timeout=deadline_s, timeout=int(deadline_s * 1e6),
                )  # fmt: skip
        except (InferenceServerException, TimeoutError, OSError):
            raise error from None
        value = result.as_numpy(output)
        if value is None:
            raise error
        return value


def _bytes_tensor(name: str, value: str) -> triton.InferInput:
    tensor = triton.InferInput(name, [1, 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[value.encode()]], dtype=np.object_))
    return tensor
