"""SMART App Launch to a session with the widget, against a real server and a real store: sound launches, forged ones.

design/promises.md, row 12: whatever is forged or wrong opens no session, and says so on one page that repeats nothing.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator

import httpx2
import pytest
import redis
from joserfc.jwk import ECKey
from starlette.types import ASGIApp

from integration.gateway_door import PHONE, build_launching, gateway_door
from portico_core.errors import AuditUnavailable, ConfigurationError
from portico_core.labels import Role
from portico_core.language import Language, language_of_text
from portico_gateway.bootstrap import _launching
from portico_gateway.settings import GatewaySettings
from portico_gateway.web.launch_faults import STATUS, LaunchFault
from portico_gateway.web.launch_servers import parse_servers
from portico_gateway.web.launch_sessions import BEGUN_A_MINUTE, LaunchSessions
from portico_gateway.web.launch_words import WORDS
from portico_gateway.web.widget_tokens import WidgetTokens
from portico_state.redis_audit import RedisAudit
from unit.gateway.issuer import make_key, serve_jwks
from unit.identity.authorization_server import AuthorizationServer, serve
from unit.identity.launch_forgeries import BEGINNINGS, LIES, RETURNS, WAYS_OUT
from unit.identity.launches import BACK, GATEWAY, PENDING, SESSION, LaunchBrowser, as_it_came
from unit.state.rig import TENANT, StateRig, say

CLIENT_KEY = ECKey.generate_key("P-384", {"kid": "c1"})
PERSON = {"sub": "dana", "fhirUser": "Patient/pat-7", "name": "Zebulon Quartermain", "birthdate": "1984-03-09"}


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    made = AuthorizationServer(
        redirect_uri=BACK, client_key=CLIENT_KEY, person=dict(PERSON), patient="pat-7", launches={"handle-1"}
    )
    with serve(made) as running:
        yield running


@pytest.fixture(scope="module")
def jwks() -> Iterator[str]:
    with serve_jwks(make_key()) as running:
        yield running.url


@pytest.fixture
async def door(rig: StateRig, server: AuthorizationServer, jwks: str) -> AsyncIterator[ASGIApp]:
    yield gateway_door(rig, jwks, launching=build_launching(rig, server.url, key=CLIENT_KEY))


@pytest.fixture
def browser(door: ASGIApp) -> LaunchBrowser:
    return LaunchBrowser(door)


def minted(rig: StateRig, answer: httpx2.Response) -> dict[str, object]:
    """Return what a token of the page says."""
    assert answer.status_code == 200, answer.text
    return dict(WidgetTokens(rig.keyring.vault, TENANT).open(answer.json()["token"]))


async def sessions(rig: StateRig) -> list[str]:
    return [str(key) async for key in rig.store.redis.scan_iter(match="*:launch:session:*")]


async def test_an_ehr_launches_its_patient_into_a_session(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser
) -> None:
    back = await browser.whole(server.url)
    assert (back.status_code, back.headers["location"]) == (303, "/smart/app")
    page = await browser.get("/smart/app")
    assert page.status_code == 200 and "<portico-chat" in page.text
    claims = minted(rig, await browser.token())
    assert (claims["patient"], claims["role"], claims["name"]) == ("pat-7", "patient", "Zebulon Quartermain")
    (asked,) = [fields for path, fields in server.seen if path == "/authorize"]
    assert (asked["aud"], asked["launch"], asked["code_challenge_method"]) == (server.url, "handle-1", "S256")
    assert asked["scope"].split() == ["launch", "openid", "fhirUser"]
    assert set(browser.cookies) == {SESSION}  # The launch's own is gone.
    records = [record for record in await rig.records() if record["source"] == "token.mint"]
    assert [(r["phase"], r["actor"]) for r in records] == [("access", "launch:portico")]


async def test_a_patient_launches_standalone_and_speaks(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser
) -> None:
    assert (await browser.whole(server.url, launch=None)).status_code == 303
    token = (await browser.token()).json()["token"]
    transport = httpx2.ASGITransport(app=browser.app)
    async with httpx2.AsyncClient(transport=transport, base_url=GATEWAY) as page:
        headers = {"authorization": f"Bearer {token}", "origin": GATEWAY}
        assert (await page.post("/v1/conversations", json={}, headers=headers)).status_code == 201
    assert token not in " ".join(browser.seen)
    assert "Quartermain" not in token


@pytest.mark.parametrize("user", ["RelatedPerson/rel-1", "Patient/pat-9", "{base}/RelatedPerson/rel-1"])
async def test_somebody_who_acts_for_a_patient_is_a_proxy(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser, user: str
) -> None:
    server.person["fhirUser"] = user.replace("{base}", server.url)
    await browser.whole(server.url)
    claims = minted(rig, await browser.token())
    assert (claims["role"], claims["patient"]) == ("proxy", "pat-7")
    assert "name" not in claims and claims["proxies"] == [{n: PERSON[n] for n in ("name", "birthdate")}]


async def test_patients_of_two_servers_with_one_number_are_two(
    rig: StateRig, server: AuthorizationServer, jwks: str
) -> None:
    launching = build_launching(rig, f"http://127.0.0.1:9,west={server.url}", key=CLIENT_KEY)
    browser = LaunchBrowser(gateway_door(rig, jwks, launching=launching))
    await browser.whole(server.url)
    assert minted(rig, await browser.token())["patient"] == "west/pat-7"


async def test_what_the_store_keeps_can_be_read_by_nobody(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser
) -> None:
    await browser.launch(server.url)
    pending = dict(browser.cookies)
    await browser.whole(server.url)
    kept = [(str(key), str(await rig.store.redis.get(key))) async for key in rig.store.redis.scan_iter("*launch*")]
    text = json.dumps(kept)
    assert len(kept) >= 3 and "pat-7" not in text and "Quartermain" not in text
    assert not any(value in text for value in (*pending.values(), *browser.cookies.values()))


async def test_signing_out_ends_the_session_at_once(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser
) -> None:
    await browser.whole(server.url)
    kept = dict(browser.cookies)
    out = await browser.get("/smart/sign-out", method="POST", headers={"origin": GATEWAY})
    assert out.status_code == 200 and PHONE in out.text and browser.cookies == {}
    browser.cookies = dict(kept)  # Somebody kept the cookie.
    assert (await browser.token()).status_code == 401
    assert (await browser.get("/smart/app")).status_code == 401
    assert (await browser.whole(server.url)).status_code == 303  # Launched again, they are in again,
    assert browser.cookies != kept  # with another session.


async def test_signing_out_ends_the_tokens_of_this_session_alone_on_record(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser
) -> None:
    other = LaunchBrowser(browser.app)  # The same patient at another device.
    tokens = []
    for each in (browser, other):
        await each.whole(server.url)
        tokens.append((await each.token()).json()["token"])
    assert [await opens(browser, token) for token in tokens] == [201, 201]
    await browser.get("/smart/sign-out", method="POST", headers={"origin": GATEWAY})
    assert [await opens(browser, token) for token in tokens] == [401, 201]
    ended = [record for record in await rig.records() if record["source"] == "token.revoke"]
    hashed = rig.keyring.patient_hash("pat-7", tenant=TENANT)
    assert [(r["phase"], r["actor"], r["patient"]) for r in ended] == [("access", "launch:portico", hashed)]
    # Who was never signed in signs nobody out, and leaves nothing in the store.
    before = sorted([key async for key in rig.store.redis.scan_iter("*:sign-out:*")])
    stranger = LaunchBrowser(browser.app, {SESSION: "A" * 43})
    assert (await stranger.get("/smart/sign-out", method="POST", headers={"origin": GATEWAY})).status_code == 200
    assert sorted([key async for key in rig.store.redis.scan_iter("*:sign-out:*")]) == before
    # Another launch in the same browser takes the place of the session, tokens and all.
    await other.whole(server.url)
    assert await opens(other, tokens[1]) == 401


async def opens(browser: LaunchBrowser, token: str) -> int:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=browser.app), base_url=GATEWAY) as page:
        headers = {"authorization": f"Bearer {token}", "origin": GATEWAY}
        return (await page.post("/v1/conversations", json={}, headers=headers)).status_code


async def test_a_sign_out_ends_a_token_that_is_just_being_made(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.whole(server.url)
    real = LaunchSessions.find

    async def find_then_sign_out(sessions: LaunchSessions, id: str) -> object:
        claims = await real(sessions, id)
        await sessions.end(id)
        return claims

    monkeypatch.setattr(LaunchSessions, "find", find_then_sign_out)
    made = await browser.token()
    assert made.status_code == 200 and await opens(browser, made.json()["token"]) == 401


async def test_a_sign_out_that_cannot_be_put_on_record_is_one(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.whole(server.url)
    token = (await browser.token()).json()["token"]

    async def fail(*_: object, **__: object) -> None:
        raise AuditUnavailable

    monkeypatch.setattr(RedisAudit, "append", fail)
    out = await browser.get("/smart/sign-out", method="POST", headers={"origin": GATEWAY})
    assert out.status_code == 200 and await opens(browser, token) == 401


async def test_the_pages_speak_the_browsers_language(server: AuthorizationServer, browser: LaunchBrowser) -> None:
    await browser.whole(server.url)
    spanish = {"accept-language": "es-MX,es;q=0.9,en;q=0.8", "origin": GATEWAY}
    pages = [
        await browser.get("/smart/app", headers=spanish),
        await browser.get("/smart/sign-out", method="POST", headers=spanish),
        await browser.get("/smart/app", headers=spanish),
    ]
    says = ("Cerrar sesión", "Su sesión está cerrada", "Código: session_ended")
    for page, words in zip(pages, says, strict=True):
        assert '<html lang="es">' in page.text and words in page.text and "Llame a Riverbend Clinic" in page.text
        assert "tel:911" in page.text and "Sign out" not in page.text and "Call 911" not in page.text
    english = await browser.get("/smart/app", headers={"accept-language": "fr,en;q=0.5"})
    assert '<html lang="en">' in english.text and "Code: session_ended" in english.text


async def test_a_session_ends_by_itself(
    rig: StateRig, admin: "redis.Redis", server: AuthorizationServer, browser: LaunchBrowser
) -> None:
    await browser.whole(server.url)
    (key,) = await sessions(rig)
    assert 0 < int(admin.ttl(key)) <= 900
    await rig.store.redis.delete(key)
    assert (await browser.token()).status_code == 401


async def test_a_page_of_another_origin_gets_no_token_and_ends_no_session(
    server: AuthorizationServer, browser: LaunchBrowser
) -> None:
    await browser.whole(server.url)
    for path in ("/smart/token", "/smart/sign-out"):
        for headers in ({"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
            assert (await browser.get(path, method="POST", headers=headers)).status_code == 403
        assert (await browser.get(path)).status_code == 405  # A link or an image is no POST.
    assert (await browser.token()).status_code == 200


async def assert_no_session(rig: StateRig, browser: LaunchBrowser, answer: httpx2.Response) -> None:
    """No cookie, nothing in the store, no token; one page: the numbers, the fault's name, nothing of the request."""
    assert answer.status_code in set(STATUS.values())
    named = [fault for fault in LaunchFault if f"Code: {fault.value}<" in answer.text]
    assert len(named) == 1 and STATUS[named[0]] == answer.status_code
    assert all(words in answer.text for words in (PHONE, "tel:911", "tel:988"))
    said = ["evil", "script>alert", "<b>", "handle-", "stolen", "pat-7", "Quartermain", "Practitioner"]
    assert [words for words in said if words in answer.text] == []
    assert SESSION not in browser.cookies and await sessions(rig) == []
    assert (await browser.token()).status_code == 401


