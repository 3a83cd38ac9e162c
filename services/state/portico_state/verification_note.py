"""What the last verification of the audit chains said, kept in the store so that every gateway can show it.

The verifying command ends before anybody could scrape it. The note carries a keyed hash: whoever can write the store
but lacks the key cannot make a broken chain look verified.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any

from portico_core.audit import keyed_hash
from portico_core.labels import ChainState
from portico_state.client import Store
from portico_state.findings import VerifyReport
from portico_state.keyring import Keyring

_PURPOSE = "verification-note"


@dataclass(frozen=True, slots=True)
class VerificationNote:
    """`verified_at` is in seconds since 1970, 0 where nothing was ever verified."""

    state: ChainState
    findings: int = 0
    verified_at: float = 0.0


NEVER = VerificationNote(ChainState.UNVERIFIED)
FORGED = VerificationNote(ChainState.BROKEN, findings=1)


async def note_verification(store: Store, report: VerifyReport, *, keyring: Keyring, now: datetime) -> None:
    """Keep the outcome of a verification; raise StateUnavailable."""
    state = ChainState.INTACT if report.ok else ChainState.BROKEN
    note = VerificationNote(state, len(report.findings), now.timestamp())
    body, active = json.dumps(asdict(note)), keyring.audit.active
    fields: Mapping[Any, Any] = {"body": body, "key": active, "mac": _mac(body, keyring.audit.keys[active], store)}
    await store.call(store.redis.hset(store.keys.verification, mapping=fields))


async def read_verification(store: Store, *, keyring: Keyring) -> VerificationNote:
    """Return the last outcome, NEVER where there is none, FORGED where its keyed hash does not fit."""
    fields = await store.call(store.redis.hgetall(store.keys.verification))
    if not fields:
        return NEVER
    key, body = keyring.audit.keys.get(fields.get("key", "")), fields.get("body", "")
    if key is None or not compare_digest(_mac(body, key, store), fields.get("mac", "")):
        return FORGED
    note = json.loads(body)
    return VerificationNote(ChainState(note["state"]), int(note["findings"]), float(note["verified_at"]))


def _mac(body: str, key: bytes, store: Store) -> str:
    return keyed_hash(f"{store.keys.tenant}\0{body}", key=key, purpose=_PURPOSE)
