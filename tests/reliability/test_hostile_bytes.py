"""Promise 13, the short form (`make hostile-bytes` for 1,000 idle sockets and 200 feeds): nothing holds on or grows."""

import asyncio
from pathlib import Path

from reliability.hostile_attacks import Ended, attack_all, attacks
from reliability.hostile_bytes import Memory, open_target
from stack import Stack

IDLE = 100
STREAMS = 40


async def test_hostile_bytes_end_in_time_and_cost_little(stack: Stack) -> None:
    port = int(stack.url.rsplit(":", 1)[1])
    target = open_target(port, stack.client(patient="hostile"), stack.token(patient="hostile"))
    async with Memory(gateway_pid(stack.process.pid)) as memory:
        ended = await attack_all(target, idle=IDLE, streams=STREAMS)
    print(f"N={len(ended)}, {memory.grown_mb:.1f} MB")  # noqa: T201
    assert len(ended) == len(attacks(target)) + IDLE + STREAMS
    assert [one for one in ended if not one.refused] == []  # In how many seconds, says `make hostile-bytes`.
    assert memory.grown_mb < 50
    with stack.client() as client:
        assert (await asyncio.to_thread(client.get, "/healthz")).status_code == 200


def gateway_pid(demo: int) -> int:
    """Return the process id of the gateway that a demo started."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
        except OSError:
            continue
        if parent == demo and b"serve gateway" in command:
            return int(entry.name)
    raise AssertionError("this demo has no gateway")


def test_an_attack_that_holds_on_would_be_seen() -> None:
    """The negative control: what is no refusal, or comes too late."""
    assert not any(one.refused for one in (Ended("x", None, 1), Ended("x", 200, 1), Ended("x", 500, 1)))
    assert not Ended("x", 400, 10.1).sound and Ended("x", 400, 9.9).sound
