"""Tokens that nobody may accept, one of each kind, and sound ones of every form. Each is made anew, because it ages."""

import base64
import hashlib
import hmac
import json
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from joserfc import jwe, jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, RSAKey

from unit.gateway.issuer import AUDIENCE, ISSUER, make_key, make_rsa_key, sign, sound_claims

KEY = make_key()
RSA_KEY = make_rsa_key()
TENANT = "demo"
_OTHER_KEY = make_key("k1")  # The same key id as KEY, another key.
_STRANGER = make_key("k9")
_STRANGE_RSA = make_rsa_key("r9")
ENCRYPTION_KEY = ECKey.generate_key("P-256", {"kid": "enc1", "use": "enc", "alg": "ECDH-ES"})
P384_KEY = ECKey.generate_key("P-384", {"kid": "p384", "use": "sig", "alg": "ES384"})
with warnings.catch_warnings(action="ignore", category=SecurityWarning):
    SHORT_KEY = RSAKey.generate_key(1024, {"kid": "short", "use": "sig", "alg": "RS256"})
SECRET = b"s" * 32
Made = Callable[[], str]


def published() -> dict[str, Any]:
    """The issuer's key set, with what may sign nothing beside the two sound keys."""
    secret = {"kty": "oct", "kid": "secret", "k": b64(SECRET)}
    twice = [KEY.as_dict(private=False), RSA_KEY.as_dict(private=False)]
    others = [key.as_dict(private=False) for key in (ENCRYPTION_KEY, P384_KEY, SHORT_KEY)]
    return {"keys": [*twice, *others, secret, {"kty": "OKP", "crv": "Ed25519", "x": b64(bytes(32))}, 7, {}]}


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def b64_json(value: object) -> str:
    return b64(json.dumps(value).encode())


def now() -> int:
    return int(time.time())


def raw(payload: bytes, **header: Any) -> str:
    """Sign any bytes with the issuer's key."""
    return signed_parts(b64_json({"alg": "ES256", "kid": "k1", **header}), b64(payload))


def raw_header(header: bytes) -> str:
    """Sign sound claims under any header."""
    return signed_parts(b64(header), b64_json(sound_claims()))


def signed_parts(first: str, second: str, key: ECKey = KEY) -> str:
    """Sign what lies between the dots, whatever it is, as a careless issuer would."""
    private = key.private_key
    assert private is not None
    der = private.sign(f"{first}.{second}".encode(), ec.ECDSA(hashes.SHA256()))
    r, s = utils.decode_dss_signature(der)
    return f"{first}.{second}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def hs256(secret: bytes, claims: Mapping[str, Any], kid: str = "k1") -> str:
    """Sign by hand: the library itself refuses to use a public key as a secret."""
    signed = f"{b64_json({'alg': 'HS256', 'kid': kid, 'typ': 'JWT'})}.{b64_json(claims)}"
    return f"{signed}.{b64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def encrypted(inner: str) -> str:
    public = {name: value for name, value in KEY.as_dict(private=False).items() if name not in {"use", "alg"}}
    header = {"alg": "ECDH-ES", "enc": "A128GCM", "kid": "k1"}
    return jwe.encrypt_compact(header, inner, ECKey.import_key(public), algorithms=["ECDH-ES", "A128GCM"])


def with_signature(change: Callable[[bytes], bytes]) -> str:
    head, payload, signature = sign(KEY).split(".")
    return f"{head}.{payload}.{b64(change(base64.urlsafe_b64decode(signature + '==')))}"


def respelled() -> str:
    """Change the unused bits of the last character: a lax reader decodes the same signature from it."""
    token = sign(KEY)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


def claims(**changes: Any) -> Made:
    return lambda: sign(KEY, sound_claims(**changes))


def at(**seconds: float) -> Made:
    """Set times so many seconds from when the token is made."""
    return lambda: sign(KEY, sound_claims(**{name: now() + each for name, each in seconds.items()}))


def header(**changes: Any) -> Made:
    return lambda: raw(json.dumps(sound_claims()).encode(), **changes)


def _document(text: str) -> bytes:
    """The JSON of sound claims with something written in before its end."""
    return (json.dumps(sound_claims())[:-1] + text + "}").encode()


