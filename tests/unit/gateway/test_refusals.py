"""What a patient gets when a turn is refused; and that an emergency or a crisis never is."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from starlette.applications import Starlette

from portico_core.draining import Drain
from portico_core.errors import PorticoError, RateLimited, StateUnavailable
from portico_core.labels import AuditPhase, LimitScope, Role
from portico_core.text import PatientText
from portico_core.turn import Turn
from portico_gateway.web.admission import TurnSlots
from portico_gateway.web.concurrency import GradientLimit
from portico_gateway.web.edge import Edge
from portico_gateway.web.errors import HANDLERS
from portico_gateway.web.events import STREAMS_OF_ONE_PATIENT
from portico_gateway.web.identity import Identity
from portico_gateway.web.patient_api import PatientApi
from portico_state.conversations import Conversation
from portico_state.keyring import Keyring
from unit.gateway.asgi import Answer, call
from unit.gateway.fakes import CRISIS, EMERGENCY, QUESTION, World

URGENT = {"emergency": EMERGENCY, "crisis": CRISIS}
JSON = {"content-type": "application/json", "authorization": "Bearer t"}


class FakeTokens:
    async def verify(self, authorization: str) -> Identity:
        return Identity("s1", Role.PATIENT, "p1")


class FakeSuggester:
    def start(self, turn: Turn) -> None: ...


class FakeConversations:
    async def load(self, conversation: str, *, patient: tuple[str, ...]) -> Conversation:
        return Conversation(id=conversation, patient=patient[0], locale="en", created_at="", closed=False)


@dataclass
class FakeLimits:
    """Refuses as it is told, and notes for whom it was asked."""

    refusal: PorticoError | None = None
    asked: list[dict[LimitScope, str]] = field(default_factory=list)

    async def take(self, holders: dict[LimitScope, str]) -> None:
        self.asked.append(holders)
        if self.refusal is not None:
            raise self.refusal


@dataclass
class Clinic:
    """The patient API over fakes, with two places of which one is reserved."""

    world: World = field(default_factory=World)
    limits: FakeLimits = field(default_factory=FakeLimits)
    drain: Drain = field(default_factory=Drain)

    def __post_init__(self) -> None:
        limit = GradientLimit(least=1, most=1)
        self.slots = TurnSlots(limit, reserved=1, of_one_patient=2, metrics=self.world.metrics, drain=self.drain)
        self.api = PatientApi(
            parts=self.world.parts(),
            tokens=cast(Any, FakeTokens()),
            slots=self.slots,
            limits=cast(Any, self.limits),
            store=cast(Any, None),
            audit=cast(Any, self.world.audit),
            conversations=cast(Any, FakeConversations()),
            idempotency=cast(Any, None),
            vault=cast(Any, self.world.vault),
            keyring=Keyring.generate(),
            receive_deadline_s=1,
            drain=self.drain,
            suggester=cast(Any, FakeSuggester()),
        )
        self.app = Edge(Starlette(routes=self.api.routes(), exception_handlers=HANDLERS))

    async def say(self, text: str) -> Answer:
        body = f'{{"text": "{text}"}}'.encode()
        return await call(self.app, "POST", "/v1/conversations/c1/turns", chunks=[body], headers=JSON)

    def fill(self) -> "asyncio.Task[str]":
        """Take the one place that is not reserved, for as long as the test runs."""

        async def wait() -> str:
            await asyncio.sleep(60)
            return ""

        with self.slots.take(PatientText(QUESTION), patient="p9") as permit:
            return permit.start(wait())

    def shed(self, reason: str) -> float | None:
        return self.world.metrics.registry.get_sample_value("portico_shed_total", {"reason": reason})


def assert_urgent(answer: Answer, route: str) -> None:
    turn = answer.json()
    assert (answer.status, turn["route"]) == (200, route)
    assert "911" in turn["message"] if route == "emergency" else "988" in turn["message"]
    assert {"tel:911", "tel:988"} <= {contact["uri"] for contact in turn["contacts"]}


@pytest.mark.parametrize("scope", LimitScope)
async def test_an_empty_bucket_is_429_with_the_time_to_wait_and_both_numbers(scope: LimitScope) -> None:
    clinic = Clinic(limits=FakeLimits(RateLimited(scope, wait_s=6.2)))
    answer = await clinic.say(QUESTION)
    assert (answer.status, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["error"]["code"] == "rate_limited"
    assert "911" in answer.json()["error"]["message"] and "988" in answer.json()["error"]["message"]
    assert clinic.shed(scope.value) == 1
    assert clinic.world.journal == []  # Nothing was read, recorded or judged.


@pytest.mark.parametrize("route", URGENT)
async def test_an_empty_bucket_does_not_hold_up_an_emergency(route: str) -> None:
    clinic = Clinic(limits=FakeLimits(RateLimited(LimitScope.PATIENT)))
    assert_urgent(await clinic.say(URGENT[route]), route)
    assert clinic.world.audit.entries(AuditPhase.DECIDED)[0].route == route
    assert clinic.world.audit.effects().ticket is not None


async def test_where_nobody_can_count_a_question_gets_fixed_text_and_a_line_in_the_spool() -> None:
    clinic = Clinic(limits=FakeLimits(StateUnavailable()))
    turn = (await clinic.say(QUESTION)).json()
    assert (turn["route"], turn["answer"], turn["degraded"]) == ("unavailable", None, True)
    assert "911" in turn["message"] and "988" in turn["message"]
    assert clinic.shed("limits_unavailable") == 1
    assert [entry.phase for entry, _ in clinic.world.spool.waiting] == [AuditPhase.REFUSED]
    assert "classifier" not in clinic.world.journal


@pytest.mark.parametrize("route", URGENT)
async def test_where_nobody_can_count_an_emergency_gets_its_text_and_its_ticket(route: str) -> None:
    clinic = Clinic(limits=FakeLimits(StateUnavailable()))
    assert_urgent(await clinic.say(URGENT[route]), route)
    assert [effects.ticket is not None for _, effects in clinic.world.spool.waiting] == [True]


async def test_without_a_place_a_question_is_503_and_an_emergency_is_served() -> None:
    clinic = Clinic()
    busy = clinic.fill()
    refused = await clinic.say(QUESTION)
    assert (refused.status, refused.json()["error"]["code"]) == (503, "overloaded")
    assert int(refused.headers["retry-after"]) > 0
    assert "911" in refused.json()["error"]["message"] and "988" in refused.json()["error"]["message"]
    for route, text in URGENT.items():
        assert_urgent(await clinic.say(text), route)
    assert clinic.shed("concurrency") == 1
    assert clinic.limits.asked == [clinic.limits.asked[0]] * 2  # A refusal for want of a place asks no store.
    busy.cancel()


async def test_a_process_that_ends_serves_emergencies_only() -> None:
    clinic = Clinic()
    clinic.drain.begin()
    refused = await clinic.say(QUESTION)
    assert (refused.status, refused.json()["error"]["code"], refused.headers["retry-after"]) == (503, "draining", "1")
    assert_urgent(await clinic.say(CRISIS), "crisis")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/conversations"),
        ("GET", "/v1/conversations/c1"),
        ("DELETE", "/v1/conversations/c1"),
        ("GET", "/v1/conversations/c1/events"),
        ("POST", "/v1/conversations/c1/turns/t1/feedback"),
    ],
)
@pytest.mark.parametrize(("refusal", "status"), [(RateLimited(), 429), (StateUnavailable(), 503)])
async def test_every_other_route_is_limited_and_closed_where_nobody_can_count(
    method: str, path: str, refusal: PorticoError, status: int
) -> None:
    clinic = Clinic(limits=FakeLimits(refusal))
    answer = await call(clinic.app, method, path, chunks=[b"{}"], headers=JSON)
    assert answer.status == status
    assert int(answer.headers["retry-after"]) > 0
    assert clinic.world.journal == []


async def test_patient_tenant_and_address_are_counted_by_hashes() -> None:
    clinic = Clinic()
    await clinic.say(QUESTION)
    (asked,) = clinic.limits.asked
    assert set(asked) == set(LimitScope)
    assert "p1" not in asked[LimitScope.PATIENT] and "127.0.0.1" not in asked[LimitScope.ADDRESS]


@dataclass
class SlowLimits(FakeLimits):
    """Keeps everybody waiting until it is opened, then lets nobody in."""

    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, holders: dict[LimitScope, str]) -> None:
        self.asked.append(holders)
        await self.opened.wait()
        raise RateLimited


async def ask_for_feeds(clinic: Clinic, count: int) -> list[int]:
    """Ask for so many feeds at once; return their statuses."""
    feed = "/v1/conversations/c1/events"
    asking = [asyncio.create_task(call(clinic.app, "GET", feed, headers=JSON)) for _ in range(count)]
    for _ in range(100):
        await asyncio.sleep(0)
    cast(SlowLimits, clinic.limits).opened.set()
    return [(await answer).status for answer in asking]


async def test_of_many_feeds_at_once_only_those_with_a_place_cost_the_store_anything() -> None:
    clinic = Clinic(limits=SlowLimits())
    assert await ask_for_feeds(clinic, 50) == [429] * 50
    assert len(clinic.limits.asked) == STREAMS_OF_ONE_PATIENT
    await ask_for_feeds(clinic, 1)
    assert len(clinic.limits.asked) == STREAMS_OF_ONE_PATIENT + 1  # A place is given back when no feed came of it.


async def test_without_places_every_feed_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr("portico_gateway.web.events.STREAMS_OF_ONE_PATIENT", 50)
    clinic = Clinic(limits=SlowLimits())
    await ask_for_feeds(clinic, 50)
    assert len(clinic.limits.asked) == 50


@pytest.mark.parametrize(("sent", "status", "asked"), [((), 400, 0), ((b"",), 429, 1)], ids=["closed", "open"])
async def test_a_feed_that_nobody_can_read_is_not_made(sent: tuple[bytes, ...], status: int, asked: int) -> None:
    """A client that has closed its half costs no signature and no call of the store; the open one is the control."""
    clinic = Clinic(limits=FakeLimits(RateLimited()))
    answer = await call(clinic.app, "GET", "/v1/conversations/c1/events", chunks=sent, headers=JSON)
    assert (answer.status, len(clinic.limits.asked)) == (status, asked)
