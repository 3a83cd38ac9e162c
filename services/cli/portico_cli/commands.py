"""The batch commands: each opens what it needs, feeds the lines through, and closes it."""

import asyncio
import contextlib
import json
import logging
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from portico_cli.batch import Row, kept, messages_of, required_text, run_batch
from portico_cli.places import KNOWLEDGE_INDEX, MODEL_REPOSITORY
from portico_core.errors import EmptyText
from portico_core.text import PatientText


async def redact_lines(mrn_pattern: str | None = None) -> int:
    """{"text"} → {"text","spans"}."""
    from portico_cli.redactor import open_redactor
    from portico_redaction.lines import redact_line

    redactor = open_redactor(mrn_pattern)

    async def handle(row: Row) -> Row:
        required_text(row)
        return dict(await asyncio.to_thread(redact_line, row, redactor=redactor))

    return await run_batch(handle, sys.stdin.buffer, title="redacting", in_flight=4)


async def ground_lines() -> int:
    """{"sentence","passages"} → {"supported","score","reason"}."""
    from portico_gateway.guards.grounding import ground_line

    async def handle(row: Row) -> Row:
        return dict(ground_line(row))

    return await run_batch(handle, sys.stdin.buffer, title="grounding", in_flight=1)


async def search_lines(index: Path | None, k: int, triton: str | None) -> int:
    """{"question"} → {"passages"}."""
    from portico_cli.encoder import open_encoder
    from portico_knowledge.index import load_index
    from portico_knowledge.lines import search_line
    from portico_knowledge.search import HybridSearch

    search, encoder = HybridSearch(load_index(index or KNOWLEDGE_INDEX)), open_encoder(triton)

    async def handle(row: Row) -> Row:
        required_text(row, "question")
        return dict(await asyncio.to_thread(search_line, search, encoder, row, k=k))

    return await run_batch(handle, sys.stdin.buffer, title="searching", in_flight=2)


async def classify_lines(triton: str | None) -> int:
    """{"text"} or {"messages"} → the verdict and its route."""
    from portico_core.verdict import decide_route
    from portico_gateway.guards.red_flags import find_red_flag, verdict_of
    from portico_gateway.pipeline import judge_messages

    with _triton_url(triton) as url, tempfile.TemporaryDirectory() as state:
        async with _gateway(url, None, Path(state), with_redis=False) as gateway:
            parts = gateway.parts

            async def handle(row: Row) -> Row:
                messages = [(await parts.redactor.redact_turn(text)).redacted for text in messages_of(row)]
                if not messages[-1].text.strip():
                    raise EmptyText
                flag = find_red_flag(messages[-1].text)
                *earlier, last = messages
                models = parts.classifier
                verdict = verdict_of(flag) if flag else await judge_messages(models, last, earlier=earlier)
                return {
                    **kept(row, "text", "messages"),
                    "label": verdict.label.value,
                    "confidence": round(verdict.confidence, 6),
                    "scores": {label.value: round(score, 6) for label, score in verdict.scores.items()},
                    "source": verdict.source.value,
                    "route": decide_route(verdict, parts.policy).value,
                    "model": verdict.model,
                }

            return await run_batch(handle, sys.stdin.buffer, title="classifying")


async def turn_lines(triton: str | None, redis: str | None) -> int:
    """{"text"} or {"messages"} → the turn object of the last message, each line a conversation of its own."""
    from portico_gateway.pipeline import TurnRequest, answer_turn
    from portico_gateway.web.admission import admit_text

    with _triton_url(triton) as triton_url, tempfile.TemporaryDirectory() as state:
        async with _gateway(triton_url, redis, Path(state), with_redis=True) as gateway:

            async def handle(row: Row) -> Row:
                texts: list[PatientText] = [admit_text(text) for text in messages_of(row)]
                patient = gateway.keyring.patient_hash(uuid.uuid4().hex, tenant=gateway.parts.tenant)
                conversation = await gateway.conversations.create(patient)
                for text in texts:
                    request = TurnRequest(
                        turn=uuid.uuid4().hex,
                        conversation=conversation.id,
                        patient=patient,
                        actor="batch",
                        text=text,
                        locale=conversation.locale,
                    )
                    delivery = await answer_turn(request, gateway.parts)
                turn: dict[str, Any] = json.loads(delivery.body)
                return {**kept(row, "text", "messages"), **turn}

            return await run_batch(handle, sys.stdin.buffer, title="taking turns", in_flight=8)


@contextlib.contextmanager
def _triton_url(given: str | None) -> Iterator[str]:
    if given is not None:
        yield given
        return
    from portico_models.triton_server import start_triton

    with tempfile.TemporaryDirectory() as state, start_triton(MODEL_REPOSITORY, Path(state), ready_s=60) as server:
        yield server.grpc_url


@contextlib.asynccontextmanager
async def _gateway(triton: str, redis: str | None, state: Path, *, with_redis: bool) -> AsyncIterator[Any]:
    """Open a gateway's parts against the given or private servers."""
    from pydantic import SecretStr

    from portico_cli.serve import built_in_search
    from portico_gateway.bootstrap import open_gateway
    from portico_gateway.logs import configure_logging
    from portico_gateway.settings import GatewaySettings
    from portico_state.keyring import Keyring
    from portico_state.valkey_server import start_valkey

    configure_logging(logging.WARNING)
    Keyring.create(state / "keys.json")
    with contextlib.ExitStack() as stack:
        if redis is None and with_redis:
            redis = stack.enter_context(start_valkey(state / "valkey")).url
        settings = GatewaySettings(
            tenant="batch",
            state=state,
            redis_url=SecretStr(redis or "redis://127.0.0.1:1/0"),
            triton_url=triton,
            model_repository=MODEL_REPOSITORY,
            classify_deadline_s=10,
            encode_deadline_s=10,
            respond_deadline_s=30,
            redact_deadline_s=10,
        )
        gateway = await open_gateway(settings, built_in_search())
        try:
            yield gateway
        finally:
            await gateway.close()
