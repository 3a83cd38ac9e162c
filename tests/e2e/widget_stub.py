"""A small real server that speaks the gateway's contract from a script: what the patient writes chooses the scene.

It serves the true demo page and the true bundle under the gateway's content security policy, so that the widget is
tested as a portal would embed it; only the turns are made up.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portico_gateway.texts import SiteTexts
from portico_gateway.web.widget_files import widget_routes

SERVICES = Path(__file__).parents[2] / "services"
BUNDLE = SERVICES / "widget" / "dist" / "portico.js"
EXAMPLES = SERVICES / "widget" / "examples"
BUILT = SERVICES / "widget" / "build"
DEMO_PAGE = SERVICES / "gateway" / "portico_gateway" / "web" / "demo_page"
# The same policy as portico_gateway.web.edge sends.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# A site that embeds by frame lets its own pages frame the embedded one, and nobody else.
FRAMED = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'; frame-src 'self'")
RIVERBEND = SiteTexts("Riverbend Clinic", "+1-555-0100")
NURSE_LINE = {"label": "Riverbend nurse line", "uri": "tel:+15555550100"}
CALL_911 = {"label": "Call 911", "uri": "tel:911"}
CALL_988 = {"label": "Call 988", "uri": "tel:988"}
TEXT_988 = {"label": "Text 988", "uri": "sms:988"}
REPLY_BY = "2026-11-24T22:00:00Z"
STAGES = ("accept", "redact", "classify", "retrieve", "respond", "validate", "record")

SENTENCES: list[dict[str, Any]] = [
    {"text": "Metformin is a medicine that lowers blood sugar in people with type 2 diabetes.", "citations": [1]},
    {"text": "It helps your body use insulin better and makes the liver release less sugar.", "citations": [1, 2]},
    {"text": "It is usually taken with food, because that is easier on the stomach.", "citations": [2]},
]
CITATIONS: list[dict[str, Any]] = [
    {
        "n": 1,
        "passage_id": "metformin-uses",
        "title": "Metformin",
        "section": "Why it is prescribed",
        "url": "https://medlineplus.gov/druginfo/meds/a696005.html",
        "reviewed_on": "2026-09-14",
        "reviewed": True,
        "quote": "Metformin is used to treat type 2 diabetes.",
    },
    {
        "n": 2,
        "passage_id": "metformin-how",
        "title": "Metformin",
        "section": "How to take it",
        "url": "https://medlineplus.gov/druginfo/meds/a696005.html",
        "reviewed_on": "2026-10-02",
        "quote": "Take metformin with a meal to lower the chance of an upset stomach.",
    },
]


@dataclass(slots=True)
class Log:
    """What the widget sent."""

    keys: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    locales: list[str] = field(default_factory=list)
    tokens: int = 0
    feedback: list[tuple[bool, str | None]] = field(default_factory=list)
    event_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Stub:
    """The server's state: what it heard, what it will say."""

    log: Log = field(default_factory=Log)
    transcript: list[dict[str, Any]] = field(default_factory=list)
    replies: list[dict[str, Any]] = field(default_factory=list)
    refuse_tokens: int = 0
    line_end: str = "\r\n"
    hostile_list: list[str] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    own_words: dict[str, dict[str, Any]] = field(
        default_factory=SiteTexts("Riverbend Clinic", "+1-555-0100").for_widget
    )

    def app(self) -> Starlette:
        """Return the application."""
        routes = [
            Route("/demo", self._demo),
            Route("/demo/token", self._token, methods=["POST"]),
            Route("/demo/{name}", lambda r: FileResponse(DEMO_PAGE / Path(r.path_params["name"]).name)),
            *widget_routes(BUNDLE, self.own_words),
            Route("/examples/react.js", lambda r: FileResponse(BUILT / "react.js")),
            Route("/examples/{name}", lambda r: FileResponse(EXAMPLES / Path(r.path_params["name"]).name)),
            Route("/v1/conversations", self._create, methods=["POST"]),
            Route("/v1/conversations/{id}", self._show),
            Route("/v1/conversations/{id}/turns", self._turn, methods=["POST"]),
            Route("/v1/conversations/{id}/events", self._events),
            Route("/v1/conversations/{id}/turns/{turn}/feedback", self._feedback, methods=["POST"]),
        ]
        return Starlette(routes=routes, middleware=[Middleware(_Policy)])

    def fails_first(self, scene: str) -> bool:
        """Say whether this is the scene's first time, which fails."""
        self.failures[scene] = self.failures.get(scene, 0) + 1
        return self.failures[scene] == 1

    async def _demo(self, _: Request) -> Response:
        return HTMLResponse((DEMO_PAGE / "index.html").read_text().replace("__CONSOLE_URL__", "http://127.0.0.1:1/"))

    async def _token(self, _: Request) -> Response:
        self.log.tokens += 1
        return JSONResponse({"token": f"token-{self.log.tokens}"})

    async def _create(self, _: Request) -> Response:
        return JSONResponse({"id": "c-1"}, 201)

    async def _show(self, request: Request) -> Response:
        if request.path_params["id"] != "c-1":
            return _error(404, "not_found", "There is nothing at this address.")
        return JSONResponse({"id": "c-1", "closed": False, "messages": self.transcript})

    async def _feedback(self, request: Request) -> Response:
        said = await request.json()
        self.log.feedback.append((said["helpful"], said.get("reason")))
        return Response(status_code=204)

    async def _turn(self, request: Request) -> Response:
        if self.refuse_tokens > 0:
            self.refuse_tokens -= 1
            return _error(401, "unauthenticated", "Please sign in again.")
        sent = await request.json()
        text = sent["text"]
        self.log.locales.append(sent["locale"])
        self.log.texts.append(text)
        self.log.keys.append(request.headers["idempotency-key"])
        scene = next((scene for name, scene in SCENES.items() if name in text), play_answer)
        if scene is play_refusal:
            return _error(429, "overloaded", "The assistant is busy. Please try again in a few seconds.")
        return StreamingResponse(self._frames(scene), media_type="text/event-stream")

    async def _events(self, request: Request) -> Response:
        self.log.event_ids.append(request.headers.get("last-event-id", ""))
        return StreamingResponse(self._reply_frames(), media_type="text/event-stream")

    async def _frames(self, scene: "Scene") -> AsyncIterator[bytes]:
        async for name, value in scene(self):
            yield frame(name, value, self.line_end)

    async def _reply_frames(self) -> AsyncIterator[bytes]:
        yield b": open" + self.line_end.encode() * 2
        while True:
            while self.replies:
                event = dict(self.replies.pop(0))
                yield frame(event.pop("event"), event, self.line_end)
            await asyncio.sleep(0.05)


