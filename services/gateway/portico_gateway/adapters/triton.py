"""The three models on Triton over gRPC: one deadline per call, one error per fault, no text in either.

gRPC has no default deadline, so one is set for every call (design/promises.md). Scores are checked in full before they
become a verdict: wrong shape, NaN or a missing label is the same as no answer. Each model is asked by the number of its
version in force: a server without it is no answer too. Each stands behind a circuit breaker.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
import tritonclient.grpc.aio as triton
from numpy.typing import NDArray

from portico_core.errors import (
    ClassifierUnavailable,
    DependencyUnavailable,
    EncoderUnavailable,
    ResponderUnavailable,
)
from portico_core.knowledge import Passage
from portico_core.labels import Label
from portico_core.model_versions import InForce
from portico_core.text import RedactedText
from portico_core.transport import TlsFiles
from portico_core.verdict import Verdict, verdict_from_scores
from portico_gateway.adapters.breaker import CircuitBreaker
from portico_gateway.adapters.triton_channel import NO_FILES, TritonChannel

EMBEDDING_SIZE = 384
LABEL_ORDER = [label.value.encode() for label in Label]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds allowed for one call of each model."""

    classify_s: float
    encode_s: float
    respond_s: float


class TritonModels:
    """The classifier, the encoder and the responder behind one channel."""

    def __init__(
        self,
        url: str,
        *,
        deadlines: Deadlines,
        classifier_version: str,
        in_force: InForce | None = None,
        tls: TlsFiles = NO_FILES,
    ) -> None:
        self._channel = TritonChannel(url, tls)
        self._deadline_s = {
            "safety_classifier": deadlines.classify_s,
            "passage_encoder": deadlines.encode_s,
            "responder": deadlines.respond_s,
        }
        self._classifier_version = classifier_version
        self._in_force = in_force or InForce()
        self._classifier = CircuitBreaker(ClassifierUnavailable)
        self._encoder = CircuitBreaker(EncoderUnavailable)
        self._responder = CircuitBreaker(ResponderUnavailable)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self._channel.close()

    async def classify(self, texts: Sequence[RedactedText]) -> tuple[Verdict, ...]:
        """Judge each text on its own; Triton batches what arrives together."""
        return tuple(await asyncio.gather(*(self._classify_one(text) for text in texts)))

    async def encode(self, text: RedactedText) -> NDArray[np.float32]:
        """Return the unit vector of a question."""
        with self._encoder.guard():
            reply = await self._infer("passage_encoder", {"TEXT": text.text}, ["EMBEDDING"], EncoderUnavailable)
            vector: NDArray[np.float32] = reply["EMBEDDING"].reshape(-1)
            if vector.dtype != np.float32 or vector.shape != (EMBEDDING_SIZE,) or not np.isfinite(vector).all():
                raise EncoderUnavailable
            return vector

    async def respond(self, question: RedactedText, passages: Sequence[Passage]) -> bytes:
        """Return the responder's draft as bytes, unchecked."""
        material = json.dumps([{"id": p.id, "text": p.text} for p in passages], ensure_ascii=False)
        inputs = {"QUESTION": question.text, "PASSAGES": material}
        with self._responder.guard():
            draft = (await self._infer("responder", inputs, ["DRAFT"], ResponderUnavailable))["DRAFT"].reshape(-1)
            if draft.shape != (1,) or not isinstance(draft[0], bytes):
                raise ResponderUnavailable
            return bytes(draft[0])

    async def _classify_one(self, text: RedactedText) -> Verdict:
        outputs = ["SCORES", "TOKENS_SCORED", "LABELS"]
        with self._classifier.guard():
            reply = await self._infer("safety_classifier", {"TEXT": text.text}, outputs, ClassifierUnavailable)
            if not (_are_scores_of(reply, LABEL_ORDER) and _is_whole(text.text, reply["TOKENS_SCORED"])):
                raise ClassifierUnavailable
            named = {label: float(score) for label, score in zip(Label, reply["SCORES"][0], strict=True)}
            try:
                return verdict_from_scores(named, model=self._classifier_version)
            except ValueError:
                raise ClassifierUnavailable from None

    async def _infer(
        self, model: str, inputs: dict[str, str], outputs: Sequence[str], error: type[DependencyUnavailable]
    ) -> dict[str, NDArray[Any]]:
        """Return the named outputs of one call; whatever goes wrong, also in reading the reply, is `error`."""
        tensors = [_bytes_tensor(name, value) for name, value in inputs.items()]
        wanted = [triton.InferRequestedOutput(name) for name in outputs]
        deadline_s, number = self._deadline_s[model], str(self._in_force.number_of(model))
        try:
            async with asyncio.timeout(deadline_s + 0.1):
                result = await self._channel.client().infer(
                    model, tensors, model_version=number, outputs=wanted,
                    client_timeout=deadline_s, timeout=int(deadline_s * 1e6),
                )  # fmt: skip
            found = {name: result.as_numpy(name) for name in outputs}
        except Exception:  # Its library raises a dozen kinds on a reply that is not what it should be.
            raise error from None
        reply = result.get_response()
        if (reply.model_name, reply.model_version) != (model, number) or any(value is None for value in found.values()):
            raise error
        return found


def _are_scores_of(reply: Mapping[str, NDArray[Any]], labels: Sequence[bytes]) -> bool:
    """Say whether the reply holds one row of scores in the order of these labels, by the model's own words.

    Scores in another order are as good as any other six numbers, so the model names its order in every reply.
    """
    scores, named = reply["SCORES"], reply["LABELS"]
    right = scores.dtype == np.float32 and scores.shape == named.shape == (1, len(labels))
    return right and list(named[0]) == list(labels)


def _is_whole(text: str, tokens_scored: NDArray[Any]) -> bool:
    """Say whether the whole text can have been judged: a word has a token at least, so fewer tokens mean a cut."""
    words = sum(any(character.isascii() and character.isalnum() for character in word) for word in text.split())
    right = tokens_scored.dtype == np.int32 and tokens_scored.shape == (1, 1)
    return right and int(tokens_scored[0, 0]) >= max(1, words)


def _bytes_tensor(name: str, value: str) -> triton.InferInput:
    tensor = triton.InferInput(name, [1, 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[value.encode()]], dtype=np.object_))
    return tensor
