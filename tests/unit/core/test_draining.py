"""What a stopping process still owes, and what it no longer begins."""

import asyncio

import pytest

from portico_core.draining import Drain, OwedResponses
from unit.gateway.asgi import call


async def test_it_is_idle_when_the_last_response_has_ended() -> None:
    drain, gate = Drain(), asyncio.Event()
    owed = [asyncio.create_task(drain.settle(_wait(gate))) for _ in range(2)]
    await asyncio.sleep(0)
    waiting = asyncio.create_task(drain.wait_idle())
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.set()
    await asyncio.gather(*owed)
    await asyncio.wait_for(waiting, 1)


async def test_a_response_that_fails_is_no_longer_owed() -> None:
    drain = Drain()

    async def fail() -> None:
        raise ValueError

    with pytest.raises(ValueError):
        await drain.settle(fail())
    await asyncio.wait_for(drain.wait_idle(), 1)


async def test_long_work_ends_with_the_process_and_not_before() -> None:
    drain, cancelled = Drain(), asyncio.Event()

    async def listen() -> str:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()
        return "never"

    async def quick() -> str:
        return "done"

    assert await drain.unless_begun(quick()) == "done"
    listening = asyncio.create_task(drain.unless_begun(listen()))
    await asyncio.sleep(0.01)
    assert not listening.done()
    drain.begin()
    assert await listening is None
    await asyncio.wait_for(cancelled.wait(), 1)


async def test_what_fails_in_long_work_comes_out() -> None:
    async def fail() -> None:
        raise ValueError

    with pytest.raises(ValueError):
        await Drain().unless_begun(fail())


@pytest.mark.parametrize(("begun", "header"), [(False, "keep-alive"), (True, "close")])
async def test_only_a_stopping_process_closes_its_connections(begun: bool, header: str) -> None:
    drain = Drain()
    if begun:
        drain.begin()

    async def app(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        start = {"type": "http.response.start", "status": 200, "headers": [(b"connection", b"keep-alive")]}
        await send(start)
        await send({"type": "http.response.body", "body": b"whole"})

    answer = await call(OwedResponses(app, drain), "GET", "/")
    assert (answer.headers["connection"], answer.body) == (header, b"whole")


async def _wait(gate: asyncio.Event) -> None:
    await gate.wait()
