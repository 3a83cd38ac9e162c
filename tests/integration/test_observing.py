"""The demo with Prometheus beside it: every panel of every board has data, every rule is loaded, and all of it stops.

One stack and one run of traffic for the whole file. What a panel may show as zero is listed with the reason; every
other panel must show something that happened.
"""

import time
from collections.abc import Iterator

import httpx2
import pytest

from observing import PanelQuery, Prometheus, annotation_queries, drive, metric_names, observed_stack, panel_queries
from stack import Stack, children_of_state

# Panels where zero is the healthy state, and the traffic makes nothing else happen.
MAY_BE_ZERO = {
    "Switched off by an operator": "0 is `on`",
    "Announcements that did not go out": "the receiver takes all of them in the end",
    "Longest that nobody was told": "the receiver takes all of them in the end",
    "Audit chains": "0 is `intact`",
    "Appends that failed": "during the outage no append is tried: the conversation could not be read before",
    "Audit appends that failed": "as above",
    "Turns cut short, by the part that failed": "as above",
    "Findings": "the chains of the run hold",
    "Open and overdue": "replies are due in hours",
    "Past their time": "replies are due in hours",
    "Waiting in the spool": "replayed once the store is back",
    "Failed appends by sink": "the sink `spool` never fails here",
    "Tickets taken over": "nobody takes a ticket from a colleague",
    "Break-glass grants": "there is no emergency that needs it",
    "Answers stopped for an identifier": "passages hold no identifier",
    "Server errors": "no part of the run is a server error",
    "Failures by model": "Triton refuses nothing",
    "Budget burn of the latency objective": "turns may all be quick",
    "Pending requests": "one message at a time",
    "Time in the queue": "one message at a time",
    "Shed load": "one message at a time",
    "Degraded turns": "between two scrapes",
    "Turns in flight, of the most allowed": "one message at a time, between two scrapes",
    "Work in flight": "one message at a time, between two scrapes",
    "Drafts refused, by check": "the responder quotes approved passages",
    "Guard trigger rate": "a red-flag rule may fire between two scrapes",
}
# Panels that list only what there is; without the condition their query must have data.
MAY_BE_EMPTY = {"Topics that were not answered": "the passages answer what is asked of their topics"}
PATIENCE_S = 45


@pytest.fixture(scope="module")
def observed() -> Iterator[Stack]:
    with observed_stack() as running:
        drive(running)
        assert httpx2.get(f"{running.prometheus}/-/ready", timeout=5, trust_env=False).status_code == 200
        yield running
    with pytest.raises(httpx2.HTTPError):  # It stops with the demo.
        httpx2.get(f"{running.prometheus}/-/ready", timeout=5, trust_env=False)


@pytest.fixture(scope="module")
def prometheus(observed: Stack) -> Prometheus:
    """Return Prometheus once it has scraped what the traffic did."""
    opened = Prometheus(observed.prometheus)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        scraped = opened.ask('sum(portico_spool_replayed_total{outcome="replayed"}) >= 1', instant=True)
        ruled = opened.ask("portico_drift_psi", instant=True)
        told = opened.ask('sum(portico_delivery_outcomes_total{state="sent"}) >= 2', instant=True)
        verified = opened.ask('portico_audit_chain_state{state="intact"} == 1', instant=True)
        if scraped and ruled and verified and told and opened.ask("portico:turns_slow:ratio_rate6h", instant=True):
            return opened
        time.sleep(1)
    raise AssertionError("Prometheus has not seen the traffic")


def without_data(queries: list[PanelQuery], prometheus: Prometheus) -> list[str]:
    """Return the queries that give no value, or none but zero where something happened."""
    missing = []
    for query in queries:
        expr = query.expr.replace(" > 0)", ")") if query.panel in MAY_BE_EMPTY else query.expr
        found = prometheus.ask(expr, instant=query.instant)
        happened = any(value != 0 for series in found for value in series.values)
        if not found or not (happened or query.panel in MAY_BE_ZERO | MAY_BE_EMPTY):
            missing.append(f"{query.board}/{query.panel}: {query.expr}")
    return missing


