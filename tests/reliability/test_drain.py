"""Promise 11, the short form (`make drain` for 100): two gateways under load get SIGTERM, and nobody is cut off."""

import asyncio
import contextlib
import random
from contextlib import AbstractContextManager
from pathlib import Path

from own_gateway import OwnGateway, await_ready, own_gateway
from reliability.drain import LISTENERS, MANY_AT_ONCE, Ending, run_round, summary
from stack import Stack

SEED = 7
ROUNDS = 2


def test_turns_in_flight_at_sigterm_are_completed(stack: Stack, tmp_path: Path) -> None:
    rng = random.Random(SEED)
    with contextlib.ExitStack() as gateways:
        starting = [gateways.enter_context(_gateway(stack, tmp_path / f"drain{number}")) for number in range(ROUNDS)]
        results = [asyncio.run(run_round(await_ready(gateway), rng)) for gateway in starting]
        logs = [gateway.log() for gateway in starting]
    figures = summary(results, seed=SEED)
    print(figures)  # noqa: T201  seed and N
    assert figures["lost"] == 0
    assert all(one.in_flight >= 10 for one in results)  # The control: there was something to lose.
    assert all(one.before[Ending.WHOLE] > LISTENERS for one in results)  # Turns, not only feeds, were finished.
    assert any(one.after[Ending.REFUSED] and one.not_ready_seen for one in results)
    assert [word for log in logs for word in ("turn_failed", "request_failed", "Traceback") if word in log] == []


def _gateway(stack: Stack, folder: Path) -> AbstractContextManager[OwnGateway]:
    return own_gateway(stack.state, folder, tenant=folder.name, settings=MANY_AT_ONCE)
