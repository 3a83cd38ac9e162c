"""Who looked stands on record before they see anything: every route of gateway and console, over a real Valkey.

Each route either stands in a closed list of those that show nothing a patient wrote, or leaves a record with who looked
and at which conversation or turn, and refuses by name where that record cannot be written.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from integration.gateway_door import KEY, ask, durable_parts, gateway_door, start, tell
from portico_console.app import ConsoleSite, build_console
from portico_console.audit_desk import KeptSearch
from portico_console.ports import Member
from portico_console.redis_audit_desk import RedisAuditDesk
from portico_console.redis_desk import RedisDesk
from portico_console.sessions import SessionCookie, Sessions
from portico_core.audit import AuditEntry
from portico_core.errors import AuditUnavailable
from portico_core.labels import AuditPhase, Author, Urgency
from portico_core.text import RedactedText, Redaction
from portico_gateway.web.access import RULES, Access
from portico_state.conversations import Conversations
from portico_state.effects import Effects, NewTicket, StoredMessage, ticket_id
from portico_state.escalations import Escalations
from portico_state.identifiers import new_id, now_utc
from portico_state.redis_audit import RedisAudit
from portico_state.vault import Vault
from unit.console.memory_desk import DANA, LEE, MIRA, authenticate, new_sessions
from unit.gateway.asgi import Answer, call
from unit.gateway.issuer import serve_jwks, sign, sound_claims
from unit.state.rig import StateRig, entry, say

Place = tuple[str, str]
WORD = "quokka"  # It stands in what the patient wrote, and nowhere else.
# What shows nothing that a patient wrote, nor who asks for help, with what it shows. All else must be on record.
SILENT_OF_GATEWAY: Mapping[Place, str] = {
    ("POST", "/v1/conversations"): "a new id",
    ("POST", "/v1/conversations/{id}/turns/{turn}/feedback"): "nothing",
}
SILENT_OF_CONSOLE: Mapping[Place, str] = {
    ("GET", "/"): "nothing",
    ("GET", "/healthz"): "a word",
    ("GET", "/sign-in"): "a form",
    ("POST", "/sign-in"): "nothing",
    ("POST", "/sign-in/demo"): "nothing",
    ("GET", "/sign-in/start"): "nothing",
    ("GET", "/sign-in/callback"): "a link",
    ("POST", "/sign-out"): "nothing",
    ("POST", "/compliance/patient"): "where the search is answered",
    ("GET", "/announcements"): "ids and urgencies of what could not be announced",
    ("POST", "/announcements/{id}/again"): "nothing",
    ("GET", "/tickets/{id}/presence"): "names of the staff",
    ("POST", "/tickets/{id}/writing"): "nothing",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a visit got, and the records of its actor that name a conversation or a turn."""

    answer: Answer
    records: list[dict[str, Any]]

    def shows_words(self) -> bool:
        return WORD in self.answer.body.decode()


@dataclass(slots=True)
class Watch:
    """Sends a request and looks at what it left; `around` says what the audit does meanwhile."""

    rig: StateRig
    around: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext

    async def send(self, sent: Callable[[], Awaitable[Answer]], *, actor: str) -> Seen:
        before = len(await self.rig.stream())
        with self.around():
            answer = await sent()
        left = [record for record in (await self.rig.records())[before:] if record["actor"].startswith(actor)]
        assert WORD not in str(left)
        return Seen(answer, [record for record in left if record["conversation"] or record["turn"]])


Visit = Callable[[Place], Awaitable[Seen]]


@pytest.fixture
def watch(rig: StateRig) -> Watch:
    return Watch(rig)


@contextlib.contextmanager
def forgetful_audit() -> Iterator[None]:
    """The control: an audit that drops what it is told of a look."""
    real = RedisAudit.append_operations

    async def forget(audit: RedisAudit, made: AuditEntry, operations: Any) -> Any:
        return None if made.phase is AuditPhase.ACCESS else await real(audit, made, operations)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RedisAudit, "append_operations", forget)
        yield


@contextlib.contextmanager
def broken_audit() -> Iterator[None]:
    async def fail(*_: object, **__: object) -> None:
        raise AuditUnavailable

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RedisAudit, "append_operations", fail)
        yield


