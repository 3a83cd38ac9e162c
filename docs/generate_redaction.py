"""Write the figures of docs/reference/redaction.md: `docs/generate_redaction.py build/evaluation/results.json`.

`make evaluate` measures first and then runs this. The figures are kept in docs/reference/redaction-results.json;
without an argument the page is written again from there. tests/house/test_redaction_page.py compares the two.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from portico_core.labels import PhiType
from portico_evaluation.figures_page import Figure, FiguresPage, Results, Suite, find_figure, table

REFERENCE = Path(__file__).parent / "reference"
_OF_A_SET = ("recall", "typed", "clean", "false_characters", "f2_at_0.5", "f2_at_0.9")
_LABELLED = "recall"


def render_figures(results: Results, suite: Suite) -> Iterator[str]:
    """Yield the generated part of the page."""
    names = [given["name"] for given in suite["sets"] if find_figure(suite, given["name"], _LABELLED) is not None]
    yield f"Measured on {results['made_on']} with `{results['command']}`. In brackets the Wilson 95 % interval."
    yield from ("", *_sets(suite), "", "**Recall by class**: identifiers of which every character was covered.", "")
    yield from table(["class", *names], _classes(suite, names))
    yield from ("", "**By set**", "", *table(["", *names], _measures(suite, names)), "", *_others(suite))


def _sets(suite: Suite) -> Iterator[str]:
    for given in suite["sets"]:
        digest = f", SHA-256 `{given['sha256'][:12]}…`" if given["sha256"] else ""
        yield f"- **{given['name']}**: {given['rows']:,} rows, {given['title']}{digest}"


def _classes(suite: Suite, names: list[str]) -> Iterator[list[str]]:
    yield ["all", *(_cell(find_figure(suite, name, _LABELLED)) for name in names)]
    for kind in PhiType:
        found = [find_figure(suite, name, _LABELLED, kind.value) for name in names]
        if any(found):
            yield [f"`{kind.value}`", *map(_cell, found)]


def _measures(suite: Suite, names: list[str]) -> Iterator[list[str]]:
    for measure in _OF_A_SET:
        yield [suite["measures"][measure], *(_cell(find_figure(suite, name, measure)) for name in names)]


def _others(suite: Suite) -> Iterator[str]:
    """Clinical utility and latency: figures of sets without labels."""
    rows = [f for f in suite["figures"] if f["set"] in ("utility", "latency") and not f["key"]]
    yield from table(["", "figure"], ([suite["measures"][f["measure"]], _cell(f)] for f in rows))


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    if "low" not in figure:
        value = f"{figure['value']:.1f} {figure['unit']}" if figure["unit"] else f"{figure['value']:.4f}"
        return f"{value}, n {figure['n']:,}{_asked(figure)}"
    interval = f"[{figure['low']:.4f}, {figure['high']:.4f}]"
    return f"{figure['value']:.4f} {interval} {figure['hits']:,}/{figure['n']:,}{_asked(figure)}"


def _asked(figure: Figure) -> str:
    if "target" not in figure:
        return ""
    return (
        f"; {'≥' if figure['at_least'] else '≤'} {figure['target']:g} asked, {'met' if figure['met'] else '**missed**'}"
    )


FIGURES = FiguresPage(
    page=REFERENCE / "redaction.md",
    results=REFERENCE / "redaction-results.json",
    suite="phi",
    script="generate_redaction.py",
    render=render_figures,
)

if __name__ == "__main__":
    FIGURES.write(sys.argv[1:])
