"""What a receiver of webhooks answers is a stranger's: no header of it stops the notifier or makes it wait for ever."""

import asyncio

import pytest

from portico_console.notifier.signing import ID, KEY, SIGNATURE, TIME, signed_headers, verify_signature
from portico_console.notifier.webhook import LONGEST_WAIT_S, Answer, Attempt, Webhook
from portico_core.labels import Urgency
from portico_state.deliveries import Delivery
from portico_state.keyring import KeySet

KEYS = KeySet("w1", {"w1": bytes(32)})
DELIVERY = Delivery("d1", "esc-1", Urgency.ROUTINE, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", 0, 0, 1)


async def attempt(retry_after: str) -> Attempt:
    """Send one notification to a receiver that is busy for so long."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 503 Busy\r\nRetry-After: {retry_after}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as receiver:
        address = f"http://127.0.0.1:{receiver.sockets[0].getsockname()[1]}/hook"
        async with Webhook(address, keys=KEYS, tenant="demo", deadline_s=5) as webhook:
            return await webhook.send(DELIVERY)


@pytest.mark.parametrize(
    ("retry_after", "wait_s"),
    [
        ("7", 7),
        ("007", 7),
        ("0", 0),
        (str(LONGEST_WAIT_S + 1), LONGEST_WAIT_S),
        ("9" * 5_000, LONGEST_WAIT_S),  # int() refuses it: sys.get_int_max_str_digits.
        ("0" * 5_000 + "7", 7),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 0),
        ("-1", 0),
        ("", 0),
    ],
    ids=["seconds", "zeros", "none", "too long", "5,000 digits", "5,000 zeros", "a date", "negative", "empty"],
)
async def test_a_receiver_is_waited_for_within_bounds(retry_after: str, wait_s: int) -> None:
    assert await attempt(retry_after) == Attempt(Answer.BUSY, wait_s)


def test_a_time_of_thousands_of_digits_is_no_signature() -> None:
    """int() alone would fail on it; the untouched headers are the control."""
    headers = signed_headers(b"{}", delivery="d1", now_s=1_000, keys=KEYS)
    assert set(headers) == {ID, TIME, KEY, SIGNATURE}
    assert verify_signature(b"{}", headers, keys=KEYS, now_s=1_000)
    assert not verify_signature(b"{}", headers | {TIME: "1" * 5_000}, keys=KEYS, now_s=1_000)
