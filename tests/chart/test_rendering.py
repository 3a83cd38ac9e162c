"""Every profile lints, renders, validates on three versions of Kubernetes, and is the committed snapshot."""

import io
import json
import re
import subprocess
import tarfile
from collections import Counter
from pathlib import Path

import pytest
import yaml

from chart.rendering import (
    CHART,
    KUBERNETES,
    PROFILES,
    SNAPSHOTS,
    TOOLS,
    helm,
    objects,
    of_kind,
    pods,
    rendered,
    snapshot_of,
    template,
    values_file,
)

# Kinds that no Kubernetes release has a schema for; each is optional, and its owner is installed by the site.
FOREIGN = {"HTTPRoute", "ServiceMonitor", "PrometheusRule", "Certificate", "ScaledObject"}
MAX_CHART_BYTES = 1_000_000


def complaints(folder: Path, version: str) -> list[str]:
    """Return what kubernetes-validate says of the files in a folder; a kind of FOREIGN may be unknown to it."""
    command = [str(TOOLS / "bin" / "kubernetes-validate"), "-k", version, "--strict"]
    files = sorted(str(path) for path in folder.glob("*.yaml"))
    done = subprocess.run([*command, *files], capture_output=True, text=True, timeout=120, check=False)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line and not line.startswith("INFO")]
    assert len(re.findall("^INFO", done.stdout + done.stderr, re.M)) >= len(files) or lines, "it looked at nothing"
    return [line for line in lines if not any(f"schema for kind {kind} " in line for kind in FOREIGN)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All profiles, rendered into one folder."""
    place = tmp_path_factory.mktemp("rendered")
    for profile in PROFILES:
        (place / f"{profile}.yaml").write_text(rendered(profile), encoding="utf-8")
    return place


def test_the_profiles_of_the_issue_are_here() -> None:
    assert set(PROFILES) >= {"cpu-trial", "vpc-gpu", "air-gapped", "ha", "minimal", "external-redis-tls"}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_lints(profile: str) -> None:
    done = helm("lint", "--strict", str(CHART), "--values", values_file(profile))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("version", KUBERNETES)
def test_every_profile_is_valid(folder: Path, version: str) -> None:
    assert complaints(folder, version) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("replicas: 1", "replicas: one"), "replicas"),
        (("podManagementPolicy", "podManagementPolice"), "podManagementPolice"),
        (("kind: StatefulSet", "kind: StatefulSat"), "schema for kind StatefulSat"),
    ],
)
def test_a_planted_fault_is_found(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    text = rendered("cpu-trial")
    assert change[0] in text
    (tmp_path / "x.yaml").write_text(text.replace(*change), encoding="utf-8")
    assert said in "\n".join(complaints(tmp_path, KUBERNETES[2]))


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_is_its_snapshot(profile: str) -> None:
    assert snapshot_of(profile) == (SNAPSHOTS / f"{profile}.yaml").read_text(encoding="utf-8"), (
        "run: make chart-snapshots"
    )


def test_every_snapshot_has_a_profile() -> None:
    assert [path.stem for path in sorted(SNAPSHOTS.glob("*.yaml"))] == PROFILES


def test_rules_and_boards_are_the_files_of_the_chart() -> None:
    text = rendered("vpc-gpu")
    rules = sorted(str(o["spec"]) for o in of_kind(text, "PrometheusRule"))
    assert rules == sorted(str(yaml.safe_load(p.read_text("utf-8"))) for p in (CHART / "rules").glob("*.yaml"))
    boards = [o for o in of_kind(text, "ConfigMap") if o["metadata"]["labels"].get("grafana_dashboard") == "1"]
    given = {name: json.loads(body) for board in boards for name, body in board["data"].items()}
    assert given == {p.name: json.loads(p.read_text("utf-8")) for p in (CHART / "dashboards").glob("*.json")}


def runbooks(values: str | None) -> list[str]:
    """Return where the alerts of a site lead to."""
    rules = [o["spec"] for o in of_kind(template("vpc-gpu", values).stdout, "PrometheusRule")]
    alerts = [rule for spec in rules for group in spec["groups"] for rule in group["rules"] if "alert" in rule]
    return [rule["annotations"]["runbook_url"] for rule in alerts]


def test_an_alert_leads_to_the_runbook_where_the_site_keeps_it() -> None:
    pages = {path.name for path in (CHART.parents[1] / "docs" / "runbooks").glob("Portico*.md")}
    assert len(pages) > 20
    assert sorted(runbooks(None)) == sorted(f"docs/runbooks/{page}" for page in pages)
    given = runbooks("metrics: {prometheusRule: {runbookBase: 'https://wiki.example.org/runbooks/'}}")
    assert sorted(given) == sorted(f"https://wiki.example.org/runbooks/{page}" for page in pages)


@pytest.mark.parametrize("profile", PROFILES)
def test_no_object_and_no_key_is_there_twice(profile: str) -> None:
    names = Counter((found["kind"], found["metadata"]["name"]) for found in objects(rendered(profile)))
    assert [name for name, count in names.items() if count > 1] == []
    assert doubled_keys(rendered(profile)) == []


def doubled_keys(text: str) -> list[str]:
    """Return keys that stand twice in one mapping: YAML readers take the last, Helm 4 refuses them."""
    found: list[str] = []

    def walk(node: yaml.Node) -> None:
        if isinstance(node, yaml.MappingNode):
            counts = Counter(key.value for key, _ in node.value)
            found.extend(key for key, count in counts.items() if count > 1)
            for _, child in node.value:
                walk(child)
        elif isinstance(node, yaml.SequenceNode):
            for child in node.value:
                walk(child)

    for document in yaml.compose_all(text):
        if document is not None:
            walk(document)
    return found


def test_a_doubled_key_would_be_found() -> None:
    assert doubled_keys("a: {b: 1, c: [{d: 1, d: 2}]}") == ["d"]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_object_says_whose_it_is(profile: str) -> None:
    wanted = {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component", "helm.sh/chart"}
    found = objects(rendered(profile))
    assert [o["metadata"]["name"] for o in found if not wanted <= o["metadata"]["labels"].keys()] == []
    assert len(list(pods(rendered(profile)))) >= 5


def test_the_packed_chart_is_small(tmp_path: Path) -> None:
    done = helm("package", str(CHART), "--destination", str(tmp_path))
    assert done.returncode == 0, done.stderr
    packed = next(tmp_path.glob("*.tgz")).read_bytes()
    assert len(packed) < MAX_CHART_BYTES
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert not [name for name in archive.getnames() if "/ci/" in name]
