"""The widget's own tokens: five minutes, sealed, for one tenant; and who speaks with a token."""

from datetime import date

import pytest
from starlette.routing import Mount, WebSocketRoute
from starlette.routing import Route as WebRoute

from policies import policy_of
from portico_core.errors import ConfigurationError, Unauthenticated
from portico_core.labels import Label, Route, Speaker
from portico_core.verdict import decide_route
from portico_gateway.web.access import refuse_undeclared
from portico_gateway.web.identity import is_under_age
from portico_gateway.web.widget_tokens import LIFE_S, WidgetTokens
from portico_state.keyring import Keyring
from portico_state.sealing import seal
from unit.gateway.fakes import make_verdict

KEYRING = Keyring.generate()
CLAIMS = {"sub": "a", "patient": "a", "role": "patient"}


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_token_lives_five_minutes() -> None:
    clock = Clock()
    tokens = WidgetTokens(KEYRING.vault, "demo", clock)
    token = tokens.mint({**CLAIMS, "exp": 2**50})
    assert tokens.is_ours(token)
    clock.now += LIFE_S - 1
    assert tokens.open(token)["patient"] == "a"
    clock.now += 1
    with pytest.raises(Unauthenticated):
        tokens.open(token)
    assert LIFE_S <= 300


def test_a_token_outlives_a_rotation_and_not_a_retirement() -> None:
    token = WidgetTokens(KEYRING.vault, "demo").mint(CLAIMS)
    rotated = KEYRING.rotate("vault")
    assert WidgetTokens(rotated.vault, "demo").open(token)["sub"] == "a"
    with pytest.raises(Unauthenticated):
        WidgetTokens(rotated.retire("vault", KEYRING.vault.active).vault, "demo").open(token)


def test_another_tenants_and_another_purposes_seal_opens_nothing() -> None:
    mine = WidgetTokens(KEYRING.vault, "demo")
    foreign = WidgetTokens(KEYRING.vault, "other").mint(CLAIMS)
    sealed = seal(b'{"sub":"a"}', keys=KEYRING.vault, place=("demo", "staff-sign-in"))
    for token in (foreign, sealed):
        with pytest.raises(Unauthenticated):
            mine.open(token)


def test_every_changed_character_is_seen() -> None:
    tokens = WidgetTokens(KEYRING.vault, "demo")
    token, let_in = tokens.mint(CLAIMS), []
    for place in range(len(token)):
        for other in "Aa0_=. ":
            changed = token[:place] + other + token[place + 1 :]
            try:
                if changed != token:
                    tokens.open(changed)
                    let_in.append(place)
            except Unauthenticated:
                continue
    assert let_in == []


@pytest.mark.parametrize("token", ["", "p1.", "p1..", "p1.v1.", "p1.v1.é", "p1.v1." + "A" * 9_000, "p1.zz.AAAA"])
def test_junk_opens_nothing(token: str) -> None:
    with pytest.raises(Unauthenticated):
        WidgetTokens(KEYRING.vault, "demo").open(token)


@pytest.mark.parametrize(
    ("born", "under_age"),
    [
        ("2008-11-27", True),  # 18 tomorrow
        ("2008-11-26", False),  # 18 today
        ("1984-03-09", False),
        ("2008", True),  # only the year is known: perhaps not yet
        ("2007", False),
    ],
)
def test_who_is_under_age(born: str, under_age: bool) -> None:
    assert is_under_age(born, date(2026, 11, 26), adult_age=18) is under_age


def test_whoever_may_not_be_answered_goes_to_a_person_and_an_emergency_stays_one() -> None:
    policy = policy_of(answer=0.5, decline=0.5)
    routes = {label: decide_route(make_verdict(label), policy, answerable=False) for label in Label}
    assert routes[Label.INFORMATIONAL] is Route.ESCALATE
    assert (routes[Label.EMERGENCY], routes[Label.CRISIS]) == (Route.EMERGENCY, Route.CRISIS)
    assert decide_route(make_verdict(), policy) is Route.ANSWER  # The control.
    assert set(Speaker) == {Speaker.SELF, Speaker.PROXY, Speaker.MINOR}


def test_a_route_without_a_rule_stops_the_start() -> None:
    async def page(_: object) -> None: ...

    declared = WebRoute("/healthz", page, methods=["GET"])
    refuse_undeclared([declared], demo=False)
    undeclared = [
        WebRoute("/debug", page, methods=["GET"]),
        WebRoute("/healthz", page, methods=["GET", "POST"]),
        WebRoute("/demo", page, methods=["GET"]),  # Of the demo, outside it.
        Mount("/files", routes=[]),
        WebSocketRoute("/ws", page),
    ]
    for route in undeclared:
        with pytest.raises(ConfigurationError):
            refuse_undeclared([declared, route], demo=False)
