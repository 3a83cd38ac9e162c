"""Imports go down only (`.importlinter`), and the rules bite: each is broken on purpose in a copy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from house.sources import ROOT, SERVICES

# Where → what is planted there. One forbidden import for every rule of `.importlinter`.
PLANTED = {
    # Inside the gateway, imports go down only.
    "gateway/portico_gateway/guards/markup.py": "portico_gateway.pipeline",
    "gateway/portico_gateway/ports.py": "portico_gateway.web.body",
    "gateway/portico_gateway/pipeline.py": "portico_gateway.settings",
    "gateway/portico_gateway/web/body.py": "portico_gateway.bootstrap",
    "gateway/portico_gateway/adapters/triton.py": "portico_gateway.web.edge",
    # The vocabulary imports nothing of ours, and does no I/O.
    "core/portico_core/labels.py": "portico_state.keys",
    "core/portico_core/text.py": "redis",
    # The leaves do not know each other, nor what is above them.
    "redaction/portico_redaction/normalise.py": "portico_knowledge.words",
    "state/portico_state/keys.py": "portico_gateway.settings",
    # Gateway and console stand side by side.
    "gateway/portico_gateway/texts.py": "portico_console.settings",
    "console/portico_console/settings.py": "portico_gateway.settings",
    # The evaluation measures what is below the services.
    "evaluation/portico_evaluation/figures.py": "portico_gateway.settings",
    # The archive is for commands alone.
    "console/portico_console/forms.py": "portico_state.archive.archiver",
    # Nothing that serves needs torch, nor matplotlib.
    "models/portico_models/weights.py": "torch",
    "identity/portico_identity/tokens.py": "matplotlib",
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the packages that lie in a folder."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    return subprocess.run(
        [*command, "--config", str(ROOT / ".importlinter"), "--no-cache", "--no-logo"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of every package, side by side, so that a violation can be planted in it."""
    for package in SERVICES.glob("*/portico_*"):
        shutil.copytree(
            package, tmp_path / package.name, ignore=lambda at, names: [n for n in names if not _is_source(at, n)]
        )
    return tmp_path


def test_the_services_keep_the_import_rules(copied: Path) -> None:
    linted = lint(copied)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_every_planted_violation_is_found(copied: Path) -> None:
    for place, module in PLANTED.items():
        file = copied / Path(place).relative_to(Path(place).parts[0])
        file.write_text(file.read_text(encoding="utf-8") + f"\nimport {module}\n", encoding="utf-8")
    linted = lint(copied)
    found = " ".join(linted.stdout.split())
    assert linted.returncode == 1
    assert "0 kept" in found
    missed = [f"{_module(place)} -> {module}" for place, module in PLANTED.items() if not _names(found, place, module)]
    assert missed == []


def test_every_package_stands_under_the_rules() -> None:
    rules = (ROOT / ".importlinter").read_text(encoding="utf-8")
    packages = {path.name for path in SERVICES.glob("*/portico_*") if path.is_dir()}
    assert packages == {line.strip() for line in rules.split("root_packages =")[1].split("include")[0].split()}


def _names(found: str, place: str, module: str) -> bool:
    return f"{_module(place)} -> {module} " in found.replace("(l.", " (l.").replace("  ", " ")


def _module(place: str) -> str:
    return ".".join(Path(place).with_suffix("").parts[1:])


def _is_source(at: str, name: str) -> bool:
    return name.endswith(".py") or ((Path(at) / name).is_dir() and name != "__pycache__")
