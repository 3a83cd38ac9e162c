"""One Chromium for all end-to-end tests of a run."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from e2e.browser import open_chromium


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser
