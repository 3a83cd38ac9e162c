"""Who is this: every defect of a token is the same refusal, and an outage of the issuer locks nobody out."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc import jwe, jws
from joserfc.jwk import ECKey

from portico_core.errors import Forbidden, Unauthenticated
from portico_core.labels import PhiType, Role
from portico_gateway.web.identity import TokenVerifier
from portico_identity import tokens as tokens_module
from unit.gateway.issuer import (
    AUDIENCE,
    ISSUER,
    JwksServer,
    make_key,
    make_rsa_key,
    serve_jwks,
    sign,
    sound_claims,
)

KEY = make_key()
RSA_KEY = make_rsa_key()
OTHER_KEY = make_key("k1")  # The same key id as KEY, another key.
STRANGER = make_key("k9")


@pytest.fixture
def jwks() -> Iterator[JwksServer]:
    with serve_jwks(KEY, RSA_KEY) as server:
        yield server


def verifier(jwks: JwksServer) -> TokenVerifier:
    return TokenVerifier(issuer=ISSUER, audience=AUDIENCE, jwks_url=jwks.url)


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def b64_json(value: object) -> str:
    return b64(json.dumps(value).encode())


def with_payload(token: str, payload: bytes) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{b64(payload)}.{signature}"


def hs256(secret: bytes, claims: dict[str, Any]) -> str:
    """Sign by hand: the library itself refuses to use a public key as a secret."""
    signed = f"{b64_json({'alg': 'HS256', 'kid': 'k1', 'typ': 'JWT'})}.{b64_json(claims)}"
    return f"{signed}.{b64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def now(seconds: int = 0) -> int:
    return int(time.time()) + seconds


SOUND: dict[str, Callable[[], str]] = {
    "ES256": lambda: sign(KEY),
    "RS256": lambda: sign(RSA_KEY),
    "one of several audiences": lambda: sign(KEY, sound_claims(aud=["portal", AUDIENCE])),
    "a clock that runs 20 s ahead": lambda: sign(KEY, sound_claims(iat=now(20), nbf=now(20))),
    "expired 20 s ago, within the leeway": lambda: sign(KEY, sound_claims(exp=now(-20))),
    "with claims that we do not know": lambda: sign(KEY, sound_claims(scope="openid", groups=["a"])),
}

DEFECTIVE: dict[str, Callable[[], str]] = {
    # No signature of the issuer.
    "alg none": lambda: f"{b64_json({'alg': 'none'})}.{b64_json(sound_claims())}.",
    "alg None, other case": lambda: f"{b64_json({'alg': 'nOnE'})}.{b64_json(sound_claims())}.",
    "alg none with the old signature": lambda: (
        f"{b64_json({'alg': 'none', 'kid': 'k1'})}.{b64_json(sound_claims())}.{sign(KEY).split('.')[2]}"
    ),
    "no alg": lambda: f"{b64_json({'kid': 'k1'})}.{b64_json(sound_claims())}.{sign(KEY).split('.')[2]}",
    "HS256 with the public key as PEM": lambda: hs256(KEY.as_pem(private=False), sound_claims()),
    "HS256 with the public key as JSON": lambda: hs256(json.dumps(KEY.as_dict(private=False)).encode(), sound_claims()),
    "HS256 with an empty secret": lambda: hs256(b"", sound_claims()),
    "another key under the known key id": lambda: sign(OTHER_KEY),
    "a key nobody published": lambda: sign(STRANGER),
    "a key of its own in the header": lambda: sign(STRANGER, jwk=STRANGER.as_dict(private=False)),
    "a key address of its own in the header": lambda: sign(STRANGER, jku="http://127.0.0.1:9/jwks.json"),
    "the signature of another token": lambda: ".".join(
        [*sign(KEY).split(".")[:2], sign(KEY, sound_claims(sub="user-2")).split(".")[2]]
    ),
    "a changed payload": lambda: with_payload(sign(KEY), json.dumps(sound_claims(patient="p2")).encode()),
    "a signature of zeros": lambda: ".".join([*sign(KEY).split(".")[:2], b64(bytes(64))]),  # CVE-2022-21449
    "a signature cut short": lambda: sign(KEY)[:-10],
    "no signature": lambda: sign(KEY).rsplit(".", 1)[0] + ".",
    # Signed, but not for us, or not now.
    "another issuer": lambda: sign(KEY, sound_claims(iss="https://evil.test")),
    "an issuer that begins like ours": lambda: sign(KEY, sound_claims(iss=ISSUER + ".evil.test")),
    "no issuer": lambda: sign(KEY, sound_claims(iss=...)),
    "another audience": lambda: sign(KEY, sound_claims(aud="billing")),
    "other audiences": lambda: sign(KEY, sound_claims(aud=["billing", "portal"])),
    "no audience": lambda: sign(KEY, sound_claims(aud=...)),
    "expired": lambda: sign(KEY, sound_claims(exp=now(-60))),
    "no expiry": lambda: sign(KEY, sound_claims(exp=...)),
    "expiry as text": lambda: sign(KEY, sound_claims(exp="2999-01-01")),
    "not yet valid": lambda: sign(KEY, sound_claims(nbf=now(120))),
    "issued in the future": lambda: sign(KEY, sound_claims(iat=now(120))),
    # Signed by the issuer, but it names no one who may come in.
    "no subject": lambda: sign(KEY, sound_claims(sub=...)),
    "an empty subject": lambda: sign(KEY, sound_claims(sub="")),
    "a subject that is no text": lambda: sign(KEY, sound_claims(sub={"id": 1})),
    "no patient": lambda: sign(KEY, sound_claims(patient=...)),
    "an empty patient": lambda: sign(KEY, sound_claims(patient="")),
    "a patient that is a number": lambda: sign(KEY, sound_claims(patient=7)),
    "several patients": lambda: sign(KEY, sound_claims(patient=["p1", "p2"])),
    "an endless patient": lambda: sign(KEY, sound_claims(patient="p" * 129)),
    "no role": lambda: sign(KEY, sound_claims(role=...)),
    "an unknown role": lambda: sign(KEY, sound_claims(role="admin")),
    "roles as a list": lambda: sign(KEY, sound_claims(role=["patient"])),
    "a role of other case": lambda: sign(KEY, sound_claims(role="Patient")),
    # Junk.
    "nothing": lambda: "",
    "a word": lambda: "garbage",
    "dots": lambda: "..",
    "many dots": lambda: "." * 8_000,
    "five parts": lambda: "a.b.c.d.e",
    "encrypted to the public key": lambda: _encrypt(sound_claims()),
    "huge": lambda: sign(KEY, sound_claims(padding="x" * 9_000)),
    "huge junk": lambda: "a" * 8_192,
    "a header that is a list": lambda: f"{b64_json([])}.{b64_json(sound_claims())}.AAAA",
    "a header nested 3,000 deep": lambda: f"{b64(b'[' * 3_000 + b']' * 3_000)}.e30.AAAA",
    "a header that is no JSON": lambda: f"{b64(b'{')}.e30.AAAA",
    "a header that is no UTF-8": lambda: f"{b64(bytes([255, 254, 253]))}.e30.AAAA",
    "a payload that is a list": lambda: _sign_raw(b"[]"),
    "a payload that is no JSON": lambda: _sign_raw(b"Zebulon"),
    "a payload nested 2,500 deep": lambda: _sign_raw(b"[" * 2_500 + b"]" * 2_500),
    "a key id that is a number": lambda: f"{b64_json({'alg': 'ES256', 'kid': 7})}.{b64_json(sound_claims())}.AAAA",
    "critical header fields": lambda: f"{b64_json({'alg': 'ES256', 'crit': ['x'], 'x': 1})}.e30.AAAA",
    "characters outside ASCII": lambda: "é.ü.ß",
    "a line end inside": lambda: sign(KEY)[:20] + "\n" + sign(KEY)[20:],
}


def _encrypt(claims: dict[str, Any]) -> str:
    public = {name: value for name, value in KEY.as_dict(private=False).items() if name not in {"use", "alg"}}
    algorithms = ["ECDH-ES", "A128GCM"]
    header = {"alg": "ECDH-ES", "enc": "A128GCM", "kid": "k1"}
    return jwe.encrypt_compact(header, json.dumps(claims), ECKey.import_key(public), algorithms=algorithms)


def _sign_raw(payload: bytes) -> str:
    return jws.serialize_compact({"alg": "ES256", "kid": "k1"}, payload, KEY)


@pytest.mark.parametrize("name", SOUND)
async def test_a_sound_token_is_accepted(jwks: JwksServer, name: str) -> None:
    identity = await verifier(jwks).verify(f"Bearer {SOUND[name]()}")
    assert (identity.subject, identity.role, identity.patient_id()) == ("user-1", Role.PATIENT, "p1")


def test_there_are_enough_defects() -> None:
    assert len(DEFECTIVE) >= 25


@pytest.mark.parametrize("name", DEFECTIVE)
async def test_a_defective_token_is_refused(jwks: JwksServer, name: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await verifier(jwks).verify(f"Bearer {DEFECTIVE[name]()}")
    assert str(caught.value) == Unauthenticated.public_message


@pytest.mark.parametrize("scheme", ["", "Basic ", "Bearer", "bearer\t", "Token ", "Bearer: "])
async def test_another_scheme_is_refused(jwks: JwksServer, scheme: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier(jwks).verify(scheme + sign(KEY))


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER "])
async def test_the_scheme_is_read_in_any_case(jwks: JwksServer, scheme: str) -> None:
    assert await verifier(jwks).verify(scheme + sign(KEY))


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.COMPLIANCE])
async def test_staff_speak_for_no_patient(jwks: JwksServer, role: Role) -> None:
    identity = await verifier(jwks).verify(f"Bearer {sign(KEY, sound_claims(role=role.value))}")
    assert identity.patient is None
    with pytest.raises(Forbidden):
        identity.patient_id()


async def test_known_values_come_from_the_token_and_are_not_shown(jwks: JwksServer) -> None:
    claims = sound_claims(mrn="MRN00482913", birthdate="1984-03-09", email=None, phone_number=...)
    identity = await verifier(jwks).verify(f"Bearer {sign(KEY, claims)}")
    assert {(value.type, value.value) for value in identity.known_values} == {
        (PhiType.NAME, "Zebulon Quartermain"), (PhiType.MRN, "MRN00482913"), (PhiType.DATE, "1984-03-09"),
    }  # fmt: skip
    assert "Zebulon" not in repr(identity) + repr(identity.known_values)


async def test_a_patient_claim_of_another_shape_refuses_the_token(jwks: JwksServer) -> None:
    with pytest.raises(Unauthenticated):
        await verifier(jwks).verify(f"Bearer {sign(KEY, sound_claims(email=7))}")


async def test_what_is_no_patients_is_not_read_as_one(jwks: JwksServer) -> None:
    claims = sound_claims(role=Role.CLINICIAN.value, email=7)
    identity = await verifier(jwks).verify(f"Bearer {sign(KEY, claims)}")
    assert identity.known_values == ()


async def test_the_keys_are_fetched_once(jwks: JwksServer) -> None:
    verify = verifier(jwks).verify
    for _ in range(20):
        await verify(f"Bearer {sign(KEY)}")
    assert len(jwks.requests) == 1


async def test_forged_tokens_do_not_make_us_ask_the_issuer_again_and_again(jwks: JwksServer) -> None:
    verify = verifier(jwks).verify
    for _ in range(20):
        with pytest.raises(Unauthenticated):
            await verify(f"Bearer {sign(STRANGER)}")
    assert len(jwks.requests) == 1


@pytest.mark.parametrize(
    "outage", [{"status": 503}, {"raw": b"<html>"}, {"raw": b'{"keys": 7}'}, {"raw": b"[]"}, {"raw": b"x" * 70_000}]
)
async def test_an_outage_of_the_issuer_locks_nobody_out(
    jwks: JwksServer, outage: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens_module, "REFETCH_S", 0.0)
    verify = verifier(jwks).verify
    await verify(f"Bearer {sign(KEY)}")
    for name, value in outage.items():
        setattr(jwks, name, value)
    with pytest.raises(Unauthenticated):  # This one makes it ask again, in vain.
        await verify(f"Bearer {sign(STRANGER)}")
    assert len(jwks.requests) == 2
    assert (await verify(f"Bearer {sign(KEY)}")).subject == "user-1"


async def test_a_stopped_issuer_locks_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens_module, "REFETCH_S", 0.0)
    with serve_jwks(KEY) as jwks:
        verify = verifier(jwks).verify
        await verify(f"Bearer {sign(KEY)}")
    with pytest.raises(Unauthenticated):
        await verify(f"Bearer {sign(STRANGER)}")
    assert (await verify(f"Bearer {sign(KEY)}")).subject == "user-1"


async def test_nobody_comes_in_while_no_key_is_known(jwks: JwksServer) -> None:
    jwks.status = 503
    verify = verifier(jwks).verify
    with pytest.raises(Unauthenticated):
        await verify(f"Bearer {sign(KEY)}")
    jwks.status = 200
    assert (await verify(f"Bearer {sign(KEY)}")).subject == "user-1"


async def test_a_new_key_of_the_issuer_is_taken_up(jwks: JwksServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens_module, "REFETCH_S", 0.0)
    verify = verifier(jwks).verify
    await verify(f"Bearer {sign(KEY)}")
    jwks.keys = [STRANGER]
    assert (await verify(f"Bearer {sign(STRANGER)}")).subject == "user-1"
    with pytest.raises(Unauthenticated):  # And the old one is no longer good.
        await verify(f"Bearer {sign(KEY)}")


async def test_a_symmetric_key_in_the_set_signs_nothing(jwks: JwksServer) -> None:
    """A published secret must not turn HS256 on."""
    jwks.raw = json.dumps({"keys": [{"kty": "oct", "kid": "k1", "k": b64(b"s" * 32)}]}).encode()
    with pytest.raises(Unauthenticated):
        await verifier(jwks).verify(f"Bearer {hs256(b's' * 32, sound_claims())}")
