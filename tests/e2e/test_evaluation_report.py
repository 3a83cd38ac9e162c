"""The report of `portico evaluate` in a real Chromium: readable, accessible, and silent on the network."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from e2e.browser import assert_accessible, axe_violations, open_context, take_screenshot
from portico_core.labels import PhiType
from portico_evaluation.phi.suite import evaluate_phi
from portico_evaluation.report import render_report
from portico_evaluation.results import Run
from portico_evaluation.safety.suite import evaluate_safety
from unit.evaluation import safety_sets
from unit.evaluation.phi_sets import CANARY, FakeRedactor, read_sets, write_rows, write_sets


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with every kind of chart: misses, false alarms, voices, latency, calibration, odds."""
    folder = tmp_path_factory.mktemp("report")
    write_sets(folder)
    calm = [{"id": f"u{n}", "text": "calm words " * 40, "keep": ["calm"], "kind": "dose"} for n in range(4)]
    write_rows(folder / "utility.jsonl", calm)
    sets = read_sets(folder, keep_files=True)
    result = evaluate_phi(sets, FakeRedactor({CANARY: PhiType.NAME, "218-555-0164": PhiType.FAX}))
    file = folder / "report.html"
    judged = evaluate_safety(safety_sets.read_sets(folder), safety_sets.guard())
    file.write_text(render_report(Run("portico evaluate", "2026-11-25", (result, judged))), encoding="utf-8")
    return file


@pytest.mark.parametrize("width", [1180, 320])
def test_the_report_is_accessible_and_asks_for_nothing(chromium: Browser, report: Path, width: int) -> None:
    with open_context(chromium, width=width) as context:
        page = context.new_page()
        asked: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(report.as_uri())
        for details in page.locator("details").all():
            details.evaluate("element => { element.open = true; }")
        assert_accessible(page)
        assert asked == [report.as_uri()]
        assert complaints == []
        take_screenshot(page, f"evaluation-report-{width}")


@pytest.mark.parametrize("width", [1180, 320])
def test_no_word_is_cut_off(chromium: Browser, report: Path, width: int) -> None:
    with open_context(chromium, width=width) as context:
        page = context.new_page()
        page.goto(report.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(_WORDS_OUTSIDE) == []
        assert page.evaluate(_SMALLEST) >= 10


def test_a_word_outside_its_picture_would_be_found(chromium: Browser, report: Path) -> None:
    """The negative control: a label is pushed over the edge, and a button loses its name."""
    with open_context(chromium) as context:
        page = context.new_page()
        page.goto(report.as_uri())
        page.evaluate("document.querySelector('svg text').setAttribute('transform', 'translate(-900 0)')")
        page.evaluate("document.querySelector('main').appendChild(document.createElement('button'))")
        assert len(page.evaluate(_WORDS_OUTSIDE)) == 1
        assert any(line.startswith("button-name") for line in axe_violations(page))


_WORDS_OUTSIDE = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect();
    const wide = box.left < frame.left - 1 || box.right > frame.right + 1;
    return wide || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
  }).map(text => text.textContent);
})"""
_SMALLEST = """() => Math.min(...[...document.querySelectorAll('svg')].flatMap(svg => {
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return [...svg.querySelectorAll('text')].map(text => scale * parseFloat(getComputedStyle(text).fontSize));
}))"""
