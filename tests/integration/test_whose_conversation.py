"""Whoever may not, cannot: 30 patients at 30 patients' conversations on every route, against a real Valkey.

design/promises.md, row 12. Every foreign conversation answers as one that does not exist. The control: one's own opens.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.types import ASGIApp

from integration.gateway_door import KEY, PER_MINUTE, ask, build_launching, gateway_door, portal_asks, start
from portico_core.labels import AuditPhase, Role
from portico_gateway.web.access import RULES, Access
from portico_gateway.web.widget_tokens import LIFE_S
from portico_state.accounting import account_for
from unit.gateway.asgi import Answer
from unit.gateway.issuer import make_key, serve_jwks, sign, sound_claims
from unit.state.rig import TENANT, StateRig, say

PATIENTS = 30
AT_ONCE = 10
OF_ONE = [route for route, access in RULES.items() if access is Access.SPEAKER and "{id}" in route[1]]
BODIES = {"/turns": {"text": "What is metformin?"}, "/feedback": {"helpful": True}}


@pytest.fixture
async def door(rig: StateRig) -> AsyncIterator[ASGIApp]:
    """The gateway's own routes and tokens over a real store, with a launch server that does not answer."""
    with serve_jwks(KEY) as jwks:
        yield gateway_door(rig, jwks.url, launching=build_launching(rig, "http://127.0.0.1:9"))


async def insist(door: ASGIApp, method: str, path: str, *, token: str, body: Any) -> Answer:
    """Ask again where a crowded machine made the store late: that answer says nothing of whose a conversation is."""
    for _ in range(20):
        answer = await ask(door, method, path, token=token, body=body)
        if answer.status != 503 and b'"conversation_id":"outage-' not in answer.body:
            break
        await asyncio.sleep(0.1)
    return answer


def body_of(path: str) -> Any:
    return next(
        (body for end, body in BODIES.items() if path.endswith(end)), {} if path == "/v1/conversations" else None
    )


def filled(path: str, conversation: str) -> str:
    return path.replace("{id}", conversation).replace("{turn}", "0" * 32)


async def test_thirty_patients_at_each_others_conversations(door: ASGIApp) -> None:
    tokens = [sign(KEY, sound_claims(sub=f"u{each}", patient=f"patient-{each}")) for each in range(PATIENTS)]
    conversations = [await start(door, token) for token in tokens]
    tried, opened = 0, []
    for mine, token in enumerate(tokens):
        foreign = [theirs for number, theirs in enumerate(conversations) if number != mine]
        asked = [(method, filled(path, theirs), body_of(path)) for theirs in foreign for method, path in OF_ONE]
        answers = [
            answer
            for first in range(0, len(asked), AT_ONCE)
            for answer in await asyncio.gather(
                *(insist(door, m, p, token=token, body=body) for m, p, body in asked[first : first + AT_ONCE])
            )
        ]
        tried += len(answers)
        opened += [asked[at] for at, answer in enumerate(answers) if answer.status != 404]
    say(f"foreign access: {len(opened)} of {tried} ({PATIENTS} patients, {len(OF_ONE)} routes)")
    assert (opened, tried) == ([], PATIENTS * (PATIENTS - 1) * len(OF_ONE))
    for token, own in zip(tokens, conversations, strict=True):  # The control: it is theirs alone, and it is there.
        assert (await ask(door, "GET", f"/v1/conversations/{own}", token=token)).status == 200


async def test_a_foreign_conversation_looks_like_none(door: ASGIApp) -> None:
    mine, theirs = (sign(KEY, sound_claims(patient=name)) for name in ("p1", "p2"))
    conversation = await start(door, theirs)
    for method, path in OF_ONE:
        foreign = await ask(door, method, filled(path, conversation), token=mine, body=body_of(path))
        nothing = await ask(door, method, filled(path, "c" * 32), token=mine, body=body_of(path))
        shown = [{**answer.json()["error"], "request_id": ""} for answer in (foreign, nothing)]
        assert shown[0] == shown[1]


