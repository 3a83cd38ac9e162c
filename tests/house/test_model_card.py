"""The safety classifier's model card says what was measured: its figures are the committed ones, of the sets here."""

import json
from typing import Any

import pytest

from house.sources import ROOT, script
from portico_evaluation.figures_page import END
from portico_evaluation.safety.study import read_study
from portico_evaluation.safety.texts import read_authored

CARD = (ROOT / "model_repository" / "safety_classifier" / "MODEL_CARD.md").read_text(encoding="utf-8")
RESULTS: dict[str, Any] = json.loads((ROOT / "docs" / "reference" / "safety-results.json").read_text("utf-8"))
FIGURES = script("docs/generate_model_card.py").FIGURES
MESSAGES, STUDY = (ROOT / "training" / "data" / name for name in ("messages", "study"))


def test_the_figures_are_the_committed_ones() -> None:
    assert FIGURES.with_figures(CARD, RESULTS) == CARD, "run: .venv/bin/python docs/generate_model_card.py"


def test_a_changed_figure_would_be_seen() -> None:
    changed = json.loads(json.dumps(RESULTS))
    next(f for f in changed["suites"][0]["figures"] if f["measure"] == "urgent_recall")["hits"] -= 1
    assert FIGURES.with_figures(CARD, changed) != CARD


def stale_sets(results: dict[str, Any]) -> list[str]:
    """Return the sets that have changed since they were measured."""
    measured = {given["name"]: given["sha256"] for given in results["suites"][0]["sets"]}
    here = {given.name: given.sha256 for given in read_authored(MESSAGES)} | {"study": read_study(STUDY).sha256}
    return [name for name, digest in here.items() if measured.get(name) != digest]


def test_the_figures_are_of_the_sets_in_the_repository() -> None:
    assert stale_sets(RESULTS) == [], "run: make evaluate"


def test_a_changed_set_would_be_seen() -> None:
    changed = json.loads(json.dumps(RESULTS))
    changed["suites"][0]["sets"][0]["sha256"] = "0" * 64
    assert stale_sets(changed) == ["test"]


def test_a_thinned_run_is_refused() -> None:
    assert FIGURES.slim(RESULTS)["suites"][0]["suite"] == "safety"
    with pytest.raises(SystemExit, match="--limit"):
        FIGURES.slim({**RESULTS, "command": "portico evaluate --suite safety --limit 20"})


def test_the_committed_results_hold_no_text() -> None:
    """Names only: nothing in the file is as long as a message, and no message stands in it."""
    written = json.dumps(RESULTS, ensure_ascii=False)
    texts = [text.messages[-1] for given in read_authored(MESSAGES) for text in given.texts]
    texts += [vignette.text for vignette in read_study(STUDY).vignettes]
    long = [text for text in texts if len(text) > 25]
    assert [text for text in long if text in written] == []
    assert [text for text in long[:1] if text in written + long[0]] == long[:1]  # The negative control.


def test_the_card_has_the_marks_once() -> None:
    assert CARD.count(FIGURES.begin) == CARD.count(END) == 1
    assert FIGURES.page.samefile(ROOT / "model_repository" / "safety_classifier" / "MODEL_CARD.md")
