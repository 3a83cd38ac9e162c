"""Signed webhook bodies: HMAC-SHA256 over id, time and body, with the id of the key.

The time is signed, so that an old body cannot be sent again later; the id is, so that a receiver may trust it to know
a repetition. A receiver checks with `verify_signature`, or in ten lines of its own (docs/reference/webhook.md).
"""

import hashlib
import hmac
from collections.abc import Mapping

from portico_state.keyring import KeySet

TOLERANCE_S = 300
ID, TIME, KEY, SIGNATURE = "Portico-Delivery", "Portico-Time", "Portico-Key", "Portico-Signature"


def signed_headers(body: bytes, *, delivery: str, now_s: int, keys: KeySet) -> dict[str, str]:
    """Return the headers that go with a body."""
    mac = _mac(body, delivery=delivery, time=str(now_s), key=keys.active_key)
    return {ID: delivery, TIME: str(now_s), KEY: keys.active, SIGNATURE: f"v1={mac}"}


def verify_signature(body: bytes, headers: Mapping[str, str], *, keys: KeySet, now_s: float) -> bool:
    """Say whether a body came from Portico, unchanged, within five minutes."""
    delivery, time, key = (headers.get(name, "") for name in (ID, TIME, KEY))
    if (
        not (time.isascii() and time.isdigit() and len(time) < 16)
        or abs(now_s - int(time)) > TOLERANCE_S
        or key not in keys.keys
    ):
        return False
    expected = f"v1={_mac(body, delivery=delivery, time=time, key=keys.keys[key])}"
    return hmac.compare_digest(expected.encode(), headers.get(SIGNATURE, "").encode())


def _mac(body: bytes, *, delivery: str, time: str, key: bytes) -> str:
    return hmac.new(key, f"{delivery}.{time}.".encode() + body, hashlib.sha256).hexdigest()