@pytest.mark.parametrize("beginning", BEGINNINGS)
async def test_a_wrong_beginning_opens_nothing(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser, beginning: str
) -> None:
    path = BEGINNINGS[beginning].replace("{iss}", server.url).replace("{host}", server.url.removeprefix("http://"))
    await assert_no_session(rig, browser, await browser.get(path))
    assert server.seen == []  # Nobody was asked anything.


@pytest.mark.parametrize("change", RETURNS)
async def test_a_tampered_return_opens_nothing(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser, change: str
) -> None:
    await assert_no_session(rig, browser, await browser.whole(server.url, back=RETURNS[change]))
    assert browser.cookies == {}  # The launch is used up, whatever came of it.


@pytest.mark.parametrize("change", WAYS_OUT)
async def test_a_tampered_way_out_opens_nothing(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser, change: str
) -> None:
    await assert_no_session(rig, browser, await browser.whole(server.url, out=WAYS_OUT[change]))


@pytest.mark.parametrize("lie", LIES)
async def test_a_server_that_lies_opens_nothing(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser, lie: str
) -> None:
    LIES[lie](server)
    await assert_no_session(rig, browser, await browser.whole(server.url))


COOKIES = ["none", "made up", "of another browser", "used before", "of a session", "run out", "changed in the store"]


