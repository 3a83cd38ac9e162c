"""Which work may start: text that can be read, and no more turns at once than the site allows."""

import asyncio

import pytest

from portico_core.draining import Drain
from portico_core.errors import Draining, EmptyText, Overloaded, PorticoError, RateLimited, TextTooLong, UnsupportedText
from portico_core.text import MAX_TEXT_CHARACTERS, PatientText
from portico_gateway.metrics import Metrics
from portico_gateway.web.admission import TurnSlots, admit_text, finish
from portico_gateway.web.concurrency import GradientLimit
from unit.gateway.fakes import CRISIS, EMERGENCY, QUESTION

PLAIN = PatientText(QUESTION)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", EmptyText),
        (" \t\r\n\u00a0\u2003", EmptyText),
        ("a" * (MAX_TEXT_CHARACTERS + 1), TextTooLong),
        ("😀" * (MAX_TEXT_CHARACTERS + 1), TextTooLong),
        ("null\0byte", UnsupportedText),
        ("half \ud83d of an emoji", UnsupportedText),
        ("\udfff", UnsupportedText),
    ],
)
def test_text_that_is_refused(text: str, error: type[PorticoError]) -> None:
    with pytest.raises(error):
        admit_text(text)


@pytest.mark.parametrize(
    "text", ["a", "¿Qué es?", "😀" * MAX_TEXT_CHARACTERS, "a\nb\tc", "مرحبا", "e\u0301", "a" * MAX_TEXT_CHARACTERS]
)
def test_text_that_is_admitted_unchanged(text: str) -> None:
    assert admit_text(text).reveal() == text


def make_slots(
    limit: int, *, reserved: int = 1, of_one: int = 9, metrics: Metrics | None = None, drain: Drain | None = None
) -> TurnSlots:
    adaptive, metrics, drain = GradientLimit(least=limit, most=limit), metrics or Metrics(), drain or Drain()
    return TurnSlots(adaptive, reserved=reserved, of_one_patient=of_one, metrics=metrics, drain=drain)


def start(
    slots: TurnSlots, gate: asyncio.Event, text: PatientText = PLAIN, *, patient: str = "p1"
) -> "asyncio.Task[str]":
    with slots.take(text, patient=patient) as permit:
        return permit.start(_wait(gate))


async def test_more_turns_than_slots_are_shed_at_once_and_counted() -> None:
    metrics, gate = Metrics(), asyncio.Event()
    slots = make_slots(2, metrics=metrics)
    running = [start(slots, gate) for _ in range(2)]
    with pytest.raises(Overloaded):
        slots.take(PLAIN, patient="p1")
    assert metrics.registry.get_sample_value("portico_shed_total", {"reason": "concurrency"}) == 1
    assert metrics.registry.get_sample_value("portico_turns_inflight") == 2
    gate.set()
    await asyncio.gather(*running)
    assert await start(slots, gate) == "done"  # A slot that was given back can be taken again.


@pytest.mark.parametrize("text", [EMERGENCY, CRISIS])
async def test_an_emergency_has_a_place_when_everything_else_is_refused(text: str) -> None:
    gate, drain = asyncio.Event(), Drain()
    slots = make_slots(1, reserved=2, drain=drain)
    running = [start(slots, gate)]
    running += [start(slots, gate, PatientText(text)) for _ in range(2)]
    with pytest.raises(Overloaded):
        slots.take(PatientText(text), patient="p1")  # The control: the reserve is a number, too.
    drain.begin()
    gate.set()
    await asyncio.gather(*running)
    assert await start(slots, gate, PatientText(text)) == "done"  # Also by a process that is about to end.


async def test_one_patient_cannot_take_every_place() -> None:
    gate, slots = asyncio.Event(), make_slots(4, of_one=2)
    running = [start(slots, gate) for _ in range(2)]
    with pytest.raises(RateLimited):
        slots.take(PLAIN, patient="p1")
    running += [start(slots, gate, patient="p2"), start(slots, gate, PatientText(CRISIS))]
    gate.set()
    await asyncio.gather(*running)
    assert await start(slots, gate) == "done"


async def test_a_place_comes_back_when_no_turn_was_started() -> None:
    slots, gate = make_slots(1), asyncio.Event()
    for _ in range(3):
        with pytest.raises(EmptyText), slots.take(PLAIN, patient="p1"):
            raise EmptyText  # Such as: no such conversation.
    gate.set()
    assert await start(slots, gate) == "done"


async def test_once_the_end_has_begun_no_turn_starts_and_those_running_go_on() -> None:
    drain, gate, metrics = Drain(), asyncio.Event(), Metrics()
    slots = make_slots(2, metrics=metrics, drain=drain)
    running = start(slots, gate)
    drain.begin()
    with pytest.raises(Draining):
        slots.take(PLAIN, patient="p1")
    assert metrics.registry.get_sample_value("portico_shed_total", {"reason": "draining"}) == 1
    gate.set()
    assert await running == "done"


async def test_a_turn_outlives_its_connection_and_the_drain_waits_for_it() -> None:
    gate = asyncio.Event()
    slots = make_slots(1)
    turn = start(slots, gate)
    connection = asyncio.create_task(finish(turn))
    await asyncio.sleep(0)
    connection.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connection
    drained = asyncio.create_task(slots.drain())
    await asyncio.sleep(0.01)
    assert not turn.done() and not drained.done()
    gate.set()
    await drained
    assert turn.result() == "done"


async def _wait(gate: asyncio.Event) -> str:
    await gate.wait()
    return "done"
