"""The Starlette application: routes, error map, edge. Built by `bootstrap`; nothing here opens a connection."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from portico_core.errors import DependencyUnavailable
from portico_core.http_outcome import HttpOutcomes
from portico_gateway.metrics import Metrics
from portico_gateway.texts import SiteTexts
from portico_gateway.web.access import refuse_undeclared
from portico_gateway.web.edge import Edge
from portico_gateway.web.errors import HANDLERS
from portico_gateway.web.health import Readiness
from portico_gateway.web.launching import Launching
from portico_gateway.web.openapi import openapi_document
from portico_gateway.web.origins import OriginPolicy
from portico_gateway.web.patient_api import PatientApi
from portico_gateway.web.token_exchange import TokenExchange
from portico_gateway.web.widget_files import widget_routes

DEMO_PAGE = Path(__file__).parent / "demo_page"
TOKEN_DEADLINE_S = 3.0

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Site:
    """What the public pages of this gateway show and where their files lie."""

    version: str
    widget: Path
    model_card: Path
    demo: bool
    console_url: str
    demo_token_url: str
    texts: SiteTexts = field(kw_only=True)
    metrics_here: bool = True
    allowed_origins: frozenset[str] = frozenset()
    frame_ancestors: frozenset[str] = frozenset()


def build_app(
    api: PatientApi,
    *,
    site: Site,
    readiness: Readiness,
    metrics: Metrics,
    lifespan: Lifespan,
    exchange: TokenExchange | None = None,
    launching: Launching | None = None,
) -> ASGIApp:
    """Put the routes together behind the edge; raise ConfigurationError for one without a rule."""
    routes: list[BaseRoute] = [*api.routes(), *_service_routes(site, readiness)]
    if exchange is not None:
        routes += exchange.routes()
    if launching is not None:
        routes += launching.routes()
    if site.metrics_here:
        routes.append(_metrics_route(metrics))
    if site.demo:
        routes += _demo_routes(site)
    refuse_undeclared(routes, demo=site.demo)
    origins = Middleware(OriginPolicy, allowed=site.allowed_origins)
    application = Starlette(routes=routes, middleware=[origins], exception_handlers=HANDLERS, lifespan=lifespan)
    outcomes = HttpOutcomes(application, metrics.count_request)
    return Edge(outcomes, frame_ancestors=site.frame_ancestors, whom_to_call=site.texts.after_error("en"))


def _metrics_route(metrics: Metrics) -> BaseRoute:
    async def show(_: Request) -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return Route("/metrics", show, methods=["GET"])


def _service_routes(site: Site, readiness: Readiness) -> list[BaseRoute]:
    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        states = dict(await readiness.states())
        draining, off = readiness.drain.begun, sorted(await readiness.switches.off())
        ready = all(states.values()) and not draining
        state = {"ready": ready, "draining": draining, "dependencies": states, "switched_off": off}
        return JSONResponse(state, 200 if ready else 503)

    async def openapi(_: Request) -> Response:
        return JSONResponse(openapi_document(site.version))

    async def model_card(_: Request) -> Response:
        return FileResponse(site.model_card, media_type="text/markdown; charset=utf-8")

    pages = {
        "/healthz": healthz,
        "/readyz": readyz,
        "/openapi.json": openapi,
        "/model-card": model_card,
    }
    routes = [Route(path, page, methods=["GET"]) for path, page in pages.items()]
    return [*routes, *widget_routes(site.widget, site.texts.for_widget())]


def _demo_routes(site: Site) -> list[BaseRoute]:
    async def demo(_: Request) -> Response:
        page = (DEMO_PAGE / "index.html").read_text(encoding="utf-8")
        return Response(page.replace("__CONSOLE_URL__", site.console_url), media_type="text/html; charset=utf-8")

    async def token(_: Request) -> Response:
        try:
            async with httpx2.AsyncClient(timeout=TOKEN_DEADLINE_S, trust_env=False) as client:
                answer = await client.post(site.demo_token_url, json={"role": "patient", "patient": "demo-patient"})
        except httpx2.HTTPError:
            raise DependencyUnavailable from None
        return JSONResponse({"token": answer.json()["token"]})

    async def home(_: Request) -> Response:
        return RedirectResponse("/demo")

    return [
        Route("/", home, methods=["GET"]),
        Route("/demo", demo, methods=["GET"]),
        Route("/demo/token", token, methods=["POST"]),
        Mount("/demo", StaticFiles(directory=DEMO_PAGE)),
    ]
