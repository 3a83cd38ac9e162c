"""The gateway's own routes and tokens over a real store: for tests of who may, who looked, and keys in force."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey
from starlette.types import ASGIApp

from portico_core.draining import Drain
from portico_core.labels import LimitScope
from portico_gateway.metrics import Metrics
from portico_gateway.pipeline import Parts
from portico_gateway.suggesting import Suggester
from portico_gateway.texts import SiteTexts
from portico_gateway.web.admission import TurnSlots
from portico_gateway.web.app import Site, build_app
from portico_gateway.web.concurrency import GradientLimit
from portico_gateway.web.identity import TokenVerifier
from portico_gateway.web.launch_pages import LaunchPages
from portico_gateway.web.launch_servers import parse_servers
from portico_gateway.web.launch_sessions import LaunchSessions
from portico_gateway.web.launching import LaunchClient, Launching
from portico_gateway.web.patient_api import PatientApi
from portico_gateway.web.token_exchange import TokenExchange
from portico_gateway.web.widget_tokens import WidgetTokens
from portico_identity.client_assertions import ClientAssertions, RegisteredKeys
from portico_identity.code_flow import ClientKey, client_assertion
from portico_identity.issuer_keys import IssuerKey, IssuerKeys
from portico_identity.tokens import Expected, IssuerTokens
from portico_state.conversations import Conversations
from portico_state.idempotency import Idempotency
from portico_state.keyring import Keyring
from portico_state.limits import Bucket, Limits
from portico_state.suggestions import Suggestions
from portico_state.vault import Vault
from unit.gateway.asgi import Answer, call
from unit.gateway.fakes import World
from unit.gateway.issuer import AUDIENCE, ISSUER, make_key
from unit.gateway.test_openapi import no_lifespan
from unit.state.rig import TENANT, StateRig

KEY, PORTAL_KEY, OTHER_PORTAL_KEY = make_key(), make_key("portal-1"), make_key("other-1")
PER_MINUTE = 5
WIDGET = Path(__file__).parents[2] / "services" / "widget" / "dist" / "portico.js"
PHONE = "+1-555-0100"
SESSION_S = 900
RIVERBEND = SiteTexts("Riverbend Clinic", PHONE)


def durable_parts(rig: StateRig, keyring: Keyring | None = None, *, world: World | None = None) -> Parts:
    """Return a turn's parts whose models are made up, and whose audit, vault and transcripts are real."""
    vault = Vault(rig.store, keyring or rig.keyring)
    made = (world or World()).parts()
    return replace(made, tenant=TENANT, audit=rig.audit, vault=vault, window=Conversations(rig.store))


def gateway_door(
    rig: StateRig,
    jwks_url: str,
    *,
    keyring: Keyring | None = None,
    parts: Parts | None = None,
    launching: Launching | None = None,
) -> ASGIApp:
    """Return a gateway that shares the rig's store and audit; `keyring` is the one that its process has loaded."""
    keyring, parts = keyring or rig.keyring, parts or replace(World().parts(), tenant=TENANT)
    widget = WidgetTokens(keyring.vault, TENANT)
    limit = GradientLimit(least=8, most=8)
    tokens = IssuerTokens(Expected(ISSUER, AUDIENCE), IssuerKeys(jwks_url))
    api = PatientApi(
        parts=parts, tokens=TokenVerifier(tokens, widget=widget),
        slots=TurnSlots(limit, reserved=1, of_one_patient=8, metrics=parts.metrics, drain=Drain()),
        limits=_limits(rig),
        suggester=Suggester(parts, Suggestions(rig.store)),
        store=rig.store, audit=rig.audit, conversations=Conversations(rig.store),
        idempotency=Idempotency(rig.store), vault=Vault(rig.store, keyring), keyring=keyring,
        receive_deadline_s=5, drain=Drain(),
    )  # fmt: skip
    portals = {"portal": _registered(PORTAL_KEY), "other": _registered(OTHER_PORTAL_KEY)}
    exchange = TokenExchange(
        assertions=ClientAssertions(portals, AUDIENCE),
        tokens=widget,
        store=rig.store, audit=rig.audit, keyring=keyring, per_minute=PER_MINUTE, receive_deadline_s=5,
    )  # fmt: skip
    site = Site("0.1.0", WIDGET, Path("x.md"), False, "", "", texts=RIVERBEND)
    return build_app(
        api, site=site, readiness=None, metrics=Metrics(), lifespan=no_lifespan, exchange=exchange,  # type: ignore[arg-type]
        launching=launching,
    )  # fmt: skip


def build_launching(
    rig: StateRig, servers: str, *, public_url: str = "https://gateway.test", key: ClientKey | None = None
) -> Launching:
    """Return the way in for launches of these servers, in the form of the setting."""
    return Launching(
        parse_servers(servers),
        LaunchClient("portico", public_url, key),
        LaunchSessions(rig.store, rig.keyring.vault, SESSION_S),
        tokens=WidgetTokens(rig.keyring.vault, TENANT),
        audit=rig.audit,
        keyring=rig.keyring,
        limits=_limits(rig),
        pages=LaunchPages(RIVERBEND),
    )


def _registered(key: ECKey) -> RegisteredKeys:
    return RegisteredKeys((IssuerKey(str(key.kid), "ES256", ECKey.import_key(key.as_dict(private=False))),))


def portal_asks(client: str = "portal", **changes: Any) -> dict[str, Any]:
    """Return what a portal's back end sends for a token or a revocation, freshly signed."""
    key = changes.pop("key", {"portal": PORTAL_KEY, "other": OTHER_PORTAL_KEY}.get(client))
    made = client_assertion(client, key, audience=changes.pop("audience", AUDIENCE))
    return {"client_assertion": made, "subject": "opaque-7", **changes}


def _limits(rig: StateRig) -> Limits:
    return Limits(rig.store, {scope: Bucket(10_000.0, 10_000.0) for scope in LimitScope})


async def ask(
    door: ASGIApp, method: str, path: str, *, token: str | None, body: Any = None, key: str | None = None
) -> Answer:
    """Send one request; `key` is an Idempotency-Key."""
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    headers |= {"idempotency-key": key} if key else {}
    chunks = [json.dumps(body).encode()] if body is not None else (b"",)
    return await call(door, method, path, chunks=chunks, headers=headers)


async def start(door: ASGIApp, token: str) -> str:
    """Open a conversation; ask again where a crowded machine made the store late."""
    for _ in range(50):
        made = await ask(door, "POST", "/v1/conversations", token=token, body={})
        if made.status != 503:
            break
        await asyncio.sleep(0.1)
    assert made.status == 201, made.body
    return str(made.json()["id"])


async def tell(door: ASGIApp, conversation: str, said: str, *, token: str, key: str) -> Answer:
    """Send a message until it is answered; a refusal of a crowded machine is no turn."""
    path = f"/v1/conversations/{conversation}/turns"
    for _ in range(50):
        told = await ask(door, "POST", path, token=token, body={"text": said}, key=key)
        if told.status == 200 and not told.json()["degraded"]:
            return told
        await asyncio.sleep(0.1)
    raise AssertionError(told.body)
