"""Which work may start: text that can be read, and no more turns at once than the site allows."""

import asyncio

import pytest

from portico_core.draining import Drain
from portico_core.errors import Draining, EmptyText, Overloaded, PorticoError, TextTooLong, UnsupportedText
from portico_core.text import MAX_TEXT_CHARACTERS
from portico_gateway.metrics import Metrics
from portico_gateway.web.admission import TurnSlots, admit_text, finish


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


async def test_more_turns_than_slots_are_shed_at_once_and_counted() -> None:
    metrics, gate = Metrics(), asyncio.Event()
    slots = TurnSlots(2, metrics, Drain())
    running = [slots.start(_wait(gate)) for _ in range(2)]
    with pytest.raises(Overloaded):
        slots.start(_wait(gate))
    assert metrics.registry.get_sample_value("portico_shed_total", {"reason": "concurrency"}) == 1
    gate.set()
    await asyncio.gather(*running)
    assert await slots.start(_wait(gate)) == "done"  # A slot that was given back can be taken again.


async def test_once_the_end_has_begun_no_turn_starts_and_those_running_go_on() -> None:
    drain, gate, metrics = Drain(), asyncio.Event(), Metrics()
    slots = TurnSlots(2, metrics, drain)
    running = slots.start(_wait(gate))
    drain.begin()
    with pytest.raises(Draining):
        slots.start(_wait(gate))
    assert metrics.registry.get_sample_value("portico_shed_total", {"reason": "draining"}) == 1
    gate.set()
    assert await running == "done"


async def test_a_turn_outlives_its_connection_and_the_drain_waits_for_it() -> None:
    gate = asyncio.Event()
    slots = TurnSlots(1, Metrics(), Drain())
    turn = slots.start(_wait(gate))
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
