"""The clinicians' inbox with ten thousand tickets: how long the first page takes over HTTP.

    PYTHONPATH=tests .venv/bin/python -m reliability.inbox_latency [--tickets 10000] [--requests 200]

A real Valkey (fsync always), the real desk and pages, one client, one machine. Prints one JSON object. The control is
a page of the same inbox read as it was before there was an index: every open ticket with its words.
"""

import argparse
import asyncio
import contextlib
import json
import random
import re
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from portico_console.app import ConsoleSite, build_console
from portico_console.metrics import ConsoleMetrics
from portico_console.redis_audit_desk import RedisAuditDesk
from portico_console.redis_desk import RedisDesk
from portico_console.session_journal import AuditJournal
from portico_console.sessions import RedisSessions, Sessions
from portico_core.labels import AuditPhase, Route, Urgency
from portico_core.text import RedactedText, Redaction
from portico_state.conversations import Conversations
from portico_state.effects import Effects, NewTicket
from portico_state.escalations import Escalations
from portico_state.identifiers import new_id, now_utc
from portico_state.valkey_server import start_valkey
from portico_state.vault import Vault
from unit.console.memory_desk import authenticate, demo_token
from unit.state.rig import StateRig, entry, open_rig

SEED = 20_261_126
PAGES = ("/inbox", "/inbox?page=2", "/inbox?page=100", "/inbox?mine=yes")
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


class NoRedactor:
    """The inbox redacts nothing."""

    async def redact_turn(self, text: str, *, known: Any) -> Redaction:
        raise NotImplementedError


async def measure(tickets: int, requests: int) -> dict[str, Any]:
    """Fill a store, open the console on it, and ask for its pages."""
    with tempfile.TemporaryDirectory() as folder, start_valkey(Path(folder) / "valkey") as server:
        async with open_rig(server.url, Path(folder)) as rig:
            await fill(rig, tickets)
            figures: dict[str, Any] = {"tickets": tickets, "requests": requests, "seed": SEED}
            async with signed_in_client(rig) as client:
                for page in PAGES:
                    figures[page] = await time_page(client, page, requests)
            begun = time.perf_counter()
            listed = await Escalations(rig.store, rig.audit).list(limit=tickets)
            figures["control_every_ticket_ms"] = round((time.perf_counter() - begun) * 1000, 1)
            assert len(listed) == tickets
    return figures


async def fill(rig: StateRig, tickets: int) -> None:
    """Open tickets of as many patients, a tenth of them urgent or immediate."""
    dice = random.Random(SEED)
    for first in range(0, tickets, 500):
        batch = range(first, min(first + 500, tickets))
        await asyncio.gather(*(open_ticket(rig, number, dice) for number in batch))


async def open_ticket(rig: StateRig, number: int, dice: random.Random) -> None:
    urgency = dice.choices([Urgency.IMMEDIATE, Urgency.URGENT, Urgency.ROUTINE], [3, 7, 90])[0]
    due = (datetime.now(UTC) + timedelta(minutes=dice.uniform(-300, 3_000))).isoformat()
    words = tuple(RedactedText("Should I take it with food or without it? " * 4) for _ in range(3))
    route = {Urgency.IMMEDIATE: Route.CRISIS, Urgency.URGENT: Route.EMERGENCY}.get(urgency, Route.ESCALATE)
    label = {Route.ESCALATE: "clinician"}.get(route, route.value)
    made = entry(AuditPhase.DECIDED, new_id(), patient=f"{number:032x}", route=route, label=label)
    await rig.audit.append(made, effects=Effects(ticket=NewTicket(urgency, due, now_utc(), words, due)))


@contextlib.asynccontextmanager
async def signed_in_client(rig: StateRig) -> AsyncIterator[httpx2.AsyncClient]:
    """Serve the console over the store and sign a clinician in."""
    desk = RedisDesk(
        Escalations(rig.store, rig.audit), Conversations(rig.store), Vault(rig.store, rig.keyring), NoRedactor()
    )
    app = build_console(
        desk=desk,
        audit=RedisAuditDesk(rig.store, rig.audit, rig.keyring),
        authenticate=authenticate,
        site=ConsoleSite(https=False, demo=True),
        sessions=Sessions(RedisSessions(rig.store), AuditJournal(rig.store, rig.audit, rig.keyring, ConsoleMetrics())),
        demo_token=demo_token,
    )
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with httpx2.AsyncClient(base_url=url, timeout=10, trust_env=False, follow_redirects=True) as client:
        found = _CSRF.search((await client.get("/sign-in")).text)
        assert found is not None
        assert (await client.post("/sign-in/demo", data={"csrf": found[1]})).status_code == 200
        yield client
    server.should_exit = True
    await serving


async def time_page(client: httpx2.AsyncClient, page: str, requests: int) -> dict[str, float]:
    """Return median, p95 and the slowest of so many requests of a page, in milliseconds."""
    seconds = []
    for _ in range(requests):
        begun = time.perf_counter()
        answer = await client.get(page)
        seconds.append(time.perf_counter() - begun)
        assert answer.status_code == 200, answer.status_code
    cuts = statistics.quantiles(seconds, n=20)
    return {name: round(value * 1000, 1) for name, value in
            {"p50": statistics.median(seconds), "p95": cuts[18], "max": max(seconds)}.items()}  # fmt: skip


def main() -> int:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=200)
    given = parser.parse_args()
    sys.stdout.write(json.dumps(asyncio.run(measure(given.tickets, given.requests))) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
