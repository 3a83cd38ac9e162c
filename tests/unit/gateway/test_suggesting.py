"""What approved material says to a ticket's question: made after the turn, checked like an answer, never in the way."""

import asyncio
from dataclasses import dataclass, field

import pytest

from portico_core.labels import Label, Route
from portico_core.switches import Switch
from portico_core.text import RedactedText
from portico_core.turn import Suggestion, Turn
from portico_gateway.pipeline import answer_turn
from portico_gateway.suggesting import AT_ONCE, Suggester
from unit.gateway.fakes import PASSAGE, QUESTION, World, make_request, make_verdict

ASKED = RedactedText("Should I double my metformin?")


@dataclass
class Tickets:
    """The question of every ticket, and what was kept beside which."""

    kept: dict[str, Suggestion] = field(default_factory=dict)
    asked: RedactedText | None = ASKED

    async def question_of(self, ticket: str) -> RedactedText | None:
        await asyncio.sleep(0)
        return self.asked

    async def keep(self, ticket: str, suggestion: Suggestion) -> None:
        self.kept[ticket] = suggestion


async def turn_of(label: Label) -> Turn:
    """Return a turn that went the way of a label."""
    world = World()
    world.classifier.default = make_verdict(label)
    return (await answer_turn(make_request(QUESTION), world.parts())).turn


async def suggest(world: World, tickets: Tickets, turn: Turn) -> None:
    suggester = Suggester(world.parts(), tickets)
    suggester.start(turn)
    await suggester.finish()


async def test_a_ticket_gets_passages_and_a_draft_that_passed_every_check() -> None:
    world, tickets, turn = World(), Tickets(), await turn_of(Label.CLINICIAN)
    await suggest(world, tickets, turn)
    assert turn.escalation is not None
    kept = tickets.kept[turn.escalation.id]
    assert [passage.id for passage in kept.passages] == [PASSAGE.id]
    assert kept.draft is not None and kept.draft.sentences[0].text == world.knowledge.sentence
    assert not kept.passages[0].reviewed  # Nobody has signed it, and nothing says otherwise.
    assert "validator" in world.journal


async def test_a_draft_that_fails_a_check_is_not_shown_and_its_passages_are() -> None:
    world, tickets = World(), Tickets()
    world.validator.passes = False
    await suggest(world, tickets, await turn_of(Label.CLINICIAN))
    assert [(kept.draft, len(kept.passages)) for kept in tickets.kept.values()] == [(None, 1)]


@pytest.mark.parametrize("label", [Label.INFORMATIONAL, Label.EMERGENCY, Label.CRISIS, Label.ATTACK])
async def test_only_a_routine_escalation_gets_one(label: Label) -> None:
    world, tickets, turn = World(), Tickets(), await turn_of(label)
    assert turn.route is not Route.ESCALATE
    await suggest(world, tickets, turn)
    assert tickets.kept == {} and world.journal == []


async def test_a_degraded_turn_gets_none() -> None:
    world, tickets, turn = World(), Tickets(), await turn_of(Label.CLINICIAN)
    await suggest(world, tickets, turn.model_copy(update={"degraded": True}))
    assert tickets.kept == {} and world.journal == []


@pytest.mark.parametrize("part", ["encoder", "responder", "validator"])
async def test_a_part_that_fails_leaves_no_suggestion_and_no_error(part: str) -> None:
    world, tickets = World().break_(part), Tickets()
    await suggest(world, tickets, await turn_of(Label.CLINICIAN))
    assert tickets.kept == {}


async def test_what_an_operator_turned_off_stays_off() -> None:
    world, tickets = World(), Tickets()
    world.switches.turned_off = frozenset({Switch.ANSWER})
    await suggest(world, tickets, await turn_of(Label.CLINICIAN))
    assert tickets.kept == {} and "responder" not in world.journal


async def test_a_flood_makes_only_a_few_at_once() -> None:
    world, tickets, turn = World(), Tickets(), await turn_of(Label.CLINICIAN)
    suggester = Suggester(world.parts(), tickets)
    for _ in range(10 * AT_ONCE):
        suggester.start(turn)
    await suggester.finish()
    assert world.journal.count("responder") == AT_ONCE
