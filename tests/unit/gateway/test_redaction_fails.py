"""The real redactor with one recogniser broken: no model sees the turn, and the patient is told whom to call.

The models of the fake world stand for Triton: their journal is what would have been sent.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest

from portico_core.draining import Drain
from portico_core.labels import AuditPhase, PhiType, Route
from portico_gateway.pipeline import Delivery, answer_turn
from portico_gateway.web.health import Readiness
from portico_gateway.web.rehearsal import Rehearsal
from portico_redaction.engine import Redactor
from portico_redaction.recognisers import all_recognisers
from portico_redaction.recognisers.base import Found, ReadingRecogniser
from portico_state.client import Store
from unit.gateway.fakes import CRISIS, QUESTION, World, make_request

MODELS = {"classifier", "encoder", "search", "responder", "validator"}
SECRET = "Wilhelmina Quibbleton"
DEADLINE_S = 0.15
LET_GO = threading.Event()


class FaultyRecogniser(ReadingRecogniser):
    """Fails in the way it is told, or finds nothing."""

    phi_type = PhiType.NAME

    def __init__(self, fault: str) -> None:
        super().__init__()
        self.fault = fault

    def find(self, text: str) -> Iterator[Found]:
        if self.fault == "raises":
            raise ValueError(f"cannot read {text}")
        if self.fault == "times out":
            raise TimeoutError(text)
        if self.fault == "hangs":
            LET_GO.wait(10)
        return iter(())


@pytest.fixture
def faulty(request: pytest.FixtureRequest) -> Iterator[Redactor]:
    LET_GO.clear()
    built = Redactor(recognisers=[*all_recognisers(), FaultyRecogniser(request.param)], deadline_s=DEADLINE_S)
    yield built
    LET_GO.set()
    built.close()


async def take(world: World, redactor: Redactor, text: str) -> Delivery:
    return await answer_turn(make_request(text), replace(world.parts(), redactor=redactor))


FAULTS = ["raises", "times out", "hangs"]


@pytest.mark.parametrize("faulty", FAULTS, indirect=True)
async def test_no_model_is_asked_and_the_refusal_says_whom_to_call(faulty: Redactor) -> None:
    world = World()
    turn = (await take(world, faulty, f"I am {SECRET}. {QUESTION}")).turn
    assert (turn.route, turn.answer, turn.degraded) == (Route.UNAVAILABLE, None, True)
    assert turn.message is not None and "911" in turn.message and "988" in turn.message
    assert {"tel:911", "tel:988"} <= {contact.uri for contact in turn.contacts}
    assert not MODELS & set(world.journal)
    assert world.classifier.judged == [] and world.knowledge.asked == []
    assert [entry.phase for entry in world.audit.entries()] == [AuditPhase.ACCEPTED, AuditPhase.REFUSED]
    assert world.audit.effects().messages == () and world.audit.effects().window is None


@pytest.mark.parametrize("faulty", ["nothing"], indirect=True)
async def test_the_same_turn_is_answered_when_the_recogniser_works(faulty: Redactor) -> None:
    """The control."""
    world = World()
    assert (await take(world, faulty, f"I am {SECRET}. {QUESTION}")).turn.route is Route.ANSWER
    assert set(world.journal) >= MODELS
    assert SECRET not in repr(world.classifier.judged) + repr(world.knowledge.asked)


@pytest.mark.parametrize("faulty", FAULTS, indirect=True)
async def test_a_crisis_is_still_one(faulty: Redactor) -> None:
    world = World()
    assert (await take(world, faulty, CRISIS)).turn.route is Route.CRISIS
    assert not MODELS & set(world.journal)


@pytest.mark.parametrize("faulty", ["hangs"], indirect=True)
async def test_after_a_hang_turns_are_refused_at_once_and_readiness_says_why(faulty: Redactor) -> None:
    world = World()
    await take(world, faulty, QUESTION)
    begun = time.monotonic()
    routes = {(await take(world, faulty, QUESTION)).turn.route for _ in range(20)}
    assert time.monotonic() - begun < 20 * DEADLINE_S / 3
    assert routes == {Route.UNAVAILABLE}
    assert await readiness(world, faulty).states() == {
        "redis": True, "audit": True, "redactor": False, "golden_turn": False,
    }  # fmt: skip
    assert world.count("portico_dependency_up", dependency="redactor") == 0


@pytest.mark.parametrize("faulty", ["nothing"], indirect=True)
async def test_a_redactor_that_works_is_ready(faulty: Redactor) -> None:
    world = World()
    states = await readiness(world, faulty).states()
    assert set(states) == {"redis", "audit", "redactor", "safety_classifier", "passage_encoder", "golden_turn"}
    assert all(states.values())
    assert world.count("portico_dependency_up", dependency="redactor") == 1


def readiness(world: World, redactor: Redactor) -> Readiness:
    return Readiness(
        store=cast("Store", _DurableStore()),
        redactor=redactor,
        classifier=world.classifier,
        encoder=world.knowledge,
        metrics=world.metrics,
        switches=world.switches,
        trust_durability=False,
        drain=Drain(),
        rehearsal=Rehearsal.of(world.parts()),
    )


class _DurableStore:
    async def verify_durability(self, **_: Any) -> None:
        """Answer."""

    async def verify_writable(self) -> None:
        """Answer."""
