"""What the audit costs a turn: the real writer on a real Valkey that syncs every write, one turn after the other.

    PYTHONPATH=tests .venv/bin/python -m reliability.audit_cost [--turns 500]

A turn is an `accepted` record and a `decided` one with the effects of an answer (two messages, the window). The sum of
both waits is the cost. Prints one JSON object; `make bench` shows it.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from portico_core.labels import AuditPhase, Author, Route
from portico_core.text import RedactedText
from portico_state.effects import Effects, StoredMessage
from portico_state.identifiers import new_id, now_utc
from portico_state.valkey_server import start_valkey
from unit.state.rig import StateRig, entry, open_rig

WARM_UP = 20
QUESTION = RedactedText("What is metformin used for, and when is it taken?")
ANSWER = RedactedText("Metformin lowers blood sugar. " * 12)


async def measure(*, turns: int) -> dict[str, float]:
    """Take turns; return milliseconds."""
    with tempfile.TemporaryDirectory() as folder, start_valkey(Path(folder) / "valkey") as server:
        async with open_rig(server.url, Path(folder)) as rig:
            seconds = [await _audit_turn(rig) for _ in range(WARM_UP + turns)][WARM_UP:]
    cuts = statistics.quantiles(seconds, n=100)
    return {"audit_turns": turns} | {f"audit_turn_p{p}_ms": round(cuts[p - 1] * 1000, 2) for p in (50, 95, 99)}


async def _audit_turn(rig: StateRig) -> float:
    turn, hashed = new_id(), "0" * 64
    said = (StoredMessage(Author.PATIENT, QUESTION, now_utc()), StoredMessage(Author.ASSISTANT, ANSWER, now_utc()))
    decided = entry(AuditPhase.DECIDED, turn, route=Route.ANSWER.value, confidence=0.98, bytes_sha256=hashed)
    begun = time.perf_counter()
    await rig.audit.append(entry(AuditPhase.ACCEPTED, turn))
    await rig.audit.append(decided, effects=Effects(messages=said, window=QUESTION))
    return time.perf_counter() - begun


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=500)
    sys.stdout.write(json.dumps(asyncio.run(measure(turns=parser.parse_args().turns))) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
