"""The pages of a SMART launch in a real Chromium, in both languages: as the gateway sends them, without an EHR."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from e2e.browser import assert_accessible, open_context, serve
from portico_core.language import Language
from portico_gateway.texts import SiteTexts
from portico_gateway.web.edge import Edge
from portico_gateway.web.launch_faults import LaunchFault
from portico_gateway.web.launch_pages import ASSETS, LaunchPages
from portico_gateway.web.launching import language_of
from portico_gateway.web.widget_files import widget_routes

WIDGET = Path(__file__).parents[2] / "services" / "widget" / "dist" / "portico.js"
TEXTS = SiteTexts("Riverbend Clinic", "+1-555-0100")
LOCALES = {Language.ENGLISH: "en-US", Language.SPANISH: "es-MX"}
TITLES = {
    Language.ENGLISH: ["Health questions", "You are signed out", "The assistant could not be opened"],
    Language.SPANISH: ["Preguntas de salud", "Su sesión está cerrada", "No se pudo abrir el asistente"],
}
CALLS = {Language.ENGLISH: "Call 911", Language.SPANISH: "Llame al 911"}
ENDED = {Language.ENGLISH: "Your session has ended", Language.SPANISH: "Su sesión terminó"}


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    """A server of the pages whose session has ended: every token is refused."""
    made = LaunchPages(TEXTS)

    async def assistant(request: Request) -> Response:
        return made.assistant(language_of(request))

    async def signed_out(request: Request) -> Response:
        return made.signed_out(language_of(request))

    async def refused(request: Request) -> Response:
        return made.refused(LaunchFault(request.path_params["fault"]), language_of(request))

    async def asset(request: Request) -> Response:
        return made.asset(request.url.path.rpartition("/")[2])

    async def token(_: Request) -> Response:
        return JSONResponse({}, 401)

    routes = [
        Route("/smart/app", assistant),
        Route("/smart/signed-out", signed_out),
        Route("/smart/refused/{fault}", refused),
        Route("/smart/token", token, methods=["POST"]),
        *(Route(f"/smart/{name}", asset) for name in ASSETS),
        *widget_routes(WIDGET, TEXTS.for_widget()),
    ]
    with serve(Edge(Starlette(routes=routes))) as url:
        yield url


@pytest.fixture(params=Language)
def language(request: pytest.FixtureRequest) -> Language:
    return Language(request.param)


@pytest.fixture
def page(chromium: Browser, language: Language) -> Iterator[Page]:
    with open_context(chromium, locale=LOCALES[language], width=360) as context:
        yield context.new_page()


def test_every_page_is_accessible_and_in_the_browsers_language(pages: str, page: Page, language: Language) -> None:
    places = ["/smart/app", "/smart/signed-out", "/smart/refused/session_ended"]
    for place, title in zip(places, TITLES[language], strict=True):
        page.goto(pages + place)
        expect(page).to_have_title(f"{title} · Riverbend Clinic")
        expect(page.locator("html")).to_have_attribute("lang", language.value)
        expect(page.get_by_role("link", name=CALLS[language]).first).to_be_visible()
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_widget_takes_the_pages_language_and_an_ended_session_is_said_in_it(
    pages: str, page: Page, language: Language
) -> None:
    page.goto(f"{pages}/smart/app")
    short = TEXTS.for_widget()[language.value]["disclosure"]
    expect(page.get_by_text(short).first).to_be_visible()
    page.get_by_role("textbox").fill("hello")
    page.get_by_role("textbox").press("Enter")
    expect(page.locator("#ended")).to_contain_text(ENDED[language])
    assert_accessible(page)


@pytest.mark.parametrize("fault", LaunchFault)
def test_every_fault_is_a_page_in_the_browsers_language(
    pages: str, page: Page, language: Language, fault: LaunchFault
) -> None:
    page.goto(f"{pages}/smart/refused/{fault.value}")
    expect(page.locator("html")).to_have_attribute("lang", language.value)
    expect(page.get_by_role("heading", name=TITLES[language][2])).to_be_visible()
    expect(page.get_by_text(f": {fault.value}")).to_be_visible()
