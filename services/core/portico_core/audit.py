"""The audit record and its hash chain: canonical bytes, HMAC, and nothing that does I/O.

Design: RFC 6962-style chaining with a keyed hash, so that whoever can write the store but lacks the key can neither
edit nor insert a record unseen. The text of a turn is never in a record; `bytes_sha256` binds the exact bytes sent.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portico_core.labels import AuditPhase

RECORD_VERSION = 1
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What a stage wants recorded; the writer adds chain, sequence, time and hash.

    `patient` is already a keyed hash. `models` maps model name to version, `latency_ms` stage to milliseconds.
    """

    phase: AuditPhase
    tenant: str
    patient: str
    conversation: str
    turn: str
    actor: str
    route: str | None = None
    label: str | None = None
    confidence: float | None = None
    source: str | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    policy: str | None = None
    passages: Sequence[str] = ()
    validators: Mapping[str, str] = field(default_factory=dict)
    redactions: Mapping[str, int] = field(default_factory=dict)
    latency_ms: Mapping[str, float] = field(default_factory=dict)
    bytes_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class ChainPosition:
    """Where the next record of a chain goes: `seq` counts from 1, `prev` is the hash before it."""

    chain: str
    seq: int
    prev: str


def seal_record(entry: AuditEntry, *, at: ChainPosition, record_id: str, time: str, key: bytes) -> dict[str, Any]:
    """Return the record of contracts.md, hash included. `time` is RFC 3339 UTC."""
    record: dict[str, Any] = {
        "v": RECORD_VERSION,
        "id": record_id,
        "chain": at.chain,
        "seq": at.seq,
        "prev": at.prev,
        "time": time,
        "tenant": entry.tenant,
        "patient": entry.patient,
        "conversation": entry.conversation,
        "turn": entry.turn,
        "phase": entry.phase.value,
        "route": entry.route,
        "label": entry.label,
        "confidence": entry.confidence,
        "source": entry.source,
        "models": dict(entry.models),
        "policy": entry.policy,
        "passages": list(entry.passages),
        "validators": dict(entry.validators),
        "redactions": dict(entry.redactions),
        "latency_ms": dict(entry.latency_ms),
        "bytes_sha256": entry.bytes_sha256,
        "actor": entry.actor,
    }
    return {**record, "hash": record_hash(record, key=key)}


def canonical_bytes(record: Mapping[str, Any]) -> bytes:
    """Return the bytes that are hashed: the record without `hash`, keys sorted, no white space, UTF-8."""
    body = {name: value for name, value in record.items() if name != "hash"}
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def record_hash(record: Mapping[str, Any], *, key: bytes) -> str:
    """Return HMAC-SHA256 of the canonical bytes, in hex."""
    return hmac.new(key, canonical_bytes(record), hashlib.sha256).hexdigest()


def keyed_hash(value: str, *, key: bytes, purpose: str) -> str:
    """Return a keyed hash of an identifier, separated by purpose, as 32 hex digits."""
    return hmac.new(key, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()[:32]
