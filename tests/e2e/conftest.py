"""One Chromium for all end-to-end tests of a run."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from e2e.browser import open_chromium
from e2e.portal import Portal, open_portal


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def portal(chromium: Browser) -> Iterator[Portal]:
    with open_portal(chromium) as opened:
        yield opened
