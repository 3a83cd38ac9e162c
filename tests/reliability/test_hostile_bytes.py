"""Promise 13, the short form (`make hostile-bytes` for 1,000 idle sockets and 200 feeds): nothing holds on or grows."""

import asyncio

from reliability.hostile_bytes import Ended, Memory, attack_all, attacks, open_target
from stack import Stack, children_of_state

IDLE = 100
STREAMS = 40


async def test_hostile_bytes_end_in_time_and_cost_little(stack: Stack) -> None:
    port = int(stack.url.rsplit(":", 1)[1])
    target = open_target(port, stack.client(patient="hostile"), stack.token(patient="hostile"))
    pid = next(pid for pid, command in children_of_state(stack.state).items() if "serve gateway" in command)
    async with Memory(pid) as memory:
        ended = await attack_all(target, idle=IDLE, streams=STREAMS)
    print(f"N={len(ended)}, {memory.grown_mb:.1f} MB")  # noqa: T201
    assert len(ended) == len(attacks(target)) + IDLE + STREAMS
    assert [one for one in ended if not one.sound] == []
    assert memory.grown_mb < 50
    with stack.client() as client:
        assert (await asyncio.to_thread(client.get, "/healthz")).status_code == 200


def test_an_attack_that_holds_on_would_be_seen() -> None:
    """The negative control: what is no refusal, or comes too late."""
    unsound = [Ended("x", None, 1), Ended("x", 200, 1), Ended("x", 500, 1), Ended("x", 400, 10.1)]
    assert not any(one.sound for one in unsound)
