"""Write docs/reference/settings.md from the settings classes: `.venv/bin/python docs/generate_settings.py`.

The page cannot drift from the code: tests/house/test_settings_documented.py compares it with what this script gives.
"""

from pathlib import Path
from typing import Any, get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from portico_console.notifier.settings import NotifierSettings
from portico_console.settings import ConsoleSettings
from portico_gateway.settings import GatewaySettings

PAGE = Path(__file__).parent / "reference" / "settings.md"
SERVICES: dict[str, type[BaseSettings]] = {
    "Gateway (`portico serve gateway`)": GatewaySettings,
    "Console (`portico serve console`)": ConsoleSettings,
    "Notifier (`portico serve notifier`)": NotifierSettings,
}
INTRODUCTION = """# Settings

Each service reads its settings from the environment, once, when it starts; an unusable value stops the start-up with
one line that names the setting. `portico demo` sets what it needs itself. Made by `docs/generate_settings.py`: edit
the descriptions in the settings classes, not here.
"""
_SIGNS = {Ge: ("ge", "≥"), Gt: ("gt", ">"), Le: ("le", "≤"), Lt: ("lt", "<")}


def render_page() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION, *(_section(title, settings) for title, settings in SERVICES.items())])


def variable_of(settings: type[BaseSettings], name: str) -> str:
    """Return the environment variable of a setting."""
    return f"{settings.model_config.get('env_prefix', '')}{name}".upper()


def _section(title: str, settings: type[BaseSettings]) -> str:
    rows = [
        f"| `{variable_of(settings, name)}` | {_type(field)} | {_default(field)} | {_cell(field.description or '')} |"
        for name, field in settings.model_fields.items()
    ]
    return "\n".join(
        [f"## {title}", "", "| variable | type | default | what it does |", "|---|---|---|---|", *rows, ""]
    )


def _type(field: FieldInfo) -> str:
    kinds = [kind for kind in get_args(field.annotation) if kind is not type(None)] or [field.annotation]
    names = ", ".join(getattr(kind, "__name__", str(kind)) for kind in kinds)
    bounds = [_bound(limit) for limit in field.metadata]
    return " ".join([names.replace("SecretStr", "secret"), *(bound for bound in bounds if bound)])


def _bound(limit: Any) -> str:
    for kind, (attribute, sign) in _SIGNS.items():
        if isinstance(limit, kind):
            return f"{sign} {getattr(limit, attribute)}"
    pattern = getattr(limit, "pattern", None)
    return f"`{_cell(pattern)}`" if pattern else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is None or value == "":
        return "none"
    return f"`{_cell(str(value.get_secret_value() if isinstance(value, SecretStr) else value))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render_page(), encoding="utf-8")
