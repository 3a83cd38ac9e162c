"""Reading a body: its type, size, encoding and depth are bounded before any parser sees it."""

import asyncio
import json
import time
from collections.abc import Sequence

import pytest
from starlette.requests import Request
from starlette.types import Message

from clock import assert_within
from portico_core.errors import BodyTooLarge, InvalidRequest, PorticoError, WrongContentType
from portico_gateway.web.body import (
    MAX_BODY_BYTES,
    MAX_DEPTH,
    MAX_KEYS,
    count_keys,
    nesting_depth,
    parse_object,
    read_model,
    read_object,
)
from portico_gateway.web.schemas import Feedback, NewConversation, NewTurn

JSON = "application/json"
CANARY = "Zebulon Quartermain"


def request_of(*chunks: bytes, kind: str | None = JSON, pause_s: float = 0, disconnects: bool = False) -> Request:
    """A request whose body comes in these chunks, each after a pause."""
    waiting = list(chunks)

    async def receive() -> Message:
        await asyncio.sleep(pause_s)
        if not waiting or (disconnects and len(waiting) == 1):
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    headers = [(b"content-type", kind.encode())] if kind is not None else []
    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}, receive)


def declaring(length: str, *chunks: bytes, pause_s: float = 0) -> Request:
    """A request that says how long its body is."""
    request = request_of(*chunks, pause_s=pause_s)
    request.scope["headers"].append((b"content-length", length.encode()))
    return request


@pytest.mark.parametrize(
    "length",
    [
        str(MAX_BODY_BYTES + 1),
        "9000000000",
        "1" + "0" * 5_000,  # int() refuses it: sys.get_int_max_str_digits.
        "0" * 5_000 + str(MAX_BODY_BYTES + 1),
    ],
    ids=["one too many", "nine gigabytes", "5,001 digits", "5,000 zeros before it"],
)
async def test_a_body_declared_too_large_is_refused_before_it_is_waited_for(length: str) -> None:
    with pytest.raises(BodyTooLarge):
        await asyncio.wait_for(read_object(declaring(length, b"{", pause_s=60), deadline_s=60), 5)


@pytest.mark.parametrize("length", ["8", "0" * 5_000 + "8", str(MAX_BODY_BYTES), "", "-1", "+8", "8 8", "eight"])
async def test_a_length_that_says_nothing_too_large_is_no_refusal(length: str) -> None:
    """The controls: what is no number is the parser's to refuse (h11 does), and the bytes are counted all the same."""
    assert await read_object(declaring(length, b'{"a": 1}'), deadline_s=1) == {"a": 1}


def test_int_alone_would_fail_on_so_many_digits() -> None:
    """The negative control of the count of digits: this exception was once nobody's."""
    with pytest.raises(ValueError, match="digits"):
        int("1" + "0" * 5_000)


def padded(size: int) -> bytes:
    """A JSON object of exactly so many bytes."""
    return b'{"text": "' + b"a" * (size - 12) + b'"}'


@pytest.mark.parametrize(
    "kind", [JSON, "application/json; charset=utf-8", "APPLICATION/JSON", " application/json ;charset=utf-8"]
)
async def test_json_content_types_are_read(kind: str) -> None:
    assert await read_object(request_of(b'{"a": 1}', kind=kind), deadline_s=1) == {"a": 1}


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",  # What a form of a foreign page can send without asking (CORS "simple" requests).
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json-patch+json",
        "text/json",
        "*/*",
    ],
)
async def test_other_content_types_are_refused(kind: str | None) -> None:
    with pytest.raises(WrongContentType):
        await read_object(request_of(b'{"a": 1}', kind=kind), deadline_s=1)


@pytest.mark.parametrize(
    ("size", "chunk_size"), [(MAX_BODY_BYTES, MAX_BODY_BYTES), (MAX_BODY_BYTES, 1_000), (MAX_BODY_BYTES - 1, 7_777)]
)
async def test_a_body_up_to_the_limit_is_read_however_it_is_cut(size: int, chunk_size: int) -> None:
    body = padded(size)
    chunks = [body[at : at + chunk_size] for at in range(0, size, chunk_size)]
    assert len((await read_object(request_of(*chunks), deadline_s=5))["text"]) == size - 12


@pytest.mark.parametrize("chunk_size", [MAX_BODY_BYTES + 1, 1_000, 65_536])
async def test_a_body_over_the_limit_is_refused_however_it_is_cut(chunk_size: int) -> None:
    body = padded(MAX_BODY_BYTES + 1)
    with pytest.raises(BodyTooLarge):
        await read_object(
            request_of(*[body[at : at + chunk_size] for at in range(0, len(body), chunk_size)]), deadline_s=5
        )


async def test_an_endless_body_is_refused_at_the_limit() -> None:
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        taken += 1_024
        return {"type": "http.request", "body": b"a" * 1_024, "more_body": True}

    headers = [(b"content-type", JSON.encode())]
    endless = Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}, receive)
    with pytest.raises(BodyTooLarge):
        await read_object(endless, deadline_s=5)
    assert taken <= MAX_BODY_BYTES + 2_048


async def test_a_slow_body_is_refused_at_the_deadline() -> None:
    began = time.monotonic()
    with pytest.raises(InvalidRequest):
        await read_object(request_of(*[b" "] * 1_000, pause_s=0.02), deadline_s=0.1)
    assert time.monotonic() - began < 5  # Twenty seconds would pass without the deadline.


