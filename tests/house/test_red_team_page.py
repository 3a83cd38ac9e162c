"""docs/reference/red-team.md says what is true: its figures are the committed ones, and they are of today's corpus."""

import json
from collections import Counter
from typing import Any

from house.sources import ROOT, script
from reliability.red_team_corpus import read_corpus

PAGE = (ROOT / "docs" / "reference" / "red-team.md").read_text(encoding="utf-8")
RESULTS: dict[str, Any] = json.loads((ROOT / "docs" / "reference" / "red-team-results.json").read_text("utf-8"))
FIGURES = script("docs/generate_red_team.py").FIGURES


def stale(results: dict[str, Any]) -> list[str]:
    """Return the families of which the corpus has other classes, examples or open ones than the results."""
    told = {
        family: {(kind, count, sum(bool(a.open) for a in attacks if a.kind == kind)) for kind, count in counts.items()}
        for family, attacks in read_corpus().items()
        for counts in [Counter(attack.kind for attack in attacks)]
    }
    measured = {
        family["family"]: {(each["class"], each["n"], each["n"] - each["withstood"]) for each in family["classes"]}
        for family in results["suites"][0]["families"]
    }
    return [family for family, classes in told.items() if measured.get(family) != classes]


def test_the_figures_are_the_committed_ones() -> None:
    assert FIGURES.with_figures(PAGE, RESULTS) == PAGE, "run: .venv/bin/python docs/generate_red_team.py"


def test_the_figures_are_of_this_corpus() -> None:
    assert stale(RESULTS) == [], "run: make red-team"


def test_a_changed_figure_would_be_seen() -> None:
    changed = json.loads(json.dumps(RESULTS))
    changed["suites"][0]["families"][0]["classes"][0]["withstood"] -= 1
    assert FIGURES.with_figures(PAGE, changed) != PAGE
    assert stale(changed) == ["redaction_evasion"]
