"""The composition root of the notifier: settings in, a worker that runs until SIGTERM."""

import asyncio
import json
import signal

from prometheus_client import start_http_server
from pydantic import ValidationError

from portico_console.notifier.metrics import NotifierMetrics
from portico_console.notifier.settings import NotifierSettings
from portico_console.notifier.webhook import Webhook
from portico_console.notifier.worker import Notifier, RetryPolicy
from portico_core.errors import ConfigurationError
from portico_state.client import open_store
from portico_state.deliveries import Deliveries
from portico_state.keyring import KeySet, parse_key_set

LEASE_MARGIN_S = 5.0


def run_from_environment() -> None:
    """Notify until SIGTERM; raise ConfigurationError, in one line, for settings that cannot be used."""
    asyncio.run(_run(_settings()))


async def _run(settings: NotifierSettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    store = open_store(settings.redis_url.get_secret_value(), tenant=settings.tenant, tls=settings.redis_tls())
    webhook = Webhook(
        settings.webhook_url,
        keys=_keys(settings.webhook_keys.get_secret_value()),
        tenant=settings.tenant,
        deadline_s=settings.webhook_deadline_s,
    )
    metrics = NotifierMetrics()
    if settings.notifier_metrics_port is not None:
        start_http_server(settings.notifier_metrics_port, addr=settings.metrics_host, registry=metrics.registry)
    async with webhook:
        notifier = Notifier(
            Deliveries(store),
            webhook,
            RetryPolicy(settings.webhook_attempts, settings.webhook_first_retry_s),
            metrics,
            lease_s=settings.webhook_deadline_s + LEASE_MARGIN_S,
            at_once=settings.webhook_at_once,
            heartbeat=settings.heartbeat,
        )
        await notifier.run(stop)
    await store.close()


def _keys(text: str) -> KeySet:
    try:
        return parse_key_set(json.loads(text), "webhook")
    except ValueError:
        raise ConfigurationError("the webhook keys are not JSON") from None


def _settings() -> NotifierSettings:
    try:
        return NotifierSettings()
    except ValidationError as error:
        wrong = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors(include_input=False)})
        raise ConfigurationError(f"unusable settings: {', '.join(wrong)}") from None
