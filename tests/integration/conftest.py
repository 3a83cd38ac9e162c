"""One Valkey a test file, and a rig of the state package on it for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from portico_state.valkey_server import start_valkey
from unit.state.rig import StateRig, open_rig


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with start_valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server.url


@pytest.fixture
async def rig(url: str, tmp_path: Path) -> AsyncIterator[StateRig]:
    async with open_rig(url, tmp_path) as opened:
        yield opened
