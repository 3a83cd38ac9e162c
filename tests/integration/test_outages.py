"""A real demo whose parts are killed: what a patient still gets, and that nothing is answered without its record."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from stack import Stack, ask, children_of_state, running_stack

QUESTION = "What is metformin used for?"
EMERGENCY = "my husband's face is drooping and he can't lift his arm"
CRISIS = "i dont want to be alive anymore, i have pills here"
REFUSAL_LIMIT_S = 2.0


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    """A demo that this test may break."""
    with running_stack() as running:
        yield running


def signal_all(name: str, state: Path, number: signal.Signals) -> None:
    pids = [pid for pid, command in children_of_state(state).items() if name in command.split()[0]]
    assert pids, f"no {name} runs for this demo"
    for pid in pids:
        os.kill(pid, number)


def ask_in(client: httpx2.Client, conversation: str, text: str) -> tuple[dict[str, Any], float]:
    """Return the turn and how long it took."""
    begun = time.monotonic()
    answer = client.post(f"/v1/conversations/{conversation}/turns", json={"text": text})
    assert answer.status_code == 200, answer.text
    return answer.json(), time.monotonic() - begun


def test_with_triton_dead_a_question_is_unavailable_and_an_emergency_gets_911(own_stack: Stack) -> None:
    with own_stack.client() as client:
        assert ask(client, QUESTION)["route"] == "answer"  # the control: this very question is answered
        signal_all("tritonserver", own_stack.state, signal.SIGKILL)
        refused, urgent, crisis = ask(client, QUESTION), ask(client, EMERGENCY), ask(client, CRISIS)
    assert (refused["route"], refused["answer"], refused["degraded"]) == ("unavailable", None, True)
    assert "911" in refused["message"] and "988" in refused["message"]
    assert {"tel:911", "tel:988"} <= {contact["uri"] for contact in refused["contacts"]}
    assert urgent["route"] == "emergency" and "911" in urgent["message"]
    assert crisis["route"] == "crisis" and "988" in crisis["message"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_with_valkey_gone_nothing_is_answered_and_crisis_text_comes(own_stack: Stack, number: signal.Signals) -> None:
    with own_stack.client() as client:
        conversation = client.post("/v1/conversations", json={}).json()["id"]
        assert ask_in(client, conversation, QUESTION)[0]["route"] == "answer"
        signal_all("valkey-server", own_stack.state, number)
        refused, refused_s = ask_in(client, conversation, QUESTION)
        crisis, crisis_s = ask_in(client, conversation, CRISIS)
        created = client.post("/v1/conversations", json={})
        alive = client.get("/healthz").status_code
    if number is signal.SIGSTOP:
        signal_all("valkey-server", own_stack.state, signal.SIGCONT)
    assert (refused["route"], refused["answer"]) == ("unavailable", None)
    assert crisis["route"] == "crisis" and "988" in crisis["message"]
    assert created.status_code == 503 and created.json()["error"]["code"] == "unavailable"
    assert alive == 200
    print(f"refusal {refused_s:.2f} s, crisis text {crisis_s:.2f} s")  # noqa: T201  the figure behind the limit
    assert max(refused_s, crisis_s) < REFUSAL_LIMIT_S


def test_a_crisis_during_an_outage_becomes_a_ticket_afterwards(own_stack: Stack) -> None:
    with own_stack.client() as client:
        conversation = client.post("/v1/conversations", json={}).json()["id"]
        ask_in(client, conversation, QUESTION)
        signal_all("valkey-server", own_stack.state, signal.SIGSTOP)
        ask_in(client, conversation, CRISIS)
        signal_all("valkey-server", own_stack.state, signal.SIGCONT)
        assert open_tickets(client, urgency="immediate", within_s=15) == 1
    done = own_stack.run("audit", "verify", "--state", str(own_stack.state))
    assert done.returncode == 0, done.stdout


def open_tickets(client: httpx2.Client, *, urgency: str, within_s: float) -> int:
    """Return how many tickets the gauge shows, waiting until there is one."""
    wanted = f'portico_escalations_open{{urgency="{urgency}"}} '
    deadline = time.monotonic() + within_s
    while True:
        lines = client.get("/metrics").text.splitlines()
        count = next((float(line.removeprefix(wanted)) for line in lines if line.startswith(wanted)), 0.0)
        if count or time.monotonic() > deadline:
            return int(count)
        time.sleep(0.5)
