"""Write the figures of docs/reference/answers.md: `docs/generate_answers.py build/evaluation/results.json`.

`make evaluate` measures first and then runs this. The figures are kept in docs/reference/answers-results.json; without
an argument the page is written again from there. tests/house/test_answers_page.py compares the two.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from portico_evaluation.figures_page import Figure, FiguresPage, Results, Suite, table

REFERENCE = Path(__file__).parent / "reference"
SETS = {
    "retrieval": "Search, of covered questions",
    "pipeline": "The whole pipeline",
    "let through": "Every question let through by the classifier: search, responder and validation alone",
    "pairs": "Grounding as `portico ground` says it, of authored pairs",
}


def render_figures(results: Results, suite: Suite) -> Iterator[str]:
    """Yield the generated part of the page."""
    measured = ", ".join(f"{name} {version}" for name, version in sorted(suite["measured"].items()))
    yield from (f"Measured on {results['made_on']} with `{results['command']}`: {measured}.", "")
    yield from (f"- **{given['name']}**: {given['rows']:,} rows, {given['title']}" for given in suite["sets"])
    for name, title in SETS.items():
        header = ("measure", "figure", "of", "95 % interval", "asked")
        yield from ("", f"**{title}**", "", *table(header, _rows(suite, name)))


def _rows(suite: Suite, name: str) -> Iterator[list[str]]:
    for figure in suite["figures"]:
        if figure["set"] == name:
            words = suite["measures"][figure["measure"]] + (f", {figure['key']}" if figure["key"] else "")
            yield [words, *_cells(figure)]


def _cells(figure: Figure) -> tuple[str, str, str, str]:
    asked = ""
    if "target" in figure:
        sign = "≥" if figure["at_least"] else "≤"
        asked = f"{sign} {figure['target']:g}: {'met' if figure['met'] else '**missed**'}"
    if "low" not in figure:
        return f"{figure['value']:.3f}", f"{figure['n']:,}", "", asked
    interval = f"{figure['low']:.3f} to {figure['high']:.3f}"
    return f"{figure['value']:.3f}", f"{figure['hits']:,} / {figure['n']:,}", interval, asked


FIGURES = FiguresPage(
    page=REFERENCE / "answers.md",
    results=REFERENCE / "answers-results.json",
    suite="answers",
    script="generate_answers.py",
    render=render_figures,
)

if __name__ == "__main__":
    FIGURES.write(sys.argv[1:])
