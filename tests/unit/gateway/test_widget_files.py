"""What the widget's addresses serve, for how long, and that nothing else lies behind them."""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from portico_gateway.texts import SiteTexts
from portico_gateway.web.edge import Edge
from portico_gateway.web.errors import HANDLERS
from portico_gateway.web.widget_files import widget_routes

WIDGET = Path(__file__).parents[3] / "services" / "widget"
LOADER = WIDGET / "dist" / "portico.js"
SOURCE = "".join(path.read_text(encoding="utf-8") for path in (WIDGET / "src").glob("*.ts"))
CLASS = json.loads((WIDGET / "custom-elements.json").read_text(encoding="utf-8"))["modules"][0]["declarations"][0]


def names(kind: str) -> set[str]:
    return {item["name"] for item in CLASS[kind]}


@pytest.fixture
def client() -> TestClient:
    routes = widget_routes(LOADER, SiteTexts("Riverbend Clinic", "+1-555-0100").for_widget())
    return TestClient(Edge(Starlette(routes=routes, exception_handlers=HANDLERS)))


def test_the_loader_names_a_file_that_is_there_and_has_the_integrity_it_says(client: TestClient) -> None:
    loader = client.get("/widget/v1/portico.js")
    named = re.search(r"portico-[0-9a-f]{16}\.js", loader.text)
    integrity = re.search(r"sha384-[A-Za-z0-9+/=]{64}", loader.text)
    assert named is not None and integrity is not None
    script = client.get(f"/widget/v1/{named[0]}")
    assert f"sha384-{base64.b64encode(hashlib.sha384(script.content).digest()).decode()}" == integrity[0]
    assert "immutable" in script.headers["cache-control"]
    assert "immutable" not in loader.headers["cache-control"]
    assert script.headers["access-control-allow-origin"] == "*"


def test_loader_and_module_bring_the_sites_numbers_within_the_budget(client: TestClient) -> None:
    for file, budget in (("portico.js", 3 * 1024), ("portico.mjs", 20 * 1024)):
        served = client.get(f"/widget/v1/{file}")
        first, _, rest = served.text.partition("\n")
        assert json.loads(first.removeprefix("globalThis.porticoSite??=").removesuffix(";"))["es"]["lines"][0] == {
            "label": "llame al 911", "uri": "tel:911",
        }  # fmt: skip
        assert rest == LOADER.with_name(file).read_text(encoding="utf-8")
        assert len(gzip.compress(served.content)) <= budget
        assert "immutable" not in served.headers["cache-control"]


def test_loader_and_widget_together_are_within_the_budget(client: TestClient) -> None:
    loader = client.get("/widget/v1/portico.js")
    named = re.search(r"portico-[0-9a-f]{16}\.js", loader.text)
    assert named is not None
    script = client.get(f"/widget/v1/{named[0]}")
    assert len(gzip.compress(loader.content)) + len(gzip.compress(script.content)) <= 20 * 1024


def test_what_a_site_says_stays_a_string_of_the_script() -> None:
    hostile = SiteTexts('"};alert(1);//</script>\u2028', "+1-555-0100").for_widget()
    client = TestClient(Starlette(routes=widget_routes(LOADER, hostile)))
    first = client.get("/widget/v1/portico.js").text.partition("\n")[0]
    assert first.isascii()
    assert json.loads(first.removeprefix("globalThis.porticoSite??=").removesuffix(";")) == hostile


def test_module_and_types_are_served(client: TestClient) -> None:
    assert "export{" in client.get("/widget/v1/portico.mjs").text
    assert "PorticoChatElement" in client.get("/widget/v1/portico.d.ts").text


@pytest.mark.parametrize("file", ["..%2Fpackage.json", "package.json", "portico-0000000000000000.js", ".", "%2e%2e"])
def test_there_is_no_way_to_another_file(client: TestClient, file: str) -> None:
    assert client.get(f"/widget/v1/{file}").status_code == 404


def test_the_manifest_says_what_the_element_has() -> None:
    read = set(re.findall(r'(?:get|has)Attribute\("([a-z-]+)"\)', SOURCE)) - {"lang"}
    told = {f"portico:{event}" for event in re.findall(r'(?:tell|#tell)\("([a-z]+)"', SOURCE)}
    element = (WIDGET / "src" / "portico-chat.ts").read_text(encoding="utf-8")
    styles = (WIDGET / "src" / "style.css").read_text(encoding="utf-8")
    assert names("attributes") == read | {"theme"}  # The theme is read by the style sheet alone.
    assert names("events") == told
    assert names("cssProperties") == set(re.findall(r"--portico-[a-z-]+", styles))
    assert names("cssParts") == set(re.findall(r'part: "([a-z]+)"', SOURCE))
    assert {m for m in names("members") if not re.search(rf"^  {m}[(:]", element, re.M)} == set()


def test_the_loader_passes_on_every_attribute_that_a_script_may_set() -> None:
    passed = set(re.findall(r'"([a-z-]+)"', re.search(r"PASSED_ON = \[(.*?)\]", SOURCE, re.S)[1]))  # type: ignore[index]
    assert passed == names("attributes") - {"embedded"}
