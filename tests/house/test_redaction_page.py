"""docs/reference/redaction.md says what is true: its figures are the committed ones, and its examples run."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from house.sources import ROOT, script
from portico_cli.places import TAGGER
from portico_core.labels import PhiType
from portico_redaction.engine import Redactor
from portico_redaction.opening import open_redactor

PAGE = (ROOT / "docs" / "reference" / "redaction.md").read_text(encoding="utf-8")
RESULTS: dict[str, Any] = json.loads((ROOT / "docs" / "reference" / "redaction-results.json").read_text("utf-8"))
FIGURES = script("docs/generate_redaction.py").FIGURES
EXAMPLES = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|$", PAGE, re.M)


@pytest.fixture(scope="module")
def redactor() -> Iterator[Redactor]:
    built = open_redactor(TAGGER)
    yield built
    built.close()


def test_the_figures_are_the_committed_ones() -> None:
    assert FIGURES.with_figures(PAGE, RESULTS) == PAGE, "run: .venv/bin/python docs/generate_redaction.py"


def test_a_changed_figure_would_be_seen() -> None:
    changed = json.loads(json.dumps(RESULTS))
    changed["suites"][0]["figures"][0]["hits"] -= 1
    assert FIGURES.with_figures(PAGE, changed) != PAGE


def stale_sets(results: dict[str, Any]) -> list[str]:
    """Return the sets that have changed since they were measured."""
    digests = {given["name"]: given["sha256"] for given in results["suites"][0]["sets"]}
    folder = ROOT / "training" / "data" / "phi"
    names = ("portal", "portal-fresh", "portal-third", "portal-fourth", "portal-devel", "utility")
    files = {name: folder / f"{name.replace('-', '_')}.jsonl" for name in names}
    return [n for n, file in files.items() if hashlib.sha256(file.read_bytes()).hexdigest() != digests.get(n)]


def test_the_figures_are_of_the_sets_in_the_repository() -> None:
    assert stale_sets(RESULTS) == [], "run: make evaluate"


def test_a_changed_set_would_be_seen() -> None:
    changed = json.loads(json.dumps(RESULTS))
    changed["suites"][0]["sets"][0]["sha256"] = "0" * 64
    assert stale_sets(changed) == ["portal"]


def test_every_class_has_its_examples() -> None:
    shown = " ".join(after for _, after in EXAMPLES)
    assert [kind.value for kind in PhiType if f"[{kind.value}_1]" not in shown] == []
    assert [kind.value for kind in PhiType if f"`{kind.value}`" not in PAGE] == []


@pytest.mark.parametrize(("typed", "becomes"), EXAMPLES)
def test_an_example_runs(redactor: Redactor, typed: str, becomes: str) -> None:
    assert redactor.redact(typed).redacted.text == becomes


def test_the_commands_print_what_the_page_says() -> None:
    blocks = [re.sub(r"^ {4}", "", block, flags=re.M) for block in re.findall(r"(?:^ {4}.+\n)+", PAGE, re.M)]
    assert len(blocks) >= 2
    for block in blocks:
        command, *printed = block.splitlines()
        assert without_scores(run(command.removeprefix("$ "))) == without_scores(printed)


def without_scores(lines: list[str]) -> list[str]:
    """A score is a rule's own affair; it may change without the page."""
    return [re.sub(r'"score": [0-9.]+', '"score": _', line) for line in lines]


def run(command: str) -> list[str]:
    """Run a line of the page in a shell, with this environment's `portico`."""
    line = command.replace("portico redact", f"{sys.executable} -m portico_cli.main redact")
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    return done.stdout.splitlines()
