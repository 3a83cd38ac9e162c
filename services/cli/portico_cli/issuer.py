"""The development identity provider: short-lived ES256 tokens, loopback only, refused outside the demo.

A hospital brings its own OIDC or SMART on FHIR server; this one exists so that the gateway verifies real signatures
from the first day.
"""

import json
import os
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico_core.errors import ConfigurationError
from portico_core.labels import Role

LIFETIME_S = 300
AUDIENCE = "portico"
SCOPE = "portico.chat"
_PEOPLE: dict[Role, dict[str, Any]] = {
    Role.PATIENT: {
        "name": "Jordan Elena Rivera",
        "given_name": "Jordan",
        "middle_name": "Elena",
        "family_name": "Rivera",
        "nickname": "Jordy",
        "birthdate": "1984-03-09",
        "email": "jordan.rivera84@example.org",
        "phone_number": "+1-503-555-0142",
        "address": {
            "street_address": "412 Alder Street, Apt 5B",
            "locality": "Fairhaven",
            "region": "OR",
            "postal_code": "97205",
            "country": "US",
        },
        "mrn": "MRN00482913",
        "member_id": "XQH448192077",
        "proxies": [{"name": "Celia Marie Ostrander", "phone_number": "+1-503-555-0178"}],
    },
    Role.PROXY: {"name": "Celia Marie Ostrander"},
    Role.CLINICIAN: {"name": "Dana Whitfield", "profession": "nurse"},
    Role.SUPERVISOR: {"name": "Mira Castellanos", "profession": "nurse"},
    Role.COMPLIANCE: {"name": "Lee Osei"},
}


@dataclass(frozen=True, slots=True)
class DevelopmentIssuer:
    """Signs tokens with a key that lives in the demo's state folder."""

    issuer: str
    key: ECKey

    @classmethod
    def open(cls, state: Path, *, issuer: str) -> Self:
        """Load the key of a demo, making one on its first start."""
        path = state / "issuer.json"
        if not path.exists():
            key = ECKey.generate_key("P-256", {"kid": uuid.uuid4().hex, "use": "sig", "alg": "ES256"})
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(key.as_dict(private=True), file)
        return cls(issuer, ECKey.import_key(json.loads(path.read_text(encoding="utf-8"))))

    def sign(self, role: Role, *, patient: str | None) -> str:
        """Return a token of five minutes."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": f"{role.value}-{patient or 'demo'}",
            "iat": now,
            "exp": now + LIFETIME_S,
            "jti": uuid.uuid4().hex,
            "role": role.value,
            "scope": SCOPE,
            **_PEOPLE[role],
        }
        if role in {Role.PATIENT, Role.PROXY}:
            claims["patient"] = patient or "demo-patient"
        return jwt.encode({"alg": "ES256", "kid": str(self.key.kid)}, claims, self.key)

    def jwks(self) -> dict[str, Any]:
        """Return the public keys."""
        return {"keys": [self.key.as_dict(private=False)]}


def demo_issuer(state: Path) -> DevelopmentIssuer:
    """Open the issuer of a running demo; raise ConfigurationError where there is none."""
    marker = state / "demo.json"
    if not marker.exists():
        raise ConfigurationError("tokens are made for a running demo only: start `portico demo` first")
    return DevelopmentIssuer.open(state, issuer=json.loads(marker.read_text(encoding="utf-8"))["issuer"])


def build_issuer_app(issuer: DevelopmentIssuer) -> Starlette:
    """Return the application that publishes the keys and hands out demo tokens."""

    async def keys(_: Request) -> Response:
        return JSONResponse(issuer.jwks())

    async def token(request: Request) -> Response:
        wanted = await request.json()
        try:
            role = Role(wanted.get("role", "patient"))
        except (AttributeError, ValueError):
            return JSONResponse({"error": "unknown role"}, 400)
        return JSONResponse({"token": issuer.sign(role, patient=wanted.get("patient"))})

    return Starlette(
        routes=[Route("/.well-known/jwks.json", keys, methods=["GET"]), Route("/token", token, methods=["POST"])]
    )
