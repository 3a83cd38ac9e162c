"""One Valkey a test file, and a rig of the state package on it for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis

from portico_state.valkey_server import ValkeyServer, start_valkey
from unit.state.rig import StateRig, open_rig


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    with start_valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture(scope="module")
def url(valkey: ValkeyServer) -> str:
    return valkey.url


@pytest.fixture
def admin(valkey: ValkeyServer) -> Iterator["redis.Redis"]:
    """The store as its administrator reaches it, for what Portico's own user may not do."""
    with redis.Redis.from_url(valkey.admin_url, decode_responses=True) as client:
        yield client


@pytest.fixture
async def rig(url: str, tmp_path: Path) -> AsyncIterator[StateRig]:
    async with open_rig(url, tmp_path) as opened:
        yield opened