Event = tuple[str, Any]
Scene = Callable[[Stub], AsyncIterator[Event]]
HALF = "half"


def frame(name: str, value: Any, line_end: str) -> bytes:
    """Return one event, or the first half of one."""
    lines = [f"id: {name}-1", f"event: {name}", f"data: {json.dumps(value, ensure_ascii=False)}", "", ""]
    if name == HALF:
        lines = ["id: 9", "event: turn", f"data: {json.dumps(value)[:60]}"]
    return line_end.join(lines).encode()


def turn_of(route: str, **given: Any) -> dict[str, Any]:
    """Return a turn of contracts.md."""
    turn: dict[str, Any] = {
        "turn_id": "t-1",
        "conversation_id": "c-1",
        "route": route,
        "verdict": None,
        "answer": None,
        "message": None,
        "escalation": None,
        "contacts": [],
        "disclosure": {"text": "AI", "human_contact": "To reach a person, call the Riverbend nurse line."},
        "redactions": {},
        "degraded": False,
    }
    return {**turn, **given}


def answer_turn() -> dict[str, Any]:
    """Return the turn that answers."""
    answer = {"sentences": SENTENCES, "citations": CITATIONS, "reading_grade": 7.1}
    return turn_of("answer", answer=answer)


def escalate_turn() -> dict[str, Any]:
    """Return the turn that goes to the care team."""
    message = "This question needs someone who knows your care. I have sent it to your care team."
    escalation = {"id": "e-1", "urgency": "routine", "reply_by": REPLY_BY}
    return turn_of("escalate", message=message, escalation=escalation, contacts=[NURSE_LINE])


async def play_answer(_: Stub) -> AsyncIterator[Event]:
    """Stages, sentences, citations, and the turn."""
    for stage in STAGES:
        yield "status", {"stage": stage}
        await asyncio.sleep(0.01)
    for sentence in SENTENCES:
        yield "sentence", sentence
    for citation in CITATIONS:
        yield "citation", citation
    yield "turn", answer_turn()


async def play_waiting(_: Stub) -> AsyncIterator[Event]:
    """One stage, then nothing for longer than any test waits."""
    yield "status", {"stage": "retrieve"}
    await asyncio.sleep(60)


async def play_escalate(_: Stub) -> AsyncIterator[Event]:
    """A question for a clinician."""
    turn = escalate_turn()
    yield "escalation", turn["escalation"]
    yield "turn", turn


async def play_emergency(_: Stub) -> AsyncIterator[Event]:
    """Signs of a stroke."""
    message = "These can be signs of a stroke. Call 911 now. Do not drive yourself, and do not wait for a reply here."
    contacts = [CALL_911]
    yield "banner", {"route": "emergency", "message": message, "contacts": contacts}
    await asyncio.sleep(0.2)
    escalation = {"id": "e-2", "urgency": "urgent", "reply_by": REPLY_BY}
    yield "turn", turn_of("emergency", message=message, contacts=contacts, escalation=escalation)


