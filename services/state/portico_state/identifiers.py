"""Ids: time-ordered for records and chains, unguessable for conversations, and the clock they share."""

import secrets
import time
from datetime import UTC, datetime
from uuid import UUID

CONVERSATION_ID_BYTES = 18  # 144 bits: OWASP ASVS 5, 7.2.3 asks for at least 128.


def new_id() -> str:
    """Return a UUID of version 7 (RFC 9562, 5.7): 48 bits of milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    bits = (milliseconds << 80) | secrets.randbits(80)
    bits = (bits & ~(0xF << 76)) | (0x7 << 76)
    bits = (bits & ~(0x3 << 62)) | (0x2 << 62)
    return str(UUID(int=bits))


def new_conversation_id() -> str:
    """Return an id that cannot be guessed, safe in a URL path."""
    return secrets.token_urlsafe(CONVERSATION_ID_BYTES)


def now_utc() -> str:
    """Return the time as RFC 3339 UTC with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """Read an RFC 3339 time; raise ValueError for a text without a zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone")
    return moment
