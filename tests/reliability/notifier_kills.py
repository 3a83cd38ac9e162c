"""Escalations while the notifier is killed in the middle of sending: none may be lost, and none appears under two ids.

    PYTHONPATH=tests .venv/bin/python -m reliability.notifier_kills [--escalations 2000] [--kills 20]

A real Valkey (fsync always), two real `portico serve notifier` processes, a real receiver that dawdles and fails one
request in ten. One worker after the other is killed with SIGKILL while it sends, and started again. Prints one JSON
object. The control is the number of repetitions the receiver saw: without one the kills hit nothing.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from portico_core.labels import AuditPhase, Route, Urgency
from portico_core.text import RedactedText
from portico_state.deliveries import Deliveries, DeliveryState
from portico_state.effects import Effects, NewTicket, ticket_id
from portico_state.identifiers import new_id, now_utc
from portico_state.keyring import KeySet
from portico_state.valkey_server import start_valkey
from reliability.webhook_receiver import Manner, Receiver, receiving
from unit.state.rig import StateRig, entry, open_rig

SEED = 20_261_126
WORKERS = 2
KEYS = KeySet("w1", {"w1": b"k" * 32})
KEYS_SETTING = json.dumps({"active": "w1", "keys": {"w1": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="}})
PATIENCE_S = 600

Show = Callable[[int], None]


def start_worker(redis_url: str, webhook_url: str, **more: str) -> "subprocess.Popen[bytes]":
    """Start a notifier whose leases are short, so that what a dead one held comes back soon."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}
    environment = kept | {
        "PORTICO_REDIS_URL": redis_url,
        "PORTICO_WEBHOOK_URL": webhook_url,
        "PORTICO_WEBHOOK_KEYS": KEYS_SETTING,
        "PORTICO_WEBHOOK_DEADLINE_S": "1",
        "PORTICO_WEBHOOK_FIRST_RETRY_S": "0.2",
        **more,
    }
    command = [sys.executable, "-m", "portico_cli.main", "serve", "notifier"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def run(*, escalations: int, kills: int, show: Show = lambda done: None) -> dict[str, Any]:
    """Open tickets while workers die; wait until everything was taken; return what the receiver saw."""
    dice = random.Random(SEED)
    with (
        tempfile.TemporaryDirectory() as folder,
        start_valkey(Path(folder) / "valkey") as server,
        receiving(KEYS) as receiver,
    ):
        failing = random.Random(SEED + 1)
        receiver.manner = lambda body: Manner(500 if failing.random() < 0.1 else 204, failing.uniform(0.005, 0.05))
        async with open_rig(server.url, Path(folder)) as rig:
            workers = [start_worker(server.url, receiver.url) for _ in range(WORKERS)]
            try:
                opening = asyncio.create_task(open_tickets(rig, escalations, dice))
                for number in range(kills):
                    await another_request(receiver)
                    await asyncio.sleep(dice.uniform(0.0, 0.1))
                    place = number % WORKERS
                    workers[place].send_signal(signal.SIGKILL)
                    workers[place].wait()
                    workers[place] = start_worker(server.url, receiver.url)
                    show(len(receiver.taken))
                tickets = await opening
                wanted = {f"dlv-{ticket}" for ticket in tickets}
                await wait_for(lambda: (show(len(receiver.taken)), wanted <= set(receiver.taken))[1])
                await settled(Deliveries(rig.store))
            finally:
                for worker in workers:
                    worker.terminate()
                    worker.wait(30)
    ids = {body["escalation"]: body["id"] for body in receiver.seen}
    return {
        "escalations": escalations,
        "kills": kills,
        "seed": SEED,
        "lost": len(wanted - set(receiver.taken)),
        "unknown": len(set(receiver.taken) - wanted),
        "second_ids": sum(ids[body["escalation"]] != body["id"] for body in receiver.seen),
        "forged": receiver.forged,
        "taken_twice": sum(count > 1 for count in receiver.taken.values()),
        "requests": len(receiver.seen),
    }


async def open_tickets(rig: StateRig, escalations: int, dice: random.Random) -> list[str]:
    """Open tickets of as many patients, in bursts."""
    tickets: list[str] = []
    while len(tickets) < escalations:
        burst = min(dice.randint(1, 40), escalations - len(tickets))
        tickets.extend(await asyncio.gather(*(open_ticket(rig, dice) for _ in range(burst))))
        await asyncio.sleep(dice.uniform(0, 0.05))
    return tickets


async def open_ticket(rig: StateRig, dice: random.Random, *, patient: str = "") -> str:
    """Open one ticket and return its id."""
    turn, due = new_id(), (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    urgency = dice.choice(list(Urgency))
    made = entry(AuditPhase.DECIDED, turn, patient=patient or new_id(), route=Route.ESCALATE, label="clinician")
    words = (RedactedText("the patient's own words"),)
    await rig.audit.append(made, effects=Effects(ticket=NewTicket(urgency, due, now_utc(), words)))
    return ticket_id(turn)


async def another_request(receiver: Receiver) -> None:
    """Wait until some worker is sending, or everything was sent."""
    before = len(receiver.seen)
    with contextlib.suppress(AssertionError):
        await wait_for(lambda: len(receiver.seen) > before, patience_s=5)


async def settled(deliveries: Deliveries) -> None:
    """Wait until the outbox itself says that nothing is left."""
    deadline = time.monotonic() + 60
    while (await deliveries.counts()) != {DeliveryState.WAITING: 0, DeliveryState.DEAD: 0}:
        assert time.monotonic() < deadline, await deliveries.counts()
        await asyncio.sleep(0.1)


async def wait_for(done: Callable[[], bool], *, patience_s: float = PATIENCE_S) -> None:
    """Wait until something is so; fail when it never is."""
    deadline = time.monotonic() + patience_s
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def main() -> int:
    """Run the full form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--escalations", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=20)
    given = parser.parse_args()
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        bar = progress.add_task("escalations announced", total=given.escalations)
        figures = asyncio.run(
            run(
                escalations=given.escalations,
                kills=given.kills,
                show=lambda done: progress.update(bar, completed=done),
            )
        )
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0 if figures["lost"] == figures["second_ids"] == figures["forged"] == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
