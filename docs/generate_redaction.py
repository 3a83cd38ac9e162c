"""Write the figures of docs/reference/redaction.md: `docs/generate_redaction.py build/evaluation/results.json`.

`make evaluate` measures first and then runs this. The figures are kept in docs/reference/redaction-results.json;
without an argument the page is written again from there. tests/house/test_redaction_page.py compares the two.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from portico_core.labels import PhiType

PAGE = Path(__file__).parent / "reference" / "redaction.md"
RESULTS = PAGE.with_name("redaction-results.json")
BEGIN, END = "<!-- figures: begin (docs/generate_redaction.py) -->", "<!-- figures: end -->"
Figure = Mapping[str, Any]
_OF_A_SET = ("recall", "typed", "clean", "false_characters", "f2_at_0.5", "f2_at_0.9")
_LABELLED = "recall"


def render_figures(results: Mapping[str, Any]) -> str:
    """Return the generated part of the page, between the marks."""
    suite = phi_suite(results)
    names = [given["name"] for given in suite["sets"] if _find(suite, given["name"], _LABELLED) is not None]
    lines = [
        BEGIN,
        "",
        f"Measured on {results['made_on']} with `{results['command']}`. In brackets the Wilson 95 % interval.",
        "",
        *_sets(suite),
        "",
        "**Recall by class**: identifiers of which every character was covered.",
        "",
        *_table(["class", *names], _classes(suite, names)),
        "",
        "**By set**",
        "",
        *_table(["", *names], _measures(suite, names)),
        "",
        *_others(suite),
        "",
        END,
    ]
    return "\n".join(lines)


def phi_suite(results: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the redaction suite of a run."""
    suite: Mapping[str, Any] = next(suite for suite in results["suites"] if suite["suite"] == "phi")
    return suite


def with_figures(page: str, results: Mapping[str, Any]) -> str:
    """Return the page with its generated part replaced."""
    before, rest = page.split(BEGIN)
    return before + render_figures(results) + rest.split(END)[1]


def slim(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page needs of a run: its redaction suite without the charts."""
    suite = {name: value for name, value in phi_suite(results).items() if name != "charts"}
    return {**results, "suites": [suite]}


def _sets(suite: Mapping[str, Any]) -> Iterator[str]:
    for given in suite["sets"]:
        digest = f", SHA-256 `{given['sha256'][:12]}…`" if given["sha256"] else ""
        yield f"- **{given['name']}**: {given['rows']:,} rows, {given['title']}{digest}"


def _classes(suite: Mapping[str, Any], names: list[str]) -> Iterator[list[str]]:
    yield ["all", *(_cell(_find(suite, name, _LABELLED)) for name in names)]
    for kind in PhiType:
        found = [_find(suite, name, _LABELLED, kind.value) for name in names]
        if any(found):
            yield [f"`{kind.value}`", *map(_cell, found)]


def _measures(suite: Mapping[str, Any], names: list[str]) -> Iterator[list[str]]:
    for measure in _OF_A_SET:
        yield [suite["measures"][measure], *(_cell(_find(suite, name, measure)) for name in names)]


def _others(suite: Mapping[str, Any]) -> Iterator[str]:
    """Clinical utility and latency: figures of sets without labels."""
    rows = [f for f in suite["figures"] if f["set"] in ("utility", "latency") and not f["key"]]
    yield from _table(["", "figure"], ([suite["measures"][f["measure"]], _cell(f)] for f in rows))


def _find(suite: Mapping[str, Any], name: str, measure: str, key: str = "") -> Figure | None:
    return next((f for f in suite["figures"] if (f["set"], f["measure"], f["key"]) == (name, measure, key)), None)


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


def _table(header: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|---" * len(header) + "|"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Take a run's results over, if one is given, and write the page's figures."""
    if len(sys.argv) > 1:
        taken = slim(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
        RESULTS.write_text(json.dumps(taken, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")


if __name__ == "__main__":
    main()
