"""The red team on the wire: forged tokens and raw requests, byte by byte, against a running gateway.

No HTTP client stands between, because one would mend what is wrong on purpose (two lengths, a path with dots).
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import socket
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey

from portico_cli.issuer import DevelopmentIssuer
from portico_core.labels import Role
from reliability.red_team_corpus import Forgery, Request

PATIENCE_S = 15.0
MOST_READ = 200_000
JSON = "Content-Type: application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status (0: closed without one), headers, text, and how long it took."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway under attack, and the issuer whose tokens it takes."""

    port: int
    issuer: DevelopmentIssuer

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def sound_token(self, patient: str) -> str:
        return self.issuer.sign(Role.PATIENT, patient=patient)

    def post(self, path: str, body: Mapping[str, Any], *, token: str) -> Answer:
        """Send an honest request."""
        data = json.dumps(body).encode()
        head = [f"POST {path} HTTP/1.1", f"Host: {self.host}", f"Authorization: Bearer {token}", JSON]
        head += [f"Content-Length: {len(data)}", "Connection: close", "", ""]
        return self.send("\r\n".join(head).encode() + data, method="POST")

    def new_conversation(self, token: str) -> str:
        answer = self.post("/v1/conversations", {}, token=token)
        assert answer.status == 201, answer
        return str(json.loads(answer.text)["id"])

    def send(self, data: bytes, *, method: str, head_only: bool = False) -> Answer:
        """Send bytes on a connection of their own and read one answer."""
        begun = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as connection:
            with contextlib.suppress(ConnectionError):  # It may answer and close before it has read everything.
                connection.sendall(data)
            response = http.client.HTTPResponse(connection, method=method)
            try:
                response.begin()
                text = "" if head_only else response.read(MOST_READ).decode(errors="replace")
            except (http.client.HTTPException, ConnectionError, TimeoutError):
                return Answer(0, seconds=time.monotonic() - begun)
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, text, time.monotonic() - begun)


def attack(gateway: Gateway, request: Request) -> Answer:
    """Make what a request needs, a patient and conversations of its own, and send it."""
    patient = f"red-{uuid.uuid4().hex[:12]}"
    places = {"{sound}": gateway.sound_token(patient), "{host}": gateway.host}
    if "{own}" in request.path:
        places["{own}"] = gateway.new_conversation(places["{sound}"])
    if "{foreign}" in request.path:
        places["{foreign}"] = gateway.new_conversation(gateway.sound_token(f"{patient}-other"))
    if request.token is not None:
        places["{token}"] = forge(request.token, gateway.issuer, patient)
    data = request.wire.encode() if request.wire else wire(request, places)
    return gateway.send(data, method=request.method, head_only=request.head_only)


def broken(request: Request, answer: Answer, *, slack: float) -> str:
    """Return what does not hold, or nothing. `slack` stretches the time that an answer may take on a busy machine."""
    if answer.status not in request.status:
        return f"status {answer.status}"
    if answer.seconds > request.within_s * slack:
        return f"{answer.seconds:.1f} s"
    said = answer.text + "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
    present = [name for name in request.absent if name in answer.headers]
    return ", ".join(present + [words for words in request.unsaid if words in said and "{" not in words])


def wire(request: Request, places: Mapping[str, str]) -> bytes:
    """Return the bytes of a request."""
    body, path = _body(request), request.path
    if request.path_repeat is not None:
        before, part, times = request.path_repeat
        path = before + part * times
    lines = [f"{request.method} {path} HTTP/1.1", f"Host: {request.host}", *_headers(request)]
    if not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in lines):
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([*lines, "Connection: close", "", ""])
    for name, value in places.items():
        head = head.replace(name, value)
    return head.encode() + body


def _headers(request: Request) -> list[str]:
    lines = request.headers
    if lines is None:
        lines = ["Authorization: Bearer {token}" if request.token else "Authorization: Bearer {sound}"]
    if request.bearer_repeat is not None:
        before, part, times = request.bearer_repeat
        lines = [f"Authorization: Bearer {before}{part * times}"]
    if not any(line.lower().startswith("content-type") for line in lines):
        lines = [*lines, JSON]
    if request.header_repeat is not None:
        before, part, times = request.header_repeat
        lines = [*lines, before + part * times]
    if request.header_lines is not None:
        form, times = request.header_lines
        lines = [*lines, *(form.replace("{n}", str(number)) for number in range(times))]
    return lines


def _body(request: Request) -> bytes:
    if request.raw_hex:
        return bytes.fromhex(request.raw_hex)
    if request.repeat is not None:
        before, part, times, after = request.repeat
        return (before + part * times + after).encode()
    if request.raw_body is not None:
        return request.raw_body.encode()
    return json.dumps(request.body or {}).encode() if request.method == "POST" else b""


def forge(forgery: Forgery, issuer: DevelopmentIssuer, patient: str) -> str:
    """Return a token that is wrong in one way."""
    sound = issuer.sign(Role.PATIENT, patient=patient)
    claims = _changed(json.loads(_decoded(sound.split(".")[1])), forgery.claims)
    header = {"alg": "ES256", "kid": str(issuer.key.kid), **forgery.header}
    signed = f"{_encoded(header)}.{_encoded(claims)}"
    signature = _sign(forgery.signed_by, signed.encode(), issuer.key, algorithm=str(header["alg"]))
    shown = f"{_encoded(header)}.{_encoded(_changed(claims, forgery.swap))}"
    return f"{shown}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _changed(claims: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = {name: _moment(value) for name, value in {**claims, **changes}.items()}
    return {name: value for name, value in merged.items() if value is not None}


def _moment(value: Any) -> Any:
    """Read `now-120` as a NumericDate."""
    if isinstance(value, str) and value.startswith("now"):
        return int(time.time()) + int(value.removeprefix("now"))
    return value


def _sign(by: str, data: bytes, key: ECKey, *, algorithm: str) -> bytes:
    match by:
        case "nobody":
            return b""
        case "public key":
            digest = hashlib.sha384 if algorithm == "HS384" else hashlib.sha256
            return hmac.new(key.as_pem(private=False), data, digest).digest()
        case "stranger":
            return _es256(_stranger(), data)
        case _:
            return _es256(key, data)


def _es256(key: ECKey, data: bytes) -> bytes:
    private = key.private_key
    assert isinstance(private, EllipticCurvePrivateKey)
    r, s = decode_dss_signature(private.sign(data, ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@cache
def _stranger() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "stranger"})


def _encoded(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
