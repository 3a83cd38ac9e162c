"""Fixtures that several kinds of tests share."""

from collections.abc import Iterator

import pytest

from stack import Stack, running_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """One real demo for the whole test session."""
    with running_stack() as running:
        yield running
