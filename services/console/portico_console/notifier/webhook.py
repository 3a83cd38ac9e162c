"""One attempt to tell a receiver of an escalation. Ids, urgency and times go out; nothing that anybody wrote does."""

import asyncio
import json
import time
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx2

from portico_console.notifier.signing import signed_headers
from portico_core.errors import ConfigurationError
from portico_state.deliveries import Delivery
from portico_state.keyring import KeySet

LONGEST_WAIT_S = 900
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Answer(StrEnum):
    """What a receiver did with a notification; a closed set, because it is stored and logged."""

    TAKEN = "taken"
    REFUSED = "refused"
    BUSY = "busy"
    FAILED = "failed"
    LATE = "late"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Attempt:
    """The outcome of an attempt; `wait_s` is what the receiver asked for."""

    answer: Answer
    wait_s: float = 0


class Webhook:
    """Posts notifications to one address. Redirects are not followed and the environment's proxies not used."""

    def __init__(self, url: str, *, keys: KeySet, tenant: str, deadline_s: float) -> None:
        _refuse_plain_http(url)
        self._url, self._keys, self._tenant, self._deadline_s = url, keys, tenant, deadline_s
        self._client = httpx2.AsyncClient(timeout=deadline_s, trust_env=False, follow_redirects=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def send(self, delivery: Delivery) -> Attempt:
        """Post one notification; the receiver's body is not read."""
        body = body_of(delivery, tenant=self._tenant)
        headers = signed_headers(body, delivery=delivery.id, now_s=int(time.time()), keys=self._keys)
        headers |= {"Content-Type": "application/json", "Portico-Attempt": str(delivery.fence)}
        try:
            async with asyncio.timeout(self._deadline_s):
                async with self._client.stream("POST", self._url, content=body, headers=headers) as answer:
                    return _read(answer.status_code, answer.headers.get("retry-after", ""))
        except (TimeoutError, httpx2.TimeoutException):
            return Attempt(Answer.LATE)
        except httpx2.HTTPError:
            return Attempt(Answer.UNREACHABLE)


def body_of(delivery: Delivery, *, tenant: str) -> bytes:
    """Return the bytes that are signed and sent."""
    body = {
        "type": "escalation.opened",
        "id": delivery.id,
        "tenant": tenant,
        "escalation": delivery.ticket,
        "urgency": delivery.urgency.value,
        "opened_at": delivery.opened_at,
        "reply_by": delivery.reply_by,
        "messages": delivery.joined + 1,
    }
    return json.dumps(body, separators=(",", ":"), sort_keys=True).encode()


def _read(status: int, retry_after: str) -> Attempt:
    wait_s = _asked_wait_s(retry_after)
    if 200 <= status < 300:
        return Attempt(Answer.TAKEN)
    if status in {429, 503}:
        return Attempt(Answer.BUSY, wait_s)
    return Attempt(Answer.FAILED if status >= 500 else Answer.REFUSED, wait_s)


def _asked_wait_s(retry_after: str) -> int:
    """Return the seconds that a receiver asks for, within bounds; int() itself fails at 4,301 digits."""
    if not (retry_after.isascii() and retry_after.isdigit()):
        return 0
    digits = retry_after.lstrip("0") or "0"
    return LONGEST_WAIT_S if len(digits) > len(str(LONGEST_WAIT_S)) else min(int(digits), LONGEST_WAIT_S)


def _refuse_plain_http(url: str) -> None:
    parts = urlsplit(url)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
        raise ConfigurationError("the webhook's address must be https, or http on loopback")
