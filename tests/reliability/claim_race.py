"""Two clinicians claim one ticket at the same moment, again and again, on a real Valkey: exactly one gets it each time.

make claim-race
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from portico_core.errors import Conflict
from portico_core.labels import AuditPhase, Route, TicketState, Urgency
from portico_core.text import RedactedText
from portico_state.effects import Effects, NewTicket, ticket_id
from portico_state.escalations import Escalations
from portico_state.identifiers import new_id, now_utc
from portico_state.valkey_server import start_valkey
from portico_state.verify import verify_audit
from unit.state.rig import StateRig, entry, open_rig, say

ROUNDS = 500
DANA, SAM = "clinician:dana", "clinician:sam"
Claim = Callable[[Escalations, str, str], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many rounds there were, in how many both or none got the ticket, and whether the chains hold."""

    rounds: int
    double: int
    none: int
    chains_hold: bool


async def claim(escalations: Escalations, ticket: str, actor: str) -> bool:
    """Say whether this person got the ticket."""
    try:
        await escalations.claim(ticket, actor=actor)
    except Conflict:
        return False
    return True


async def race(rig: StateRig, rounds: int, *, how: Claim = claim) -> Outcome:
    """Open a ticket a round and let two clinicians claim it at once, each through a writer of their own queue."""
    escalations, double, none = Escalations(rig.store, rig.audit), 0, 0
    for number in range(rounds):
        ticket = await _open(rig)
        actors = (DANA, SAM) if number % 2 else (SAM, DANA)
        got = await asyncio.gather(*(how(escalations, ticket, actor) for actor in actors))
        double, none = double + (sum(got) > 1), none + (sum(got) == 0)
        found = await escalations.get(ticket)
        if sum(got) == 1 and (found.state, found.holder) != (TicketState.CLAIMED, actors[got.index(True)]):
            double += 1  # Somebody was told that they hold what another one holds.
    return Outcome(rounds, double, none, (await verify_audit(rig.store, keyring=rig.keyring, checkpoints=None)).ok)


async def _open(rig: StateRig) -> str:
    turn, words = new_id(), (RedactedText("Should I double it?"),)
    ticket = NewTicket(Urgency.ROUTINE, now_utc(), now_utc(), words)
    made = entry(AuditPhase.DECIDED, turn, conversation=f"c-{turn}", route=Route.ESCALATE, patient=f"p-{turn}")
    await rig.audit.append(made, effects=Effects(ticket=ticket))
    return ticket_id(turn)


async def main(rounds: int) -> int:
    """Run the race on a Valkey of its own; 0 where nobody shared a ticket and every one was taken."""
    with tempfile.TemporaryDirectory() as folder, start_valkey(Path(folder) / "valkey") as server:
        async with open_rig(server.url, Path(folder) / "state") as rig:
            started = time.monotonic()
            outcome = await race(rig, rounds)
    say(f"{outcome} in {time.monotonic() - started:.1f} s")
    return 0 if (outcome.double, outcome.none, outcome.chains_hold) == (0, 0, True) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    raise SystemExit(asyncio.run(main(parser.parse_args().rounds)))
