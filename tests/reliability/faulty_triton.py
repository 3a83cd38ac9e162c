"""A Triton whose safety classifier is broken in 24 ways: a gRPC endpoint before the real server.

Every call goes to the real Triton. What it says of encoder and responder is passed on; what it says of the classifier
is changed by the fault in force, always so that a careless reader would still take it for `informational`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc.aio
import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import serialize_byte_tensor

from portico_gateway.web.health import GOLDEN_QUESTION

LATE_S = 1.5
LABELS = ("informational", "clinician", "emergency", "crisis", "attack", "out_of_scope")
SURE = np.array([[0.99, 0.002, 0.002, 0.002, 0.002, 0.002]], dtype=np.float32)
TYPES = {"float32": "FP32", "float64": "FP64", "int32": "INT32", "int64": "INT64"}

Reply = Any
Change = Callable[[Reply], Reply]


def _put(name: str, values: NDArray[Any]) -> Change:
    """Return a change that gives one output other values, shape or type."""

    def change(reply: Reply) -> Reply:
        index = _index(reply, name)
        reply.outputs[index].datatype = TYPES.get(values.dtype.name, "BYTES")
        reply.outputs[index].shape[:] = values.shape
        content = values.tobytes() if values.dtype.name in TYPES else serialize_byte_tensor(values).item()
        reply.raw_output_contents[index] = content
        return reply

    return change


def _drop(name: str) -> Change:
    def change(reply: Reply) -> Reply:
        index = _index(reply, name)
        del reply.outputs[index], reply.raw_output_contents[index]
        return reply

    return change


def _cut(reply: Reply) -> Reply:
    index = _index(reply, "SCORES")
    reply.raw_output_contents[index] = reply.raw_output_contents[index][:10]
    return reply


def _named(name: str) -> Change:
    def change(reply: Reply) -> Reply:
        reply.model_name = name
        return reply

    return change


def _scores(*values: float) -> Change:
    return _put("SCORES", np.array([values], dtype=np.float32))


def _order(labels: Sequence[str]) -> Change:
    return _put("LABELS", np.array([[label.encode() for label in labels]], dtype=np.object_))


def _index(reply: Reply, name: str) -> int:
    return next(number for number, output in enumerate(reply.outputs) if output.name == name)


# What happens to the connection or the call; everything else is a change of the reply.
ON_THE_LINE = ("down", "reset", "hang", "slow", "internal error", "unavailable")
CHANGES: dict[str, Change] = {
    "no outputs": lambda reply: service_pb2.ModelInferResponse(model_name=reply.model_name),
    "no scores": _drop("SCORES"),
    "no labels": _drop("LABELS"),
    "no token count": _drop("TOKENS_SCORED"),
    "wrong shape": _put("SCORES", SURE.reshape(6, 1)),
    "two rows": _put("SCORES", np.repeat(SURE, 2, axis=0)),
    "a label short": _scores(0.99, 0.002, 0.002, 0.003, 0.003),
    "an extra label": _scores(0.988, 0.002, 0.002, 0.002, 0.002, 0.002, 0.002),
    "wrong label order": _order((LABELS[1], LABELS[0], *LABELS[2:])),
    "an unknown label": _order((*LABELS[:5], "harmless")),
    "not a number": _scores(0.99, float("nan"), 0, 0, 0, 0),
    "infinite": _scores(float("inf"), 0, 0, 0, 0, 0),
    "negative": _scores(1.2, -0.2, 0, 0, 0, 0),
    "sums to two": _scores(1.0, 0.2, 0.2, 0.2, 0.2, 0.2),
    "wrong type": _put("SCORES", SURE.astype(np.float64)),
    "truncated bytes": _cut,
    "half the text scored": _put("TOKENS_SCORED", np.array([[2]], dtype=np.int32)),
    "another model": _named("passage_encoder"),
}
FAULTS = (*ON_THE_LINE, *CHANGES)


@dataclass(slots=True)
class FaultyTriton(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]
    """Passes calls on; `fault` names what is broken now, None nothing.

    `received` counts classifier calls of turns; the readiness probe, with a question of its own, is none.
    """

    real: Any
    break_line: Callable[[], int]
    fault: str | None = None
    received: int = 0
    port: int = 0

    async def ModelInfer(self, request: Any, context: Any) -> Reply:
        """Answer one inference."""
        if request.model_name != "safety_classifier":
            return await self.real.ModelInfer(request)
        self.received += GOLDEN_QUESTION.encode() not in request.raw_input_contents[0]
        match self.fault:
            case "hang":
                await asyncio.sleep(3600)
            case "reset":
                self.break_line()
                await asyncio.sleep(3600)
            case "slow":
                await asyncio.sleep(LATE_S)
            case "internal error":
                await context.abort(grpc.StatusCode.INTERNAL, "broken")
            case "unavailable":
                await context.abort(grpc.StatusCode.UNAVAILABLE, "not ready")
        reply = await self.real.ModelInfer(request)
        return CHANGES.get(self.fault or "", lambda same: same)(reply)


@contextlib.asynccontextmanager
async def faulty_triton(target: int, break_line: Callable[[], int]) -> AsyncIterator[FaultyTriton]:
    """Serve on a free loopback port before the real server on `target`."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{target}") as channel:
        servicer = FaultyTriton(service_pb2_grpc.GRPCInferenceServiceStub(channel), break_line)
        server = grpc.aio.server()
        service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(servicer, server)
        servicer.port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        try:
            yield servicer
        finally:
            await server.stop(0)
