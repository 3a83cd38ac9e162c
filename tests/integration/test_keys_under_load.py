"""Patient keys are rotated while turns run and are sent again: each message is one turn and one ticket all the same.

Two gateways of a site change over one after the other, twice, on a real Valkey; the models are made up.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import ASGIApp

from integration.gateway_door import KEY, ask, durable_parts, gateway_door, start
from portico_core.labels import AuditPhase, Label
from portico_state.idempotency import Asked, Idempotency, Reservation
from portico_state.identifiers import new_id
from portico_state.keyring import Keyring
from unit.gateway.fakes import World, make_verdict
from unit.gateway.issuer import JwksServer, serve_jwks, sign, sound_claims
from unit.state.rig import StateRig, say

SEED, MESSAGES, SENDINGS, ROTATIONS, PATIENTS = 7, 40, 3, 2, 8
ADVICE, GENERAL = "Should I double my metformin?", "What is metformin used for?"


@dataclass(slots=True)
class Site:
    """Two gateways; `rotate` gives both the new key to read with, then makes it active in one after the other."""

    rig: StateRig
    jwks_url: str
    keyring: Keyring
    gateways: list[ASGIApp] = field(default_factory=list)

    def start(self) -> None:
        self.gateways = [self._gateway(self.keyring) for _ in range(2)]

    async def rotate(self) -> None:
        staged = self.keyring.stage("patient")
        self.keyring = staged.activate("patient")
        for keyring in (staged, self.keyring):
            for number in range(2):
                await asyncio.sleep(0.1)
                self.gateways[number] = self._gateway(keyring)

    def _gateway(self, keyring: Keyring) -> ASGIApp:
        world = World()
        world.classifier.by_phrase = {"double": make_verdict(Label.CLINICIAN)}
        parts = durable_parts(self.rig, keyring, world=world)
        return gateway_door(self.rig, self.jwks_url, keyring=keyring, parts=parts)


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the messages: how many got more than one answer, ended more than once, or have not one ticket."""

    answers: int
    turns: int
    tickets: int


@pytest.fixture(scope="module")
def jwks() -> Iterator[JwksServer]:
    with serve_jwks(KEY) as server:
        yield server


@dataclass(frozen=True, slots=True)
class Message:
    """What a patient's page sends, as often as it must."""

    token: str
    path: str
    said: str
    key: str = field(default_factory=new_id)


async def insist(site: Site, chance: random.Random, sent: Message) -> bytes:
    """Send until an answer comes, to whichever gateway: 409 says that the turn still runs, and a refusal is no turn."""
    for _ in range(100):
        door, body = chance.choice(site.gateways), {"text": sent.said}
        answer = await ask(door, "POST", sent.path, token=sent.token, body=body, key=sent.key)
        if answer.status == 200 and not answer.json()["degraded"]:
            return answer.body
        assert answer.status in {200, 409, 429, 503}, answer.body
        await asyncio.sleep(0.05)
    raise AssertionError("no answer")


async def send_again_and_again(site: Site, chance: random.Random, rotated: asyncio.Event, number: int) -> set[bytes]:
    """Send one message early, at once from two windows, and after the last rotation; return the different answers."""
    token = sign(KEY, sound_claims(sub="u", patient=f"patient-{number % PATIENTS}"))
    conversation = await start(chance.choice(site.gateways), token)
    message = Message(token, f"/v1/conversations/{conversation}/turns", ADVICE if number % 2 else GENERAL)
    await asyncio.sleep(chance.random() * 0.6)
    answers = {await insist(site, chance, message)}
    answers.update(await asyncio.gather(*(insist(site, chance, message) for _ in range(SENDINGS - 1))))
    await rotated.wait()
    return {*answers, await insist(site, chance, message)}


async def tally(rig: StateRig, jwks_url: str) -> Tally:
    """Rotate twice while the messages run, and count."""
    site, chance, rotated = Site(rig, jwks_url, rig.keyring), random.Random(SEED), asyncio.Event()
    site.start()

    async def rotate() -> None:
        for _ in range(ROTATIONS):
            await site.rotate()
        rotated.set()

    sending = (send_again_and_again(site, chance, rotated, number) for number in range(MESSAGES))
    _, *answers = await asyncio.gather(rotate(), *sending)
    ended = Counter(each["conversation"] for each in await rig.records() if each["phase"] == AuditPhase.DECIDED)
    tickets = int(await rig.store.redis.zcard(rig.store.keys.tickets_open))
    return Tally(
        answers=sum(len(each) != 1 for each in answers),
        turns=MESSAGES - len(ended) + sum(count != 1 for count in ended.values()),
        tickets=abs(tickets - MESSAGES // 2),
    )


async def test_keys_rotate_while_messages_are_sent_again(rig: StateRig, jwks: JwksServer) -> None:
    found = await tally(rig, jwks.url)
    say(f"seed {SEED}, {MESSAGES} messages, {SENDINGS + 1} sendings each, {ROTATIONS} rotations: {found}")
    assert found == Tally(0, 0, 0)


async def test_a_gateway_that_looks_under_its_active_key_alone_is_found(
    rig: StateRig, jwks: JwksServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a message sent again after a rotation is another turn then. Its ticket's name is the same."""
    real = Idempotency.reserve

    async def under_one(keys: Idempotency, asked: Sequence[Asked], **more: Any) -> Reservation:
        return await real(keys, asked[:1], **more)

    monkeypatch.setattr(Idempotency, "reserve", under_one)
    found = await tally(rig, jwks.url)
    say(f"control: {found}")
    assert found.answers > MESSAGES // 4 and found.turns > MESSAGES // 4 and found.tickets == 0
