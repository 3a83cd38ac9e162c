"""A portal's sign-out ends its person's tokens at once, and nobody else's: over a real Valkey, also one that dies.

ADR 29: a token lives five minutes by itself. Whoever signed out, or left the browser to somebody else, need not wait.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
from starlette.types import ASGIApp, Message

from integration.gateway_door import KEY, PER_MINUTE, ask, durable_parts, gateway_door, portal_asks, start
from portico_core.errors import AuditUnavailable
from portico_core.labels import AuditPhase
from portico_gateway.pipeline import Delivery, answer_turn
from portico_gateway.web import patient_api
from portico_gateway.web.access import RULES, Access
from portico_gateway.web.widget_tokens import LIFE_S, SIGN_OUT_KEPT_S, WidgetTokens
from portico_state.effects import ConversationEvent, Effects
from portico_state.identifiers import new_id
from portico_state.redis_audit import RedisAudit
from portico_state.sign_outs import SignIn, SignOuts
from portico_state.valkey_server import start_valkey
from unit.gateway.asgi import Answer, _scope
from unit.gateway.fakes import CRISIS, EMERGENCY, QUESTION, World
from unit.gateway.issuer import make_key, serve_jwks, sign, sound_claims
from unit.state.rig import TENANT, StateRig, entry, open_rig, say

REVOKE = "/v1/tokens/revoke"
PATIENCE_S = 60
PATIENTS_ROUTES = [place for place, access in RULES.items() if access is Access.SPEAKER]


@pytest.fixture
async def door(rig: StateRig) -> AsyncIterator[ASGIApp]:
    with serve_jwks(KEY) as jwks:
        yield gateway_door(rig, jwks.url, parts=durable_parts(rig))


async def mint(door: ASGIApp, client: str = "portal", **said: Any) -> str:
    answer = await ask(door, "POST", "/v1/tokens", token=None, body=portal_asks(client, **said))
    assert answer.status == 200, answer.body
    return str(answer.json()["token"])


async def sign_out(door: ASGIApp, client: str = "portal", **said: Any) -> int:
    return (await ask(door, "POST", REVOKE, token=None, body=portal_asks(client, **said))).status


async def status_at(door: ASGIApp, conversation: str, token: str) -> int:
    return (await ask(door, "GET", f"/v1/conversations/{conversation}", token=token)).status


async def revocations(rig: StateRig) -> list[dict[str, Any]]:
    return [record for record in await rig.records() if record["source"] == "token.revoke"]


async def test_after_a_sign_out_no_route_takes_the_token_and_a_new_sign_in_is_let_in(
    rig: StateRig, door: ASGIApp
) -> None:
    token = await mint(door)
    conversation = await start(door, token)
    assert await status_at(door, conversation, token) == 200
    assert await sign_out(door) == 204
    bodies = {"/turns": {"text": CRISIS}, "/feedback": {"helpful": True}, "/v1/conversations": {}}
    for method, path in PATIENTS_ROUTES:
        body = next((body for end, body in bodies.items() if path.endswith(end)), None)
        filled = path.replace("{id}", conversation).replace("{turn}", "0" * 32)
        answer = await ask(door, method, filled, token=token, body=body)
        assert (answer.status, answer.json()["error"]["code"]) == (401, "unauthenticated"), path
    assert await status_at(door, conversation, await mint(door)) == 200  # Signed in again, it is there again.
    assert await status_at(door, conversation, token) == 401


async def test_nobody_elses_tokens_end(door: ASGIApp) -> None:
    """The control: another patient, the proxy of this one, the same name at another portal, a token of the issuer."""
    tokens = {
        "the patient": await mint(door),
        "the proxy": await mint(door, proxy="mother"),
        "another proxy": await mint(door, proxy="father"),
        "another patient": await mint(door, subject="opaque-8"),
        "at another portal": await mint(door, "other"),
        "of the issuer": sign(KEY, sound_claims(patient="opaque-7")),
    }
    own = {who: await start(door, token) for who, token in tokens.items()}
    ended = set[str]()
    for who, said in (("the patient", {}), ("the proxy", {"proxy": "mother"})):
        assert await sign_out(door, **said) == 204
        ended.add(who)
        for each, token in tokens.items():
            assert await status_at(door, own[each], token) == (401 if each in ended else 200), (who, each)


async def test_a_sign_out_is_on_record_and_the_store_tells_nobody_whose_it_is(
    rig: StateRig, door: ASGIApp, admin: "redis.Redis"
) -> None:
    await mint(door, proxy="mother")
    assert await sign_out(door, proxy="mother") == 204
    (record,) = await revocations(rig)
    hashed = rig.keyring.patient_hash("opaque-7", tenant=TENANT)
    assert (record["phase"], record["actor"], record["patient"]) == ("access", "portal:portal", hashed)
    (key,) = [key async for key in rig.store.redis.scan_iter("*:sign-out:*")]
    assert LIFE_S < int(admin.ttl(key)) <= SIGN_OUT_KEPT_S
    kept = f"{key} {await rig.store.redis.xrange(key)}"
    assert [word for word in ("opaque", "mother", "portal:") if word in kept] == []


async def test_a_sign_out_that_cannot_be_put_on_record_counts_and_is_said_again(
    rig: StateRig, door: ASGIApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await mint(door)
    conversation = await start(door, token)

    async def fail(*_: object, **__: object) -> None:
        raise AuditUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(RedisAudit, "append", fail)
        assert await sign_out(door) == 503
    assert await status_at(door, conversation, token) == 401
    assert await sign_out(door) == 204
    assert len(await revocations(rig)) == 1


FORGED: dict[str, tuple[dict[str, Any], int]] = {
    "another key": ({"key": make_key("portal-1")}, 401),
    "an unknown key id": ({"key": make_key("portal-9")}, 401),
    "a portal that nobody registered": ({"client": "stranger", "key": make_key("portal-1")}, 401),
    "another portal's key": ({"client": "other", "key": make_key("portal-1")}, 401),
    "another audience": ({"audience": "https://elsewhere.test"}, 401),
    "no assertion": ({"client_assertion": ""}, 401),
    "a patient's token as the assertion": ({"client_assertion": sign(KEY)}, 401),
    "no subject": ({"subject": ""}, 400),
    "everybody": ({"subject": "*", "proxy": ""}, 400),
    "a subject with a line end": ({"subject": "opaque-7\nx"}, 400),
    "a subject that is a list": ({"subject": ["opaque-7"]}, 400),
    "an endless proxy": ({"proxy": "p" * 129}, 400),
    "a field that we do not know": ({"client_id": "portal"}, 400),
    "another portal": ({"client": "other"}, 204),  # It may say so of its own sign-ins, and has none here.
    "a pattern": ({"subject": "*"}, 204),  # It is a name like any other.
}


@pytest.mark.parametrize("kind", FORGED)
async def test_a_forged_or_foreign_sign_out_ends_nothing(rig: StateRig, door: ASGIApp, kind: str) -> None:
    token = await mint(door)
    conversation = await start(door, token)
    changes, status = FORGED[kind]
    assert await sign_out(door, **changes) == status
    assert await status_at(door, conversation, token) == 200
    if status != 204:
        assert await revocations(rig) == []


async def test_an_assertion_ends_one_sign_in_once_and_a_portal_has_so_many(door: ASGIApp) -> None:
    said = portal_asks()
    statuses = [(await ask(door, "POST", REVOKE, token=None, body=said)).status for _ in range(2)]
    assert statuses == [204, 401]
    assert [await sign_out(door) for _ in range(PER_MINUTE)] == [204] * (PER_MINUTE - 1) + [429]
    assert (await ask(door, "GET", REVOKE, token=None)).status == 405
    await mint(door)  # What it may ask for is counted apart.


async def test_a_token_from_before_a_rotation_ends_too(rig: StateRig, door: ASGIApp) -> None:
    token = await mint(door)
    conversation = await start(door, token)
    with serve_jwks(KEY) as jwks:
        rotated = gateway_door(rig, jwks.url, keyring=rig.keyring.rotate("patient"))
        assert await status_at(rotated, conversation, token) == 200
        assert await sign_out(rotated) == 204
    assert await status_at(door, conversation, token) == 401


async def test_without_its_guard_a_token_outlives_the_sign_out(door: ASGIApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: it is the look at the sign-outs that ends a token, and the tests above would see it."""
    token = await mint(door)
    conversation = await start(door, token)
    assert await sign_out(door) == 204

    async def look_away(*_: object) -> None: ...

    monkeypatch.setattr(SignOuts, "refuse_ended", look_away)
    assert await status_at(door, conversation, token) == 200


