"""A real Chromium for the end-to-end tests, an axe check, and a server in a thread.

Chromium comes from Debian (`apt-get install chromium`); nothing is downloaded by Playwright. A machine without it
skips these tests unless CI is set, where a missing browser is a failure.
"""

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, FloatRect, Locator, Page, sync_playwright
from starlette.types import ASGIApp

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCREENSHOTS = Path(__file__).parents[2] / "docs" / "screenshots"
START_DEADLINE_S = 10.0
PATIENCE_MS = 8_000
MARGIN = 20


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Start Chromium with a fresh profile; close it afterwards."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed: apt-get install chromium")
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def open_context(
    browser: Browser,
    *,
    width: int = 1180,
    height: int = 820,
    dark: bool = False,
    forced: bool = False,
    locale: str = "en-US",
) -> Iterator[BrowserContext]:
    """Open an empty browser profile of a given size. Motion is reduced, so that pictures are the same every time."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        forced_colors="active" if forced else "none",
        reduced_motion="reduce",
        locale=locale,
        timezone_id="America/Chicago",
        service_workers="block",
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@contextmanager
def serve(app: ASGIApp) -> Iterator[str]:
    """Serve an ASGI app on a free loopback port; yield its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    _wait_until_started(server)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=5)
    listener.close()


def wait_until(page: Page, true: Callable[[], object]) -> None:
    """Ask again and again until something is true; fail after the browser's usual patience."""
    deadline = time.monotonic() + PATIENCE_MS / 1_000
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError("it did not become true")
        page.wait_for_timeout(20)


def _wait_until_started(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + START_DEADLINE_S
    while not server.started:
        if time.monotonic() > deadline:
            raise TimeoutError("the test server did not start")
        time.sleep(0.01)


def axe_violations(page: Page) -> list[str]:
    """Return what axe-core finds, all rules on, one line each: the rule, its help, and where."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['help']} at {[node['target'] for node in v['nodes']]}" for v in found]


def assert_accessible(page: Page) -> None:
    """Fail with the list of violations, if there is one."""
    found = axe_violations(page)
    if found:
        raise AssertionError("\n".join(found))


def take_screenshot(page: Page, name: str, *, only: Locator | None = None, whole: bool = False) -> None:
    """Keep a picture of the screen, the `whole` page or the part around `only`, when PORTICO_SCREENSHOTS is set."""
    if not os.environ.get("PORTICO_SCREENSHOTS"):
        return
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    box = only.bounding_box() if only is not None else None
    clip = None if box is None else _with_margin(box, page)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide", clip=clip, full_page=whole)


def _with_margin(box: FloatRect, page: Page) -> FloatRect:
    size = page.viewport_size or {"width": 0, "height": 0}
    left, top = max(0, box["x"] - MARGIN), max(0, box["y"] - MARGIN)
    right = min(size["width"], box["x"] + box["width"] + MARGIN)
    bottom = min(size["height"], box["y"] + box["height"] + MARGIN)
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


class Watch:
    """What a page did behind the scenes: scripts that ran where none may, foreign requests, console errors."""

    def __init__(self, page: Page, *, origin: str) -> None:
        self.foreign: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self._note(request.url, origin))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: self.errors.append(f"dialog: {dialog.message}"))

    def _note(self, url: str, origin: str) -> None:
        if not url.startswith((origin, "data:")):
            self.foreign.append(url)