@pytest.mark.parametrize("cookie", COOKIES)
async def test_a_return_with_a_wrong_cookie_opens_nothing(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser, cookie: str
) -> None:
    other = LaunchBrowser(browser.app)
    begun = await browser.launch(server.url)
    query = await browser.visit(begun.headers["location"])
    match cookie:
        case "none":
            browser.cookies = {}
        case "made up":
            browser.cookies = {PENDING: "A" * 43}
        case "of another browser":  # The patient is made to finish the attacker's launch.
            await other.launch(server.url)
            browser.cookies = dict(other.cookies)
        case "used before":
            kept = dict(browser.cookies)
            await browser.come_back([])
            browser.cookies = kept
        case "of a session":
            await other.whole(server.url)
            browser.cookies = {PENDING: other.cookies[SESSION]}
            await other.get("/smart/sign-out", method="POST", headers={"origin": GATEWAY})
        case "run out":
            async for key in rig.store.redis.scan_iter("*:launch:pending:*"):
                await rig.store.redis.delete(key)
        case _:
            async for key in rig.store.redis.scan_iter("*:launch:pending:*"):
                sealed = str(await rig.store.redis.get(key))
                await rig.store.redis.set(key, sealed[:-6] + "AAAAA=")
    await assert_no_session(rig, browser, await browser.come_back(query))


