"""Forty foreign origins on every post of the console, with a stolen cookie and form token: nothing is even asked."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from portico_console.app import ConsoleSite
from portico_console.origins import origin_of
from portico_core.errors import ConfigurationError
from unit.console.memory_desk import MemoryDesk
from unit.console.visits import browser, csrf_of, sign_in
from unit.gateway.test_origins import FOREIGN

OWN = "https://console.test"
CLAIM = "/tickets/t-dose/claim"


@contextmanager
def dana_at(desk: MemoryDesk, *, origin: str = OWN) -> Iterator[tuple[TestClient, str]]:
    with browser(desk, site=ConsoleSite(origin=origin)) as client:
        sign_in(client, "token-dana")
        yield client, csrf_of(client.get("/inbox").text)


def posts_of(client: TestClient) -> list[str]:
    assert isinstance(client.app, Starlette)
    routes = [route for route in client.app.routes if isinstance(route, Route)]
    return [route.path.replace("{id}", "t-dose") for route in routes if route.methods and "POST" in route.methods]


def test_a_foreign_origin_changes_nothing(desk: MemoryDesk) -> None:
    """Without `Sec-Fetch-Site`, as from a browser of old: the origin alone refuses."""
    tried = 0
    with dana_at(desk) as (client, csrf):
        posts = posts_of(client)
        for origin in FOREIGN:
            for path in posts:
                headers = [(b"origin", origin.encode("latin-1"))]
                answer = client.post(path, data={"csrf": csrf, "text": "Yes, double it."}, headers=headers)
                assert answer.status_code == 403, (origin, path)
                tried += 1
        assert client.get("/inbox").status_code == 200  # Nor did one of them sign Dana out.
    assert desk.access == []
    assert (len(posts), tried) == (len(set(posts)), len(posts) * 40) and len(posts) >= 14
    print(f"foreign origins that changed something: 0 of {tried}")  # noqa: T201  the figure


@pytest.mark.parametrize(
    "headers",
    [
        {},  # a program
        {"origin": OWN},
        {"origin": OWN, "sec-fetch-site": "same-origin"},
        {"origin": "null", "sec-fetch-site": "same-origin"},  # What a form of a page without a referrer sends.
        {"origin": "null", "sec-fetch-site": "none"},  # The same page, loaded again.
        {"sec-fetch-site": "same-origin"},
    ],
)
def test_our_own_pages_change_what_they_may(desk: MemoryDesk, headers: dict[str, str]) -> None:
    """The control."""
    with dana_at(desk) as (client, csrf):
        assert client.post(CLAIM, data={"csrf": csrf}, headers=headers).status_code == 303
    assert [step for _, _, step in desk.access] == ["claim"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "null"},  # A sandboxed frame, a file, a redirect: no browser of today leaves the other header out.
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "same-site"},
        {"origin": OWN, "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": ""},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        {"origin": "https://evil.example", "host": "evil.example"},  # A name of theirs that leads to our address.
    ],
)
def test_what_says_that_it_is_not_ours_is_refused(desk: MemoryDesk, headers: dict[str, str]) -> None:
    with dana_at(desk) as (client, csrf):
        assert client.post(CLAIM, data={"csrf": csrf}, headers=headers).status_code == 403
    assert desk.access == []


def test_without_an_address_of_its_own_the_one_that_was_asked_counts(desk: MemoryDesk) -> None:
    """As at a demo, which is opened as 127.0.0.1 or localhost."""
    with dana_at(desk, origin="") as (client, csrf):
        assert client.post(CLAIM, data={"csrf": csrf}, headers={"origin": OWN}).status_code == 303
        assert client.post(CLAIM, data={"csrf": csrf}, headers={"origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Console.Example.org/", "https://console.example.org"),
        ("https://console.example.org:443/portico", "https://console.example.org"),
        ("https://console.example.org:8443", "https://console.example.org:8443"),
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
    ],
)
def test_an_address_has_the_origin_that_browsers_write(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize("url", ["", "console.example.org", "ftp://console.example.org", "https://", "https://a:b"])
def test_an_address_without_an_origin_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        origin_of(url)
