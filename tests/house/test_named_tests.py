"""A safeguard or a threat without a test is a wish: every line of the two pages names tests, and they exist."""

import re
from pathlib import Path

import pytest

from house.sources import ROOT

PAGES = [ROOT / "docs" / "reference" / "safeguards.md", ROOT / "docs" / "explanation" / "threat-model.md"]
_TEST = re.compile(r"`(tests/[\w/]+\.py)`")


def faults_of(text: str) -> list[str]:
    """Return the lines of tables that name no test, or one that is not there."""
    rows = [
        line
        for line in text.splitlines()
        if line.startswith("|") and not re.match(r"\|[-|]+$|\| (threat|164\.312) ", line)
    ]
    named = {row: _TEST.findall(row.split("|")[-2]) for row in rows}
    silent = [f"no test: {row[:60]}" for row, tests in named.items() if not tests]
    return silent + [f"no such test: {t}" for tests in named.values() for t in tests if not (ROOT / t).is_file()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_line_names_a_test_that_exists(page: Path) -> None:
    assert faults_of(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_lost_test_and_a_line_without_one_are_found(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    first = next(test for line in text.splitlines() if line.startswith("|") for test in _TEST.findall(line))
    assert f"no such test: {first[:-3]}_gone.py" in faults_of(text.replace(first, f"{first[:-3]}_gone.py"))
    assert faults_of(text + "\n| a | b | c |\n")[0].startswith("no test: | a |")


def test_every_standard_of_164_312_has_a_line() -> None:
    text = PAGES[0].read_text(encoding="utf-8")
    standards = ("(a)(1)", "(a)(2)(i)", "(a)(2)(ii)", "(a)(2)(iii)", "(a)(2)(iv)", "(b)", "(c)(1)", "(c)(2)", "(d)")
    for standard in (*standards, "(e)(1)", "(e)(2)(i)", "(e)(2)(ii)"):
        assert f"| {standard} " in text
