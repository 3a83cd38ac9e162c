"""What a run leaves behind: results.json and report.html, without any text of a message and without any request."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from portico_core.labels import PhiType
from portico_evaluation.charts import (
    BarChart,
    Chart,
    CurveChart,
    Dot,
    DotChart,
    ForestChart,
    HistogramChart,
    MatrixChart,
    Point,
)
from portico_evaluation.drawing import draw
from portico_evaluation.figures import Figure, OddsRatio, Rate, Target
from portico_evaluation.phi.suite import evaluate_phi
from portico_evaluation.report import render_report
from portico_evaluation.results import Run, SuiteResult, as_json, write_json
from portico_evaluation.terminal import show_run
from unit.evaluation.phi_sets import CANARY, FakeRedactor, read_sets

CHARTS: list[Chart] = [
    DotChart("dots", "note", "class", "recall", (Dot("A", Rate(0, 1)), Dot("B <&>", Rate(9, 10), Target(0.95)))),
    MatrixChart("matrix", "note", "is", "taken for", ("A",), ("A", "not found"), ((3, 1),)),
    HistogramChart("times", "note", "ms", (0.0, 1.0, 2.0), (3, 1), (("p50", 0.5),), (("limit", 15.0),)),
    BarChart("bars", "note", "class", "alarms", (("A", 3),)),
    CurveChart("curve", "note", "threshold", "cost", "harm", (Point("A", 0.0, 0.0, 3, marked=True),)),
    CurveChart("line", "note", "bin", "said", "was", (Point("A", 0.4, 0.5, 3, 0.2, 0.8, marked=True),), diagonal=True),
    ForestChart("forest", "note", "context", "odds ratio", (("A", OddsRatio(Rate(0, 9), Rate(2, 9))),)),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    sets = read_sets(tmp_path_factory.mktemp("sets"))
    result = evaluate_phi(sets, FakeRedactor({CANARY: PhiType.NAME, "5 mg": PhiType.DATE}))
    return Run("portico evaluate --suite phi", "2026-11-25", (result,))


@pytest.fixture(scope="module")
def page(run: Run) -> str:
    return render_report(run)


class Page(HTMLParser):
    """What a page asks for, and what it holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "srcset", "data", "action", "poster"):
                self.addresses.append(value or "")
            if name == "id":
                self.ids.append(value or "")


def faults_of(page: str) -> list[str]:
    """Return what would run, be fetched, or stand twice."""
    parsed = Page(page)
    faults = [f"<{tag}>" for tag in parsed.tags if tag in {"script", "link", "iframe", "img", "object", "embed"}]
    faults += [f"asks for {address}" for address in parsed.addresses if not address.startswith("#")]
    faults += [f"goes to {address}" for address in parsed.addresses if address[1:] not in parsed.ids]
    faults += ["fetches by style"] * len(re.findall(r"@import|url\((?!#)", page))
    return faults + [f"id {name} twice" for name in {i for i in parsed.ids if parsed.ids.count(i) > 1}]


def test_the_report_asks_for_nothing_and_runs_nothing(page: str) -> None:
    assert faults_of(page) == []


@pytest.mark.parametrize(
    "planted",
    [
        "<script>1</script>",
        '<img src="https://a.example/x.png">',
        '<a href="https://a.example">x</a>',
        "<style>@import 'x.css';</style>",
        "<style>p { background: url(x.png) }</style>",
        '<p id="phi">again</p>',
        '<a href="#nowhere">x</a>',
    ],
)
def test_a_planted_fault_is_found(page: str, planted: str) -> None:
    assert faults_of(page.replace("</main>", planted + "</main>")) != []


def test_no_text_of_a_message_reaches_a_file(run: Run, page: str, tmp_path: Path) -> None:
    write_json(run, tmp_path / "results.json")
    written = (tmp_path / "results.json").read_text(encoding="utf-8") + page
    assert [word for word in (CANARY, "218-555-0164", "5 mg", "nothing here") if word in written] == []


def test_a_leaking_title_would_be_seen(run: Run) -> None:
    """The negative control: whatever a suite puts into its result does reach the files."""
    leaking = Run(run.command, CANARY, run.suites)
    assert CANARY in json.dumps(as_json(leaking))
    assert CANARY in render_report(leaking)


