"""Running one service in this process."""

import asyncio
import gc
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from portico_cli.places import KNOWLEDGE_INDEX, WIDGET
from portico_cli.serving import serve_app
from portico_core.draining import Drain
from portico_core.errors import ConfigurationError, PorticoError, SearchUnavailable, describe_error
from portico_gateway.bootstrap import SearchSetting, build_gateway_app, open_gateway
from portico_gateway.logs import configure_logging, log
from portico_gateway.settings import GatewaySettings
from portico_knowledge.index import load_index, refuse_too_many
from portico_knowledge.search import GOOD_ENOUGH, HybridSearch
from portico_models.versions import folder_in_force

if TYPE_CHECKING:
    from portico_knowledge.pgvector_connection import Place

SWITCH_INTERVAL_S = 0.0005


def built_in_search(index: Path = KNOWLEDGE_INDEX) -> SearchSetting:
    """Open the passage index as the gateway wants it."""
    loaded = load_index(index)
    refuse_too_many(loaded.passages)
    search = HybridSearch(loaded)
    return SearchSetting(search, GOOD_ENOUGH, search.topic_ids)


def open_search(settings: GatewaySettings) -> SearchSetting:
    """Open what the gateway searches in: the engine that its settings name, else the index in its folder.

    An engine that does not answer is waited for: without it no turn is answered, and the texts for emergencies are.
    """
    if not settings.search_url:
        return built_in_search(settings.knowledge_index)
    from portico_knowledge.engine_search import EngineSearch
    from portico_knowledge.pgvector_connection import Connections

    encoder = folder_in_force(settings.model_repository, "passage_encoder") / "manifest.json"
    version = str(json.loads(encoder.read_text(encoding="utf-8"))["version"])
    search = EngineSearch(Connections(engine_place(settings)), settings.tenant, encoder_version=version)
    try:
        search.renew(wait=True)
    except SearchUnavailable as error:
        log("search_engine_waits", level=40, error=describe_error(error))
    except PorticoError:
        search.close()
        raise
    return SearchSetting(search, GOOD_ENOUGH, search.topic_ids, search.renew, search.close)


def engine_place(settings: GatewaySettings) -> "Place":
    """Return where the search engine is; raise ConfigurationError, naming the setting that is unfit."""
    from portico_knowledge.pgvector_connection import parse_place

    return parse_place(
        settings.search_url,
        password_file=settings.search_password_file,
        tls=settings.search_tls(),
        deadline_s=settings.search_deadline_s,
        connections=settings.search_connections,
    )


def run_gateway() -> None:
    """Serve the patient API until SIGTERM."""
    configure_logging()
    settings = _settings()
    asyncio.run(_gateway_forever(settings))


def run_console() -> None:
    """Serve the clinicians' console until SIGTERM."""
    from portico_console.bootstrap import run_from_environment

    configure_logging()
    keep_loop_responsive()
    run_from_environment(serve_app)


def run_issuer(state: Path, *, port: int, issuer: str) -> None:
    """Serve the development issuer on loopback until SIGTERM."""
    from portico_cli.issuer import DevelopmentIssuer, build_issuer_app

    if os.environ.get("PORTICO_DEMO") != "true":
        raise ConfigurationError("the development issuer runs in demo mode only")
    configure_logging()
    app = build_issuer_app(DevelopmentIssuer.open(state, issuer=issuer))
    asyncio.run(serve_app(app, host="127.0.0.1", port=port, drain=Drain()))


def keep_loop_responsive() -> None:
    """Keep redaction, which runs on a thread beside the event loop, from holding it. Call it once start-up is done.

    Python lets a thread run for 5 ms before it must hand the interpreter on, so every wake-up of the loop could wait
    that long. And a full garbage collection stops every thread; what start-up made is left out of it from here on.
    `make bench` shows the effect (tests/reliability/loop_latency.py).
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.collect()
    gc.freeze()


async def _gateway_forever(settings: GatewaySettings) -> None:
    gateway = await open_gateway(settings, open_search(settings))
    keep_loop_responsive()
    drain = Drain()
    app = build_gateway_app(gateway, widget=WIDGET, drain=drain)
    await serve_app(
        app, host=settings.host, port=settings.port, drain=drain, trusted_proxies=settings.trusted_proxies,
        tls=settings.own_tls(),
    )  # fmt: skip


def _settings() -> GatewaySettings:
    try:
        return GatewaySettings()
    except ValidationError as error:
        wrong = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors(include_input=False)})
        raise ConfigurationError(f"unusable settings: {', '.join(wrong)}") from None
