"""Write the figures of the safety classifier's model card: `docs/generate_model_card.py build/evaluation/results.json`.

`make evaluate` measures first and then runs this. The figures are kept in docs/reference/safety-results.json; without
an argument the card is written again from there. tests/house/test_model_card.py compares the two.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
CARD = DOCS.parent / "model_repository" / "safety_classifier" / "MODEL_CARD.md"
RESULTS = DOCS / "reference" / "safety-results.json"
BEGIN, END = "<!-- figures: begin (docs/generate_model_card.py) -->", "<!-- figures: end -->"
Figure = Mapping[str, Any]
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


def render_figures(results: Mapping[str, Any]) -> str:
    """Return the generated part of the card, between the marks."""
    suite = safety_suite(results)
    names = [given["name"] for given in suite["sets"] if given["name"] != STUDY]
    versions = ", ".join(f"{part} `{version}`" for part, version in suite["measured"].items())
    lines = [
        BEGIN,
        "",
        f"Measured on {results['made_on']} with `{results['command']}`: {versions}. Redaction, red flags, the "
        "injection rule, the model and the route policy together, as they serve. In brackets the 95 % interval.",
        "",
        *_sets(suite),
        "",
        "**By set**",
        "",
        *_table(["", *names], _measures(suite, names)),
        "",
        *_by_key(suite, "recall", "**Recall by label**", "label"),
        *_by_key(suite, "right_by_slice", "**Verdict right, by slice** (word rules of `safety/slices.py`)", "slice"),
        *_by_key(suite, "right_by_label", "**Verdict right, by label and source**", "label / source"),
        *_by_key(suite, "right_by_source", "**Verdict right, by source**", "source"),
        "**Factorial study**: what an irrelevant context changes",
        "",
        *_table(["", "figure"], _study(suite)),
        "",
        *_table(["context", *_BY_CONTEXT.values()], _contexts(suite)),
        "",
        END,
    ]
    return "\n".join(lines)


def safety_suite(results: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the safety suite of a run."""
    suite: Mapping[str, Any] = next(suite for suite in results["suites"] if suite["suite"] == "safety")
    return suite


def with_figures(card: str, results: Mapping[str, Any]) -> str:
    """Return the card with its generated part replaced."""
    before, rest = card.split(BEGIN)
    return before + render_figures(results) + rest.split(END)[1]


def slim(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the card needs of a run: its safety suite without the charts. A thinned run is refused."""
    if "--limit" in results["command"]:
        raise SystemExit("the results are of a run with --limit: measure the whole sets")
    suite = {name: value for name, value in safety_suite(results).items() if name != "charts"}
    return {**results, "suites": [suite]}


def _sets(suite: Mapping[str, Any]) -> Iterator[str]:
    for given in suite["sets"]:
        yield f"- **{given['name']}**: {given['rows']:,} rows, {given['title']}, SHA-256 `{given['sha256'][:12]}…`"


def _measures(suite: Mapping[str, Any], names: list[str]) -> Iterator[list[str]]:
    for measure in _OF_A_SET:
        found = [_find(suite, name, measure) for name in names]
        if any(found):
            yield [suite["measures"][measure], *map(_cell, found)]


def _by_key(suite: Mapping[str, Any], measure: str, title: str, by: str) -> Iterator[str]:
    """Yield a table of one measure with the sets that have it, and nothing where none has."""
    figures = [figure for figure in suite["figures"] if figure["measure"] == measure]
    if not figures:
        return
    names = list(dict.fromkeys(figure["set"] for figure in figures))
    keys = dict.fromkeys(figure["key"] for figure in figures)
    if by != "label":  # Labels have an order of their own.
        keys = dict.fromkeys(sorted(keys))
    rows = ([key, *(_cell(_find(suite, name, measure, key)) for name in names)] for key in keys)
    yield from (title, "", *_table([by, *names], rows), "")


def _study(suite: Mapping[str, Any]) -> Iterator[list[str]]:
    for measure in _OF_THE_STUDY:
        yield [suite["measures"][measure], _cell(_find(suite, STUDY, measure))]


def _contexts(suite: Mapping[str, Any]) -> Iterator[list[str]]:
    for figure in suite["figures"]:
        if figure["measure"] == "under_triage":
            yield [figure["key"], *(_cell(_find(suite, STUDY, measure, figure["key"])) for measure in _BY_CONTEXT)]


def _find(suite: Mapping[str, Any], name: str, measure: str, key: str = "") -> Figure | None:
    return next((f for f in suite["figures"] if (f["set"], f["measure"], f["key"]) == (name, measure, key)), None)


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


def _table(header: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|---" * len(header) + "|"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Take a run's results over, if one is given, and write the card's figures."""
    if len(sys.argv) > 1:
        taken = slim(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
        RESULTS.write_text(json.dumps(taken, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    CARD.write_text(with_figures(CARD.read_text(encoding="utf-8"), results), encoding="utf-8")


if __name__ == "__main__":
    main()