async def play_crisis(_: Stub) -> AsyncIterator[Event]:
    """Thoughts of suicide."""
    message = (
        "I am glad you wrote. You do not have to go through this alone. Call or text 988 now to talk with a trained "
        "counselor, free and at any hour. If you or someone else is in danger, or something was taken or done, call "
        "911 now. A person from your care team is being told right away."
    )
    contacts = [CALL_988, TEXT_988, CALL_911]
    yield "banner", {"route": "crisis", "message": message, "contacts": contacts}
    escalation = {"id": "e-3", "urgency": "immediate", "reply_by": REPLY_BY}
    yield "turn", turn_of("crisis", message=message, contacts=contacts, escalation=escalation)


async def play_spanish(_: Stub) -> AsyncIterator[Event]:
    """Signs of an emergency, told in Spanish."""
    said = "Esto puede ser una emergencia médica. Llame al 911 ahora o pida a alguien que llame."
    shown = {"message": said, "contacts": [{"label": "Llame al 911", "uri": "tel:911"}], "lang": "es"}
    yield "banner", {"route": "emergency", **shown}
    yield "turn", turn_of("emergency", **shown)


async def play_decline(_: Stub) -> AsyncIterator[Event]:
    """Something the assistant does not do."""
    message = (
        "I can only help with general questions about medicines, procedures, lab tests and this portal. "
        "You could ask, for example, what a medicine is used for."
    )
    yield "turn", turn_of("decline", message=message)


async def play_unavailable(stub: Stub) -> AsyncIterator[Event]:
    """Unavailable at the first try, an answer at the second."""
    if not stub.fails_first("unavailable"):
        async for event in play_answer(stub):
            yield event
        return
    message = "I cannot answer right now. Your question was not lost. You can try again, or call your clinic."
    yield "turn", turn_of("unavailable", message=message, contacts=[NURSE_LINE, CALL_911])


async def play_error(stub: Stub) -> AsyncIterator[Event]:
    """An error in the middle of the stream, then an answer."""
    yield "status", {"stage": "classify"}
    if stub.fails_first("error"):
        error = {"code": "unavailable", "message": "The assistant is not available right now.", "request_id": "r-1"}
        yield "error", {"error": error}
        return
    async for event in play_answer(stub):
        yield event


async def play_half(stub: Stub) -> AsyncIterator[Event]:
    """Half an event, then the connection ends; an answer at the second try."""
    if stub.fails_first("half"):
        yield "sentence", SENTENCES[0]
        yield HALF, answer_turn()
        return
    async for event in play_answer(stub):
        yield event


async def play_unknown(stub: Stub) -> AsyncIterator[Event]:
    """Events of a later version of the gateway."""
    yield "weather", {"sky": "blue"}
    yield "status", {"stage": "meditate"}
    async for event in play_answer(stub):
        yield event


async def play_hostile(stub: Stub) -> AsyncIterator[Event]:
    """The next ten payloads, each in every field that is shown."""
    given, stub.hostile_list = stub.hostile_list[:10], stub.hostile_list[10:]
    shown = ("title", "section", "quote", "reviewed_on", "url", "passage_id")
    citations = [{"n": n, "reviewed": True, **dict.fromkeys(shown, bad)} for n, bad in enumerate(given, 1)]
    sentences = [{"text": bad, "citations": [n]} for n, bad in enumerate(given, 1)]
    contacts = [{"label": bad, "uri": bad} for bad in given] + [{"label": "x", "uri": "javascript:window.pwned=1"}]
    yield "banner", {"route": "crisis", "message": " ".join(given), "contacts": contacts}
    disclosure = {"text": given[0], "human_contact": given[0]}
    answer = {"sentences": sentences, "citations": citations, "reading_grade": 1}
    yield "turn", turn_of("answer", answer=answer, contacts=contacts, disclosure=disclosure)


async def play_refusal(_: Stub) -> AsyncIterator[Event]:
    """Marks a refusal before any stream begins."""
    yield "status", {}


SCENES: dict[str, Scene] = {
    "lisinopril": play_escalate,
    "drooping": play_emergency,
    "alive anymore": play_crisis,
    "duele": play_spanish,
    "pizza": play_decline,
    "unavailable": play_unavailable,
    "error": play_error,
    "half": play_half,
    "unknown": play_unknown,
    "hang": play_waiting,
    "hostile": play_hostile,
    "busy": play_refusal,
}


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message, "request_id": "r-1"}}, status)


class _Policy:
    """Adds the gateway's content security policy to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                policy = FRAMED if scope["path"].startswith("/examples/") else POLICY
                message["headers"].append((b"content-security-policy", policy.encode()))
            await send(message)

        await self._app(scope, receive, send_with_policy)
