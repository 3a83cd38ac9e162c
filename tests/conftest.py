"""Fixtures that several kinds of tests share."""

from collections.abc import Iterator

import pytest

from stack import Stack, running_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """One real demo for the whole test session."""
    with running_stack() as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser tests last: Playwright's synchronous driver keeps an event loop running in this thread."""
    items.sort(key=lambda item: "/e2e/" in item.path.as_posix())