async def test_what_is_made_in_the_millisecond_of_a_sign_out_is_over(rig: StateRig) -> None:
    outs = SignOuts(rig.store)
    await outs.end(["a" * 32], kept_s=60)
    ((name, _),) = await rig.store.redis.xrange(rig.store.keys.sign_out("a" * 32))
    moment = int(name.split("-")[0])
    over = []
    for made in (moment - 1, moment, moment + 1):
        try:
            await outs.refuse_ended(SignIn("a" * 32, made))
        except Exception:
            over.append(made)
    assert over == [moment - 1, moment]


async def test_a_token_of_a_release_without_sign_outs_lives_out_its_minutes(rig: StateRig, door: ASGIApp) -> None:
    """While gateways of both releases run, it must not be refused: nobody could be told whom to call."""
    old = WidgetTokens(rig.keyring.vault, TENANT).mint({"sub": "opaque-7", "patient": "opaque-7", "role": "patient"})
    conversation = await start(door, old)
    await sign_out(door)
    assert await status_at(door, conversation, old) == 200


class Feed:
    """A request of a page that stays: what it was told so far, and whether that goes on."""

    def __init__(self, door: ASGIApp, path: str, token: str, *, body: bytes = b"", accept: str = "*/*") -> None:
        self.answer, self._open = Answer(), asyncio.Event()
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json", "accept": accept}
        scope = _scope("POST" if body else "GET", path, headers)
        self.task = asyncio.create_task(self._run(door, scope, body))

    async def _run(self, door: ASGIApp, scope: dict[str, Any], body: bytes) -> None:
        asked = False

        async def receive() -> Message:
            nonlocal asked
            if asked:
                await asyncio.Event().wait()  # The page stays.
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.answer.status = message["status"]
                self._open.set()
            else:
                self.answer.body += message.get("body", b"")

        await door(scope, receive, send)

    async def opened(self) -> "Feed":
        await asyncio.wait_for(self._open.wait(), PATIENCE_S)
        assert self.answer.status == 200
        return self

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def reply(rig: StateRig, conversation: str, words: str) -> None:
    effects = Effects(events=(ConversationEvent("reply", {"text": words}),))
    await rig.audit.append(entry(AuditPhase.DECIDED, new_id(), conversation=conversation), effects=effects)


