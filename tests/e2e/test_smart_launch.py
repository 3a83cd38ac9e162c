"""An EHR launches its patient, in a real Chromium: from its authorization server to an answer, and out again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.browser import assert_accessible, open_context
from own_gateway import OwnGateway, await_ready, own_gateway
from stack import Stack, free_port
from unit.identity.authorization_server import AuthorizationServer, serve

WAIT_MS = 15_000


@pytest.fixture
def launched(stack: Stack, tmp_path: Path) -> Iterator[tuple[OwnGateway, AuthorizationServer]]:
    """A gateway beside the demo that one server may launch."""
    port = free_port()
    back = f"http://127.0.0.1:{port}/smart/callback"
    person = {"sub": "dana", "fhirUser": "Patient/pat-7"}
    made = AuthorizationServer(redirect_uri=back, person=person, patient="pat-7", launches={"handle-1"})
    with serve(made) as server:
        settings = {
            "PORTICO_PORT": str(port), "PORTICO_LAUNCH_SERVERS": server.url, "PORTICO_LAUNCH_CLIENT_ID": "portico",
            "PORTICO_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }  # fmt: skip
        with own_gateway(stack.state, tmp_path / "gateway", tenant="launched", settings=settings) as gateway:
            yield await_ready(gateway), server


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with open_context(chromium) as context:
        yield context.new_page()


def test_an_ehr_launches_its_patient(launched: tuple[OwnGateway, AuthorizationServer], page: Page) -> None:
    gateway, server = launched
    addresses: list[str] = []
    tokens: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.on("request", lambda request: tokens.append(request.headers.get("authorization", "").removeprefix("Bearer ")))

    page.goto(f"{gateway.url}/smart/launch?iss={server.url}&launch=handle-1")
    expect(page).to_have_url(f"{gateway.url}/smart/app")
    box = page.get_by_role("textbox")
    expect(box).to_be_visible(timeout=WAIT_MS)
    box.fill("What is metformin used for?")
    box.press("Enter")
    expect(page.get_by_text("type 2 diabetes").first).to_be_visible(timeout=WAIT_MS)
    assert_accessible(page)
    used = set(filter(None, tokens))
    assert used and not any(token in address for token in used for address in addresses)
    assert page.evaluate("document.cookie") == ""  # No script can read what the browser has.

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible(timeout=WAIT_MS)
    page.goto(f"{gateway.url}/smart/app")
    expect(page.get_by_text("Code: session_ended")).to_be_visible()
    expect(page.get_by_role("link", name="Call 911").first).to_be_visible()
    assert_accessible(page)
