"""The issuer's keys: fetched seldom, within bounds, kept through an outage for a day, then nobody is recognised."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from portico_core.errors import IssuerUnavailable, Unauthenticated
from portico_identity.issuer_keys import MAX_JWKS_BYTES, MAX_KEYS, IssuerKeys, KeyLimits
from unit.gateway.issuer import JwksServer, make_key, make_rsa_key, serve_jwks
from unit.identity.forgeries import ENCRYPTION_KEY, P384_KEY, SHORT_KEY, published

KEY, NEXT = make_key(), make_key("k2")
LIMITS = KeyLimits()


@dataclass
class Clock:
    """Seconds that pass when the test says so."""

    seconds: float = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jwks() -> Iterator[JwksServer]:
    with serve_jwks(KEY) as server:
        yield server


@pytest.fixture
def keys(jwks: JwksServer, clock: Clock) -> IssuerKeys:
    return IssuerKeys(jwks.url, clock=clock)


async def knows(keys: IssuerKeys, kid: str | None, algorithm: str = "ES256") -> bool:
    try:
        await keys.find(kid, algorithm=algorithm)
    except Unauthenticated:
        return False
    return True


async def test_the_keys_are_fetched_once_for_a_hundred_at_once(keys: IssuerKeys, jwks: JwksServer) -> None:
    assert all(await asyncio.gather(*(knows(keys, "k1") for _ in range(100))))
    assert len(jwks.requests) == 1


async def test_unknown_key_ids_ask_the_issuer_once_in_ten_seconds(
    keys: IssuerKeys, jwks: JwksServer, clock: Clock
) -> None:
    for number in range(200):
        assert not await knows(keys, f"stranger-{number}")
    assert len(jwks.requests) == 1
    clock.seconds += LIMITS.refetch_s
    assert not await knows(keys, "stranger")
    assert len(jwks.requests) == 2
    assert await knows(keys, "k1")


async def test_a_bad_signature_under_a_known_id_asks_nobody(keys: IssuerKeys, jwks: JwksServer, clock: Clock) -> None:
    assert await knows(keys, "k1")
    clock.seconds += LIMITS.refetch_s
    assert await knows(keys, "k1")
    assert len(jwks.requests) == 1


async def test_a_new_key_is_taken_up_at_once_and_a_withdrawn_one_dies_with_the_next_fetch(
    keys: IssuerKeys, jwks: JwksServer, clock: Clock
) -> None:
    assert await knows(keys, "k1")
    jwks.keys = [NEXT]
    clock.seconds += LIMITS.refetch_s
    assert await knows(keys, "k2")
    assert not await knows(keys, "k1")


async def test_old_keys_are_fetched_again(keys: IssuerKeys, jwks: JwksServer, clock: Clock) -> None:
    assert await knows(keys, "k1")
    jwks.keys = []
    jwks.raw = json.dumps({"keys": [NEXT.as_dict(private=False)]}).encode()
    clock.seconds += LIMITS.fresh_s
    assert not await knows(keys, "k1")


OUTAGES: dict[str, dict[str, Any]] = {
    "down": {"status": 503},
    "moved": {"status": 302},
    "a web page": {"raw": b"<html>"},
    "no list": {"raw": b'{"keys": 7}'},
    "no object": {"raw": b"[]"},
    "no keys": {"raw": b'{"keys": []}'},
    "too many keys": {"raw": json.dumps({"keys": [KEY.as_dict(private=False)] * (MAX_KEYS + 1)}).encode()},
    "too large": {"raw": b" " * (MAX_JWKS_BYTES + 1)},
    "nested": {"raw": b"[" * 60_000},
}


@pytest.mark.parametrize("outage", OUTAGES)
async def test_an_outage_locks_nobody_out_for_a_day_and_then_is_refused_by_name(
    keys: IssuerKeys, jwks: JwksServer, clock: Clock, outage: str
) -> None:
    assert await knows(keys, "k1")
    for name, value in OUTAGES[outage].items():
        setattr(jwks, name, value)
    clock.seconds += LIMITS.stale_s - 1
    assert await knows(keys, "k1")
    assert len(jwks.requests) == 2  # It was asked, in vain.
    clock.seconds += LIMITS.refetch_s
    with pytest.raises(IssuerUnavailable):
        await keys.find("k1", algorithm="ES256")
    jwks.status, jwks.raw = 200, None
    clock.seconds += LIMITS.refetch_s
    assert await knows(keys, "k1")


async def test_nobody_is_recognised_before_a_key_was_ever_read(jwks: JwksServer, clock: Clock) -> None:
    jwks.status = 503
    keys = IssuerKeys(jwks.url, clock=clock)
    with pytest.raises(IssuerUnavailable):
        await keys.find("k1", algorithm="ES256")
    with pytest.raises(IssuerUnavailable):
        await IssuerKeys("http://127.0.0.1:9/jwks", clock=clock).find("k1", algorithm="ES256")


async def test_keys_that_may_sign_nothing_are_not_kept(keys: IssuerKeys, jwks: JwksServer) -> None:
    jwks.raw = json.dumps(published()).encode()
    for key in (ENCRYPTION_KEY, P384_KEY, SHORT_KEY):
        assert not await knows(keys, str(key.kid))
        assert not await knows(keys, str(key.kid), "RS256")
    assert not await knows(keys, "secret", "HS256")
    assert await knows(keys, "k1")


async def test_without_an_id_only_an_algorithm_of_one_key_is_unambiguous(jwks: JwksServer, clock: Clock) -> None:
    jwks.keys = [KEY, NEXT, make_rsa_key()]
    keys = IssuerKeys(jwks.url, clock=clock)
    assert await knows(keys, None, "RS256")
    assert not await knows(keys, None, "ES256")