SOUND: dict[str, Made] = {
    "ES256": lambda: sign(KEY),
    "RS256": lambda: sign(RSA_KEY),
    "no key id, where one key of its algorithm is published": lambda: sign(KEY, kid=...),
    "typ JWT": header(typ="JWT"),
    "typ at+jwt, RFC 9068": header(typ="at+jwt"),
    "typ as a whole media type": header(typ="application/AT+JWT"),
    "one of several audiences": claims(aud=["portal", AUDIENCE]),
    "a clock that runs 20 s ahead": at(iat=20, nbf=20),
    "expired 20 s ago, within the leeway": at(exp=-20),
    "times with fractions": at(exp=200.5),
    "claims that we do not know": claims(groups=["a"], deep={"a": {"b": [1, 2.5, None, True]}}),
    "more scopes than asked for": claims(scope="openid portico.chat fhirUser"),
    "scopes as a list named scp": claims(scope=..., scp=["portico.chat"]),
    "our tenant by name": claims(tenant=TENANT),
    "a token that says it is for access": claims(token_use="access", typ="Bearer"),
    "a header that we do not know": header(origin="east-1"),
    "a patient's name in another script": claims(name="Żółw Ωmega 李"),
}

FORGED: dict[str, Made] = {
    # No signature of the issuer.
    "alg none": lambda: f"{b64_json({'alg': 'none'})}.{b64_json(sound_claims())}.",
    "alg None, other case": lambda: f"{b64_json({'alg': 'nOnE'})}.{b64_json(sound_claims())}.",
    "alg none with an old signature": lambda: (
        f"{b64_json({'alg': 'none', 'kid': 'k1'})}.{b64_json(sound_claims())}.{sign(KEY).split('.')[2]}"
    ),
    "no alg": lambda: f"{b64_json({'kid': 'k1'})}.{b64_json(sound_claims())}.{sign(KEY).split('.')[2]}",
    "alg empty": header(alg=""),
    "alg in full-width letters": header(alg="ＥＳ256"),
    "alg in small letters": header(alg="es256"),
    "alg as a list": header(alg=["ES256"]),
    "ES384 by a published key of that curve": lambda: jws.serialize_compact(
        {"alg": "ES384", "kid": "p384"}, json.dumps(sound_claims()).encode(), P384_KEY, algorithms=["ES384"]
    ),
    "ES256 named over a key of another curve": header(kid="p384"),
    "PS256, not on the list": lambda: jws.serialize_compact(
        {"alg": "PS256", "kid": "r1"},
        json.dumps(sound_claims()).encode(),
        RSAKey.import_key({k: v for k, v in RSA_KEY.as_dict(private=True).items() if k != "alg"}),
        algorithms=["PS256"],
    ),
    "RS256 named over an elliptic key": header(alg="RS256"),
    "HS256 with the public key as PEM": lambda: hs256(KEY.as_pem(private=False), sound_claims()),
    "HS256 with the RSA key as PEM": lambda: hs256(RSA_KEY.as_pem(private=False), sound_claims(), kid="r1"),
    "HS256 with the public key as JSON": lambda: hs256(json.dumps(KEY.as_dict(private=False)).encode(), sound_claims()),
    "HS256 with an empty secret": lambda: hs256(b"", sound_claims()),
    "HS256 with a secret of the key set": lambda: hs256(SECRET, sound_claims(), kid="secret"),
    "another key under the known key id": lambda: sign(_OTHER_KEY),
    "another RSA key under an unknown id": lambda: sign(_STRANGE_RSA),
    "a key nobody published": lambda: sign(_STRANGER),
    "a short RSA key of the set": lambda: sign(SHORT_KEY),
    "a key published for encryption": lambda: sign(ECKey.import_key(_signing(ENCRYPTION_KEY))),
    "the signature of another token": lambda: ".".join(
        [*sign(KEY).split(".")[:2], sign(KEY, sound_claims(sub="user-2")).split(".")[2]]
    ),
    "a changed payload": lambda: ".".join(
        [sign(KEY).split(".")[0], b64_json(sound_claims(patient="p2")), sign(KEY).split(".")[2]]
    ),
    "a signature of zeros": lambda: with_signature(lambda _: bytes(64)),  # CVE-2022-21449
    "r and s of one": lambda: with_signature(lambda _: (b"\0" * 31 + b"\1") * 2),
    "a signature cut short": lambda: with_signature(lambda kept: kept[:-1]),
    "a signature grown": lambda: with_signature(lambda kept: kept + b"\0"),
    "a signature in DER": lambda: with_signature(
        lambda kept: b"\x30\x44\x02\x20" + kept[:32] + b"\x02\x20" + kept[32:]
    ),
    "one bit of the signature": lambda: with_signature(lambda kept: bytes([kept[0] ^ 1]) + kept[1:]),
    "the signature spelled otherwise": respelled,
    "no signature": lambda: sign(KEY).rsplit(".", 1)[0] + ".",
    # A header that wants us to look elsewhere.
    "a key of its own": lambda: sign(_STRANGER, jwk=_STRANGER.as_dict(private=False)),
    "a key of its own under the known id": lambda: sign(_STRANGER, kid="k1", jwk=_STRANGER.as_dict(private=False)),
    "the issuer's own key in the header": header(jwk=KEY.as_dict(private=False)),
    "a key address": lambda: sign(_STRANGER, jku="http://127.0.0.1:9/jwks.json"),
    "a certificate address": header(x5u="http://127.0.0.1:9/cert.pem"),
    "a certificate": header(x5c=["MIIB"]),
    "a key id that is a path": header(kid="../../../../dev/null"),
    "a key id that is a query": header(kid="k1' OR '1'='1"),
    "a key id with a zero byte": header(kid="k1\0"),
    "a key id that is a number": header(kid=7),
    "a key id that is null": header(kid=None),
    "an endless key id": header(kid="k" * 300),
    "a critical field": header(crit=["exp"], exp=2**40),
    "a critical field that we know": header(crit=["b64"], b64=True),
    "an unencoded payload, RFC 7797": header(b64=False),
    "a compressed payload": header(zip="DEF"),
    "a nested token announced": header(cty="JWT"),
    "typ of an identity token's logout": header(typ="logout+jwt"),
    "typ of a proof of possession": header(typ="dpop+jwt"),
    "typ that is a number": header(typ=7),
    "alg twice, none first": lambda: raw_header(b'{"alg":"none","alg":"ES256","kid":"k1"}'),
    # Another shape.
    "detached": lambda: sign(KEY).split(".")[0] + ".." + sign(KEY).split(".")[2],
    "encrypted to the public key": lambda: encrypted(json.dumps(sound_claims())),
    "a signed token inside an encrypted one": lambda: encrypted(sign(KEY)),
    "a signed token inside a signed one": lambda: raw(sign(KEY).encode(), typ="JWT"),
    "JSON serialisation": lambda: json.dumps(
        {"payload": sign(KEY).split(".")[1], "protected": sign(KEY).split(".")[0], "signature": sign(KEY)[-86:]}
    ),
    "padded parts": lambda: ".".join(part + "=" * (-len(part) % 4) for part in sign(KEY).split(".")),
    "ordinary base64": lambda: sign(KEY).replace("-", "+").replace("_", "/") + "+",
    "a line end inside": lambda: sign(KEY)[:20] + "\n" + sign(KEY)[20:],
    "a blank before": lambda: " " + sign(KEY),
    "a zero-width character": lambda: sign(KEY)[:20] + "\u200b" + sign(KEY)[20:],
    "a full-width dot": lambda: sign(KEY).replace(".", "．"),
    "four parts": lambda: sign(KEY) + ".e30",
    "nothing": lambda: "",
    "a word": lambda: "garbage",
    "dots": lambda: "..",
    "many dots": lambda: "." * 8_000,
    "characters outside ASCII": lambda: "é.ü.ß",
    "oversized and signed": claims(padding="x" * 9_000),
    "huge junk": lambda: "a" * 8_192,
    # JSON on which two readers disagree, or choke.
    "a claim twice": lambda: raw(_document(',"patient":"p2"')),
    "a claim twice, spelled otherwise": lambda: raw(_document(',"p\\u0061tient":"p2"')),
    "a claim twice, deep inside": lambda: raw(_document(',"x":{"a":1,"a":2}')),
    "an integer of 5,000 digits": lambda: raw(_document(',"x":' + "9" * 5_000)),
    "an expiry beyond any clock": claims(exp=10**30),
    "an expiry as 1e999": lambda: raw(json.dumps(sound_claims(exp=...))[:-1].encode() + b',"exp":1e999}'),
    "an expiry as Infinity": lambda: raw(json.dumps(sound_claims(exp=...))[:-1].encode() + b',"exp":Infinity}'),
    "NaN": lambda: raw(_document(',"x":NaN')),
    "half a character": lambda: raw(json.dumps(sound_claims(sub="user-\ud800")).encode()),
    "a header that is a list": lambda: raw_header(b"[]"),
    "a header nested 3,000 deep": lambda: f"{b64(b'[' * 3_000 + b']' * 3_000)}.e30.AAAA",
    "a header that is no JSON": lambda: raw_header(b"{"),
    "a header that is no UTF-8": lambda: raw_header(bytes([255, 254, 253])),
    "a header in UTF-16": lambda: raw_header('{"alg":"ES256","kid":"k1"}'.encode("utf-16")),
    "a payload that is a list": lambda: raw(b"[]"),
    "a payload that is a text": lambda: raw(b'"Zebulon"'),
    "a payload that is no JSON": lambda: raw(b"Zebulon"),
    "a payload with words after it": lambda: raw(json.dumps(sound_claims()).encode() + b"{}"),
    "a payload with a byte order mark": lambda: raw(b"\xef\xbb\xbf" + json.dumps(sound_claims()).encode()),
    "a payload nested 2,500 deep": lambda: raw(b"[" * 2_500 + b"]" * 2_500),
    # Signed, but not for us, or not now, or for another use.
    "another issuer": claims(iss="https://evil.test"),
    "an issuer that begins like ours": claims(iss=ISSUER + ".evil.test"),
    "an issuer with a slash more": claims(iss=ISSUER + "/"),
    "an issuer in look-alike letters": claims(iss=ISSUER.replace("i", "і")),
    "issuers as a list": claims(iss=[ISSUER]),
    "no issuer": claims(iss=...),
    "another audience": claims(aud="billing"),
    "an audience that begins like ours": claims(aud=AUDIENCE + "-test"),
    "an audience of other case": claims(aud=AUDIENCE.upper()),
    "other audiences": claims(aud=["billing", "portal"]),
    "audiences with a number": claims(aud=[AUDIENCE, 7]),
    "audiences as an object": claims(aud={AUDIENCE: True}),
    "audiences without end": claims(aud=[AUDIENCE, *map(str, range(40))]),
    "no audience": claims(aud=...),
    "expired": at(exp=-60),
    "no expiry": claims(exp=...),
    "an expiry in a week": at(exp=7 * 86_400),
    "an expiry as text": claims(exp="2999-01-01"),
    "an expiry that is true": claims(exp=True),
    "an expiry below zero": claims(exp=-1),
    "an expiry that is null": claims(exp=None),
    "not yet valid": at(nbf=120),
    "a beginning as text": claims(nbf="now"),
    "issued in the future": at(iat=120),
    "another tenant": claims(tenant="other-hospital"),
    "tenants as a list": claims(tenant=[TENANT]),
    "no scope": claims(scope=...),
    "another scope": claims(scope="openid profile"),
    "a scope that begins like ours": claims(scope="portico.chat.read"),
    "scopes as an object": claims(scope={"portico.chat": True}),
    "a refresh token": claims(typ="Refresh"),
    "an offline token": claims(typ="Offline"),
    "an identity token by its use": claims(token_use="id"),
    "an identity token by its nonce": claims(nonce="n"),
    "an identity token by its hash": claims(at_hash="h"),
    "a logout token": claims(events={"http://schemas.openid.net/event/backchannel-logout": {}}),
    "bound to a key that is not shown": claims(cnf={"jkt": "x"}),
    # Signed by the issuer, but it names no one who may come in.
    "no subject": claims(sub=...),
    "an empty subject": claims(sub=""),
    "a subject of blanks": claims(sub="   "),
    "a subject that is no text": claims(sub={"id": 1}),
    "an endless subject": claims(sub="s" * 300),
    "a subject with a line end": claims(sub="user-1\nuser-2"),
    "no patient": claims(patient=...),
    "an empty patient": claims(patient=""),
    "a patient that is a number": claims(patient=7),
    "several patients": claims(patient=["p1", "p2"]),
    "a patient as an object": claims(patient={"id": "p1"}),
    "an endless patient": claims(patient="p" * 129),
    "a patient with a zero-width character": claims(patient="p1\u200b"),
    "a patient with a direction override": claims(patient="\u202ep1"),
    "no role": claims(role=...),
    "an unknown role": claims(role="admin"),
    "roles as a list": claims(role=["patient"]),
    "a role of other case": claims(role="Patient"),
    "a role that is null": claims(role=None),
}


def _signing(key: ECKey) -> dict[str, Any]:
    """Return a private key without what it is published for, as its thief would use it."""
    kept = {name: value for name, value in key.as_dict(private=True).items() if name not in {"use", "alg"}}
    return {**kept, "alg": "ES256"}
