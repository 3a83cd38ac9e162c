"""The composition root of the console: settings in, a served application out."""

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client import start_http_server
from pydantic import ValidationError
from starlette.applications import Starlette

from portico_console.app import ConsoleSite, build_console
from portico_console.canned import BUILT_IN, load_canned
from portico_console.metrics import ConsoleMetrics
from portico_console.redis_audit_desk import RedisAuditDesk
from portico_console.redis_desk import RedisDesk
from portico_console.sessions import RedisSessions, Sessions
from portico_console.settings import ConsoleSettings
from portico_console.tokens import DemoIssuer, StaffTokens
from portico_core.draining import Drain
from portico_core.errors import ConfigurationError
from portico_core.http_outcome import HttpOutcomes
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
    keyring = Keyring.load(settings.state / "keys.json")
    store = open_store(settings.redis_url.get_secret_value(), tenant=settings.tenant)
    checkpoints = CheckpointLog(settings.state / "checkpoints", keyring=keyring, tenant=settings.tenant)
    audit = await RedisAudit.start(store, keyring=keyring, checkpoints=checkpoints, observe=metrics.count_record)
    redactor = open_redactor(settings.tagger, mrn_pattern=settings.mrn_pattern or None)
    await adopt_earlier_tickets(store)
    desk = RedisDesk(Escalations(store, audit), Conversations(store), Vault(store, keyring), redactor, metrics)
    tokens = StaffTokens(settings.issuer, settings.audience, settings.jwks_url)
    demo = DemoIssuer(settings.demo_token_url) if settings.demo and settings.demo_token_url else None

    async def close() -> None:
        await audit.close()
        await store.close()
        redactor.close()

    return build_console(
        desk=desk,
        audit=RedisAuditDesk(store, audit, keyring),
        authenticate=tokens.authenticate,
        site=_site(settings),
        sessions=Sessions(RedisSessions(store)),
        demo_token=demo.staff_token if demo else None,
        close=close,
    )


def _site(settings: ConsoleSettings) -> ConsoleSite:
    canned = load_canned(settings.canned_replies) if settings.canned_replies else BUILT_IN
    pools = tuple(pool.strip() for pool in settings.pools.split(","))
    return ConsoleSite(settings.clinic_name, settings.https, settings.demo, pools, canned)


async def _serve(settings: ConsoleSettings, serve: Serve) -> None:
    metrics = ConsoleMetrics()
    if settings.console_metrics_port is not None:
        start_http_server(settings.console_metrics_port, addr=settings.metrics_host, registry=metrics.registry)
    app = HttpOutcomes(await open_console(settings, metrics), metrics.count_request)
    await serve(app, host=settings.console_host, port=settings.console_port, drain=Drain())


def _settings() -> ConsoleSettings:
    try:
        return ConsoleSettings()
    except ValidationError as error:
        wrong = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors(include_input=False)})
        raise ConfigurationError(f"unusable settings: {', '.join(wrong)}") from None
