"""Server-sent events of a turn say exactly what its JSON form says, and nothing before the turn is recorded."""

import asyncio
import contextlib
import gc
import io
import json
import logging
import re
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any, cast

import pytest
from sse_starlette.event import ServerSentEvent

from portico_core.draining import Drain
from portico_core.errors import Conflict, PorticoError
from portico_core.labels import Label, Route, Stage
from portico_core.text import PatientText
from portico_core.turn import Turn
from portico_gateway.logs import JsonFormatter
from portico_gateway.metrics import Metrics
from portico_gateway.pipeline import Delivery, answer_turn
from portico_gateway.web.admission import TurnSlots
from portico_gateway.web.concurrency import GradientLimit
from portico_gateway.web.events import delivery_events, turn_events
from unit.gateway.fakes import CRISIS, EMERGENCY, NAME, QUESTION, World, make_request, make_verdict

CANARY = "Zebulon Quartermain"


def parse(event: ServerSentEvent) -> tuple[str, str, Any]:
    """Read an event from its bytes as a browser would: name, id and parsed data."""
    fields: dict[str, list[str]] = {}
    for line in re.split(r"\r\n|\r|\n", event.encode().decode()):  # And at no other character.
        name, _, value = line.partition(": ")
        fields.setdefault(name, []).append(value)
    return fields["event"][0], fields["id"][0], json.loads("\n".join(fields["data"]))


async def stream(world: World, text: str, **changes: Any) -> tuple[list[tuple[str, str, Any]], Delivery]:
    """Take a turn as the API does and return its events and what the JSON form delivers."""
    stages: asyncio.Queue[Stage] = asyncio.Queue()
    task = asyncio.create_task(answer_turn(make_request(text, **changes), world.parts(), show=stages.put_nowait))
    events = [parse(event) async for event in turn_events(task, stages, request_id="r1", whom_to_call="Call 911.")]
    return events, task.result()


def world_with(label: Label) -> World:
    world = World()
    world.classifier.default = make_verdict(label)
    return world


TURNS = {
    "answer": (Label.INFORMATIONAL, QUESTION),
    "answer with a name": (Label.INFORMATIONAL, f"I am {NAME}. {QUESTION}"),
    "escalate": (Label.CLINICIAN, QUESTION),
    "emergency": (Label.INFORMATIONAL, EMERGENCY),
    "crisis": (Label.INFORMATIONAL, CRISIS),
    "decline": (Label.OUT_OF_SCOPE, QUESTION),
}


@pytest.mark.parametrize("name", TURNS)
async def test_the_events_say_what_the_json_form_says(name: str) -> None:
    label, text = TURNS[name]
    world = world_with(label)
    world.knowledge.sentence = "[NAME_1], metformin lowers\nblood sugar: “¼ …”\u2028."
    events, delivery = await stream(world, text)
    turn = json.loads(delivery.body)

    assert [data for kind, _, data in events if kind == "turn"] == [turn]
    answer = turn["answer"] or {"sentences": [], "citations": []}
    assert [data for kind, _, data in events if kind == "sentence"] == answer["sentences"]
    assert [data for kind, _, data in events if kind == "citation"] == answer["citations"]
    assert [data for kind, _, data in events if kind == "escalation"] == [turn["escalation"]] * bool(turn["escalation"])
    banner = {key: turn[key] for key in ("route", "message", "contacts", "lang")}
    assert [data for kind, _, data in events if kind == "banner"] == [banner] * (name in {"emergency", "crisis"})
    assert Counter(kind for kind, _, _ in events)["error"] == 0


async def test_the_turn_event_carries_the_very_bytes_of_the_record() -> None:
    _, delivery = await stream(World(), f"I am {NAME}. {QUESTION}")
    last = list(delivery_events(delivery, iter(range(1, 100))))[-1]
    assert b"event: turn\r\ndata: " + delivery.body + b"\r\n\r\n" in last.encode()