async def test_a_code_and_a_launch_are_good_once(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser
) -> None:
    begun = await browser.launch(server.url)
    query, kept = await browser.visit(begun.headers["location"]), dict(browser.cookies)
    assert (await browser.come_back(query)).status_code == 303
    thief = LaunchBrowser(browser.app, dict(kept))
    assert (await thief.come_back(query)).status_code == 401
    await thief.launch(server.url)
    assert (await thief.come_back(query)).status_code == 401
    assert SESSION not in thief.cookies and len(await sessions(rig)) == 1


async def test_a_server_that_is_down_or_has_another_key_for_us_opens_nothing(
    rig: StateRig, server: AuthorizationServer, jwks: str
) -> None:
    for servers, key in (("http://127.0.0.1:9", CLIENT_KEY), (server.url, None), (server.url, make_key("c1"))):
        app = gateway_door(rig, jwks, launching=build_launching(rig, servers, key=key))
        browser = LaunchBrowser(app)
        await assert_no_session(rig, browser, await browser.whole(servers))


async def test_launches_do_not_fill_the_store(
    rig: StateRig, server: AuthorizationServer, browser: LaunchBrowser
) -> None:
    await rig.store.redis.set(rig.store.keys.launch("begun", "minute"), BEGUN_A_MINUTE, ex=60)
    await assert_no_session(rig, browser, await browser.whole(server.url))


WITHOUT: dict[str, tuple[str, Callable[..., object]]] = {
    "a state of their own": ("portico_identity.code_flow.hmac.compare_digest", lambda *_: True),
    "two codes": ("portico_gateway.web.launching.one_of_each", lambda pairs: dict([*pairs][:-1])),
    "a clinician": ("portico_gateway.web.launch_servers._role", lambda *_, **__: Role.PATIENT),
    "another audience": ("portico_identity.code_flow.check_claims", lambda *_, **__: None),
    "the hash of another access token": ("portico_identity.code_flow._check_access_token_hash", lambda *_: None),
}


@pytest.mark.parametrize("attack", WITHOUT)
async def test_without_its_guard_a_forgery_would_open_a_session(
    rig: StateRig, server: AuthorizationServer, door: ASGIApp, monkeypatch: pytest.MonkeyPatch, attack: str
) -> None:
    """The negative control: it is the guard that stops it, and the tests above would see a session."""
    browser = LaunchBrowser(door)
    begun = await browser.launch(server.url)
    if attack in LIES:
        LIES[attack](server)
    query = RETURNS.get(attack, as_it_came)(await browser.visit(begun.headers["location"]))
    monkeypatch.setattr(*WITHOUT[attack])
    await browser.come_back(query)
    assert len(await sessions(rig)) == 1


def test_how_many_kinds_were_forged() -> None:
    kinds = len(BEGINNINGS) + len(RETURNS) + len(WAYS_OUT) + len(LIES) + len(COOKIES) + 5
    say(f"N={kinds} kinds of forged or wrong launches")
    assert kinds >= 40


@pytest.mark.parametrize(
    "setting",
    [
        "http://ehr.example.org/fhir",  # In the clear.
        "https://ehr.example.org/fhir/",  # EHRs write it without; compared character by character.
        "https://ehr.example.org/fhir?x=1",
        "https://user@ehr.example.org/fhir",
        "https://a.example.org,https://b.example.org",  # Two servers whose patients have no names.
        "a=https://a.example.org,a=https://b.example.org",
        "A b=https://a.example.org",
        "ehr.example.org/fhir",
    ],
)
def test_a_server_that_cannot_be_trusted_stops_the_start(setting: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_servers(setting)


def test_every_fault_has_its_words() -> None:
    assert set(STATUS) == set(LaunchFault)
    for words in WORDS.values():
        assert set(words.faults) == set(LaunchFault)
    pairs = [(WORDS[Language.ENGLISH].faults[fault], WORDS[Language.SPANISH].faults[fault]) for fault in LaunchFault]
    assert [pair for pair in pairs if tuple(map(language_of_text, pair)) != (Language.ENGLISH, Language.SPANISH)] == []


def test_half_a_setting_stops_the_start() -> None:
    class Half:
        settings = GatewaySettings(launch_servers="https://ehr.example.org/fhir", launch_client_id="portico")

    with pytest.raises(ConfigurationError, match="PORTICO_PUBLIC_URL"):
        _launching(Half())  # type: ignore[arg-type]
