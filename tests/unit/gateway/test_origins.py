"""Forty foreign origins on every route: nothing changes, and nobody may read the answer."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp

from portico_core.errors import ConfigurationError
from portico_gateway.texts import SiteTexts
from portico_gateway.web.app import Site, build_app
from portico_gateway.web.edge import security_headers
from portico_gateway.web.origins import parse_origins
from unit.gateway.asgi import Answer, call
from unit.gateway.test_refusals import JSON, Clinic

RIVERBEND = SiteTexts("Riverbend Clinic", "+1-555-0100")

PORTAL = "https://portal.example.org"
HOST = "portico.example.org"
FOREIGN = [
    "null", "", " ", "*", "https://evil.example", "http://evil.example", "https://evil.example:8443",
    "http://portal.example.org", "https://portal.example.org:8443", "https://portal.example.org.evil.example",
    "https://evilportal.example.org", "https://portal.example.org@evil.example", "https://portal-example.org",
    "https://sub.portal.example.org", "https://example.org", "https://portal.example.com", "https://PORTAL.example.org.",
    "https://portal.example.org.", "https://portal.example.org/", "https://portal.example.org/path",
    "https://portal.example.org?x", "https://portal.example.org#x", "https://portal.example.org ",
    "https://portal.example.org,https://evil.example", "https://portal.example.org https://evil.example",
    "https://xn--prtal-3ya.example.org", "https://p\u00f6rtal.example.org".encode().decode("latin-1"),
    "https://portal.example.org%00.evil.example", "https://portal.example.org%2eevil.example", "file://",
    "file:///portal.example.org", "data:text/html,x", "about:blank", "chrome-extension://abcdef", "https://127.0.0.1",
    "http://localhost", "https://[::1]", "https://portico.example.org.evil.example", "ftp://portico.example.org",
    "https://portico.example.org:8443",
]  # fmt: skip
ROUTES = [
    ("POST", "/v1/conversations"),
    ("POST", "/v1/conversations/c1/turns"),
    ("POST", "/v1/conversations/c1/turns/t1/feedback"),
    ("DELETE", "/v1/conversations/c1"),
    ("GET", "/v1/conversations/c1"),
    ("GET", "/v1/conversations/c1/events"),
]
STATE_CHANGES = [route for route in ROUTES if route[0] != "GET"]


@contextlib.asynccontextmanager
async def no_lifespan(_: Starlette) -> AsyncIterator[None]:
    yield


def served(clinic: Clinic) -> ASGIApp:
    site = Site("0", Path("x.js"), Path("x.md"), False, "", "", texts=RIVERBEND, allowed_origins=parse_origins(PORTAL))
    metrics = clinic.world.metrics
    return build_app(clinic.api, site=site, readiness=cast(Any, None), metrics=metrics, lifespan=no_lifespan)


async def ask(clinic: Clinic, method: str, path: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = b'{"text": "What is metformin used for?"}'
    return await call(served(clinic), method, path, chunks=[body], headers={**JSON, "host": HOST, **named})


def test_there_are_forty() -> None:
    assert len(set(FOREIGN)) == 40


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_origin_changes_nothing_and_reads_nothing(origin: str) -> None:
    clinic = Clinic()
    for method, path in STATE_CHANGES:
        answer = await ask(clinic, method, path, origin=origin)
        assert (answer.status, answer.json()["error"]["code"]) == (403, "forbidden")
        preflight = await ask(clinic, "OPTIONS", path, origin=origin, access_control_request_method=method)
        assert preflight.status == 403
        assert not [name for name in {**answer.headers, **preflight.headers} if name.startswith("access-control-")]
    assert clinic.world.journal == [] and clinic.limits.asked == []  # Neither token nor store was even asked.
    page = await ask(clinic, "GET", "/healthz", origin=origin)
    assert not [name for name in page.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("origin", [PORTAL, f"https://{HOST}", f"http://{HOST}", None])
async def test_the_portal_our_own_pages_and_programs_are_served(origin: str | None) -> None:
    """The control: the same requests, from where they may come."""
    clinic = Clinic()
    answer = await ask(clinic, "POST", "/v1/conversations/c1/turns", **({"origin": origin} if origin else {}))
    assert (answer.status, answer.json()["route"]) == (200, "answer")
    assert answer.headers.get("access-control-allow-origin") == (PORTAL if origin == PORTAL else None)
    assert "access-control-allow-credentials" not in answer.headers


async def test_the_portals_preflight_is_answered_and_varies_by_origin() -> None:
    answer = await ask(Clinic(), "OPTIONS", "/v1/conversations", origin=PORTAL, access_control_request_method="POST")
    assert (answer.status, answer.headers["access-control-allow-origin"], answer.headers["vary"]) == (
        204, PORTAL, "Origin",
    )  # fmt: skip
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_foreign_page_that_hides_its_origin_is_refused(site: str) -> None:
    answer = await ask(Clinic(), "POST", "/v1/conversations", sec_fetch_site=site)
    assert answer.status == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_what_a_form_can_send_without_asking_is_not_read(kind: str) -> None:
    clinic = Clinic()
    assert (await ask(clinic, "POST", "/v1/conversations/c1/turns", origin=PORTAL, content_type=kind)).status == 415
    assert clinic.world.journal == []


@pytest.mark.parametrize(
    "wrong", ["*", "portal.example.org", "http://portal.example.org", "https://*.example.org", "null"]
)
def test_a_setting_that_would_let_others_in_is_refused(wrong: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_origins(f"{PORTAL}, {wrong}")


def test_pages_are_framed_by_named_origins_only() -> None:
    nobody, portal = security_headers(()), security_headers([PORTAL])
    assert "frame-ancestors 'none'" in nobody["Content-Security-Policy"] and nobody["X-Frame-Options"] == "DENY"
    assert f"frame-ancestors {PORTAL}" in portal["Content-Security-Policy"] and "X-Frame-Options" not in portal
    for policy in (nobody["Content-Security-Policy"], portal["Content-Security-Policy"]):
        assert "unsafe" not in policy and "*" not in policy
