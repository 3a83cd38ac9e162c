"""A small authorization server on loopback: OpenID Connect and SMART App Launch, with real redirects and signatures.

It is written to the standards and not to our client: it holds codes to one use, compares the redirect address, checks
PKCE and client assertions, and refuses what it must. `change` alters what it says, for a server that lies.
"""

import base64
import hashlib
import http.server
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from unit.gateway.issuer import make_rsa_key

Change = Callable[[dict[str, Any]], dict[str, Any]]
KEY = make_rsa_key("as1")


def as_it_is(said: dict[str, Any]) -> dict[str, Any]:
    return said


@dataclass
class AuthorizationServer:
    """One server: who is registered, who is signed in at it, and what it has seen."""

    url: str = ""
    client_id: str = "portico"
    redirect_uri: str = ""
    client_key: ECKey | RSAKey | None = None
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "dana", "amr": ["pwd", "otp"]})
    patient: str | None = None
    launches: set[str] = field(default_factory=set)
    change_identity: Change = as_it_is
    change_answer: Change = as_it_is
    change_discovery: Change = as_it_is
    answers: dict[str, bytes] = field(default_factory=dict)
    signing_key: RSAKey = field(default_factory=lambda: KEY)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def discovery(self) -> dict[str, Any]:
        return self.change_discovery(
            {
                "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/jwks",
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
                "capabilities": ["launch-ehr", "launch-standalone", "client-confidential-asymmetric"],
            }
        )  # fmt: skip

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where the browser goes with its code; raise ValueError for a request that must be refused."""
        if asked["client_id"] != self.client_id or asked["redirect_uri"] != self.redirect_uri:
            raise ValueError("client")
        if asked.get("code_challenge_method") != "S256" or asked["response_type"] != "code":
            raise ValueError("PKCE")
        if "launch" in asked["scope"].split() and asked.get("launch") not in self.launches:
            return f"{self.redirect_uri}?{urlencode({'error': 'invalid_request', 'state': asked['state']})}"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{self.redirect_uri}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.url})}"

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """Return the tokens for a code; raise ValueError for what must be refused."""
        asked = self._codes.pop(form["code"], None)
        if asked is None or form["redirect_uri"] != asked["redirect_uri"] or form["client_id"] != asked["client_id"]:
            raise ValueError("code")
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            raise ValueError("verifier")
        if self.client_key is not None:
            self._check_client(form)
        access, now = secrets.token_urlsafe(24), int(time.time())
        half = hashlib.sha256(access.encode()).digest()[:16]
        identity = {
            "iss": self.url, "aud": self.client_id, "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(), **self.person,
        }  # fmt: skip
        signed = jwt.encode({"alg": "RS256", "kid": "as1"}, self.change_identity(identity), self.signing_key)
        said = {"access_token": access, "token_type": "Bearer", "expires_in": 300, "scope": asked["scope"]}
        if self.patient is not None and "launch" in asked["scope"]:
            said["patient"] = self.patient
        return self.change_answer({**said, "id_token": signed})

    def _check_client(self, form: dict[str, str]) -> None:
        assert self.client_key is not None
        public = type(self.client_key).import_key(self.client_key.as_dict(private=False))
        try:
            claims = jwt.decode(form["client_assertion"], public, algorithms=["ES384", "RS384"]).claims  # type: ignore[arg-type]
        except JoseError:
            raise ValueError("signature") from None
        sound = claims["iss"] == claims["sub"] == self.client_id and claims["aud"] == f"{self.url}/token"
        if not sound or claims["exp"] > time.time() + 300 or claims["jti"] in self._used:
            raise ValueError("assertion")
        self._used.add(claims["jti"])


@contextmanager
def serve(server: AuthorizationServer) -> Iterator[AuthorizationServer]:
    """Serve until the end of the block."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(place.query).items()}
            server.seen.append((place.path, asked))
            try:
                match place.path.rsplit("/", 1)[-1]:
                    case "openid-configuration" | "smart-configuration":
                        self._say(200, server.discovery())
                    case "jwks":
                        self._say(200, {"keys": [KEY.as_dict(private=False)]})
                    case "authorize":
                        location = server.authorize(asked)
                        self.send_response(302)
                        self.send_header("Location", location)
                        self.send_header("Content-Length", "0")
                        self.end_headers()
                    case _:
                        self._say(404, {})
            except (ValueError, KeyError):
                self._say(400, {"error": "invalid_request"})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            server.seen.append((self.path, form))
            if self.path in server.answers:
                self._write(200, server.answers[self.path])
                return
            try:
                self._say(200, server.token(form))
            except (ValueError, KeyError):
                self._say(400, {"error": "invalid_grant"})

        def _say(self, status: int, said: dict[str, Any]) -> None:
            self._write(status, json.dumps(said).encode())

        def _write(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{listener.server_address[1]}"
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
