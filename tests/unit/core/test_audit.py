"""The audit record: the same fields give the same bytes, and nothing in it can change unseen without the key."""

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest

from portico_core.audit import (
    GENESIS,
    AuditEntry,
    ChainPosition,
    canonical_bytes,
    keyed_hash,
    record_hash,
    seal_record,
)
from portico_core.labels import AuditPhase

KEY = b"k" * 32
ENTRY = AuditEntry(
    phase=AuditPhase.DECIDED,
    tenant="demo",
    patient="5" * 32,
    conversation="c1",
    turn="t1",
    actor="patient:1",
    route="answer",
    label="informational",
    confidence=0.91,
    source="model",
    models={"safety_classifier": "0.1.0", "responder": "0.1.0"},
    policy="2026-11-23",
    passages=("medicine.metformin#uses",),
    validators={"grounding": "pass"},
    redactions={"NAME": 1},
    latency_ms={"classify": 12.5},
    bytes_sha256="a" * 64,
)
# contracts.md, audit record.
FIELDS = {
    "v", "id", "chain", "seq", "prev", "time", "tenant", "patient", "conversation", "turn", "phase", "route", "label",
    "confidence", "source", "models", "policy", "passages", "validators", "redactions", "latency_ms", "bytes_sha256",
    "actor", "hash",
}  # fmt: skip


def seal(entry: AuditEntry = ENTRY, key: bytes = KEY) -> dict[str, Any]:
    at = ChainPosition("chain-1", 1, GENESIS)
    return seal_record(entry, at=at, record_id="r1", time="2026-11-23T10:00:00Z", key=key)


def test_a_record_has_the_fields_of_the_contract() -> None:
    assert set(seal()) == FIELDS


def test_the_hash_is_hmac_sha256_over_the_canonical_json_without_hash() -> None:
    record = seal()
    body = {name: value for name, value in record.items() if name != "hash"}
    expected = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical_bytes(record) == expected
    assert record["hash"] == hmac.new(KEY, expected, hashlib.sha256).hexdigest()


def test_canonical_bytes_do_not_depend_on_the_order_of_keys() -> None:
    record = seal()
    backwards = dict(reversed(record.items()))
    backwards["models"] = dict(reversed(record["models"].items()))
    assert list(backwards) != list(record)
    assert canonical_bytes(backwards) == canonical_bytes(record)


def test_canonical_bytes_survive_a_round_trip_through_json() -> None:
    record = seal(replace(ENTRY, actor="médecin 😀"))
    assert canonical_bytes(json.loads(json.dumps(record))) == canonical_bytes(record)


@pytest.mark.parametrize("name", sorted(FIELDS - {"hash"}))
def test_any_changed_field_changes_the_hash(name: str) -> None:
    record = seal()
    changed = {**record, name: _other(record[name])}
    assert record_hash(changed, key=KEY) != record["hash"]


@pytest.mark.parametrize("name", sorted(FIELDS - {"hash"}))
def test_any_removed_field_changes_the_hash(name: str) -> None:
    record = seal()
    assert record_hash({k: v for k, v in record.items() if k != name}, key=KEY) != record["hash"]


def test_an_added_field_changes_the_hash() -> None:
    assert record_hash({**seal(), "note": ""}, key=KEY) != seal()["hash"]


def test_an_unchanged_record_keeps_its_hash() -> None:
    assert record_hash(seal(), key=KEY) == seal()["hash"] == record_hash(dict(seal()), key=KEY)


def test_the_hash_needs_the_key() -> None:
    assert seal(key=b"x" * 32)["hash"] != seal()["hash"]


@pytest.mark.parametrize("confidence", [float("nan"), float("inf")])
def test_a_number_that_json_does_not_have_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        seal(replace(ENTRY, confidence=confidence))


def test_keyed_hashes_differ_by_value_key_and_purpose() -> None:
    base = keyed_hash("p1", key=KEY, purpose="patient")
    others = {
        keyed_hash("p2", key=KEY, purpose="patient"),
        keyed_hash("p1", key=b"x" * 32, purpose="patient"),
        keyed_hash("p1", key=KEY, purpose="actor"),
    }
    assert base == keyed_hash("p1", key=KEY, purpose="patient")
    assert len(base) == 32
    assert base not in others and len(others) == 3


def _other(value: Any) -> Any:
    match value:
        case bool() | int() | float():
            return value + 1
        case str():
            return value[:-1] + ("1" if value[-1] != "1" else "2")
        case list():
            return [*value, "more"]
        case dict():
            return {**value, "more": 1}
        case _:
            raise AssertionError(f"no other value for {type(value)}")