async def until(true: Callable[[], bool]) -> None:
    for _ in range(PATIENCE_S * 50):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to it")


async def test_open_feeds_of_the_sign_in_end_and_no_other(rig: StateRig, door: ASGIApp) -> None:
    tokens = [await mint(door), await mint(door, proxy="mother")]
    own = [await start(door, token) for token in tokens]
    paths = [f"/v1/conversations/{conversation}/events" for conversation in own]
    mine, theirs = [await Feed(door, path, token).opened() for path, token in zip(paths, tokens, strict=True)]
    await reply(rig, own[0], "heard")
    await until(lambda: b"heard" in mine.answer.body)
    assert await sign_out(door) == 204
    await asyncio.wait_for(mine.task, PATIENCE_S)  # It ends by itself.
    for conversation in own:
        await reply(rig, conversation, f"unheard-{conversation}")
    await until(lambda: b"unheard" in theirs.answer.body)  # The control: another feed goes on.
    assert not theirs.task.done() and b"unheard" not in mine.answer.body
    await theirs.end()


async def test_a_reply_that_comes_with_the_sign_out_is_not_shown(rig: StateRig, door: ASGIApp) -> None:
    """Both lie in the store when the feed looks: the sign-out counts. Without listening for it, the reply is shown."""
    shown = {}
    for listens in (True, False):
        token = await mint(door)
        conversation = await start(door, token)
        sign_in = SignIn.from_claims(WidgetTokens(rig.keyring.vault, TENANT).open(token))
        assert sign_in is not None

        async def sign_out_late(kept: SignIn = sign_in, at: str = conversation) -> None:
            await reply(rig, at, "late")
            await SignOuts(rig.store).end([kept.name], kept_s=60)

        with pytest.MonkeyPatch.context() as patch:
            if not listens:
                patch.setattr(SignOuts, "listen_for", lambda *_: {})
            _wait_before_reading(patch, sign_out_late)
            feed = await Feed(door, f"/v1/conversations/{conversation}/events", token).opened()
            await until(lambda feed=feed: feed.task.done() or b"late" in feed.answer.body)  # type: ignore[misc]
            await feed.end()
        shown[listens] = b"late" in feed.answer.body
    assert shown == {True: False, False: True}


