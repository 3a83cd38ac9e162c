"""Staff sign in at the hospital's identity server, a real one on loopback: with a second factor and a role, or not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from portico_console.app import ConsoleSite, build_console
from portico_console.staff_sign_in import PENDING_S, StaffRules, StaffSignIn, parse_roles
from portico_core.errors import ConfigurationError
from portico_core.labels import Role
from portico_identity.assurance import Assurance
from portico_identity.code_flow import Client
from portico_identity.demo_mode import refuse_demo_beyond_loopback
from portico_state.keyring import Keyring
from unit.console.memory_audit_desk import MemoryAuditDesk
from unit.console.memory_desk import NOW, MemoryJournal, desk_with_tickets, new_sessions
from unit.identity.authorization_server import AuthorizationServer, serve

BACK = "https://console.test/sign-in/callback"
RULES = StaffRules({"nurses": Role.CLINICIAN, "auditors": Role.COMPLIANCE}, role_claim="groups")
STRONG = {"sub": "dana", "name": "Dana Whitfield", "groups": ["staff", "nurses"], "amr": ["pwd", "otp"]}


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with serve(AuthorizationServer(client_id="console", redirect_uri=BACK, person=dict(STRONG))) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


@pytest.fixture
def open_browser(server: AuthorizationServer, clock: Clock, journal: MemoryJournal) -> Callable[[], TestClient]:
    """Return how another browser opens the same console."""
    sign_in = StaffSignIn(
        server.url, Client("console", BACK, "openid profile"), RULES,
        keys=Keyring.generate().vault, tenant="demo", clock=clock,
    )  # fmt: skip
    app = build_console(
        desk=desk_with_tickets(), audit=MemoryAuditDesk(), authenticate=None, site=ConsoleSite(),
        sessions=new_sessions(journal), now=lambda: NOW, staff_sign_in=sign_in,
    )  # fmt: skip
    return lambda: TestClient(app, base_url="https://console.test", follow_redirects=False)


@pytest.fixture
def client(open_browser: Callable[[], TestClient]) -> TestClient:
    return open_browser()


def go_to_the_server(client: TestClient) -> str:
    """Start to sign in; return the address that the server sends the browser back to."""
    sent = client.get("/sign-in/start")
    assert sent.status_code == 303
    answer = httpx2.get(sent.headers["location"])
    assert answer.headers["location"].startswith(BACK)
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


def is_signed_in(client: TestClient) -> bool:
    return client.get("/inbox").status_code == 200


def test_a_nurse_signs_in_and_out(client: TestClient) -> None:
    assert not is_signed_in(client)
    page = client.get(go_to_the_server(client))
    assert (page.status_code, 'content="0; url=/inbox"' in page.text) == (200, True)
    cookies = [cookie for cookie in page.headers.get_list("set-cookie") if "portico_session" in cookie]
    assert len(cookies) == 1
    assert all(word in cookies[0] for word in ("__Host-", "HttpOnly", "Secure", "SameSite=strict", "Path=/"))
    assert "Dana Whitfield" in client.get("/inbox").text


def test_the_sign_in_page_offers_the_server_and_no_token_and_no_demo(client: TestClient) -> None:
    page = client.get("/sign-in").text
    assert 'href="/sign-in/start"' in page
    assert 'name="token"' not in page and "demo" not in page
    for path in ("/sign-in", "/sign-in/demo"):
        assert client.post(path, data={"token": "t", "csrf": "c"}).status_code in {403, 404}


@pytest.mark.parametrize(
    "person",
    [
        {**STRONG, "amr": ["pwd"]},  # a password alone
        {**STRONG, "amr": []},
        {name: value for name, value in STRONG.items() if name != "amr"},
        {**STRONG, "groups": ["staff"]},  # no role here
        {**STRONG, "groups": "nurses-of-old"},
        {**STRONG, "groups": [["nurses"]]},
        {name: value for name, value in STRONG.items() if name != "groups"},
    ],
)
def test_who_is_weakly_signed_in_or_has_no_role_does_not_come_in(
    client: TestClient, server: AuthorizationServer, journal: MemoryJournal, person: dict[str, object]
) -> None:
    server.person = person
    answer = client.get(go_to_the_server(client))
    assert (answer.status_code, "second factor" in answer.text) == (401, True)
    assert not is_signed_in(client)
    why = "no_role" if person.get("amr") == STRONG["amr"] else "weak"
    assert journal.noted == [f"refused {why} dana"]


def test_a_return_to_another_browser_signs_nobody_in(open_browser: Callable[[], TestClient]) -> None:
    """A stranger's code in my browser would sign me in as the stranger."""
    mine, strangers = open_browser(), open_browser()
    back = go_to_the_server(strangers)
    assert mine.get(back).status_code == 401
    go_to_the_server(mine)
    assert mine.get(back).status_code == 401
    assert not is_signed_in(mine)


def test_a_return_is_good_once_and_for_ten_minutes(client: TestClient, clock: Clock) -> None:
    back = go_to_the_server(client)
    assert client.get(back).status_code == 200
    assert client.get(back).status_code in {303, 401}  # The session of the first stands; the second made none.
    late = go_to_the_server(client)
    clock.now += PENDING_S + 1
    client.cookies.delete("__Host-portico_session")
    assert client.get(late).status_code == 401


def test_a_changed_cookie_signs_nobody_in(client: TestClient) -> None:
    back = go_to_the_server(client)
    for value in ("", "junk", "p1.v1.AAAA", "p1.zz.AAAA", "p1.v1." + "A" * 200):
        client.cookies.set("__Host-portico_sign_in", value, domain="console.test")
        assert client.get(back).status_code == 401
    assert not is_signed_in(client)


def test_a_server_that_is_down_is_said_plainly() -> None:
    nowhere = StaffSignIn(
        "http://127.0.0.1:9", Client("console", BACK, "openid"), RULES, keys=Keyring.generate().vault, tenant="demo"
    )
    app = build_console(
        desk=desk_with_tickets(), audit=MemoryAuditDesk(), authenticate=None, site=ConsoleSite(),
        sessions=new_sessions(), staff_sign_in=nowhere,
    )  # fmt: skip
    answer = TestClient(app, base_url="https://console.test", follow_redirects=False).get("/sign-in/start")
    assert (answer.status_code, "not available right now" in answer.text) == (503, True)


def test_a_named_class_is_asked_for_and_looked_at() -> None:
    rules = replace(RULES, assurance=Assurance(classes=frozenset({"gold"})), acr="gold")
    assert rules.member({**STRONG, "acr": "gold"}).role is Role.CLINICIAN


@pytest.mark.parametrize("text", ["", "nurses", "nurses=", "=clinician", "nurses=patient", "nurses=admin"])
def test_roles_that_staff_cannot_have_stop_the_start(text: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_roles(text)


EVERYWHERE = "0.0.0.0"  # noqa: S104  # Nothing is bound here; it is what an installation listens on.


@pytest.mark.parametrize("address", [EVERYWHERE, "10.1.2.3", "https://id.example.org", "http://[::]:8082", "portico"])
def test_demo_mode_cannot_be_on_in_an_installation(address: str) -> None:
    refuse_demo_beyond_loopback(("127.0.0.1", "http://127.0.0.1:8082/jwks", "", "http://localhost:1/token"))
    with pytest.raises(ConfigurationError):
        refuse_demo_beyond_loopback(("127.0.0.1", address))
