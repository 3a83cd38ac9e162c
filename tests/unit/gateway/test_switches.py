"""What is switched off is not used; what leads to a person, and 911 and 988, cannot be switched off."""

import pytest

from portico_core.errors import ConfigurationError, StateUnavailable
from portico_core.labels import Label, Route, Urgency
from portico_core.switches import EVERYTHING_OFF, Switch, is_allowed, parse_switches
from portico_gateway.adapters.site_switches import SiteSwitches
from portico_gateway.pipeline import answer_turn
from portico_state.switches import Switches
from unit.gateway.fakes import CRISIS, EMERGENCY, QUESTION, World, make_request, make_verdict


def world_without(*switches: Switch) -> World:
    world = World()
    world.switches.turned_off = frozenset(switches)
    return world


@pytest.mark.parametrize("switch", [Switch.ANSWER, Switch.CLASSIFIER, Switch.ENCODER, Switch.RESPONDER])
async def test_a_question_goes_to_a_person_and_the_switched_off_part_is_not_asked(switch: Switch) -> None:
    world = world_without(switch)
    turn = (await answer_turn(make_request(QUESTION), world.parts())).turn
    assert (turn.route, turn.answer, turn.degraded) == (Route.ESCALATE, None, True)
    assert turn.escalation is not None and turn.escalation.urgency is Urgency.ROUTINE
    assert "switched off" in str(turn.message)
    assert turn.contacts[-1].uri == "https://medlineplus.gov/"
    assert not {"encoder", "search", "responder"} & set(world.journal)
    assert ("classifier" in world.journal) is (switch is not Switch.CLASSIFIER)
    assert world.audit.effects().ticket is not None


async def test_with_everything_on_the_same_question_is_answered() -> None:
    turn = (await answer_turn(make_request(QUESTION), world_without().parts())).turn
    assert (turn.route, turn.degraded, len(turn.contacts)) == (Route.ANSWER, False, 4)


async def test_a_decline_that_is_switched_off_goes_to_a_person() -> None:
    for off, route in ((frozenset[Switch](), Route.DECLINE), (frozenset({Switch.DECLINE}), Route.ESCALATE)):
        world = world_without(*off)
        world.classifier.default = make_verdict(Label.ATTACK)
        assert (await answer_turn(make_request("anything"), world.parts())).turn.route is route


@pytest.mark.parametrize(("text", "route"), [(EMERGENCY, Route.EMERGENCY), (CRISIS, Route.CRISIS)])
async def test_an_urgent_message_gets_its_text_with_everything_off(text: str, route: Route) -> None:
    turn = (await answer_turn(make_request(text), world_without(*Switch).parts())).turn
    assert turn.route is route
    assert turn.escalation is not None


async def test_a_defect_of_the_switches_answers_nothing() -> None:
    world = World()
    world.faults["switches"] = RuntimeError("surprise")
    turn = (await answer_turn(make_request(QUESTION), world.parts())).turn
    assert (turn.route, turn.degraded) == (Route.UNAVAILABLE, True)


async def test_what_cannot_be_read_counts_as_off(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unreadable(self: Switches) -> frozenset[Switch]:
        raise StateUnavailable

    async def nothing_off(self: Switches) -> frozenset[Switch]:
        return frozenset()

    site = SiteSwitches(frozenset({Switch.DECLINE}), Switches(None))  # type: ignore[arg-type]
    monkeypatch.setattr(Switches, "off", unreadable)
    assert await site.off() == EVERYTHING_OFF
    monkeypatch.setattr(Switches, "off", nothing_off)
    assert await site.off() == {Switch.DECLINE}


@pytest.mark.parametrize("route", [Route.ESCALATE, Route.EMERGENCY, Route.CRISIS, Route.UNAVAILABLE])
def test_what_leads_to_a_person_has_no_switch(route: Route) -> None:
    assert is_allowed(route, EVERYTHING_OFF)
    with pytest.raises(ConfigurationError):
        parse_switches(f"route={route.value}")


def test_switches_are_read_from_the_settings() -> None:
    assert parse_switches(" route=answer, model=responder,") == {Switch.ANSWER, Switch.RESPONDER}
    assert parse_switches("") == frozenset()
    with pytest.raises(ConfigurationError, match="route=answer"):
        parse_switches("answer")