async def find_faults(places: Iterable[Place], visit: Visit, silent: Mapping[Place, str]) -> set[Place]:
    """Return the routes that a visitor was shown without a record, or that show in spite of the closed list."""
    wrong = set()
    for place in places:
        seen = await visit(place)
        if seen.shows_words() if place in silent else seen.answer.status >= 400 or not seen.records:
            wrong.add(place)
    return wrong


@pytest.fixture
async def door(rig: StateRig) -> AsyncIterator[ASGIApp]:
    with serve_jwks(KEY) as jwks:
        yield gateway_door(rig, jwks.url, parts=durable_parts(rig))


@pytest.fixture
def at_the_gateway(watch: Watch, door: ASGIApp) -> Visit:
    """A patient who has been told something, and comes back."""
    token = sign(KEY, sound_claims(sub="u1", patient="jordan"))

    async def visit(place: Place) -> Seen:
        method, path = place
        conversation, key = await start(door, token), new_id()
        said = f"What is metformin used for, {WORD}?"
        told = await tell(door, conversation, said, token=token, key=key)
        body = {"text": said} if path.endswith("/turns") else {"helpful": True} if path.endswith("/feedback") else {}
        filled = path.replace("{id}", conversation).replace("{turn}", told.json()["turn_id"])
        sent = lambda: ask(door, method, filled, token=token, body=body, key=key)  # noqa: E731
        return await watch.send(sent, actor="patient:")

    return visit


def routes_of_patients() -> list[Place]:
    """Return what a patient may ask for: each route has a rule in `web/access.py`, or the gateway does not start."""
    return [place for place, access in RULES.items() if access is Access.SPEAKER]


async def test_every_read_of_a_patient_is_on_record(at_the_gateway: Visit) -> None:
    assert await find_faults(routes_of_patients(), at_the_gateway, SILENT_OF_GATEWAY) == set()
    assert (await at_the_gateway(("GET", "/v1/conversations/{id}"))).shows_words()
    say(f"{len(routes_of_patients())} routes of patients, {len(SILENT_OF_GATEWAY)} of them show nothing")


async def test_a_gateway_that_forgets_to_record_is_found(at_the_gateway: Visit, watch: Watch) -> None:
    watch.around = forgetful_audit
    faults = await find_faults(routes_of_patients(), at_the_gateway, SILENT_OF_GATEWAY)
    assert faults == set(routes_of_patients()) - SILENT_OF_GATEWAY.keys()


async def test_what_cannot_be_put_on_record_is_not_shown_to_a_patient(at_the_gateway: Visit, watch: Watch) -> None:
    watch.around = broken_audit
    for place in set(routes_of_patients()) - SILENT_OF_GATEWAY.keys():
        seen = await at_the_gateway(place)
        assert (seen.answer.status, seen.answer.json()["error"]["code"]) == (503, "unavailable"), place
        assert not seen.shows_words()


class PlainRedactor:
    """Finds no identifier: what is recorded does not depend on it."""

    async def redact_turn(self, text: str, *, known: Mapping[str, str]) -> Redaction:
        return Redaction(RedactedText(text), ())


@pytest.fixture
def desk(rig: StateRig) -> RedisDesk:
    vault = Vault(rig.store, rig.keyring)
    return RedisDesk(Escalations(rig.store, rig.audit), Conversations(rig.store), vault, PlainRedactor())


@pytest.fixture
def sessions() -> Sessions:
    return new_sessions()


@pytest.fixture
def console(rig: StateRig, desk: RedisDesk, sessions: Sessions) -> Starlette:
    audit = RedisAuditDesk(rig.store, rig.audit, rig.keyring)
    return build_console(desk=desk, audit=audit, authenticate=authenticate, site=ConsoleSite(), sessions=sessions)


