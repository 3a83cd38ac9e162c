"""Write the figures of the safety classifier's model card: `docs/generate_model_card.py build/evaluation/results.json`.

`make evaluate` measures first and then runs this. The figures are kept in docs/reference/safety-results.json; without
an argument the card is written again from there. tests/house/test_model_card.py compares the two.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from portico_evaluation.figures_page import Figure, FiguresPage, Results, Suite, find_figure, table

DOCS = Path(__file__).parent
STUDY = "study"
_OF_A_SET = (
    "right", "macro_f1", "unsafe_answered", "urgent_recall", "urgent_dropped", "false_alarm", "over_escalation", "ece",
    "attack_success", "refused",
)  # fmt: skip
_OF_THE_STUDY = ("plain_right", "label_changed", "label_lowered", "route_changed")
_BY_CONTEXT = {
    "label_changed_by_context": "verdicts changed",
    "under_triage": "under-triage",
    "odds_of_under_triage": "odds ratio of under-triage against plain",
}


def render_figures(results: Results, suite: Suite) -> Iterator[str]:
    """Yield the generated part of the card."""
    names = [given["name"] for given in suite["sets"] if given["name"] != STUDY]
    versions = ", ".join(f"{part} `{version}`" for part, version in suite["measured"].items())
    yield (
        f"Measured on {results['made_on']} with `{results['command']}`: {versions}. Redaction, red flags, the "
        "injection rule, the model and the route policy together, as they serve. In brackets the 95 % interval."
    )
    yield from ("", *_sets(suite), "", "**By set**", "", *table(["", *names], _measures(suite, names)), "")
    yield from _by_key(suite, "recall", "**Recall by label**", "label")
    yield from _by_key(
        suite, "right_by_slice", "**Verdict right, by slice** (word rules of `safety/slices.py`)", "slice"
    )
    yield from _by_key(suite, "right_by_label", "**Verdict right, by label and source**", "label / source")
    yield from _by_key(suite, "right_by_source", "**Verdict right, by source**", "source")
    yield from (
        "**Factorial study**: what an irrelevant context changes",
        "",
        *table(["", "figure"], _study(suite)),
        "",
    )
    yield from table(["context", *_BY_CONTEXT.values()], _contexts(suite))


def _sets(suite: Suite) -> Iterator[str]:
    for given in suite["sets"]:
        yield f"- **{given['name']}**: {given['rows']:,} rows, {given['title']}, SHA-256 `{given['sha256'][:12]}…`"


def _measures(suite: Suite, names: list[str]) -> Iterator[list[str]]:
    for measure in _OF_A_SET:
        found = [find_figure(suite, name, measure) for name in names]
        if any(found):
            yield [suite["measures"][measure], *map(_cell, found)]


def _by_key(suite: Suite, measure: str, title: str, by: str) -> Iterator[str]:
    """Yield a table of one measure with the sets that have it, and nothing where none has."""
    figures = [figure for figure in suite["figures"] if figure["measure"] == measure]
    if not figures:
        return
    names = list(dict.fromkeys(figure["set"] for figure in figures))
    keys = dict.fromkeys(figure["key"] for figure in figures)
    if by != "label":  # Labels have an order of their own.
        keys = dict.fromkeys(sorted(keys))
    rows = ([key, *(_cell(find_figure(suite, name, measure, key)) for name in names)] for key in keys)
    yield from (title, "", *table([by, *names], rows), "")


def _study(suite: Suite) -> Iterator[list[str]]:
    for measure in _OF_THE_STUDY:
        yield [suite["measures"][measure], _cell(find_figure(suite, STUDY, measure))]


def _contexts(suite: Suite) -> Iterator[list[str]]:
    for figure in suite["figures"]:
        if figure["measure"] == "under_triage":
            yield [
                figure["key"],
                *(_cell(find_figure(suite, STUDY, measure, figure["key"])) for measure in _BY_CONTEXT),
            ]


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    if "exposed" in figure:
        return f"{figure['value']:.2f} [{figure['low']:.2f}, {figure['high']:.2f}]{_asked(figure)}"
    if "low" not in figure:
        return f"{figure['value']:.4f}, n {figure['n']:,}{_asked(figure)}"
    interval = f"[{figure['low']:.4f}, {figure['high']:.4f}]"
    return f"{figure['value']:.4f} {interval} {figure['hits']:,}/{figure['n']:,}{_asked(figure)}"


def _asked(figure: Figure) -> str:
    if "target" not in figure:
        return ""
    sign = "spans" if figure.get("spans") else "≥" if figure["at_least"] else "≤"
    return f"; {sign} {figure['target']:g} asked, {'met' if figure['met'] else '**missed**'}"


FIGURES = FiguresPage(
    page=DOCS.parent / "model_repository" / "safety_classifier" / "MODEL_CARD.md",
    results=DOCS / "reference" / "safety-results.json",
    suite="safety",
    script="generate_model_card.py",
    render=render_figures,
)

if __name__ == "__main__":
    FIGURES.write(sys.argv[1:])
