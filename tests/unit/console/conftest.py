"""A desk of tickets in memory, and Dana signed in at it."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from unit.console.memory_desk import MemoryDesk, desk_with_tickets
from unit.console.visits import browser, sign_in


@pytest.fixture
def desk() -> MemoryDesk:
    return desk_with_tickets()


@pytest.fixture
def dana(desk: MemoryDesk) -> Iterator[TestClient]:
    with browser(desk) as client:
        sign_in(client, "token-dana")
        yield client
