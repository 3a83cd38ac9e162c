"""docs/reference/answers.md shows the committed figures, and these are of the sets in the repository."""

import hashlib
import json
from typing import Any

from house.sources import ROOT, script

PAGE = (ROOT / "docs" / "reference" / "answers.md").read_text(encoding="utf-8")
RESULTS: dict[str, Any] = json.loads((ROOT / "docs" / "reference" / "answers-results.json").read_text("utf-8"))
FIGURES = script("docs/generate_answers.py").FIGURES


def test_the_figures_are_the_committed_ones() -> None:
    assert FIGURES.with_figures(PAGE, RESULTS) == PAGE, "run: .venv/bin/python docs/generate_answers.py"


def test_a_changed_figure_would_be_seen() -> None:
    changed = json.loads(json.dumps(RESULTS))
    changed["suites"][0]["figures"][0]["hits"] -= 1
    assert FIGURES.with_figures(PAGE, changed) != PAGE


def test_the_figures_are_of_the_whole_sets_in_the_repository() -> None:
    folder = ROOT / "services" / "knowledge" / "evaluation"
    sets = {given["name"]: given for given in RESULTS["suites"][0]["sets"]}
    digests = {name: hashlib.sha256((folder / f"{name}.jsonl").read_bytes()).hexdigest() for name in sets}
    assert {name: given["sha256"] for name, given in sets.items()} == digests, "run: make evaluate"
    assert (sets["questions"]["rows"], sets["pairs"]["rows"]) == (630, 224)