async def test_a_client_that_goes_away_is_an_invalid_request() -> None:
    with pytest.raises(InvalidRequest):
        await read_object(request_of(b'{"text":', b'"a"}', disconnects=True), deadline_s=1)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"true",
        b"7",
        b'"text"',
        b"[]",
        b'[{"text": "a"}]',
        b"{",
        b'{"text": "a"',
        b'{"text": "a"}}',
        b'{"text": "a"} {"text": "b"}',
        b"{'text': 'a'}",
        b'{"text": "a",}',
        b'{"text": "\xff\xfe"}',  # Invalid UTF-8.
        b'{"text": "\xc0\xaf"}',  # An overlong "/".
        b'{"text": "\xed\xa0\x80"}',  # A surrogate in UTF-8.
        '{"text": "a"}'.encode("utf-16"),
        b'\xef\xbb\xbf{"text": "a"}',  # RFC 8259, 8.1: no byte order mark.
        b'{"text": "a\nb"}',  # A bare line end inside a string.
        b'{"n": ' + b"9" * 5_000 + b"}",
        b"]" * 1_000 + b"[" * 1_000,
    ],
)
def test_bytes_that_are_no_json_object_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse_object(body)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(number: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_object(f'{{"text": "a", "n": {number}}}'.encode())


@pytest.mark.parametrize("body", [b'{"text": "a", "text": "b"}', b'{"a": {"x": 1, "\\u0078": 2}}'])
def test_a_key_given_twice_is_refused(body: bytes) -> None:
    """Whoever stands in front of us (a proxy, a log) may have read the other one (RFC 8259, 4)."""
    with pytest.raises(InvalidRequest):
        parse_object(body)


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("7", 0),
        ("{}", 1),
        ('{"a": [1, {"b": []}]}', 4),
        ("[][][]", 1),
        ('{"a": "[[[[[["}', 1),  # Brackets inside a string do not count.
        (r'{"a": "\"[[[["}', 1),  # An escaped quote does not end the string.
        (r'{"a": "\\", "b": [[]]}', 3),  # An escaped backslash does not escape the quote.
        (r'{"a": "\\\"[[", "b": []}', 2),
        ('{"[[[[": {"{{{{": 1}}', 2),  # Nor in a key.
        ("[" * 17 + "]" * 17, 17),
    ],
)
def test_nesting_depth(text: str, depth: int) -> None:
    assert nesting_depth(text) == depth


@pytest.mark.parametrize("open_close", [("[", "]"), ('{"a":', "}")])
def test_the_depth_limit_is_exact(open_close: tuple[str, str]) -> None:
    opening, closing = open_close
    fits, deep = MAX_DEPTH - 1, MAX_DEPTH
    assert parse_object(f'{{"x": {opening * fits}1{closing * fits}}}'.encode())
    with pytest.raises(InvalidRequest):
        parse_object(f'{{"x": {opening * deep}1{closing * deep}}}'.encode())


@pytest.mark.parametrize(
    "body", [b"[" * 20_000 + b"]" * 20_000, b'{"a":' * 13_000, b'{"a":[' * 10_900, b"[" * MAX_BODY_BYTES]
)
def test_a_depth_bomb_is_refused_quickly(body: bytes) -> None:
    assert len(body) <= MAX_BODY_BYTES

    def refuse() -> None:
        with pytest.raises(InvalidRequest):
            parse_object(body)

    assert_within(0.05, refuse)


def test_the_bomb_is_real() -> None:
    """The negative control: without the bound the parser gives up with an error that nobody expects."""
    with pytest.raises(RecursionError):
        json.loads("[" * 20_000)


async def test_unknown_keys_do_no_harm_and_types_are_strict() -> None:
    turn = await read_model(request_of(b'{"text": "a", "extra": [1]}'), NewTurn, deadline_s=1)
    assert turn.text == "a"


WRONG: Sequence[tuple[type, bytes]] = [
    (NewTurn, b"{}"),
    (NewTurn, b'{"text": null}'),
    (NewTurn, b'{"text": 7}'),
    (NewTurn, b'{"text": ["a"]}'),
    (NewTurn, b'{"Text": "a"}'),
    (NewConversation, b'{"locale": "english"}'),
    (NewConversation, b'{"locale": "en_US; DROP"}'),
    (NewConversation, b'{"locale": ""}'),
    (NewConversation, b'{"locale": "en\\n"}'),
    (Feedback, b'{"helpful": "yes"}'),
    (Feedback, b'{"helpful": 1}'),
    (Feedback, b'{"helpful": true, "reason": "Zebulon Quartermain was rude"}'),
]


@pytest.mark.parametrize(("model", "body"), WRONG)
async def test_a_wrong_field_is_refused_without_naming_what_was_sent(model: type, body: bytes) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await read_model(request_of(body), model, deadline_s=1)
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


async def test_every_refusal_is_one_of_ours() -> None:
    for body in (b"\xff", b"[" * 9, b"{", b"", b'{"text"'):
        with pytest.raises(PorticoError):
            await read_object(request_of(body), deadline_s=1)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("{}", 0),
        ('{"a": 1}', 1),
        ('{"a": {"b": [{"c": 1}]}}', 3),
        ('{"a": "b: c: d"}', 1),  # Colons in words do not count.
        (r'{"a": "\\\" : ", "b": 2}', 2),
        (r'{"a\\": 1}', 1),
        ('{"a": "open : ', 2),  # What never closes counts; it is no JSON either.
    ],
)
def test_keys_are_counted_outside_strings(text: str, keys: int) -> None:
    assert count_keys(text) == keys


@pytest.mark.parametrize(("extra", "refused"), [(0, False), (1, True)])
def test_an_object_of_many_keys_is_refused_before_it_is_parsed(extra: int, refused: bool) -> None:
    body = json.dumps({str(number): number for number in range(MAX_KEYS + extra)}).encode()
    if refused:
        with pytest.raises(InvalidRequest):
            parse_object(body)
    else:
        assert len(parse_object(body)) == MAX_KEYS
