"""The OpenAPI document: every reference resolves, every route of the application is in it, and the turn is the turn."""

import contextlib
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from portico_core.http_outcome import HttpOutcomes
from portico_core.labels import Route as TurnRoute
from portico_core.turn import Turn
from portico_gateway.metrics import Metrics
from portico_gateway.texts import SiteTexts
from portico_gateway.web.app import Site, build_app
from portico_gateway.web.edge import Edge
from portico_gateway.web.errors import STATUS
from portico_gateway.web.openapi import openapi_document
from portico_gateway.web.patient_api import PatientApi
from portico_gateway.web.token_exchange import TokenExchange
from portico_identity.client_assertions import ClientAssertions, RegisteredKeys
from unit.gateway.asgi import call

RIVERBEND = SiteTexts("Riverbend Clinic", "+1-555-0100")

DOCUMENT = openapi_document("0.1.0")
METHODS = {"get", "post", "put", "delete", "patch"}
# Pages of the service, not of the patient API (contracts.md, HTTP).
SERVICE_ROUTES = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/model-card"}
SERVICE_ROUTES |= {"/widget/v1/portico.js", "/widget/v1/{file}"}
DEMO_ROUTES = {"/", "/demo", "/demo/token"}


@contextlib.asynccontextmanager
async def no_lifespan(_: Starlette) -> AsyncIterator[None]:
    yield


def app(*, demo: bool) -> Edge:
    site = Site("0.1.0", Path("x.js"), Path("x.md"), demo, "", "", texts=RIVERBEND)
    api = object.__new__(PatientApi)  # The routes name methods; nothing of the API is called here.
    exchange = object.__new__(TokenExchange)
    object.__setattr__(exchange, "assertions", ClientAssertions({"portal": RegisteredKeys(())}, "x"))
    built = build_app(
        api, site=site, readiness=None, metrics=Metrics(), lifespan=no_lifespan, exchange=exchange  # type: ignore[arg-type]
    )  # fmt: skip
    assert isinstance(built, Edge)
    return built


def routes_of(edge: Edge) -> Iterator[tuple[str, str]]:
    counted = edge._app
    assert isinstance(counted, HttpOutcomes)
    inner = counted._app
    assert isinstance(inner, Starlette)
    for route in inner.routes:
        if isinstance(route, Mount):
            continue
        assert isinstance(route, Route) and route.methods is not None
        yield from ((route.path, method.lower()) for method in route.methods if method != "HEAD")


def documented() -> set[tuple[str, str]]:
    return {(path, method) for path, item in DOCUMENT["paths"].items() for method in item if method in METHODS}


def references(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def resolve(reference: str, document: Mapping[str, Any]) -> Any:
    place: Any = document
    for step in reference.removeprefix("#/").split("/"):
        place = place[step.replace("~1", "/").replace("~0", "~")]
    return place


def test_every_reference_resolves() -> None:
    found = list(references(DOCUMENT))
    assert len(found) > 10
    assert all(reference.startswith("#/components/schemas/") for reference in found)
    assert all(resolve(reference, DOCUMENT) for reference in found)


def test_a_dangling_reference_would_be_found() -> None:
    with pytest.raises(KeyError):
        resolve("#/components/schemas/Nowhere", DOCUMENT)


@pytest.mark.parametrize("demo", [False, True])
def test_every_route_is_documented_or_a_service_page(demo: bool) -> None:
    pages = SERVICE_ROUTES | (DEMO_ROUTES if demo else set())
    served = set(routes_of(app(demo=demo)))
    assert {path for path, _ in served - documented()} == pages
    assert documented() <= served


async def test_the_demo_pages_are_not_there_in_production() -> None:
    for path in sorted(DEMO_ROUTES):
        assert (await call(app(demo=False), "GET" if path != "/demo/token" else "POST", path)).status == 404


def test_every_path_parameter_is_declared() -> None:
    for path, item in DOCUMENT["paths"].items():
        declared = {parameter["name"] for parameter in item.get("parameters", []) if parameter["in"] == "path"}
        assert declared == set(re.findall(r"\{(\w+)\}", path))


def test_every_operation_answers_and_fails_in_the_one_shape() -> None:
    for path, method in documented():
        responses = DOCUMENT["paths"][path][method]["responses"]
        assert [status for status in responses if status.startswith("2")]
        errors = {status: response for status, response in responses.items() if not status.startswith("2")}
        assert {int(status) for status in errors} >= set(STATUS.values()) - {500}
        for response in errors.values():
            assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}


def test_a_turn_can_be_asked_for_in_both_forms() -> None:
    content = DOCUMENT["paths"]["/v1/conversations/{id}/turns"]["post"]["responses"]["200"]["content"]
    assert set(content) == {"application/json", "text/event-stream"}


def test_the_turn_schema_is_that_of_the_turn() -> None:
    schema = DOCUMENT["components"]["schemas"]["Turn"]
    assert set(schema["properties"]) == set(Turn.model_fields)
    assert set(schema["required"]) == set(Turn.model_fields) - {"lang"}  # Turns of an earlier release lack it.
    assert schema["additionalProperties"] is False
    assert resolve(schema["properties"]["route"]["$ref"], DOCUMENT)["enum"] == [route.value for route in TurnRoute]


def test_the_document_has_what_openapi_3_1_asks_for() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert {"title", "version"} <= set(DOCUMENT["info"])
    assert DOCUMENT["security"] == [{"bearer": []}]
    assert set(DOCUMENT["components"]["securitySchemes"]) == {"bearer"}


async def test_the_document_is_served_with_the_edges_headers() -> None:
    answer = await call(app(demo=False), "GET", "/openapi.json")
    assert (answer.status, answer.json()) == (200, DOCUMENT)
    assert answer.headers["x-content-type-options"] == "nosniff"
