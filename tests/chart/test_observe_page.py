"""docs/how-to/observe.md holds: without the operator Prometheus gets the same targets; every way to scale is there."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from chart.rendering import ROOT, Object, containers, of_kind, pods, rendered, template

PAGE = ROOT / "docs" / "how-to" / "observe.md"
SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
SCRAPED = {"gateway", "console", "notifier", "triton"}
ON = "metrics: {serviceMonitor: {enabled: false}, podScraping: true}"
Labels = dict[str, str]


def of_page(begins: str) -> dict[str, Any]:
    """Return the YAML block of the page that begins with a key."""
    blocks = re.findall(r"```yaml\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.S)
    found: dict[str, Any] = yaml.safe_load(next(block for block in blocks if block.startswith(begins)))
    return found


def discovered(text: str) -> list[Labels]:
    """Return a target for each container port of the rendered pods, with the labels of Kubernetes discovery."""
    found = []
    for number, (name, labels, annotations, spec) in enumerate(_annotated(text), 1):
        about = {"pod_name": f"{name}-0", "namespace": "portico"}
        about |= {f"pod_label_{_safe(key)}": value for key, value in labels.items()}
        about |= {f"pod_annotation_{_safe(key)}": value for key, value in annotations.items()}
        for port in [port for each in containers(spec) for port in each.get("ports", [])]:
            of_port = {"pod_container_port_name": port["name"], **about}
            target = {f"__meta_kubernetes_{key}": str(value) for key, value in of_port.items()}
            found.append({"__address__": f"192.0.2.{number}:{port['containerPort']}", **target})
    return found


def _annotated(text: str) -> list[tuple[str, Object, Object, Object]]:
    held = {
        o["metadata"]["name"]: o["spec"]["template"]["metadata"] for o in of_kind(text, "Deployment", "StatefulSet")
    }
    return [(n, held[n]["labels"], held[n].get("annotations", {}), s) for n, _, s in pods(text) if n in held]


def _safe(key: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_]", "_", key)


def targets(text: str, folder: Path) -> list[Labels]:
    """Return what Prometheus makes of the rendered pods with the job of the page, meta labels left out."""
    config = of_page("scrape_configs:")
    (job,) = config["scrape_configs"]
    assert job.pop("kubernetes_sd_configs") == [{"role": "pod"}]
    job["static_configs"] = [
        {"targets": [given["__address__"]], "labels": {k: v for k, v in given.items() if k != "__address__"}}
        for given in discovered(text)
    ]
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    program = shutil.which("promtool")
    assert program is not None, "bash deploy/local/install_tools.sh"
    command = [program, "check", "service-discovery", "--timeout=2s", str(path), "portico"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    kept = [each["labels"] for each in json.loads(done.stdout) if each.get("labels")]
    return [{key: value for key, value in labels.items() if not key.startswith("__meta")} for labels in kept]


def let_in(text: str) -> set[int]:
    """Return the ports that the policies open to the namespace of Prometheus."""
    peer = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]
    rules = [rule for policy in of_kind(text, "NetworkPolicy") for rule in policy["spec"].get("ingress") or []]
    return {port["port"] for rule in rules if rule["from"] == peer for port in rule["ports"]}


def test_a_prometheus_without_the_operator_gets_the_same_targets(tmp_path: Path) -> None:
    text = template("vpc-gpu", ON).stdout
    found = targets(text, tmp_path)
    assert {labels["job"] for labels in found} == {"portico-gateway", "portico-console", "portico-notifier", "triton"}
    assert {(labels["tenant"], labels["release"]) for labels in found} == {("riverbend", "portico")}
    assert {labels["namespace"] for labels in found} == {"portico"}
    opened = {int(labels["__address__"].rpartition(":")[2]) for labels in found}
    assert opened == {9090, 8002} and opened <= let_in(text)
    with_operator = rendered("vpc-gpu")
    monitors = [m["spec"]["endpoints"][0]["relabelings"] for m in of_kind(with_operator, "ServiceMonitor")]
    given = [{rule["targetLabel"]: rule["replacement"] for rule in rules} for rules in monitors]
    assert sorted(map(str, given)) == sorted(
        str({key: labels[key] for key in ("job", "tenant", "release")}) for labels in found
    )


def test_without_the_value_nobody_is_let_in_and_no_tenant_is_named(tmp_path: Path) -> None:
    text = rendered("minimal")
    assert let_in(text) == set()
    assert {labels.get("tenant") for labels in targets(text, tmp_path)} == {None}


@pytest.mark.parametrize("component", sorted(SCRAPED))
def test_annotations_of_a_site_stay(component: str) -> None:
    text = template("vpc-gpu", f"{ON}\n{component}: {{podAnnotations: {{example.org/a: b}}}}").stdout
    annotations = next(a for n, _, a, _ in _annotated(text) if n == f"portico-{component}")
    assert annotations == {"portico/tenant": "riverbend", "example.org/a": "b"}


def scaled(component: str, mode: str) -> str:
    """Return what the ha profile renders with a component scaled in a mode."""
    autoscaling = f"{{enabled: true, mode: {mode}, prometheusUrl: 'http://prometheus.monitoring:9090'}}"
    done = template("ha", f"{component}: {{autoscaling: {autoscaling}}}")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("component", ["gateway", "triton"])
def test_a_component_scales_in_each_of_the_three_modes(component: str) -> None:
    kinds = {"gateway": "StatefulSet", "triton": "Deployment"}
    for mode, kind in (("resource", "HorizontalPodAutoscaler"), ("prometheus-adapter", "HorizontalPodAutoscaler"),
                       ("keda", "ScaledObject")):  # fmt: skip
        text = scaled(component, mode)
        scalers = [o for o in of_kind(text, *SCALERS) if o["metadata"]["name"] == f"portico-{component}"]
        assert [o["kind"] for o in scalers] == [kind]
        assert scalers[0]["spec"]["scaleTargetRef"]["name"] == f"portico-{component}"
        workload = next(o for o in of_kind(text, kinds[component]) if o["metadata"]["name"] == f"portico-{component}")
        assert "replicas" not in workload["spec"], "an upgrade would undo what the scaler did"


def test_the_classifier_scales_on_what_waits_and_the_responder_on_turns_in_flight() -> None:
    scalers = {o["metadata"]["name"]: o["spec"] for o in of_kind(rendered("ha"), *SCALERS)}
    waits, inflight = scalers["portico-triton"]["metrics"]
    assert waits["pods"]["metric"] == {
        "name": "nv_inference_pending_request_count", "selector": {"matchLabels": {"model": "safety_classifier"}},
    }  # fmt: skip
    assert inflight["external"]["metric"] == {
        "name": "portico_inflight", "selector": {"matchLabels": {"stage": "respond"}},
    }  # fmt: skip
    keda = next(o for o in of_kind(rendered("vpc-gpu"), "ScaledObject") if o["metadata"]["name"] == "portico-triton")
    queries = [trigger["metadata"]["query"] for trigger in keda["spec"]["triggers"]]
    assert ['model="safety_classifier"' in queries[0], 'stage="respond"' in queries[1]] == [True, True]


def asked(text: str) -> dict[str, set[str]]:
    """Return the metrics that the autoscalers ask the adapter for: of pods `custom`, of the outside `external`."""
    found: dict[str, set[str]] = {"custom": set(), "external": set()}
    for scaler in of_kind(text, "HorizontalPodAutoscaler"):
        for metric in scaler["spec"]["metrics"]:
            if metric["type"] in {"Pods", "External"}:
                kind = "custom" if metric["type"] == "Pods" else "external"
                found[kind].add(metric[metric["type"].lower()]["metric"]["name"])
    return found


def test_the_adapter_rules_of_the_page_give_what_the_autoscalers_ask_for() -> None:
    rules = of_page("rules:")["rules"]
    given = {kind: {rule["seriesQuery"].partition("{")[0] for rule in of_kind} for kind, of_kind in rules.items()}
    assert given == asked(rendered("ha"))
    assert asked(rendered("external-redis-tls")) == {"custom": set(), "external": set()}  # Mode resource asks for none.