def _wait_before_reading(patch: pytest.MonkeyPatch, work: Callable[[], Awaitable[None]]) -> None:
    """Do some work after a feed was let in and before it reads for the first time."""
    real, done = patient_api.read_events, []

    async def read(*args: Any, **named: Any) -> Any:
        if not done:
            done.append(True)
            await work()
        return await real(*args, **named)

    patch.setattr(patient_api, "read_events", read)


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_an_answer_that_is_ready_after_the_sign_out_is_not_given_and_an_emergency_text_is(
    rig: StateRig, accept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_on, ready = asyncio.Event(), list[Delivery]()

    async def answer_late(*args: Any, **named: Any) -> Delivery:
        ready.append(await answer_turn(*args, **named))
        mine = ready[-1]
        await let_on.wait()
        return mine

    monkeypatch.setattr(patient_api, "answer_turn", answer_late)
    with serve_jwks(KEY) as jwks:
        door = gateway_door(rig, jwks.url, parts=replace(World().parts(), tenant=TENANT))
        token, control = await mint(door), await mint(door, subject="opaque-8")
        asked = []
        for who, text in ((token, QUESTION), (token, EMERGENCY), (token, CRISIS), (control, QUESTION)):
            path = f"/v1/conversations/{await start(door, who)}/turns"
            asked.append(Feed(door, path, who, body=json.dumps({"text": text}).encode(), accept=accept))
        await until(lambda: len(ready) == len(asked))
        assert await sign_out(door) == 204
        let_on.set()
        await asyncio.gather(*(asyncio.wait_for(each.task, PATIENCE_S) for each in asked))
        routes = [_route(each.answer) for each in asked]
    assert routes == ["unauthenticated", "emergency", "crisis", "answer"]


def _route(answer: Answer) -> str:
    """Return the route of a turn in either form, or the code of the error."""
    text = answer.body.decode()
    if "event: " in text:
        last = [block for block in text.replace("\r\n", "\n").split("\n\n") if "event: " in block][-1]
        text = next(line for line in last.splitlines() if line.startswith("data: ")).removeprefix("data: ")
    said = json.loads(text)
    return str(said["error"]["code"] if "error" in said else said["route"])


async def test_while_the_store_is_down_nobody_is_let_in_and_emergencies_get_their_numbers(tmp_path: Path) -> None:
    with start_valkey(tmp_path / "valkey") as server, serve_jwks(KEY) as jwks:
        async with open_rig(server.url, tmp_path) as rig:
            door = gateway_door(rig, jwks.url, parts=replace(World().parts(), tenant=TENANT))
            tokens = [await mint(door), await mint(door, subject="opaque-8")]
            own = [await start(door, token) for token in tokens]
            assert await sign_out(door) == 204
            server.process.kill()
            server.process.wait()
            for token, conversation in zip(tokens, own, strict=True):  # Nobody can tell which of them signed out.
                path = f"/v1/conversations/{conversation}"
                assert await status_at(door, conversation, token) == 503
                said = {}
                for text in (QUESTION, EMERGENCY, CRISIS):
                    turn = (await ask(door, "POST", f"{path}/turns", token=token, body={"text": text})).json()
                    said[turn["route"]] = turn
                    assert turn["answer"] is None and "911" in turn["message"] and "988" in turn["message"]
                assert set(said) == {"unavailable", "emergency", "crisis"}
            assert await sign_out(door) == 503  # The portal says it again.
    say("2 sign-ins, 3 messages each, store killed")