def test_every_query_of_every_panel_has_data(prometheus: Prometheus) -> None:
    queries = list(panel_queries())
    panels = {(query.board, query.panel) for query in queries}
    assert {board for board, _ in panels} == {"clinical", "compliance", "platform"}
    print(f"{len(panels)} panels, {len(queries)} queries")  # noqa: T201  the figure of the run
    assert without_data(queries, prometheus) == []


def test_a_misspelt_metric_is_caught(prometheus: Prometheus) -> None:
    wrong = PanelQuery("planted", "Turns", 'sum(portico_turnz_total{tenant=~"$tenant"})', True, "", "stat", "")
    right = PanelQuery("planted", "Turns", 'sum(portico_turns_total{tenant=~"$tenant"})', True, "", "stat", "")
    assert without_data([wrong, right], prometheus) == [f"planted/Turns: {wrong.expr}"]


def test_tenant_and_release_choose_what_is_shown(prometheus: Prometheus) -> None:
    queries = [query for query in panel_queries() if "vector(0)" not in query.expr]
    there = Prometheus(prometheus.url, tenant="demo", release="demo")
    assert without_data(queries[::8], there) == []
    for elsewhere in (Prometheus(prometheus.url, tenant="nobody"), Prometheus(prometheus.url, release="nobody")):
        assert [query.panel for query in queries[::3] if elsewhere.ask(query.expr, instant=True)] == []


def test_annotations_show_what_was_promoted(prometheus: Prometheus) -> None:
    found = {name: prometheus.ask(expr, instant=False) for _, name, expr in annotation_queries()}
    assert set(found) == {"Model promoted", "Policy promoted", "Release", "Critical alerts"}
    assert {series.labels["model"] for series in found["Model promoted"]} >= {"safety_classifier", "responder"}
    assert len(found["Policy promoted"]) == 1
    assert {series.labels["component"] for series in found["Release"]} == {"gateway", "console", "notifier"}


def test_every_target_is_scraped_and_every_rule_evaluated(prometheus: Prometheus) -> None:
    targets = prometheus.get("/api/v1/targets")["activeTargets"]
    assert {target["labels"]["job"]: target["health"] for target in targets} == {
        "portico-gateway": "up", "portico-console": "up", "portico-notifier": "up", "triton": "up",
    }  # fmt: skip
    rules = [rule for group in prometheus.get("/api/v1/rules")["groups"] for rule in group["rules"]]
    assert {rule["name"] for rule in rules if rule["type"] == "alerting"} >= {"PorticoFailClosed", "PorticoDrift"}
    assert [rule["name"] for rule in rules if rule["health"] != "ok"] == []
    firing = {rule["name"] for rule in rules if rule["type"] == "alerting" and rule["state"] == "firing"}
    assert firing <= {"PorticoAuditAppendFailing", "PorticoDependencyDown"}, "the run's own outage, at most"


def test_every_metric_of_the_boards_and_rules_is_one_that_is_really_there(prometheus: Prometheus) -> None:
    there = set(prometheus.get("/api/v1/label/__name__/values"))
    rules = [rule["query"] for group in prometheus.get("/api/v1/rules")["groups"] for rule in group["rules"]]
    used = set().union(*map(metric_names, [*(query.expr for query in panel_queries()), *rules]))
    assert len(used) > 40
    assert sorted(used - there) == []
    assert "portico_turnz_total" not in there  # the control


def test_no_word_of_a_patient_or_clinician_is_in_a_label(prometheus: Prometheus, observed: Stack) -> None:
    names = prometheus.get("/api/v1/labels")
    values = [value for name in names for value in prometheus.get(f"/api/v1/label/{name}/values")]
    text = " ".join(values).lower()
    assert "safety_classifier" in text  # the control
    assert [word for word in ("lopez", "maria", "4481920", "201-3344", "dana", "whitfield") if word in text] == []


def test_prometheus_listens_on_loopback_only_and_keeps_its_series_in_the_state(observed: Stack) -> None:
    assert observed.prometheus.startswith("http://127.0.0.1:")
    (command,) = [each for each in children_of_state(observed.state).values() if "prometheus" in each.split()[0]]
    assert "--web.listen-address=127.0.0.1:" in command
    assert (observed.state / "prometheus" / "series").is_dir()
