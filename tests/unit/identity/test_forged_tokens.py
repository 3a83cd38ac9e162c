"""Forged tokens accepted: 0. Sound ones of every form accepted: all. And each check, taken out, lets forgeries in."""

import json
from collections.abc import Iterator

import pytest

from portico_core.errors import Unauthenticated
from portico_core.labels import Role
from portico_gateway.web.identity import TokenVerifier
from portico_identity import compact, tokens
from portico_identity.issuer_keys import IssuerKeys
from portico_identity.tokens import Expected, IssuerTokens
from unit.gateway.issuer import AUDIENCE, ISSUER, serve_jwks
from unit.identity.forgeries import FORGED, SOUND, TENANT, published


@pytest.fixture(scope="module")
def jwks_url() -> Iterator[str]:
    with serve_jwks() as server:
        server.raw = json.dumps(published()).encode()
        yield server.url


@pytest.fixture
def verifier(jwks_url: str) -> TokenVerifier:
    expected = Expected(ISSUER, AUDIENCE, scopes=frozenset({"portico.chat"}), tenant=TENANT)
    return TokenVerifier(IssuerTokens(expected, IssuerKeys(jwks_url)))


async def accepted(verifier: TokenVerifier, kind: str) -> bool:
    try:
        await verifier.verify(f"Bearer {FORGED[kind]()}")
    except Unauthenticated:
        return False
    return True


@pytest.mark.parametrize("form", SOUND)
async def test_a_sound_token_is_accepted(verifier: TokenVerifier, form: str) -> None:
    identity = await verifier.verify(f"Bearer {SOUND[form]()}")
    assert (identity.subject, identity.role, identity.patient_id()) == ("user-1", Role.PATIENT, "p1")


@pytest.mark.parametrize("kind", FORGED)
async def test_a_forged_token_is_refused(verifier: TokenVerifier, kind: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await verifier.verify(f"Bearer {FORGED[kind]()}")
    assert str(caught.value) == Unauthenticated.public_message
    assert caught.value.__cause__ is None


async def test_the_suite_is_as_large_as_promised(verifier: TokenVerifier) -> None:
    """design/promises.md, row 12."""
    assert (len(FORGED) >= 60, len(SOUND) >= 10) == (True, True)
    let_in = [kind for kind in FORGED if await accepted(verifier, kind)]
    print(f"forged tokens accepted: {len(let_in)} of {len(FORGED)} kinds; sound forms accepted: {len(SOUND)}")  # noqa: T201
    assert let_in == []


# A check that is taken out, and a forgery that comes in without it: the controls of the suite.
WITHOUT: list[tuple[object, str, object, str]] = [
    (tokens, "_refuse_other_uses", lambda claims: None, "an identity token by its nonce"),
    (tokens, "check_claims", lambda claims, expected, now: None, "another audience"),
    (tokens, "scopes_of", lambda claims: {"portico.chat"}, "no scope"),
    (tokens, "is_identifier", lambda value, most: True, "an empty subject"),
    (tokens, "LONGEST_LIFE_S", 10**9, "an expiry in a week"),
    (compact, "_REFUSED_HEADERS", frozenset(), "the issuer's own key in the header"),
    (compact, "_once", dict, "a claim twice"),
    (compact, "_check", lambda value, depth: None, "half a character"),
]


@pytest.mark.parametrize("taken_out", WITHOUT, ids=[each[1] for each in WITHOUT])
async def test_a_check_taken_out_lets_a_forgery_in(
    verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch, taken_out: tuple[object, str, object, str]
) -> None:
    module, name, without, kind = taken_out
    assert not await accepted(verifier, kind)
    monkeypatch.setattr(module, name, without)
    assert await accepted(verifier, kind)
