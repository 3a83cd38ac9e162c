"""One shape for every failure, whatever failed; and no word of an exception leaves the process, not even into a log."""

import io
import json
import logging
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from portico_core import errors
from portico_core.errors import PorticoError
from portico_gateway.logs import JsonFormatter
from portico_gateway.web.edge import HEADERS, WHOM_TO_CALL, Edge
from portico_gateway.web.errors import HANDLERS, STATUS, status_of
from portico_redaction.scrub import scrub_line
from unit.gateway.asgi import Answer, call

CANARY = "Zebulon Quartermain 078-05-1120"

# Every error there is, with the status and code a client sees. A new error must be added here.
EXPECTED: dict[str, tuple[int, str]] = {
    "PorticoError": (500, "internal"),
    "InvalidRequest": (400, "invalid_request"),
    "EmptyText": (400, "empty_text"),
    "TextTooLong": (413, "text_too_long"),
    "UnsupportedText": (400, "unsupported_text"),
    "BodyTooLarge": (413, "body_too_large"),
    "WrongContentType": (415, "unsupported_media_type"),
    "Unauthenticated": (401, "unauthenticated"),
    "Forbidden": (403, "forbidden"),
    "NotFound": (404, "not_found"),
    "Conflict": (409, "conflict"),
    "ConversationClosed": (409, "conversation_closed"),
    "Overloaded": (503, "overloaded"),
    "Draining": (503, "draining"),
    "RateLimited": (429, "rate_limited"),
    "DependencyUnavailable": (503, "unavailable"),
    "ClassifierUnavailable": (503, "unavailable"),
    "EncoderUnavailable": (503, "unavailable"),
    "ResponderUnavailable": (503, "unavailable"),
    "SearchUnavailable": (503, "unavailable"),
    "AuditUnavailable": (503, "unavailable"),
    "StateUnavailable": (503, "unavailable"),
    "IssuerUnavailable": (503, "unavailable"),
    "RedactionFailed": (503, "unavailable"),
    "ConfigurationError": (500, "configuration"),
}
ERRORS: dict[str, type[PorticoError]] = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, PorticoError)
}


