"""Reading a request body: type, size, time, encoding, depth, in that order, before any parser sees it.

uvicorn and Starlette set no deadline on a slow body, no size cap, and answer 500 to JSON nested 20,000 deep
(design/promises.md, row 13); so the bounds stand here, once, for every route.
"""

import asyncio
import json
import re
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from portico_core.errors import BodyTooLarge, InvalidRequest, WrongContentType

MAX_BODY_BYTES = 65_536
MAX_DEPTH = 16
MAX_KEYS = 64
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*+"', re.S)

Model = TypeVar("Model", bound=BaseModel)


async def read_model(request: Request, model: type[Model], *, deadline_s: float) -> Model:
    """Read the body as `model`; raise InvalidRequest (never naming what was sent) otherwise."""
    fields = await read_object(request, deadline_s=deadline_s)
    try:
        return model.model_validate(fields)
    except ValidationError:
        raise InvalidRequest from None


async def read_object(request: Request, *, deadline_s: float) -> dict[str, Any]:
    """Read the body as one JSON object."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise WrongContentType
    body = await _read_bytes(request, deadline_s=deadline_s)
    return parse_object(body)


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse bytes as one JSON object of bounded depth and with few keys."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidRequest from None
    if nesting_depth(text) > MAX_DEPTH or count_keys(text) > MAX_KEYS:
        raise InvalidRequest
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys)
    except ValueError:
        raise InvalidRequest from None
    if not isinstance(value, dict):
        raise InvalidRequest
    return value


def nesting_depth(text: str) -> int:
    """Return how deep brackets nest outside strings, in one pass and without recursion."""
    depth = deepest = 0
    inside = escaped = False
    for character in text:
        if inside:
            inside = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def count_keys(text: str) -> int:
    """Return how many keys all objects of a JSON text have together: the colons outside strings."""
    return _STRINGS.sub("", text).count(":")


def _refuse_constant(_: str) -> NoReturn:
    raise InvalidRequest  # JSON has no NaN and no Infinity.


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):  # Whoever stands in front of us may have read the other one (RFC 8259, 4).
        raise InvalidRequest
    return dict(pairs)


async def _read_bytes(request: Request, *, deadline_s: float) -> bytes:
    if _is_too_large(request.headers.get("content-length", "")):  # Refused before anybody waits for it.
        raise BodyTooLarge
    body = bytearray()
    try:
        async with asyncio.timeout(deadline_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise BodyTooLarge
    except (TimeoutError, ClientDisconnect):
        raise InvalidRequest from None
    return bytes(body)


def _is_too_large(declared: str) -> bool:
    """Say whether a Content-Length is beyond the limit; int() itself fails at 4,301 digits, so they are counted."""
    digits = declared.lstrip("0") or "0"
    return digits.isdecimal() and (len(digits) > len(str(MAX_BODY_BYTES)) or int(digits) > MAX_BODY_BYTES)