@pytest.mark.parametrize("name", TURNS)
async def test_ids_count_up_from_one_and_the_turn_comes_last(name: str) -> None:
    label, text = TURNS[name]
    events, _ = await stream(world_with(label), text)
    assert [number for _, number, _ in events] == [str(n) for n in range(1, len(events) + 1)]
    assert events[-1][0] == "turn"


async def test_stages_are_shown_as_they_are_reached_and_hold_nothing_else() -> None:
    events, _ = await stream(World(), QUESTION)
    assert [data for kind, _, data in events if kind == "status"] == [{"stage": stage.value} for stage in Stage]


async def test_nothing_of_an_answer_is_sent_before_the_turn_is_recorded() -> None:
    world, stages = World(), asyncio.Queue[Stage]()
    recorded_when_seen: list[int] = []
    task = asyncio.create_task(answer_turn(make_request(), world.parts(), show=stages.put_nowait))
    async for event in turn_events(task, stages, request_id="r1", whom_to_call="Call 911."):
        if event.event != "status":
            recorded_when_seen.append(len(world.audit.records))
    assert recorded_when_seen and set(recorded_when_seen) == {2}


async def test_with_the_record_lost_no_sentence_is_sent() -> None:
    events, delivery = await stream(World().break_("decided"), QUESTION)
    assert delivery.turn.route is Route.UNAVAILABLE
    assert {kind for kind, _, _ in events} == {"status", "turn"}


@pytest.mark.parametrize(
    ("error", "code"),
    [(Conflict(CANARY), "conflict"), (PorticoError(CANARY), "internal"), (RuntimeError(CANARY), "internal")],
)
async def test_a_failed_turn_is_one_error_event_of_the_one_shape(error: Exception, code: str) -> None:
    async def fail() -> Delivery:
        raise error

    events = [
        parse(event)
        async for event in turn_events(
            asyncio.create_task(fail()), asyncio.Queue(), request_id="r1", whom_to_call="Call 911."
        )
    ]
    ((kind, number, data),) = events
    assert (kind, number, set(data)) == ("error", "1", {"error"})
    assert (data["error"]["code"], data["error"]["request_id"]) == (code, "r1")
    assert CANARY not in json.dumps(data)


async def test_a_client_that_goes_away_does_not_stop_the_turn() -> None:
    world, stages = World(), asyncio.Queue[Stage]()
    task = asyncio.create_task(answer_turn(make_request(), world.parts(), show=stages.put_nowait))
    async with contextlib.aclosing(
        cast("AsyncGenerator[ServerSentEvent]", turn_events(task, stages, request_id="r1", whom_to_call="Call 911."))
    ) as e:
        await anext(e)
    assert (await task).turn.route is Route.ANSWER
    assert len(world.audit.records) == 2


async def test_a_turn_that_fails_unseen_leaves_no_word_in_the_log() -> None:
    """asyncio quotes the exception of a task that nobody asked about; its text may be the patient's."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logging.getLogger("asyncio").addHandler(handler)

    async def fail() -> None:
        raise RuntimeError(CANARY)

    try:
        limit = GradientLimit(least=1, most=1)
        slots = TurnSlots(limit, reserved=1, of_one_patient=1, metrics=Metrics(), drain=Drain())
        with slots.take(PatientText(QUESTION), patient="p1") as permit:
            permit.start(fail())
        await asyncio.sleep(0.01)
        gc.collect()
    finally:
        logging.getLogger("asyncio").removeHandler(handler)
    assert CANARY not in written.getvalue()


def test_a_stored_turn_gives_the_same_events_again() -> None:
    """A retry with an Idempotency-Key is streamed from the kept bytes."""
    turn = Turn.model_validate_json(asyncio.run(answer_turn(make_request(), World().parts())).body)
    body = turn.model_dump_json().encode()
    once, again = (
        [event.encode() for event in delivery_events(Delivery(turn, body), iter(range(1, 100)))] for _ in range(2)
    )
    assert once == again
