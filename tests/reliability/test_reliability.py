"""The short form of `make reliability`, and the controls that must go red."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from portico_gateway.adapters.breaker import FAILURES
from reliability.client_history import History, Told
from reliability.history_checker import Kept, check_history
from reliability.reliability import shown
from reliability.rig_stack import running_rig
from reliability.run_parts import Outcome
from reliability.runs import run_guard_faults, run_kills, run_lost_replies, run_outage
from reliability.store_runs import run_power_cuts

SEED = 20_261_126
TURNS_A_FAULT = min(2, FAILURES - 1)  # An open circuit breaker would cost the wait until it closes.


def say(outcome: Outcome) -> None:
    """Print N, the seed and every count."""
    print(shown(outcome))  # noqa: T201


async def test_the_runs_at_short_length(tmp_path: Path) -> None:
    """One rig for all, because starting it costs more than breaking it."""
    async with running_rig(tmp_path) as rig:
        outcomes = [
            await run_guard_faults(rig, n=24 * TURNS_A_FAULT, seed=SEED, progress=lambda _: None),
            await run_kills(rig, n=60, seed=SEED, progress=lambda _: None),
            await run_lost_replies(rig, n=80, seed=SEED, progress=lambda _: None),
            await run_power_cuts(rig, n=60, seed=SEED, progress=lambda _: None, rounds=2),
            await run_outage(rig, n=8, seed=SEED, progress=lambda _: None, down_s=3.0),
        ]
    for outcome in outcomes:
        say(outcome)
    # Speed is `make reliability`'s to judge; on a loaded machine only the zeros are.
    assert [(outcome.name, outcome.zeros) for outcome in outcomes if any(outcome.zeros.values())] == []
    assert outcomes[0].limits["calls_a_turn"][0] <= 1.2


def told(turn: str, sha256: str, **more: Any) -> Told:
    """Return a delivered answer."""
    body = {"turn_id": turn, "route": "answer", "answer": {"sentences": []}, "escalation": None, "degraded": False}
    return Told(0, "p", "c", "key", "words", 0.0, 0.1, 200, sha256, body | more)


def record(turn: str, phase: str, sha256: str | None = None) -> dict[str, Any]:
    """Return what the checker reads of a record."""
    return {"id": f"{turn}-{phase}-{sha256}", "turn": turn, "phase": phase, "bytes_sha256": sha256}


GOOD = Kept((record("t1", "accepted"), record("t1", "decided", "aa")), ())


def test_a_whole_history_has_no_fault() -> None:
    assert not any(check_history(History([told("t1", "aa")]), GOOD).counts().values())


@pytest.mark.parametrize(
    ("history", "records", "fault"),
    [
        ([told("t1", "bb")], GOOD.records, "answer_without_decided"),
        ([told("t2", "aa")], GOOD.records, "body_without_record"),
        ([], (*GOOD.records, record("t1", "refused", "cc")), "ended_twice"),
        ([], (*GOOD.records, record("t2", "accepted")), "never_ended"),
        ([], (*GOOD.records, GOOD.records[1]), "recorded_twice"),
        ([told("t1", "aa", escalation={"id": "esc-1"})], GOOD.records, "ticket_missing"),
        ([told("t1", "aa"), told("t1", "bb")], GOOD.records, "two_answers_of_one_key"),
    ],
)
def test_the_checker_finds(history: list[Told], records: tuple[dict[str, Any], ...], fault: str) -> None:
    assert check_history(History(history), Kept(records, ())).counts()[fault] > 0


def test_the_checker_finds_doubled_tickets() -> None:
    assert (
        check_history(History(), dataclasses.replace(GOOD, tickets=("esc-1", "esc-1"))).counts()["ticket_doubled"] == 1
    )
