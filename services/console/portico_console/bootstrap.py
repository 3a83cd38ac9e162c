"""The composition root of the console: settings in, a served application out."""

import asyncio
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prometheus_client import start_http_server
from pydantic import ValidationError
from starlette.applications import Starlette

from portico_console.app import ConsoleSite, build_console
from portico_console.canned import built_in, load_canned
from portico_console.metrics import ConsoleMetrics
from portico_console.origins import origin_of
from portico_console.redis_audit_desk import RedisAuditDesk
from portico_console.redis_desk import RedisDesk
from portico_console.session_journal import AuditJournal
from portico_console.sessions import RedisSessions, Sessions
from portico_console.settings import ConsoleSettings
from portico_console.staff_sign_in import StaffRules, StaffSignIn, parse_roles
from portico_console.tokens import DemoIssuer, StaffTokens
from portico_core.draining import Drain
from portico_core.errors import ConfigurationError
from portico_core.http_outcome import HttpOutcomes
from portico_core.site import read_site
from portico_identity.assurance import Assurance
from portico_identity.client_key import load_client_key
from portico_identity.code_flow import Client
from portico_identity.demo_mode import refuse_demo_beyond_loopback
from portico_redaction.opening import open_redactor
from portico_state.checkpoints import CheckpointLog
from portico_state.client import open_store
from portico_state.conversations import Conversations
from portico_state.escalations import Escalations
from portico_state.inbox import adopt_earlier_tickets
from portico_state.keyring import Keyring
from portico_state.redis_audit import RedisAudit
from portico_state.vault import Vault

Serve = Callable[..., Awaitable[None]]


def run_from_environment(serve: Serve) -> None:
    """Serve the console until SIGTERM; raise ConfigurationError, in one line, for settings that cannot be used.

    `serve` runs the server (`portico_cli.serving.serve_app`): its deadlines and its end are those of every service.
    """
    asyncio.run(_serve(_settings(), serve))


async def open_console(settings: ConsoleSettings, metrics: ConsoleMetrics) -> Starlette:
    """Connect the adapters and return the application; it starts also while Redis is down."""
    if settings.demo:
        addresses = (settings.console_host, settings.issuer, settings.jwks_url, settings.demo_token_url)
        refuse_demo_beyond_loopback(addresses)
    keyring = Keyring.load(settings.state / "keys.json")
    store = open_store(settings.redis_url.get_secret_value(), tenant=settings.tenant, tls=settings.redis_tls())
    checkpoints = CheckpointLog(settings.state / "checkpoints", keyring=keyring, tenant=settings.tenant)
    audit = await RedisAudit.start(store, keyring=keyring, checkpoints=checkpoints, observe=metrics.count_record)
    redactor = open_redactor(settings.tagger, mrn_pattern=settings.mrn_pattern or None)
    await adopt_earlier_tickets(store)
    desk = RedisDesk(
        Escalations(store, audit),
        Conversations(store),
        Vault(store, keyring),
        redactor,
        metrics,
        glass_minutes=settings.break_glass_minutes,
    )
    tokens = StaffTokens(settings.issuer, settings.audience, settings.jwks_url)
    demo = DemoIssuer(settings.demo_token_url) if settings.demo and settings.demo_token_url else None

    async def close() -> None:
        await audit.close()
        await store.close()
        redactor.close()

    return build_console(
        desk=desk,
        audit=RedisAuditDesk(store, audit, keyring),
        authenticate=tokens.authenticate if settings.demo else None,
        site=_site(settings),
        sessions=Sessions(
            RedisSessions(store),
            AuditJournal(store, audit, keyring, metrics),
            idle_s=settings.session_idle_minutes * 60,
            longest_s=settings.session_hours * 3600,
        ),
        staff_sign_in=None if settings.demo else _staff_sign_in(settings, keyring),
        demo_token=demo.staff_token if demo else None,
        close=close,
    )


def _staff_sign_in(settings: ConsoleSettings, keyring: Keyring) -> StaffSignIn:
    """Return the way staff sign in; raise ConfigurationError where an installation has none."""
    if not settings.staff_client_id or not settings.console_url:
        raise ConfigurationError("staff cannot sign in: set PORTICO_STAFF_CLIENT_ID and PORTICO_CONSOLE_URL")
    back = f"{settings.console_url.rstrip('/')}/sign-in/callback"
    key = load_client_key(settings.staff_client_key) if settings.staff_client_key else None
    rules = StaffRules(
        parse_roles(settings.staff_roles),
        settings.staff_role_claim,
        Assurance(classes=frozenset(settings.staff_acr.split())),
        settings.staff_acr,
    )
    client = Client(settings.staff_client_id, back, "openid profile", key)
    return StaffSignIn(settings.issuer, client, rules, keys=keyring.vault, tenant=settings.tenant)


def _site(settings: ConsoleSettings) -> ConsoleSite:
    site = read_site(settings.site)
    canned = load_canned(settings.canned_replies) if settings.canned_replies else built_in(site)
    name = site.clinic.name if site.clinic else settings.clinic_name
    pools = tuple(pool.strip() for pool in settings.pools.split(","))
    origin = "" if settings.demo or not settings.console_url else origin_of(settings.console_url)
    try:
        zone = ZoneInfo(settings.time_zone)
    except (ValueError, ZoneInfoNotFoundError):
        raise ConfigurationError("PORTICO_TIME_ZONE is no time zone such as America/Chicago") from None
    return ConsoleSite(name, settings.https, settings.demo, pools, canned, origin, zone)


async def _serve(settings: ConsoleSettings, serve: Serve) -> None:
    metrics = ConsoleMetrics()
    if settings.console_metrics_port is not None:
        start_http_server(settings.console_metrics_port, addr=settings.metrics_host, registry=metrics.registry)
    app = HttpOutcomes(await open_console(settings, metrics), metrics.count_request)
    host, port = settings.console_host, settings.console_port
    await serve(app, host=host, port=port, drain=Drain(), tls=settings.own_tls())


def _settings() -> ConsoleSettings:
    try:
        return ConsoleSettings()
    except ValidationError as error:
        wrong = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors(include_input=False)})
        raise ConfigurationError(f"unusable settings: {', '.join(wrong)}") from None
