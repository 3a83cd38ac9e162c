"""The batch commands: each opens what it needs, feeds the lines through, and closes it."""

import asyncio
import json
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

from portico_cli.batch import Row, kept, messages_of, required_text, run_batch
from portico_cli.places import KNOWLEDGE_INDEX
from portico_core.text import PatientText


async def redact_lines(mrn_pattern: str | None = None) -> int:
    """{"text"} → {"text","spans"}; {"messages"} → {"messages","spans"}, as one conversation."""
    from portico_cli.redactor import command_redactor
    from portico_redaction.lines import redact_line

    redactor = command_redactor(mrn_pattern)

    async def handle(row: Row) -> Row:
        messages_of(row)
        return dict(await asyncio.to_thread(redact_line, row, redactor=redactor))

    return await run_batch(handle, sys.stdin.buffer, title="redacting", in_flight=4)


async def ground_lines() -> int:
    """{"sentence","passages"} → {"supported","score","reason"}."""
    from portico_gateway.guards.grounding import ground_line

    async def handle(row: Row) -> Row:
        return dict(ground_line(row))

    return await run_batch(handle, sys.stdin.buffer, title="grounding", in_flight=1)


async def search_lines(index: Path | None, k: int, triton: str | None, *, tenant: str | None = None) -> int:
    """{"question"} → {"passages"}; of the search engine that the settings name where a tenant is given."""
    from portico_cli.encoder import open_encoder
    from portico_cli.knowledge import open_engine
    from portico_knowledge.index import load_index
    from portico_knowledge.lines import search_line
    from portico_knowledge.search import HybridSearch

    encoder = open_encoder(triton)
    search = open_engine(tenant, encoder.version) if tenant else HybridSearch(load_index(index or KNOWLEDGE_INDEX))

    async def handle(row: Row) -> Row:
        required_text(row, "question")
        return dict(await asyncio.to_thread(search_line, search, encoder, row, k=k))

    return await run_batch(handle, sys.stdin.buffer, title="searching", in_flight=2)


async def classify_lines(triton: str | None) -> int:
    """{"text"} or {"messages"} → the verdict and its route."""
    from portico_cli.judging import judge_texts
    from portico_cli.opening import open_batch_gateway, open_triton

    with open_triton(triton) as url, tempfile.TemporaryDirectory() as state:
        async with open_batch_gateway(url, None, Path(state), with_redis=False) as gateway:
            parts = gateway.parts

            async def handle(row: Row) -> Row:
                judgement = await judge_texts(parts, messages_of(row))
                verdict = judgement.verdict
                return {
                    **kept(row, "text", "messages"),
                    "label": verdict.label.value,
                    "confidence": round(verdict.confidence, 6),
                    "scores": {label.value: round(score, 6) for label, score in verdict.scores.items()},
                    "source": verdict.source.value,
                    "route": judgement.route.value,
                    "model": verdict.model,
                }

            return await run_batch(handle, sys.stdin.buffer, title="classifying")


async def turn_lines(triton: str | None, redis: str | None) -> int:
    """{"text"} or {"messages"} → the turn object of the last message, each line a conversation of its own."""
    from portico_cli.opening import open_batch_gateway, open_triton
    from portico_gateway.pipeline import TurnRequest, answer_turn
    from portico_gateway.web.admission import admit_text

    with open_triton(triton) as triton_url, tempfile.TemporaryDirectory() as state:
        async with open_batch_gateway(triton_url, redis, Path(state), with_redis=True) as gateway:

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
