"""Any order of requests to conversations of two patients, on the running stack, against a model of whose is what.

Create, send, send again with the same key, read, end, let expire, and all of it by the other patient as well. A
foreign, an unknown and an expired conversation answer 404 alike; a repeated key gives the very bytes of the first
time; what a patient reads back is what they sent. The control is a patient who has everybody's token.
"""

import json
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import redis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from examples import examples
from portico_cli.issuer import DevelopmentIssuer
from portico_core.labels import Role
from portico_state.identifiers import new_id
from portico_state.keys import Keys
from portico_state.valkey_server import read_admin_url
from stack import Stack

TEXTS = ("What is metformin used for?", "Should I stop my lisinopril?", "i dont want to be alive anymore")
people, choices, texts, keys = st.booleans(), st.integers(0, 99), st.sampled_from(TEXTS), st.integers(0, 2)


@dataclass(slots=True)
class Expected:
    """A conversation as it must be; `sent` counts messages, at most one of each key."""

    id: str
    owner: bool
    closed: bool = False
    expired: bool = False
    sent: int = 0


@dataclass(slots=True)
class Site:
    """The running stack, and how the two patients of a game are let in."""

    stack: Stack
    store: "redis.Redis"
    issuer: DevelopmentIssuer
    one_token_for_all: bool = False

    @classmethod
    def open(cls, stack: Stack) -> "Site":
        address = json.loads((stack.state / "demo.json").read_text(encoding="utf-8"))["issuer"]
        url = read_admin_url(stack.state / "valkey")
        assert url is not None
        store = redis.Redis.from_url(url, decode_responses=True)
        return cls(stack, store, DevelopmentIssuer.open(stack.state, issuer=address))

    def client(self, patient: str) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {self.issuer.sign(Role.PATIENT, patient=patient)}"}
        return httpx2.Client(base_url=self.stack.url, headers=headers, timeout=20, trust_env=False)


class Sessions(RuleBasedStateMachine):
    """Two patients and their conversations."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self._site, game = site, new_id()
        names = {False: f"ana-{game}", True: f"ana-{game}" if site.one_token_for_all else f"bo-{game}"}
        self._clients = {who: site.client(name) for who, name in names.items()}
        self._game, self._made = game, list[Expected]()
        self._first: dict[tuple[bool, str], tuple[str, str, bytes]] = {}

    def teardown(self) -> None:
        for client in self._clients.values():
            client.close()

    @rule(who=people)
    def create(self, who: bool) -> None:
        answer = self._clients[who].post("/v1/conversations", json={})
        assert answer.status_code == 201, answer.text
        self._made.append(Expected(answer.json()["id"], who))

    @precondition(lambda self: self._made)
    @rule(who=people, which=choices, text=texts, number=keys)
    def send(self, who: bool, which: int, text: str, number: int) -> None:
        expected, key = self._made[which % len(self._made)], f"{self._game}-{number}"
        headers = {"Idempotency-Key": key}
        answer = self._clients[who].post(f"{self._path(expected)}/turns", json={"text": text}, headers=headers)
        if self._refused(answer, expected, who):
            return
        if expected.closed:
            assert answer.status_code == 409
            return
        first = self._first.get((who, key))
        if first is not None and first[:2] != (expected.id, text):
            assert answer.status_code == 409  # The key was used with another message.
            return
        assert answer.status_code == 200, answer.text
        if first is not None:
            assert answer.content == first[2]
        elif answer.json()["degraded"]:
            expected.sent = -1_000  # A busy machine; what such a turn leaves is not the subject here.
        else:
            self._first[(who, key)] = (expected.id, text, answer.content)
            expected.sent += 1

    @precondition(lambda self: self._made)
    @rule(who=people, which=choices)
    def read(self, who: bool, which: int) -> None:
        expected = self._made[which % len(self._made)]
        answer = self._clients[who].get(self._path(expected))
        if self._refused(answer, expected, who):
            return
        shown = answer.json()
        assert shown["closed"] is expected.closed
        if expected.sent >= 0:
            assert sum(message["author"] == "patient" for message in shown["messages"]) == expected.sent

    @precondition(lambda self: self._made)
    @rule(who=people, which=choices)
    def end(self, who: bool, which: int) -> None:
        expected = self._made[which % len(self._made)]
        answer = self._clients[who].delete(self._path(expected))
        if not self._refused(answer, expected, who):
            assert answer.status_code == 204
            expected.closed = True

    @precondition(lambda self: self._made)
    @rule(which=choices)
    def expire(self, which: int) -> None:
        """Let the store forget a conversation, as it does by itself after thirty days."""
        expected = self._made[which % len(self._made)]
        self._site.store.pexpire(Keys("demo").conversation(expected.id), 1)
        while self._site.store.exists(Keys("demo").conversation(expected.id)):
            pass
        expected.expired = True

    @rule(who=people)
    def read_unknown(self, who: bool) -> None:
        assert self._clients[who].get(f"/v1/conversations/{new_id()}").status_code == 404

    def _path(self, expected: Expected) -> str:
        return f"/v1/conversations/{expected.id}"

    def _refused(self, answer: Any, expected: Expected, who: bool) -> bool:
        """Say whether this conversation must not be there for who asks, and assert that it is then just not there."""
        hidden = expected.expired or expected.owner is not who
        assert (answer.status_code == 404) is hidden, "a conversation of somebody else" if hidden else answer.text
        if hidden:
            assert answer.json()["error"]["code"] == "not_found"
        return hidden


def test_a_conversation_is_its_owners_for_its_life(stack: Stack) -> None:
    site = Site.open(stack)
    run_state_machine_as_test(lambda: Sessions(site), settings=examples(5, steps=25))


def test_a_patient_with_everybodys_token_is_found_out(stack: Stack) -> None:
    site = Site.open(stack)
    site.one_token_for_all = True
    with pytest.raises(AssertionError, match="a conversation of somebody else"):
        run_state_machine_as_test(lambda: Sessions(site), settings=examples(40, steps=25, shrink=False))
