"""An issuer for tests: keys, tokens good and bad, and a real HTTP server on loopback that publishes the keys."""

import http.server
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

ISSUER = "https://issuer.test"
AUDIENCE = "portico"


def make_key(kid: str = "k1") -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


def make_rsa_key(kid: str = "r1") -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


def sound_claims(**changes: Any) -> dict[str, Any]:
    """The claims of a patient's token; a change to `...` takes a claim out."""
    now = int(time.time())
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "user-1", "iat": now, "exp": now + 300, "role": "patient",
        "patient": "p1", "scope": "portico.chat", "name": "Zebulon Quartermain",
    }  # fmt: skip
    return {name: value for name, value in {**claims, **changes}.items() if value is not ...}


def sign(key: ECKey | RSAKey, claims: Mapping[str, Any] | None = None, **header: Any) -> str:
    """Sign claims with a key; header fields may be changed, or taken out with `...`."""
    alg = "ES256" if isinstance(key, ECKey) else "RS256"
    fields = {name: value for name, value in {"alg": alg, "kid": key.kid, **header}.items() if value is not ...}
    return jwt.encode(fields, dict(claims if claims is not None else sound_claims()), key)


@dataclass(slots=True)
class JwksServer:
    """What the server publishes, and how often it was asked. A status other than 200 is an outage."""

    url: str
    keys: list[ECKey | RSAKey]
    status: int = 200
    raw: bytes | None = None
    requests: list[str] = field(default_factory=list)

    def document(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode()


@contextmanager
def serve_jwks(*keys: ECKey | RSAKey) -> Iterator[JwksServer]:
    """Publish keys on loopback until the end of the block."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            published.requests.append(self.path)
            document = published.document()
            self.send_response(published.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(document)))
            self.end_headers()
            self.wfile.write(document)

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    published = JwksServer(f"http://127.0.0.1:{server.server_address[1]}/jwks.json", list(keys))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield published
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
