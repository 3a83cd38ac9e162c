"""Fixtures that several kinds of tests share."""

from collections.abc import Iterator

import pytest

from stack import Stack, running_stack

LONGEST = "test_widget_states.py"


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """One real demo for the whole test session."""
    with running_stack() as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser tests last: Playwright's synchronous driver keeps an event loop running in this thread.

    Their longest file comes first among them: a file stays in one process, and the other would wait for it at the end.
    """
    items.sort(key=lambda item: ("/e2e/" in item.path.as_posix(), item.path.name != LONGEST))
