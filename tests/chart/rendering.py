"""Render the chart with the real Helm, once for each profile, and look at the objects."""

import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "portico"
TOOLS = ROOT / ".venv-chart"
SNAPSHOTS = Path(__file__).parent / "snapshots"
PROFILES = sorted(path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml"))
KUBERNETES = ("1.35.0", "1.36.0", "1.37.0")

Object = Mapping[str, Any]


def helm(*arguments: str, values: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run Helm; extra values are given on standard input."""
    command = [str(TOOLS / "node_modules" / ".bin" / "helm"), *arguments, *(["--values", "-"] if values else [])]
    return subprocess.run(command, input=values, capture_output=True, text=True, timeout=60, check=False)


def values_file(profile: str) -> str:
    """Return the path of a profile's values."""
    return str(CHART / "ci" / f"{profile}-values.yaml")


def template(profile: str, values: str | None = None, *, chart: Path = CHART) -> "subprocess.CompletedProcess[str]":
    """Render a profile as `portico` in the namespace `portico`."""
    base = ["template", "portico", str(chart), "--namespace", "portico", "--kube-version", KUBERNETES[1]]
    return helm(*base, "--values", values_file(profile), values=values)


@cache
def rendered(profile: str) -> str:
    """Return what a profile renders to."""
    done = template(profile)
    assert done.returncode == 0, done.stderr
    return done.stdout


def snapshot_of(profile: str) -> str:
    """Return what a profile renders to, of rules and boards the heads only: their files are compared elsewhere."""
    documents = rendered(profile).split("\n---\n")
    return "\n---\n".join(_head(text) if "portico/templates/shared/" in text else text for text in documents)


def _head(text: str) -> str:
    if "\nkind: PrometheusRule\n" in text:
        return text.split("\nspec:\n", maxsplit=1)[0]
    return text.split("\ndata:\n", maxsplit=1)[0] if "app.kubernetes.io/component: dashboards\n" in text else text


@cache
def objects(text: str) -> list[Object]:
    """Return the objects of rendered YAML."""
    return [found for found in yaml.load_all(text, Loader=yaml.CSafeLoader) if found]


def of_kind(text: str, *kinds: str) -> list[Object]:
    """Return the objects of some kinds."""
    return [found for found in objects(text) if found["kind"] in kinds]


def pods(text: str) -> Iterator[tuple[str, Object, Object]]:
    """Yield name, pod labels and pod spec of everything that makes pods."""
    for found in objects(text):
        spec = found.get("spec", {})
        match found["kind"]:
            case "Pod":
                yield found["metadata"]["name"], found["metadata"]["labels"], spec
            case "Deployment" | "StatefulSet" | "Job" | "DaemonSet":
                yield found["metadata"]["name"], spec["template"]["metadata"]["labels"], spec["template"]["spec"]
            case "CronJob":
                inner = spec["jobTemplate"]["spec"]["template"]
                yield found["metadata"]["name"], inner["metadata"]["labels"], inner["spec"]


def containers(spec: Object) -> list[Object]:
    """Return every container of a pod, those of its start included."""
    return [*spec.get("initContainers", []), *spec["containers"]]
