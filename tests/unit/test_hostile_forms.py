"""Whatever comes in, each parser at the edge ends in a value or in its one named refusal, and never in anything else.

Hypothesis makes the input: random text, and well-formed input with a few bytes changed, which gets further inside.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from portico_core.errors import InvalidRequest, Unauthenticated
from portico_core.text import PatientText
from portico_gateway.guards.red_flags import find_red_flag
from portico_gateway.web.admission import admit_text
from portico_gateway.web.body import MAX_DEPTH, MAX_KEYS, nesting_depth, parse_object
from portico_identity.compact import CompactToken, read_compact
from portico_redaction.scrub import scrub_line
from portico_state.events import resume_id
from portico_state.record_reading import parse_record

EXAMPLES = examples(100)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
HL7 = st.lists(
    st.builds("|".join, st.lists(st.text("PIDMSHOBX^~\\&19/.- ", max_size=12), min_size=1, max_size=8)), max_size=6
).map("\r".join)


def damaged(whole: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Well-formed input, a few bytes of which are other ones."""

    @st.composite
    def damage(draw: st.DrawFn) -> bytes:
        data = bytearray(draw(whole))
        for _ in range(draw(st.integers(0, 4)) if data else 0):
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
        return bytes(data)

    return damage()


def outcome(parse: Callable[[], Any], refusal: type[Exception]) -> Any:
    """Return what was read, or None where it was refused by name; any other exception fails the test."""
    try:
        return parse()
    except refusal:
        return None


@EXAMPLES
@given(st.binary(max_size=300) | damaged(JSON.map(lambda value: json.dumps({"text": value}).encode())))
def test_a_body_is_a_small_object_or_refused(body: bytes) -> None:
    found = outcome(lambda: parse_object(body), InvalidRequest)
    assert found is None or isinstance(found, dict)


@EXAMPLES
@given(st.integers(MAX_DEPTH, 3_000), st.integers(MAX_KEYS + 1, 2_000))
def test_a_deep_or_a_wide_body_is_refused(depth: int, keys: int) -> None:
    deep = b'{"text":' + b"[" * depth + b"]" * depth + b"}"
    assert nesting_depth(deep.decode()) == depth + 1
    assert outcome(lambda: parse_object(deep), InvalidRequest) is None
    wide = json.dumps({str(number): 1 for number in range(keys)}).encode()
    assert outcome(lambda: parse_object(wide), InvalidRequest) is None


def _token(value: Any) -> bytes:
    part = base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")
    return part + b"." + part + b".c2ln"


@EXAMPLES
@given(st.binary(max_size=300) | damaged(st.dictionaries(st.sampled_from(["alg", "kid", "typ"]), JSON).map(_token)))
def test_a_token_has_its_form_or_is_refused(token: bytes) -> None:
    found = outcome(lambda: read_compact(token.decode("latin-1")), Unauthenticated)
    assert found is None or isinstance(found, CompactToken)


@EXAMPLES
@given(st.text(max_size=40) | st.text("0123456789-$+*>", max_size=45))
def test_a_resume_id_is_one_of_the_stores_or_refused(last_event_id: str) -> None:
    found = outcome(lambda: resume_id(last_event_id), InvalidRequest)
    if found:
        assert all(0 <= int(half) < 2**64 for half in found.split("-")) and found.isascii()


@EXAMPLES
@given(damaged(JSON.map(lambda value: json.dumps(value).encode())), st.text(max_size=20))
def test_an_audit_record_is_the_writers_spelling_or_nothing(record: bytes, other: str) -> None:
    text = record.decode("utf-8", errors="backslashreplace")
    assert parse_record({"record": text}) is None
    assert parse_record({"record": text, other: other}) is None


@EXAMPLES
@given(st.text(max_size=200) | HL7)
def test_any_words_are_admitted_or_refused_and_judged(text: str) -> None:
    found = outcome(lambda: admit_text(text), InvalidRequest)
    if isinstance(found, PatientText):
        find_red_flag(found.reveal())
        assert isinstance(scrub_line(text), str)


def test_another_exception_would_be_seen() -> None:
    """The control: the plain parser ends in an exception of its own for a body that ours refuses by name."""
    with pytest.raises(ValueError):
        outcome(lambda: json.loads(b"\xff"), InvalidRequest)
    assert outcome(lambda: parse_object(b"\xff"), InvalidRequest) is None
