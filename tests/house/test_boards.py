"""Boards, rules, runbooks and metrics name each other and nothing else (docs/how-to/add-a-metric.md)."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import typer.main
import yaml

from boards.generate import BOARDS, write_boards
from house.sources import ROOT
from house.test_metric_names import metrics_of
from observing import DASHBOARDS, RULES, annotation_queries, metric_names, panel_queries
from portico_cli.main import app
from portico_console.metrics import ConsoleMetrics
from portico_console.notifier.metrics import NotifierMetrics
from portico_gateway.metrics import Metrics

RUNBOOKS = ROOT / "docs" / "runbooks"
ALERTS_TEST = ROOT / "tests" / "rules" / "alerts_test.yaml"
# Longest suffix first: a histogram is one metric with three kinds of series.
SUFFIXES = ("_bucket", "_count", "_sum")
SEVERITIES = {"critical", "warning"}


def rules() -> list[dict[str, Any]]:
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(RULES.glob("*.yaml"))]
    return [rule for file in files for group in file["groups"] for rule in group["rules"]]


def alerts() -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def emitted() -> set[str]:
    return {*metrics_of(Metrics()), *metrics_of(ConsoleMetrics()), *metrics_of(NotifierMetrics())}


def used(extra: str = "") -> set[str]:
    """Return the Portico metrics that a panel, an annotation or a rule reads."""
    queries = [query.expr for query in panel_queries()] + [expr for _, _, expr in annotation_queries()]
    names = set().union(*map(metric_names, [*queries, *(rule["expr"] for rule in rules()), extra]))
    return {_base(name) for name in names if name.startswith("portico")}


def _base(name: str) -> str:
    bare = next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)
    return bare if bare in emitted() else name


def unmatched(extra: str = "", *, more: frozenset[str] = frozenset()) -> tuple[list[str], list[str]]:
    """Return the metrics that are emitted and read nowhere, and those that are read and emitted nowhere."""
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    made, read = emitted() | recorded | more, used(extra)
    return sorted(made - read), sorted(read - made)


def test_every_metric_is_on_a_board_or_in_a_rule_and_the_other_way_round() -> None:
    unread, unmade = unmatched()
    assert unread == [], "no board and no rule reads these: docs/how-to/add-a-metric.md, step 2"
    assert unmade == [], "no code emits these: docs/how-to/add-a-metric.md, step 1"
    print(f"{len(emitted())} metrics, {len(used())} read")  # noqa: T201  the figure


def test_a_metric_that_nobody_reads_and_one_that_nobody_emits_are_found() -> None:
    assert unmatched("sum(portico_turnz_total{x='y'})", more=frozenset({"portico_unread"})) == (
        ["portico_unread"],
        ["portico_turnz_total"],
    )


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_the_committed_board_is_what_the_code_makes(board: Any, tmp_path: Path) -> None:
    write_boards(tmp_path)
    fresh = (tmp_path / f"{board.name}.json").read_text(encoding="utf-8")
    assert (DASHBOARDS / f"{board.name}.json").read_text(encoding="utf-8") == fresh, "run: make boards"


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_every_panel_says_what_to_do_in_a_unit(board: Any) -> None:
    document = json.loads(board.to_json())
    panels = [panel for panel in document["panels"] if panel["type"] != "row"]
    assert len(panels) >= 15
    assert [panel["title"] for panel in panels if len(panel.get("description", "")) < 40] == []
    assert [panel["title"] for panel in panels if not panel["fieldConfig"]["defaults"].get("unit")] == []
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    assert [expr for expr in queries if 'tenant=~"$tenant",release=~"$release"' not in expr] == []
    assert {variable["name"] for variable in document["templating"]["list"]} == {"datasource", "tenant", "release"}
    assert document["links"][0]["tags"] == ["portico"] and document["tags"] == ["portico"]
    named = set(re.findall(r"runbook (Portico\w+)|: (Portico\w+)", board.to_json()))
    assert {one or other for one, other in named} <= set(alerts())


def test_every_alert_has_severity_words_and_a_runbook() -> None:
    for name, rule in alerts().items():
        assert rule["labels"]["severity"] in SEVERITIES, name
        assert {"summary", "description", "runbook_url"} <= set(rule["annotations"]), name
        page = ROOT / rule["annotations"]["runbook_url"]
        assert page == RUNBOOKS / f"{name}.md", name
        text = page.read_text(encoding="utf-8")
        assert all(f"## {part}" in text for part in ("What it means", "Look", "Do", "Done when")), name
        assert rule["annotations"]["summary"] in text and f"**{rule['labels']['severity']}**" in text, name
    pages = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}
    assert pages == set(alerts()), "a runbook without an alert"


def test_every_alert_is_tested_before_and_at_firing() -> None:
    tests = yaml.safe_load(ALERTS_TEST.read_text(encoding="utf-8"))["tests"]
    assert {test["name"] for test in tests} == set(alerts())
    for test in tests:
        before, at = test["promql_expr_test"]
        assert (before["exp_samples"], at["exp_samples"][0]["value"]) == ([], 1)
        assert 0 < int(at["eval_time"][:-1]) - int(before["eval_time"][:-1]) <= 1, "just before"


def promtool(folder: Path, text: str) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("promtool")
    assert program is not None, "bash deploy/local/install_tools.sh"
    path = folder / "alerts_test.yaml"
    path.write_text(text.replace("../../helm/portico/rules", str(RULES)), encoding="utf-8")
    command = [program, "test", "rules", str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_alerts_fire_when_they_should_and_not_a_minute_before(tmp_path: Path) -> None:
    done = promtool(tmp_path, ALERTS_TEST.read_text(encoding="utf-8"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_alert_that_fires_too_early_would_be_seen(tmp_path: Path) -> None:
    text = ALERTS_TEST.read_text(encoding="utf-8")
    planted = text.replace("eval_time: 10m", "eval_time: 11m", 1)
    assert planted != text
    assert promtool(tmp_path, planted).returncode != 0


# As it is written to be run: at the start of a line, in backticks, behind a path or a pipe; not a namespace's name.
COMMAND = re.compile(r"(?:^ *|`|bin/|\| )portico ([a-z-]+(?: [a-z-]+)?)", re.M)


def is_command(words: list[str]) -> bool:
    """Say whether the `portico` command knows these words; behind a command that is no group come its arguments."""
    at: click.Command = typer.main.get_command(app)
    for word in words:
        if not isinstance(at, click.Group):
            return True
        if word not in at.commands:
            return False
        at = at.commands[word]
    return True


def test_every_command_of_the_runbooks_and_how_tos_exists() -> None:
    pages = [*RUNBOOKS.glob("*.md"), *(ROOT / "docs" / "how-to").glob("*.md")]
    found = {(page.name, words) for page in pages for words in COMMAND.findall(page.read_text(encoding="utf-8"))}
    assert len(found) > 10
    assert sorted(each for each in found if not is_command(each[1].split())) == []


@pytest.mark.parametrize(
    ("words", "known"), [("audit verify", True), ("ask anything", True), ("audit verfy", False), ("adit verify", False)]
)
def test_a_misspelt_command_is_seen(words: str, known: bool) -> None:
    assert is_command(words.split()) is known
