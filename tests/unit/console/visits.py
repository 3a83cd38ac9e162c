"""What a browser does in the console's tests: come in, sign in, read a form's hidden fields."""

import re

from starlette.testclient import TestClient

from portico_console.app import ConsoleSite, build_console
from unit.console.memory_audit_desk import MemoryAuditDesk, audit_desk
from unit.console.memory_desk import NOW, MemoryDesk, MemoryJournal, authenticate, demo_token, new_sessions


def browser(
    desk: MemoryDesk,
    *,
    audit: MemoryAuditDesk | None = None,
    https: bool = True,
    demo: bool = False,
    site: ConsoleSite | None = None,
    journal: MemoryJournal | None = None,
) -> TestClient:
    """Return a browser that has just opened the console."""
    site = site or ConsoleSite(https=https, demo=demo)
    app = build_console(
        desk=desk,
        audit=audit or audit_desk(),
        authenticate=authenticate,
        site=site,
        sessions=new_sessions(journal),
        demo_token=demo_token,
        now=lambda: NOW,
    )
    base = "https://console.test" if https else "http://127.0.0.1"
    return TestClient(app, base_url=base, follow_redirects=False)


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def fence_of(page: str) -> str:
    found = re.search(r'name="fence" value="(\d+)"', page)
    assert found is not None
    return found.group(1)


def sign_in(client: TestClient, token: str) -> int:
    csrf = csrf_of(client.get("/sign-in").text)
    return int(client.post("/sign-in", data={"csrf": csrf, "token": token}).status_code)


def claim(client: TestClient, ticket: str) -> dict[str, str]:
    """Claim a ticket; return what its forms carry."""
    csrf = csrf_of(client.get(f"/tickets/{ticket}").text)
    assert client.post(f"/tickets/{ticket}/claim", data={"csrf": csrf}).status_code == 303
    page = client.get(f"/tickets/{ticket}").text
    return {"csrf": csrf_of(page), "fence": fence_of(page)}
