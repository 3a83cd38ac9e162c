"""Write the figures of docs/reference/red-team.md: `docs/generate_red_team.py build/red_team.json`.

`make red-team` measures first and then runs this. The figures are kept in docs/reference/red-team-results.json; without
an argument the page is written again from there. tests/house/test_red_team_page.py compares the two.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from portico_evaluation.figures_page import FiguresPage, Results, Suite, table

REFERENCE = Path(__file__).parent / "reference"


def render_figures(results: Results, suite: Suite) -> Iterator[str]:
    """Yield the generated part of the page."""
    families = suite["families"]
    total, withstood = (sum(family[count] for family in families) for count in ("n", "withstood"))
    classes = sum(len(family["classes"]) for family in families)
    yield f"Measured on {results['made_on']} with `{results['command']}`: {classes} classes, {total} examples,"
    yield f"{withstood} withstood, {total - withstood} open."
    yield from ("", *table(["family", "classes", "examples", "withstood", "broke without guards"], _rows(suite)))
    yield from ("", "## What is open", "", *table(["family", "class", "withstood", "why"], _open(suite)))
    for family in families:
        yield from ("", f"## {_title(family['family'])}", "", _listed(family))


def _rows(suite: Suite) -> Iterator[list[str]]:
    for family in suite["families"]:
        control = suite["controls"][family["family"]]
        yield [
            _title(family["family"]), str(len(family["classes"])), str(family["n"]), str(family["withstood"]),
            f"{control['broke']} of {control['n']}",
        ]  # fmt: skip


def _open(suite: Suite) -> Iterator[list[str]]:
    for family in suite["families"]:
        for each in family["classes"]:
            if each["withstood"] < each["n"]:
                counts = f"{each['withstood']} of {each['n']}"
                yield [_title(family["family"]), each["class"], counts, "; ".join(each["open"])]


def _listed(family: Suite) -> str:
    return ", ".join(f"{each['class']} ({each['withstood']}/{each['n']})" for each in family["classes"]) + "."


def _title(family: str) -> str:
    return family.replace("_", " ").capitalize()


FIGURES = FiguresPage(
    page=REFERENCE / "red-team.md",
    results=REFERENCE / "red-team-results.json",
    suite="red-team",
    script="generate_red_team.py",
    render=render_figures,
)

if __name__ == "__main__":
    FIGURES.write(sys.argv[1:])
