"""Open the console with an environment that the chart or the compose file gives it, without a store.

The places that a pod or a container mounts are made in a folder; the store is down, which keeps no console from
starting. What is left is what the environment decides.
"""

import asyncio
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from authority import Authority
from chart.rendering import ROOT, of_kind, rendered
from portico_console.bootstrap import open_console
from portico_console.metrics import ConsoleMetrics
from portico_console.settings import ConsoleSettings
from portico_redaction.opening import open_redactor
from portico_state.keyring import Keyring

# The redactor takes seconds to open, is the same for every profile, and redacts nothing here: one is enough.
_one_redactor = cache(open_redactor)
NO_STORE = "redis://127.0.0.1:1/0"


def open_console_with(given: Mapping[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the console's application and close it; raise ConfigurationError where a console would not start."""
    places = {"PORTICO_STATE": str(folder), "PORTICO_STAFF_CLIENT_KEY": str(folder / "key.json")}
    places["PORTICO_SITE"] = str(folder / "site.json")
    places |= {"PORTICO_TAGGER": str(ROOT / "services/redaction/tagger"), "PORTICO_REDIS_URL": NO_STORE}
    Keyring.create(folder / "keys.json")
    key = ECKey.generate_key("P-384", {"kid": "console-1"}, private=True)
    (folder / "key.json").write_text(json.dumps(key.as_dict(private=True)), encoding="utf-8")
    places |= _certificates(given, folder)
    (folder / "site.json").write_text(_site_of_the_chart(), encoding="utf-8")
    for name in given:
        monkeypatch.setenv(name, places.get(name, given[name]))
    monkeypatch.setattr("portico_console.bootstrap.open_redactor", _one_redactor)
    asyncio.run(_open())


def _certificates(given: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return files in the place of those that the mounted secrets bring, where the store is reached over TLS."""
    if "PORTICO_REDIS_CA_FILE" not in given:
        return {}
    authority = Authority(folder, "store")
    shown = authority.issue("console")
    files = {"CA": authority.file, "CERT": shown.certificate, "KEY": shown.key}
    named = {f"PORTICO_REDIS_{part}_FILE": str(path) for part, path in files.items()}
    return named | {"PORTICO_REDIS_URL": NO_STORE.replace("redis", "rediss")}


@cache
def _site_of_the_chart() -> str:
    """Return the site file that the chart makes of `clinic.site`."""
    maps = of_kind(rendered("ha"), "ConfigMap")
    return next(str(each["data"]["site.json"]) for each in maps if "site.json" in each["data"])


async def _open() -> None:
    app = await open_console(ConsoleSettings(), ConsoleMetrics())
    async with app.router.lifespan_context(app):
        assert app.routes
