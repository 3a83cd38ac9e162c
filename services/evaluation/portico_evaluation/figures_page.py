"""A page that shows the figures of a committed run of `portico evaluate`, written between two marks.

A run's results are taken over by one suite, without its charts, and kept beside the page; the page is written from
there, so that a test can hold the two against each other. What stands between the marks is the page's own business.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Results = Mapping[str, Any]
Suite = Mapping[str, Any]
Figure = Mapping[str, Any]
END = "<!-- figures: end -->"


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """A page, the results that it shows, the suite that they are of, and how they are rendered, line by line."""

    page: Path
    results: Path
    suite: str
    script: str
    render: Callable[[Results, Suite], Iterable[str]]

    @property
    def begin(self) -> str:
        """Return the mark before the figures; it names the script that writes them."""
        return f"<!-- figures: begin (docs/{self.script}) -->"

    def with_figures(self, text: str, results: Results) -> str:
        """Return the page's text with what stands between the marks replaced."""
        before, rest = text.split(self.begin)
        lines = self.render(results, self._suite_of(results))
        return before + "\n".join([self.begin, "", *lines, "", END]) + rest.split(END)[1]

    def slim(self, results: Results) -> dict[str, Any]:
        """Return what the page needs of a run: its suite without the charts. A thinned run is refused."""
        if "--limit" in results["command"]:
            raise SystemExit("the results are of a run with --limit: measure the whole sets")
        suite = {name: value for name, value in self._suite_of(results).items() if name != "charts"}
        return {**results, "suites": [suite]}

    def write(self, arguments: Sequence[str]) -> None:
        """Take the results of a run over, if its file is given, and write the page's figures."""
        if arguments:
            taken = self.slim(json.loads(Path(arguments[0]).read_text(encoding="utf-8")))
            self.results.write_text(json.dumps(taken, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        results = json.loads(self.results.read_text(encoding="utf-8"))
        self.page.write_text(self.with_figures(self.page.read_text(encoding="utf-8"), results), encoding="utf-8")

    def _suite_of(self, results: Results) -> Suite:
        return next(suite for suite in results["suites"] if suite["suite"] == self.suite)


def find_figure(suite: Suite, name: str, measure: str, key: str = "") -> Figure | None:
    """Return the figure of a set, a measure and a key."""
    return next((f for f in suite["figures"] if (f["set"], f["measure"], f["key"]) == (name, measure, key)), None)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield f"| {' | '.join(header)} |"
    yield "|---" * len(header) + "|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