class Canary(Exception):
    """A third-party error that quotes what the patient wrote."""


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that any logger of the process writes, as the gateway writes it."""
    scrub_line("")  # Else each log line of the recognisers, while the first line builds them, would build them again.
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    loggers = [logging.getLogger(), logging.getLogger("portico"), logging.getLogger("asyncio")]
    before = [(logger, logger.level) for logger in loggers]
    loggers[0].addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield stream
    loggers[0].removeHandler(handler)
    for logger, level in before:
        logger.setLevel(level)


async def answer_to(error: Exception, **headers: str) -> Answer:
    """Return what a client gets when a route raises an error."""

    async def fail(_: Request) -> Response:
        raise error

    app = Edge(Starlette(routes=[Route("/fail", fail)], exception_handlers=HANDLERS))
    return await call(app, "GET", "/fail", headers=headers)


def assert_one_shape(answer: Answer) -> dict[str, Any]:
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "request_id"}
    assert all(isinstance(value, str) and value for value in body["error"].values())
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"] == body["error"]["request_id"]
    for name, value in HEADERS.items():
        assert answer.headers[name.lower()] == value
    shape: dict[str, Any] = body["error"]
    return shape


def test_the_table_holds_every_error() -> None:
    assert set(EXPECTED) == set(ERRORS)


@pytest.mark.parametrize("name", EXPECTED)
async def test_every_error_has_its_status_and_the_one_shape(name: str) -> None:
    answer = await answer_to(ERRORS[name](CANARY))
    shown = assert_one_shape(answer)
    assert (answer.status, shown["code"]) == EXPECTED[name]
    told = ERRORS[name].public_message
    assert shown["message"] == (f"{told} {WHOM_TO_CALL}" if answer.status in {429, 503} else told)
    assert CANARY not in answer.body.decode()


def test_every_status_is_an_error_status_and_the_root_is_listed() -> None:
    assert PorticoError in STATUS
    assert all(400 <= status < 600 for status in STATUS.values())


def test_an_error_made_later_takes_the_status_of_its_parent() -> None:
    class Newer(errors.TextTooLong):
        pass

    assert status_of(Newer()) == 413


@pytest.mark.parametrize("name", ["Overloaded", "ClassifierUnavailable", "StateUnavailable"])
async def test_a_client_is_told_when_to_come_back(name: str) -> None:
    assert int((await answer_to(ERRORS[name]())).headers["retry-after"]) > 0


async def test_a_client_without_token_is_told_which_kind_to_bring() -> None:
    assert (await answer_to(errors.Unauthenticated())).headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("error", [Canary(CANARY), ValueError(CANARY), KeyError(CANARY), RecursionError(CANARY)])
async def test_what_nobody_expected_is_a_500_of_the_one_shape(error: Exception, logged: io.StringIO) -> None:
    answer = await answer_to(error)
    assert answer.status == 500
    assert assert_one_shape(answer)["code"] == "internal"
    assert "Zebulon" not in answer.body.decode() + str(answer.headers)
    line = next(json.loads(row) for row in logged.getvalue().splitlines() if "request_failed" in row)
    assert line["error"].startswith(f"{type(error).__name__} at test_errors.py:")
    assert line["request_id"] == answer.headers["x-request-id"]


async def test_no_word_of_an_exception_is_logged(logged: io.StringIO) -> None:
    try:
        raise Canary(CANARY)
    except Canary as inner:
        chained = RuntimeError(f"while handling {CANARY}")
        chained.__cause__ = inner
    for error in (chained, Canary(CANARY), errors.StateUnavailable(CANARY), errors.PorticoError(CANARY)):
        await answer_to(error)
    assert "request_failed" in logged.getvalue()
    assert "Zebulon" not in logged.getvalue() and "078-05" not in logged.getvalue()


async def test_the_canary_would_be_seen(logged: io.StringIO) -> None:
    """The negative control: what is logged carelessly does come out here."""
    logging.getLogger("portico").error("Zebulon wrote", exc_info=Canary(CANARY))
    assert "Zebulon" in logged.getvalue()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nowhere", 404, "not_found"), ("POST", "/fail", 405, "invalid_request"), ("GET", "/", 404, "not_found")],
)
async def test_the_routers_own_errors_have_the_one_shape(method: str, path: str, status: int, code: str) -> None:
    async def fine(_: Request) -> Response:
        return PlainTextResponse("fine")

    app = Edge(Starlette(routes=[Route("/fail", fine, methods=["GET"])], exception_handlers=HANDLERS))
    answer = await call(app, method, path)
    assert (answer.status, assert_one_shape(answer)["code"]) == (status, code)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415, 429])
async def test_starlettes_http_errors_keep_their_status_but_not_their_text(status: int) -> None:
    answer = await answer_to(HTTPException(status, detail=CANARY))
    assert answer.status == status
    assert_one_shape(answer)
    assert "Zebulon" not in answer.body.decode()


async def test_a_good_answer_has_the_headers_and_a_request_id_too() -> None:
    async def fine(_: Request) -> Response:
        return PlainTextResponse("fine", headers={"Cache-Control": "public, max-age=300"})

    answer = await call(Edge(Starlette(routes=[Route("/", fine)], exception_handlers=HANDLERS)), "GET", "/")
    assert uuid.UUID(answer.headers["x-request-id"])
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "public, max-age=300"  # A page may say so itself.


@pytest.mark.parametrize("given", ["4b1c6a10-9d4f-4d0e-8f8e-0d6a2f9c7b11", "4bf92f3577b34da6a3ce929d0e0e4736"])
async def test_a_sound_request_id_is_taken_over(given: str) -> None:
    assert (await answer_to(errors.NotFound(), **{"X-Request-ID": given})).headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given",
    [
        "short",
        "x" * 65,
        "has space in it",
        "<script>alert(1)</script>",
        "a\r\nSet-Cookie",
        "",
        "é" * 9,
        "078-05-1120",  # An identifier would be in the log.
        "Zebulon-Quartermaine",
    ],
)
async def test_another_request_id_is_not(given: str) -> None:
    shown = (await answer_to(errors.NotFound(), **{"X-Request-ID": given})).headers["x-request-id"]
    assert shown != given
    assert uuid.UUID(shown)


async def test_a_failure_in_the_middle_of_a_stream_ends_it_quietly(logged: io.StringIO) -> None:
    async def stream(_: Request) -> Response:
        async def parts() -> Any:
            yield b"begun"
            raise Canary(CANARY)

        return StreamingResponse(parts())

    answer = await call(Edge(Starlette(routes=[Route("/", stream)], exception_handlers=HANDLERS)), "GET", "/")
    assert (answer.status, answer.body) == (200, b"begun")
    assert "request_failed" in logged.getvalue()
    assert "Zebulon" not in logged.getvalue()
