"""Promise 11, the short form (`make drain` for 100): three gateways under load get SIGTERM, and nobody is cut off."""

import asyncio
import contextlib
import random
from pathlib import Path

from own_gateway import await_ready, own_gateway
from reliability.drain import Ending, run_round, summary
from stack import Stack

SEED = 7
ROUNDS = 3


def test_turns_in_flight_at_sigterm_are_completed(stack: Stack, tmp_path: Path) -> None:
    rng = random.Random(SEED)
    with contextlib.ExitStack() as gateways:
        starting = [
            gateways.enter_context(own_gateway(stack.state, tmp_path / f"drain{number}", tenant=f"drain{number}"))
            for number in range(ROUNDS)
        ]
        results = [asyncio.run(run_round(await_ready(gateway), rng)) for gateway in starting]
        logs = [gateway.log() for gateway in starting]
    figures = summary(results, seed=SEED)
    print(figures)  # noqa: T201  seed and N
    assert figures["lost"] == 0
    assert all(one.in_flight >= 10 for one in results)  # The control: there was something to lose.
    assert all(one.before[Ending.WHOLE] >= one.in_flight for one in results)
    assert all(one.after[Ending.REFUSED] and one.not_ready_seen for one in results)
    assert logs == [""] * ROUNDS  # Nothing failed on the way out.