async def escalate(rig: StateRig, desk: RedisDesk) -> tuple[str, str]:
    """Open a ticket of a patient; return its id and its turn's."""
    patient = rig.keyring.patient_hash("jordan", tenant=rig.store.keys.tenant)
    conversation, turn = (await desk.conversations.create(patient)).id, new_id()
    asked = RedactedText(f"Should I double it, {WORD}?")
    due = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    effects = Effects(
        messages=(StoredMessage(Author.PATIENT, asked, now_utc(), turn_id=turn),),
        ticket=NewTicket(Urgency.URGENT, due, now_utc(), (asked,)),
    )
    made = entry(AuditPhase.DECIDED, turn, conversation=conversation, patient=patient, route="escalate")
    await rig.audit.append(made, effects=effects)
    return ticket_id(turn), turn


HELD = {"reveal", "reply", "release", "hand-over", "close"}
FIELDS = {
    "text": "Take it as before.", "pool": "nurses", "disposition": "called", "guard_right": "yes",
    "patient": "jordan", "kind": "records", "format": "json", "emergency": "life_at_risk",
}  # fmt: skip


def visitor_of(path: str) -> Member:
    """Return somebody whose role may go there."""
    return MIRA if path == "/workload" else LEE if path.startswith("/compliance") else DANA


@pytest.fixture
def at_the_console(rig: StateRig, watch: Watch, desk: RedisDesk, console: Starlette, sessions: Sessions) -> Visit:
    """A member of staff, signed in anew, at a ticket that nobody has seen."""
    audit = RedisAuditDesk(rig.store, rig.audit, rig.keyring)

    async def visit(place: Place) -> Seen:
        method, path = place
        ticket, turn = await escalate(rig, desk)
        member, step = visitor_of(path), path.rpartition("/")[2]
        fence = (await desk.escalations.claim(ticket, actor=member.actor)).fence if step in HELD else 0
        session = await sessions.start(member)
        headers = {"cookie": f"{SessionCookie(secure=True).name}={session.id}"}
        headers |= {"content-type": "application/x-www-form-urlencoded"} if method == "POST" else {}
        form = urlencode({**FIELDS, "csrf": session.csrf, "fence": str(fence)}).encode() if method == "POST" else b""
        filled = path.replace("{id}", ticket).replace("{turn}", turn)
        if "{search}" in path:
            await audit.keep_search(session.name_of("s1"), KeptSearch(audit.hashes_of("jordan")))
            filled = path.replace("{search}", "s1")
        sent = lambda: call(console, method, filled, chunks=[form], headers=headers)  # noqa: E731
        return await watch.send(sent, actor=member.actor)

    return visit


def routes_of_staff(console: Starlette) -> list[Place]:
    """Return what the application really serves."""
    routes = [route for route in console.routes if not isinstance(route, Mount)]
    assert [route.path for route in console.routes if isinstance(route, Mount)] == ["/static"]
    assert all(isinstance(route, Route) for route in routes)
    return [
        (method, route.path)
        for route in routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    ]


async def test_every_look_of_the_staff_is_on_record(console: Starlette, at_the_console: Visit) -> None:
    assert await find_faults(routes_of_staff(console), at_the_console, SILENT_OF_CONSOLE) == set()
    assert (await at_the_console(("GET", "/tickets/{id}"))).shows_words()
    say(f"{len(routes_of_staff(console))} routes of staff, {len(SILENT_OF_CONSOLE)} of them show nothing")


async def test_a_page_that_leaves_no_record_is_found(console: Starlette, at_the_console: Visit) -> None:
    """The controls: a new page that shows words, and one in the closed list that comes to show some."""

    async def words(_: Request) -> Response:
        return PlainTextResponse(WORD)

    console.router.routes[:] = [Route("/tickets/{id}/print", words), Route("/healthz", words)]
    faults = await find_faults([("GET", "/tickets/{id}/print"), ("GET", "/healthz")], at_the_console, SILENT_OF_CONSOLE)
    assert faults == {("GET", "/tickets/{id}/print"), ("GET", "/healthz")}


async def test_what_cannot_be_put_on_record_is_not_shown_to_the_staff(
    console: Starlette, at_the_console: Visit, watch: Watch
) -> None:
    watch.around = broken_audit
    for place in set(routes_of_staff(console)) - SILENT_OF_CONSOLE.keys():
        seen = await at_the_console(place)
        assert (seen.answer.status, seen.shows_words()) == (503, False), place
