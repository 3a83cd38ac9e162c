"""What only the running installation can show: its store, its audit chain, its identity provider, its open door."""

import time
from collections.abc import Mapping
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from portico_cli.selfcheck.findings import Finding, Grade, tally
from portico_core.audit import AuditEntry
from portico_core.errors import Unauthenticated
from portico_core.labels import AuditPhase
from portico_gateway.bootstrap import Gateway, open_tokens
from portico_gateway.settings import GatewaySettings
from portico_gateway.web.identity import TokenVerifier
from portico_state.verify import verify_audit

DEADLINE_S = 5.0


async def try_durability(gateway: Gateway) -> Finding:
    """Try that an acknowledged write of the store survives a power cut."""
    await gateway.store.verify_durability(trust_durability=gateway.settings.trust_durability)
    return Finding("store", "durability", Grade.PASS, "append-only file, fsync always, nothing evicted")


async def try_spool(gateway: Gateway) -> Finding:
    """Say whether refusals still wait on this machine's disk."""
    waiting = gateway.refusals.waiting()
    grade = Grade.WARN if waiting else Grade.PASS
    return Finding("store", "spool", grade, f"{waiting} refusals wait to be replayed")


async def try_audit(gateway: Gateway) -> Finding:
    """Append one access record of this check, then walk every chain of the tenant."""
    entry = AuditEntry(
        phase=AuditPhase.ACCESS, tenant=gateway.parts.tenant, patient="", conversation="", turn="",
        actor="self-check", source="self-check",
    )  # fmt: skip
    await gateway.audit.append(entry)
    report = await verify_audit(
        gateway.store, keyring=gateway.keyring, checkpoints=gateway.settings.state / "checkpoints"
    )
    if not report.ok:
        return Finding("audit", "append and verify", Grade.FAIL, f"{len(report.findings)} findings: run audit verify")
    return Finding("audit", "append and verify", Grade.PASS, f"{report.records} records in {report.chains} chains hold")


async def try_tokens(settings: GatewaySettings) -> Finding:
    """Try that tokens which the issuer did not sign are refused; its keys must be readable, or nothing is proved."""
    if not await _has_keys(settings.jwks_url):
        return Finding(
            "access", "forged tokens", Grade.FAIL, "the issuer's keys cannot be read: every token is refused"
        )
    verifier = open_tokens(settings)
    outcomes = [await _is_token_refused(verifier, token) for token in forged_tokens(settings)]
    return tally("access", "forged tokens", outcomes, what="refused")


def forged_tokens(settings: GatewaySettings) -> list[str]:
    """Return tokens that name the right issuer and audience, and that nobody may accept."""
    claims: dict[str, Any] = {
        "iss": settings.issuer, "aud": settings.audience, "sub": "self-check", "role": "patient",
        "patient": "self-check", "exp": int(time.time()) + 300, "scope": settings.required_scopes,
    }  # fmt: skip
    own, secret = ECKey.generate_key("P-256"), OctKey.generate_key(256)
    unsigned = "eyJhbGciOiJub25lIn0." + jwt.encode({"alg": "ES256"}, claims, own).split(".")[1] + "."
    return [
        jwt.encode({"alg": "ES256"}, claims, own),
        jwt.encode({"alg": "ES256", "kid": "unknown"}, claims, own),
        jwt.encode({"alg": "HS256"}, claims, secret),
        jwt.encode({"alg": "ES256"}, claims | {"exp": 1}, own),
        unsigned,
        "not.a.token",
        "",
    ]


async def try_door(url: str) -> Finding:
    """Try that the running gateway opens nothing without a token, and says that it is ready."""
    async with httpx2.AsyncClient(base_url=url, timeout=DEADLINE_S, trust_env=False) as client:
        ready = (await client.get("/readyz")).status_code == 200
        bare = await client.post("/v1/conversations", json={})
        forged = await client.post("/v1/conversations", json={}, headers={"Authorization": "Bearer not.a.token"})
    closed = [bare.status_code == 401, forged.status_code == 401]
    return tally("access", "the running gateway", [ready, *closed], what="ready, and closed without a token")


async def _has_keys(url: str) -> bool:
    try:
        async with httpx2.AsyncClient(timeout=DEADLINE_S, trust_env=False) as client:
            found = (await client.get(url)).json()
    except (httpx2.HTTPError, ValueError):
        return False
    return isinstance(found, Mapping) and bool(found.get("keys"))


async def _is_token_refused(verifier: TokenVerifier, token: str) -> bool:
    try:
        await verifier.verify(f"Bearer {token}")
    except Unauthenticated:
        return True
    return False
