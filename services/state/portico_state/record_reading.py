"""Read one stored audit record: only the writer's own spelling counts as one."""

import json
from collections.abc import Mapping
from typing import Any

_FIELDS = frozenset((
    "v", "id", "chain", "seq", "prev", "time", "tenant", "patient", "conversation", "turn", "phase", "route", "label",
    "confidence", "source", "models", "policy", "passages", "validators", "redactions", "latency_ms", "bytes_sha256",
    "actor", "hash",
))  # fmt: skip
_TEXTS = ("chain", "hash", "prev", "time", "tenant", "turn", "phase", "patient", "actor")


def parse_record(fields: Mapping[str, str]) -> dict[str, Any] | None:
    """Read a record; None unless it is spelled exactly as the writer spells it."""
    text = fields.get("record", "")
    try:
        record = json.loads(text)
        canonical = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    if len(fields) != 1 or not isinstance(record, dict) or canonical != text or not record.keys() >= _FIELDS:
        return None
    fits = all(isinstance(record[name], str) for name in _TEXTS) and type(record["seq"]) is int
    return record if fits else None
