"""Token buckets on the real Valkey: nothing beyond the limit at once, one holder does not pay for another."""

import asyncio
import time
from pathlib import Path

import pytest
import redis

from portico_core.errors import ConfigurationError, RateLimited, StateUnavailable
from portico_core.labels import LimitScope
from portico_state.client import open_store
from portico_state.limits import Bucket, Limits
from unit.state.rig import StateRig

PATIENT, TENANT, ADDRESS = LimitScope.PATIENT, LimitScope.TENANT, LimitScope.ADDRESS


async def passed(limits: Limits, holders: dict[LimitScope, str], *, times: int) -> list[RateLimited | None]:
    """Take so many tokens at once; return how each attempt ended."""

    async def take() -> RateLimited | None:
        try:
            await limits.take(holders)
        except RateLimited as limited:
            return limited
        return None

    return await asyncio.gather(*(take() for _ in range(times)))


async def test_of_many_at_once_exactly_the_burst_passes(rig: StateRig) -> None:
    limits = Limits(rig.store, {PATIENT: Bucket(0.01, 7), TENANT: Bucket(1_000, 1_000)})
    ended = await passed(limits, {PATIENT: "p1", TENANT: "all"}, times=60)
    refused = [limited for limited in ended if limited is not None]
    assert (len(ended) - len(refused), {limited.scope for limited in refused}) == (7, {PATIENT})
    assert {limited.retry_after_s for limited in refused} <= {99, 100}
    assert await passed(limits, {PATIENT: "p2", TENANT: "all"}, times=5) == [None] * 5  # Another patient is free.


async def test_tokens_come_back_with_time(rig: StateRig) -> None:
    limits = Limits(rig.store, {PATIENT: Bucket(20, 2)})
    begun = time.monotonic()
    taken = 0
    while time.monotonic() - begun < 1.0:
        taken += (await passed(limits, {PATIENT: "p"}, times=1)) == [None]
        await asyncio.sleep(0.005)
    allowed = 2 + 20 * (time.monotonic() - begun)
    assert 5 <= taken <= allowed + 1


async def test_a_refusal_takes_from_nobody_and_writes_nothing(rig: StateRig) -> None:
    limits = Limits(rig.store, {PATIENT: Bucket(0.01, 1), TENANT: Bucket(0.01, 3), ADDRESS: Bucket(0.01, 50)})
    holders = {PATIENT: "p", TENANT: "all", ADDRESS: "a"}
    await limits.take(holders)
    before = await rig.store.redis.hgetall(rig.store.keys.limit("tenant", "all"))
    assert [limited.scope for limited in await passed(limits, holders, times=20) if limited] == [PATIENT] * 20
    after = await rig.store.redis.hgetall(rig.store.keys.limit("tenant", "all"))
    assert after == before
    for other in ("other", "another"):  # Two tokens of the tenant are still there.
        assert await passed(limits, {**holders, PATIENT: other}, times=1) == [None]


async def test_the_scope_that_waits_longest_is_named(rig: StateRig) -> None:
    limits = Limits(rig.store, {PATIENT: Bucket(10, 1), TENANT: Bucket(0.1, 1)})
    await limits.take({PATIENT: "p", TENANT: "all"})
    with pytest.raises(RateLimited) as caught:
        await limits.take({PATIENT: "p", TENANT: "all"})
    assert (caught.value.scope, caught.value.retry_after_s) == (TENANT, 10)


async def test_a_full_bucket_is_forgotten(rig: StateRig, admin: "redis.Redis") -> None:
    await Limits(rig.store, {PATIENT: Bucket(1, 5)}).take({PATIENT: "p"})
    assert 0 < admin.ttl(rig.store.keys.limit("patient", "p")) <= 6


async def test_without_buckets_the_store_is_not_asked() -> None:
    store = open_store("redis://127.0.0.1:1/0", tenant="demo")
    await Limits(store, {}).take({PATIENT: "p"})
    with pytest.raises(StateUnavailable):
        await Limits(store, {PATIENT: Bucket(1, 1)}).take({PATIENT: "p"})


@pytest.mark.parametrize(("rate", "most"), [(0, 1), (-1, 1), (1, 0.5), (float("inf"), 1), (float("nan"), 1)])
def test_a_limit_that_would_let_nobody_or_everybody_in_is_refused(rate: float, most: float, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        Bucket(rate, most)
