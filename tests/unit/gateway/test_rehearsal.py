"""Readiness asks the whole way: whatever keeps the golden turn from its answer is seen, and nothing of it is kept."""

from typing import Any, cast

import pytest

from portico_core.draining import Drain
from portico_core.errors import StateUnavailable
from portico_core.switches import Switch
from portico_gateway.web.health import Readiness
from portico_gateway.web.rehearsal import Rehearsal
from unit.gateway.fakes import World


class FakeStore:
    """A store that answers, and takes a write unless it is told not to."""

    writable = True

    async def verify_durability(self, *, trust_durability: bool = False) -> None: ...

    async def verify_writable(self) -> None:
        if not self.writable:
            raise StateUnavailable


def readiness_of(world: World, store: FakeStore | None = None) -> Readiness:
    parts = world.parts()
    return Readiness(
        store=cast(Any, store or FakeStore()),
        redactor=parts.redactor,
        classifier=parts.classifier,
        encoder=parts.encoder,
        metrics=parts.metrics,
        switches=parts.switches,
        trust_durability=False,
        drain=Drain(),
        rehearsal=Rehearsal.of(parts),
    )


async def test_everything_up_is_ready() -> None:
    states = await readiness_of(World()).states()
    assert set(states) == {"redis", "audit", "redactor", "safety_classifier", "passage_encoder", "golden_turn"}
    assert all(states.values())


@pytest.mark.parametrize("part", ["redactor", "classifier", "encoder", "responder", "search"])
async def test_a_part_that_fails_keeps_the_golden_turn_from_passing(part: str) -> None:
    assert (await readiness_of(World().break_(part)).states()).get("golden_turn", False) is False


async def test_an_answer_that_no_validator_passes_is_not_ready() -> None:
    world = World()
    world.validator.passes = False
    states = await readiness_of(world).states()
    assert not states["golden_turn"]
    assert states["safety_classifier"] and states["passage_encoder"]  # Each part by itself would have said yes.


async def test_nothing_found_is_not_ready() -> None:
    world = World()
    world.knowledge.found = ()
    assert not (await readiness_of(world).states())["golden_turn"]


async def test_what_an_operator_switched_off_is_no_fault() -> None:
    world = World()
    world.switches.turned_off = frozenset({Switch("route=answer")})
    assert (await readiness_of(world).states())["golden_turn"]


async def test_a_store_that_takes_no_write_is_not_ready() -> None:
    store = FakeStore()
    store.writable = False
    states = await readiness_of(World(), store).states()
    assert states["redis"] and not states["audit"]


async def test_the_rehearsal_leaves_no_trace() -> None:
    world = World()
    assert await Rehearsal.of(world.parts()).passes()
    assert world.audit.records == [] and world.spool.waiting == [] and world.vault.version == 0
    assert world.metrics.registry.get_sample_value("portico_turns_total", {"route": "answer"}) == 0
    assert "responder" in world.journal and "validator" in world.journal  # The control: it did go the whole way.


async def test_a_turn_that_passed_is_not_rehearsed_for_every_probe() -> None:
    world = World()
    readiness = readiness_of(world)
    for _ in range(3):
        readiness._asked_at = float("-inf")
        await readiness.states()
    assert world.journal.count("responder") == 1
    world.break_("responder")
    readiness._rehearsed_at = float("-inf")
    for expected in (False, False):
        readiness._asked_at = float("-inf")
        assert (await readiness.states())["golden_turn"] is expected
    assert world.journal.count("responder") == 3
