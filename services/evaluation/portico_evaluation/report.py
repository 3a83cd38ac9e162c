"""A run as one HTML file: no script, no request to anywhere, every picture with its numbers beneath."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from portico_evaluation import terminal
from portico_evaluation.charts import bound
from portico_evaluation.drawing import draw
from portico_evaluation.results import Run


def write_report(run: Run, file: Path) -> None:
    """Write report.html."""
    file.write_text(render_report(run), encoding="utf-8")


def render_report(run: Run) -> str:
    """Return the page."""
    pages = Environment(
        loader=PackageLoader("portico_evaluation", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pictures = {
        (suite.suite, number): Markup(draw(chart, name=f"{suite.suite}-{number}"))  # noqa: S704  # Our own SVG.
        for suite in run.suites
        for number, chart in enumerate(suite.charts, 1)
    }
    verdict, *missed = terminal.verdict_lines(run)
    page = pages.get_template("report.html.j2")
    return page.render(run=run, pictures=pictures, verdict=verdict, missed=missed, words=terminal, bound=bound)