@pytest.mark.parametrize("role", [None, *Role])
async def test_every_route_asks_who_comes(door: ASGIApp, role: Role | None) -> None:
    """Each route × role: nobody and staff get nothing of a patient; what needs no name needs none."""
    token = sign(KEY, sound_claims(role=role.value)) if role else None
    for (method, path), access in RULES.items():
        if access is Access.DEMO or path in {"/readyz", "/model-card"} or "/widget/" in path:
            continue  # These read files and models that are not here.
        answer = await ask(door, method, filled(path, "c" * 32), token=token, body=body_of(path))
        match access:
            case Access.SPEAKER if role is None:
                assert answer.status == 401, (method, path)
            case Access.SPEAKER if role in {Role.PATIENT, Role.PROXY}:
                assert answer.status in {201, 404}, (method, path)
            case Access.SPEAKER:
                assert answer.status == 403, (method, path)
            case Access.PORTAL:  # A bearer token is nothing to it.
                assert answer.status in {400, 401}, (method, path)
            case Access.LAUNCHED:  # Neither is it to a browser that nobody launched.
                assert answer.status in {400, 401, 503}, (method, path)
            case _:
                assert answer.status == 200, (method, path)
        for verb in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {each for each, at in RULES if at == path}:
            assert (await ask(door, verb, filled(path, "c" * 32), token=token, body={})).status == 405


async def test_a_proxy_and_the_patient_do_not_read_each_others_words(door: ASGIApp) -> None:
    patient = sign(KEY, sound_claims(sub="teen", patient="p1"))
    mother = sign(KEY, sound_claims(sub="mother", patient="p1", role="proxy"))
    father = sign(KEY, sound_claims(sub="father", patient="p1", role="proxy"))
    conversations = {token: await start(door, token) for token in (patient, mother, father)}
    for token in conversations:
        for owner, conversation in conversations.items():
            status = (await ask(door, "GET", f"/v1/conversations/{conversation}", token=token)).status
            assert status == (200 if owner == token else 404)


async def test_a_portal_gets_a_token_that_opens_its_patients_conversations(rig: StateRig, door: ASGIApp) -> None:
    claims = {"name": "Zebulon Quartermain", "mrn": "MRN00482913"}
    answer = await ask(door, "POST", "/v1/tokens", token=None, body=portal_asks(claims=claims))
    assert (answer.status, answer.json()["expires_in"]) == (200, LIFE_S)
    token = answer.json()["token"]
    conversation = await start(door, token)
    same = sign(KEY, sound_claims(sub="x", patient="opaque-7"))
    assert (await ask(door, "GET", f"/v1/conversations/{conversation}", token=same)).status == 200
    assert "Quartermain" not in token and "MRN00482913" not in token
    minted = [record for record in await rig.records() if record["source"] == "token.mint"]
    hashed = rig.keyring.patient_hash("opaque-7", tenant=TENANT)
    assert [(each["phase"], each["actor"], each["patient"]) for each in minted] == [
        (AuditPhase.ACCESS.value, "portal:portal", hashed)
    ]
    assert account_for(await rig.records()) == ()  # Nobody of the staff looked at anything.


REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "another key": ({"key": make_key("portal-1")}, 401),
    "an unknown key id": ({"key": make_key("portal-9")}, 401),
    "another audience": ({"audience": "https://elsewhere.test"}, 401),
    "no assertion": ({"client_assertion": ""}, 401),
    "a patient's token as the assertion": ({"client_assertion": sign(KEY)}, 401),
    "no subject": ({"subject": ""}, 400),
    "a subject with a line end": ({"subject": "a\nb"}, 400),
    "an endless subject": ({"subject": "s" * 129}, 400),
    "a subject that is a number": ({"subject": 7}, 400),
    "an empty proxy": ({"proxy": ""}, 400),
    "a role written in": ({"claims": {"role": "clinician"}}, 400),
    "an expiry written in": ({"claims": {"exp": 2**40}}, 400),
    "another patient written in": ({"claims": {"patient": "p2"}}, 400),
    "a name of another shape": ({"claims": {"name": 7}}, 400),
    "a field that we do not know": ({"lifetime": 9_000}, 400),
}


@pytest.mark.parametrize("kind", REFUSED)
async def test_what_may_not_be_minted(rig: StateRig, door: ASGIApp, kind: str) -> None:
    changes, status = REFUSED[kind]
    answer = await ask(door, "POST", "/v1/tokens", token=None, body=portal_asks(**changes))
    assert answer.status == status, answer.body
    assert [record for record in await rig.records() if record["source"] == "token.mint"] == []


async def test_an_assertion_is_good_once_and_a_portal_gets_so_many_tokens(door: ASGIApp) -> None:
    body = portal_asks()
    first, again = [await ask(door, "POST", "/v1/tokens", token=None, body=body) for _ in range(2)]
    assert (first.status, again.status) == (200, 401)
    statuses = [
        (await ask(door, "POST", "/v1/tokens", token=None, body=portal_asks())).status for _ in range(PER_MINUTE)
    ]
    assert statuses == [200] * (PER_MINUTE - 1) + [429]