def test_every_picture_has_a_name_and_its_numbers(run: Run, page: str) -> None:
    pictures = re.findall(r"<figure>.*?</figure>\s*<details>.*?</details>", page, re.DOTALL)
    assert len(pictures) == page.count("<svg") == sum(len(suite.charts) for suite in run.suites) > 5
    assert all(re.search(r'<svg[^>]* role="img" aria-labelledby="[^"]+"><title id=', picture) for picture in pictures)
    assert all("<th scope=" in picture and "<td>" in picture for picture in pictures)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: str(chart.title))
def test_a_chart_is_well_formed_and_says_its_words(chart: Chart) -> None:
    element = ET.fromstring(draw(chart, name="n").replace("xlink:href", "href"))  # noqa: S314  # Our own.
    words = " ".join("".join(node.itertext()) for node in element.iter())
    names = [cell for row in chart.table().rows for cell in row[:1] if not isinstance(chart, HistogramChart)]
    assert element.tag.endswith("svg") and "width" not in element.attrib and "viewBox" in element.attrib
    assert [name for name in names if name not in words] == []
    sizes = [float(size) for size in re.findall(r"font-size: ([0-9.]+)px", draw(chart, name="n"))]
    assert sizes and min(sizes) >= 9


def test_drawing_is_repeatable() -> None:
    assert draw(CHARTS[0], name="n") == draw(CHARTS[0], name="n")
    assert draw(CHARTS[0], name="n") != draw(CHARTS[0], name="m")


def test_results_hold_every_figure_with_its_n_and_interval(run: Run) -> None:
    (suite,) = json.loads(json.dumps(as_json(run)))["suites"]
    assert len(suite["figures"]) == len(run.suites[0].figures)
    recall = next(f for f in suite["figures"] if (f["set"], f["measure"], f["key"]) == ("portal", "recall", ""))
    assert recall == {
        "set": "portal",
        "measure": "recall",
        "key": "",
        "hits": 0,
        "n": 2,
        "value": 0.0,
        "low": 0.0,
        "high": round(Rate(0, 2).high, 6),
        "target": 0.95,
        "at_least": True,
        "met": False,
    }
    assert {f["measure"] for f in suite["figures"]} <= suite["measures"].keys()
    assert [s["sha256"] == "" for s in suite["sets"]] == [False] * 5 + [True, False, False]


def test_the_terminal_names_what_missed() -> None:
    figures = (Figure("portal", "recall", Rate(9, 10), "NAME", Target(0.95)), Figure("portal", "clean", Rate(1, 1)))
    suite = SuiteResult("phi", "Redaction", (), figures, (), {"recall": "found", "clean": "left alone"})
    out = StringIO()
    show_run(Run("c", "d", (suite,)), Console(file=out, width=120))
    said = out.getvalue()
    assert "0 of 1 targets met" in said
    assert "missed: portal, found, NAME: 0.9000, ≥ 0.95 asked" in said
    assert "9 / 10" in said and "0.5958 to 0.9821" in said


def test_an_odds_ratio_is_shown_with_both_groups() -> None:
    odds = OddsRatio(Rate(9, 9), Rate(0, 9))
    figures = (Figure("study", "odds", odds, "a relative", Target(1.0, spans=True)),)
    out = StringIO()
    suite = SuiteResult("safety", "Safety", (), figures, (), {"odds": "odds ratio"})
    show_run(Run("c", "d", (suite,)), Console(file=out, width=120))
    assert "missed: study, odds ratio, a relative: 361.00, spans 1 asked" in out.getvalue()
    assert "9 / 9, 0 / 9" in out.getvalue() and f"{odds.low:.2f} to {odds.high:.2f}" in out.getvalue()


def test_the_figures_of_a_suite_need_no_matplotlib() -> None:
    """Only drawing does: neither the command's help nor a run without --out loads it."""
    code = "import sys, portico_cli.main, portico_cli.evaluate; print('matplotlib' in sys.modules)"
    control = "import sys, portico_evaluation.report; print('matplotlib' in sys.modules)"
    said = [
        subprocess.run([sys.executable, "-c", c], capture_output=True, text=True, check=True).stdout.strip()
        for c in (code, control)
    ]
    assert said == ["False", "True"]
