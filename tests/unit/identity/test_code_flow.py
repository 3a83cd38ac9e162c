"""Sign-in by authorization code against a real server on loopback: every sound flow ends well, every forged one not."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc.jwk import ECKey

from portico_core.errors import IssuerUnavailable, PorticoError, Unauthenticated
from portico_identity.assurance import Assurance
from portico_identity.code_flow import Client, Pending, SignedIn, begin, discover_openid, discover_smart, finish
from unit.gateway.issuer import make_rsa_key
from unit.identity.authorization_server import AuthorizationServer, serve

BACK = "https://console.test/sign-in/callback"
CLIENT_KEY = ECKey.generate_key("P-384", {"kid": "c1"})
STAFF = Client("portico", BACK, "openid profile")
EHR = Client("portico", BACK, "launch openid fhirUser", CLIENT_KEY)
STANDALONE = Client("portico", BACK, "launch/patient openid fhirUser", CLIENT_KEY)


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with serve(AuthorizationServer(redirect_uri=BACK)) as running:
        yield running


async def visit(url: str) -> dict[str, str]:
    """Go where the browser is sent, and return what it brings back."""
    async with httpx2.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(url)
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith(BACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def sign_in(
    server: AuthorizationServer,
    client: Client = STAFF,
    *,
    launch: str = "",
    change: Callable[[dict[str, str]], dict[str, str]] = dict,
    pending: Callable[[Pending], Pending] = lambda kept: kept,
) -> SignedIn:
    """Take a browser through the whole flow; the changes are what an attacker does on the way."""
    smart = client is not STAFF
    provider = await (discover_smart if smart else discover_openid)(server.url)
    url, kept = begin(provider, client, audience=server.url if smart else "", launch=launch)
    return await finish(provider, client, pending(kept), query=change(await visit(url)))


async def test_staff_sign_in(server: AuthorizationServer) -> None:
    signed_in = await sign_in(server)
    assert signed_in.claims["sub"] == "dana"
    assert signed_in.patient is None
    (asked,) = [fields for path, fields in server.seen if path == "/authorize"]
    (form,) = [fields for path, fields in server.seen if path == "/token"]
    assert asked["code_challenge_method"] == "S256"
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert form["code_verifier"] not in str(asked)
    assert min(len(asked[name]) for name in ("state", "nonce")) >= 43  # 256 bits.


async def test_an_ehr_launches_us_with_its_patient(server: AuthorizationServer) -> None:
    server.client_key, server.patient, server.launches = CLIENT_KEY, "pat-7", {"handle-1"}
    signed_in = await sign_in(server, EHR, launch="handle-1")
    assert (signed_in.patient, signed_in.scopes) == ("pat-7", frozenset({"launch", "openid", "fhirUser"}))
    (asked,) = [fields for path, fields in server.seen if path == "/authorize"]
    assert (asked["launch"], asked["aud"]) == ("handle-1", server.url)


async def test_a_patient_launches_us_standalone(server: AuthorizationServer) -> None:
    server.client_key, server.patient = CLIENT_KEY, "pat-8"
    assert (await sign_in(server, STANDALONE)).patient == "pat-8"


async def test_a_client_without_the_registered_key_gets_nothing(server: AuthorizationServer) -> None:
    """The control of the server: it does check who asks."""
    server.client_key = CLIENT_KEY
    for client in (STAFF, replace(STAFF, key=ECKey.generate_key("P-384", {"kid": "c1"}))):
        with pytest.raises(Unauthenticated):
            await sign_in(server, client)


async def test_no_two_flows_share_a_secret(server: AuthorizationServer) -> None:
    provider = await discover_openid(server.url)
    kept = [begin(provider, STAFF)[1] for _ in range(50)]
    assert len({value for each in kept for value in (each.state, each.nonce, each.verifier)}) == 150
    assert kept[0].verifier not in repr(kept[0])


# What an attacker does between the browser and us → how it ends. None may end signed in.
ON_THE_WAY: dict[str, Callable[[dict[str, str]], dict[str, str]]] = {
    "no state": lambda query: {"code": query["code"]},
    "a state of their own": lambda query: {**query, "state": "x" * 43},
    "a code of their own": lambda query: {**query, "code": "stolen"},
    "no code": lambda query: {"state": query["state"]},
    "an endless code": lambda query: {**query, "code": "c" * 5_000},
    "another server's answer": lambda query: {**query, "iss": "https://evil.test"},
    "nobody's answer": lambda query: {name: value for name, value in query.items() if name != "iss"},
    "an answer of an empty name": lambda query: {**query, "iss": ""},
    "an answer in capitals": lambda query: {**query, "iss": query["iss"].upper()},
    "an error": lambda query: {**query, "error": "access_denied"},
}


@pytest.mark.parametrize("attack", ON_THE_WAY)
async def test_a_tampered_return_signs_nobody_in(server: AuthorizationServer, attack: str) -> None:
    with pytest.raises(Unauthenticated):
        await sign_in(server, change=ON_THE_WAY[attack])


PROMISE = "authorization_response_iss_parameter_supported"


@pytest.mark.parametrize(
    ("promised", "named", "let_in"),
    [
        (True, "itself", True),  # The control.
        (True, "nobody", False),  # RFC 9207, 2.4: what is promised and missing is refused,
        (True, "another", False),
        ("true", "nobody", False),  # also where the promise has an odd form.
        (False, "nobody", True),  # A server of before RFC 9207.
        (..., "nobody", True),
        (False, "another", False),  # Whoever names another one is never believed.
        (..., "another", False),
    ],
)
async def test_a_server_that_promises_to_name_itself_must_do_so(
    server: AuthorizationServer, promised: object, named: str, let_in: bool
) -> None:
    server.change_discovery = lambda said: {
        name: value for name, value in {**said, PROMISE: promised}.items() if value is not ...
    }

    def change(query: dict[str, str]) -> dict[str, str]:
        iss = {"itself": server.url, "another": "https://evil.test"}.get(named)
        return {name: value for name, value in {**query, "iss": iss}.items() if value is not None}

    if let_in:
        assert (await sign_in(server, change=change)).claims["sub"] == "dana"
        return
    with pytest.raises(Unauthenticated):
        await sign_in(server, change=change)


@pytest.mark.parametrize("secret", ["state", "nonce", "verifier"])
async def test_the_return_of_another_browser_signs_nobody_in(server: AuthorizationServer, secret: str) -> None:
    with pytest.raises(Unauthenticated):
        await sign_in(server, pending=lambda kept: replace(kept, **{secret: "y" * 43}))


async def test_a_code_is_good_once(server: AuthorizationServer) -> None:
    provider = await discover_openid(server.url)
    url, kept = begin(provider, STAFF)
    query = await visit(url)
    assert (await finish(provider, STAFF, kept, query=query)).claims["sub"] == "dana"
    with pytest.raises(Unauthenticated):
        await finish(provider, STAFF, kept, query=query)


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "n"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "other"},
    "several audiences and no party": {"aud": ["portico", "other"]},
    "another party": {"azp": "other"},
    "another issuer": {"iss": "https://evil.test"},
    "expired": {"exp": 1},
    "no subject": {"sub": ""},
    "the hash of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("lie", LIES)
async def test_an_identity_token_that_is_not_of_this_flow_is_refused(server: AuthorizationServer, lie: str) -> None:
    server.change_identity = lambda said: {**said, **LIES[lie]}
    with pytest.raises(Unauthenticated):
        await sign_in(server)


async def test_an_identity_token_of_another_key_is_refused(server: AuthorizationServer) -> None:
    server.signing_key = make_rsa_key("as1")
    with pytest.raises(Unauthenticated):
        await sign_in(server)


ANSWERS: dict[str, tuple[dict[str, Any], type[PorticoError]]] = {
    "no identity token": ({"id_token": None}, Unauthenticated),
    "a token bound to a key": ({"token_type": "DPoP"}, Unauthenticated),
    "several patients": ({"patient": ["a", "b"]}, Unauthenticated),
    "a patient without a name": ({"patient": ""}, Unauthenticated),
    "too much": ({"padding": "x" * 70_000}, IssuerUnavailable),
}


@pytest.mark.parametrize("answer", ANSWERS)
async def test_an_unusable_answer_signs_nobody_in(server: AuthorizationServer, answer: str) -> None:
    changed, error = ANSWERS[answer]
    server.change_answer = lambda said: {**said, **changed}
    with pytest.raises(error):
        await sign_in(server)


DISCOVERIES: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://evil.test"},
    "no S256": {"code_challenge_methods_supported": ["plain"]},
    "a token endpoint without TLS": {"token_endpoint": "http://id.example.org/token"},
    "an authorization endpoint that is a script": {"authorization_endpoint": "javascript:alert(1)"},
}


@pytest.mark.parametrize("said", DISCOVERIES)
async def test_a_server_that_says_what_we_cannot_trust_is_not_used(server: AuthorizationServer, said: str) -> None:
    server.change_discovery = lambda document: {**document, **DISCOVERIES[said]}
    with pytest.raises(IssuerUnavailable):
        await discover_openid(server.url)


async def test_a_server_that_is_down_is_named() -> None:
    for discover in (discover_openid, discover_smart):
        with pytest.raises(IssuerUnavailable):
            await discover("http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("claims", "met"),
    [
        ({"amr": ["pwd", "otp"]}, True),
        ({"amr": ["mfa"]}, True),
        ({"amr": ["pwd"]}, False),
        ({"amr": "mfa"}, False),  # A text is no list of RFC 8176.
        ({"amr": [["mfa"]]}, False),
        ({"acr": "gold"}, False),  # A class that the site did not name.
        ({}, False),
    ],
)
def test_staff_need_a_second_factor(claims: dict[str, Any], met: bool) -> None:
    assert Assurance().is_met(claims) is met


def test_a_class_that_the_site_names_stands_for_itself() -> None:
    gold = Assurance(classes=frozenset({"gold"}))
    assert gold.is_met({"acr": "gold"})
    assert not gold.is_met({"acr": "silver", "amr": ["mfa"]})
    assert not gold.is_met({"acr": ["gold"]})
