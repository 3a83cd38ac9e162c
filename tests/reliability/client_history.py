"""What clients really got: many patients at once, every request and every byte noted by the client alone.

The history knows nothing of the gateway's insides. A body counts as delivered when its last byte has arrived; its
SHA-256 is taken of the bytes as they came, and of the data of the `turn` event where the client streamed.
"""

import asyncio
import hashlib
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from reliability.rig_stack import Rig

CRISIS = "i dont want to be alive anymore, i have pills here"
EMERGENCY = "my husband's face is drooping and he can't lift his arm"
QUESTIONS = ("What is lisinopril used for?", "How do I prepare for a colonoscopy?", "What is an A1c test?")
CLIENT_DEADLINE_S = 12.0
TOKEN_KEPT_S = 200.0


@dataclass(frozen=True, slots=True)
class Told:
    """One request and what came back; `sha256` is of the delivered bytes, None when nothing whole arrived."""

    number: int
    patient: str
    conversation: str
    key: str | None
    text: str
    begun: float
    seconds: float
    status: int
    sha256: str | None = None
    turn: dict[str, Any] = field(default_factory=dict)

    @property
    def route(self) -> str:
        """The route the patient saw."""
        return str(self.turn.get("route", self.status))


@dataclass(slots=True)
class History:
    """Everything that was told, in the order it came back."""

    told: list[Told] = field(default_factory=list)

    def routes(self) -> dict[str, int]:
        """Count by route; a number is the status of a request without a turn, 0 of one that was cut off."""
        return dict(sorted(Counter(each.route for each in self.told).items()))

    def seconds(self, *routes: str) -> list[float]:
        """Return the latencies of the given routes."""
        return sorted(each.seconds for each in self.told if each.route in routes)


@dataclass(slots=True)
class Patient:
    """One patient with a conversation of their own; `sends` never raises for what the network does."""

    rig: Rig
    name: str
    client: httpx2.AsyncClient
    history: History
    conversation: str = ""
    _signed_at: float = float("-inf")

    def headers(self) -> dict[str, str]:
        """Return headers with a token that is still good for a while."""
        if time.monotonic() - self._signed_at > TOKEN_KEPT_S:
            self.client.headers.update(self.rig.headers(self.name))
            self._signed_at = time.monotonic()
        return {}

    async def opens(self) -> None:
        """Open the conversation, however long it takes until somebody takes it."""
        self.headers()
        while not self.conversation:
            try:
                answer = await self.client.post("/v1/conversations", json={})
                self.conversation = answer.json().get("id", "")
            except httpx2.HTTPError:
                pass
            if not self.conversation:
                await asyncio.sleep(0.2)

    async def reads(self) -> str:
        """Return the transcript as it comes."""
        try:
            return (await self.client.get(f"/v1/conversations/{self.conversation}")).text
        except httpx2.HTTPError:
            return ""

    async def sends(
        self, number: int, text: str, *, key: str | None = None, stream: bool = False, leave_s: float | None = None
    ) -> Told:
        """Send one message and note what came back; `leave_s` is the patience of a client that goes away."""
        headers = self.headers() | ({"Idempotency-Key": key} if key else {})
        headers |= {"Accept": "text/event-stream"} if stream else {}
        begun, started = time.time(), time.monotonic()
        status, body = 0, b""
        try:
            path = f"/v1/conversations/{self.conversation}/turns"
            patience = leave_s or CLIENT_DEADLINE_S
            answer = await self.client.post(path, json={"text": text}, headers=headers, timeout=patience)
            status, body = answer.status_code, turn_bytes(answer.content) if stream else answer.content
        except httpx2.HTTPError:
            pass
        seconds = time.monotonic() - started
        turn = json.loads(body) if status == 200 and body else {}
        digest = hashlib.sha256(body).hexdigest() if turn else None
        told = Told(number, self.name, self.conversation, key, text, begun, seconds, status, digest, turn)
        self.history.told.append(told)
        return told


def turn_bytes(stream: bytes) -> bytes:
    """Return the data of the `turn` event of a stream, or nothing when it did not come."""
    for event in stream.replace(b"\r\n", b"\n").split(b"\n\n"):
        lines = event.split(b"\n")
        if b"event: turn" in lines:
            return b"\n".join(line[6:] for line in lines if line.startswith(b"data: "))
    return b""


Step = Callable[[Patient, int], Awaitable[None]]


async def speak(
    rig: Rig,
    step: Step,
    *,
    turns: int,
    patients: int,
    history: History,
    done: Callable[[int], None] = lambda _: None,
) -> None:
    """Share `turns` steps among patients who speak at once."""
    numbers = iter(range(turns))

    async def one(name: str) -> None:
        limits = httpx2.Limits(max_connections=4)
        async with httpx2.AsyncClient(
            base_url=rig.url, timeout=CLIENT_DEADLINE_S, trust_env=False, limits=limits
        ) as client:
            patient = Patient(rig, name, client, history)
            await patient.opens()
            for number in numbers:
                await step(patient, number)
                done(number)

    await asyncio.gather(*(one(f"patient-{number}") for number in range(patients)))


def mixed_words(rng: random.Random, *, model_share: float) -> str:
    """Draw a message: a share goes through the models, the rest has a fixed text."""
    if rng.random() < model_share:
        return rng.choice(QUESTIONS)
    return rng.choice((CRISIS, EMERGENCY))


def new_key(rng: random.Random) -> str:
    """Return an Idempotency-Key."""
    return uuid.UUID(int=rng.getrandbits(128)).hex
