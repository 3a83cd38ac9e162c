"""Every setting is described, and the page that lists them is fresh."""

import os
import re

import pytest
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from house.sources import ROOT, script
from portico_console.notifier.settings import NotifierSettings
from portico_console.settings import ConsoleSettings
from portico_gateway.settings import GatewaySettings

PAGE = ROOT / "docs" / "reference" / "settings.md"
GENERATOR = script("docs/generate_settings.py")
SETTINGS = [GatewaySettings, ConsoleSettings, NotifierSettings]


def test_the_settings_page_is_fresh() -> None:
    fresh = GENERATOR.render_page()
    assert PAGE.read_text(encoding="utf-8") == fresh, "run: .venv/bin/python docs/generate_settings.py"


@pytest.mark.parametrize("settings", SETTINGS)
def test_every_setting_is_described_and_listed(settings: type[BaseSettings]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = [
        name
        for name, field in settings.model_fields.items()
        if not (field.description or "").strip() or f"| `{GENERATOR.variable_of(settings, name)}` |" not in page
    ]
    assert missing == []


@pytest.mark.parametrize("settings", SETTINGS)
def test_every_setting_is_read_somewhere(settings: type[BaseSettings]) -> None:
    """A setting that nothing reads promises what does not happen."""
    package = ROOT / "services" / settings.__module__.split("_")[1].split(".")[0]
    code = "".join(
        p.read_text(encoding="utf-8")
        for p in [
            *package.rglob("*.py"),
            *(ROOT / "services/cli").rglob("*.py"),
            *(ROOT / "services/core").rglob("*.py"),
        ]
    )
    assert [name for name in settings.model_fields if not re.search(rf"settings\.{name}\b|self\.{name}\b", code)] == []


def test_a_setting_without_description_would_be_missed() -> None:
    """The negative control: a new setting that nobody wrote down is not on the page."""

    class Grown(GatewaySettings):
        surprise: int = 1

    page = PAGE.read_text(encoding="utf-8")
    missing = [name for name in Grown.model_fields if f"| `{GENERATOR.variable_of(Grown, name)}` |" not in page]
    assert missing == ["surprise"]


def test_settings_come_from_the_environment_and_cannot_change(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PORTICO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PORTICO_PORT", "9001")
    settings = GatewaySettings()
    assert settings.port == 9001
    with pytest.raises(ValidationError):
        settings.port = 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "99999"),
        ("PORT", "eighty"),
        ("TENANT", "No Spaces"),
        ("ANSWER_THRESHOLD", "1.5"),
        ("AUDIT_DEADLINE_S", "0"),
    ],
)
def test_an_unusable_value_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"PORTICO_{name}", value)
    with pytest.raises(ValidationError):
        GatewaySettings()


def test_the_redis_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTICO_REDIS_URL", "redis://:hunter2@127.0.0.1:6379/0")
    assert "hunter2" not in repr(GatewaySettings())
