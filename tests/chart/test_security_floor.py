"""Every pod of every profile stands on the security floor, and every planted violation is found."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from chart.rendering import PROFILES, TOOLS, Object, of_kind, pods, rendered
from chart.security_floor import faults

# Checks of checkov that do not fit, each with the reason.
EXCEPTIONS = {
    "CKV_K8S_15": "images are named by version or digest, and a site without a way out must start from what it has",
    "CKV_K8S_35": "the store's URL is read from the environment (docs/reference/settings.md); no file setting exists",
    "CKV_K8S_43": "digests are the site's to give: global.requireDigests refuses tags; the air-gapped profile shows it",
    "CKV_K8S_8": "the one pod without is helm's test, which ends by itself",
    "CKV_K8S_9": "as CKV_K8S_8",
}
ONLY_FOR = {"CKV_K8S_8": "Pod.portico.portico-test", "CKV_K8S_9": "Pod.portico.portico-test"}


@pytest.mark.parametrize("profile", PROFILES)
def test_no_pod_misses_a_rule(profile: str) -> None:
    assert len(list(pods(rendered(profile)))) >= 5
    assert faults(rendered(profile)) == []


PLANTED = [
    ("automountServiceAccountToken: false", "automountServiceAccountToken: true", "no service-account token"),
    ("runAsNonRoot: true", "runAsNonRoot: false", "not root"),
    ("runAsUser: 10001", "runAsUser: 0", "a user of its own"),
    ("type: RuntimeDefault", "type: Unconfined", "seccomp"),
    ("enableServiceLinks: false", "hostNetwork: true", "no host namespace"),
    ("sizeLimit: 256Mi", "medium: Memory", "bounded emptyDir"),
    ("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "no escalation"),
    ("privileged: false", "privileged: true", "not privileged"),
    ("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "read-only root"),
    ("drop: [ALL]", "drop: [NET_RAW]", "no capability"),
    ("drop: [ALL]", "add: [SYS_ADMIN]", "no capability"),
    ("limits:", "nothing:", "limits"),
    ("gateway:0.1.0", "gateway:latest", "a fixed image"),
    ("containerPort: 8080", "hostPort: 8080", "no port of the host"),
    ("livenessProbe:", "otherProbe:", "no livenessProbe"),
    ("policyTypes: [Ingress, Egress]", "policyTypes: [Ingress]", "no default denial"),
    ("kind: Service\n", "kind: ClusterRoleBinding\n", "a ClusterRoleBinding"),
    ("claimName: portico-bundle\n            readOnly: true", "claimName: portico-bundle", "a claim is read only"),
]


@pytest.mark.parametrize(("sound", "broken", "rule"), PLANTED, ids=[f"{rule}: {b}" for _, b, rule in PLANTED])
def test_a_planted_violation_is_found(sound: str, broken: str, rule: str) -> None:
    text = rendered("minimal")
    assert sound in text
    assert any(rule in fault for fault in faults(text.replace(sound, broken)))


@pytest.mark.parametrize("secret", ["PORTICO_REDIS_URL", "PORTICO_SEARCH_PASSWORD"])
def test_a_secret_in_plain_words_is_found(secret: str) -> None:
    text = rendered("minimal").replace("name: PORTICO_TENANT", f"name: {secret}")
    assert any("no secret in plain words" in fault for fault in faults(text))


@pytest.mark.parametrize("profile", [name for name in PROFILES if name != "vpc-gpu"])
def test_the_model_server_calls_nobody(profile: str) -> None:
    policy = next(p for p in of_kind(rendered(profile), "NetworkPolicy") if p["metadata"]["name"] == "portico-triton")
    assert policy["spec"]["egress"] == []


@pytest.mark.parametrize("profile", PROFILES)
def test_only_gateway_and_check_reach_the_models(profile: str) -> None:
    policy = next(p for p in of_kind(rendered(profile), "NetworkPolicy") if p["metadata"]["name"] == "portico-triton")
    served = [rule for rule in policy["spec"]["ingress"] if {"protocol": "TCP", "port": 8001} in rule["ports"]]
    assert len(served) == 1
    peers = [peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for peer in served[0]["from"]]
    assert peers == ["gateway", "check"]


def one_sided(text: str) -> list[str]:
    """Return the paths between pods of the release that one end's policy names and the other's does not."""
    policies = of_kind(text, "NetworkPolicy")
    labels = {name: pod for name, pod, _ in pods(text)}
    out, into = _paths(policies, labels, "egress", "to"), _paths(policies, labels, "ingress", "from")
    return [f"{a} → {b}:{port}" for a, b, port in sorted(out ^ {(b, a, port) for a, b, port in into})]


def _paths(policies: list[Object], labels: dict[str, Object], way: str, peers: str) -> set[tuple[str, str, int]]:
    """Return (pod, peer, port) of every rule between pods of the release."""
    return {
        (here, there, port["port"])
        for policy in policies
        for rule in policy["spec"].get(way) or []
        for peer in rule[peers] if "podSelector" in peer and "namespaceSelector" not in peer
        for port in rule["ports"]
        for here in _selected(policy["spec"]["podSelector"], labels)
        for there in _selected(peer["podSelector"], labels)
    }  # fmt: skip


def _selected(selector: Object, labels: dict[str, Object]) -> list[str]:
    return [name for name, given in labels.items() if selector["matchLabels"].items() <= given.items()]


@pytest.mark.parametrize("profile", PROFILES)
def test_both_ends_of_a_path_name_it(profile: str) -> None:
    assert len(_paths(of_kind(rendered(profile), "NetworkPolicy"), _labels(profile), "egress", "to")) >= 5
    assert one_sided(rendered(profile)) == []


def _labels(profile: str) -> dict[str, Object]:
    return {name: given for name, given, _ in pods(rendered(profile))}


def test_a_path_that_one_end_does_not_know_is_found() -> None:
    planted = rendered("cpu-trial").replace("{protocol: TCP, port: 6379}", "{protocol: TCP, port: 6380}", 1)
    assert any("valkey:63" in path for path in one_sided(planted))


def findings(folder: Path) -> set[tuple[str, str]]:
    """Return (check, resource) that checkov reports for the YAML in a folder. It is kept from calling out."""
    command = [str(TOOLS / "bin" / "checkov"), "--directory", str(folder), "--framework", "kubernetes"]
    done = subprocess.run(
        [*command, "--skip-download", "--quiet", "--compact", "--output", "json"],
        env={**os.environ, "CHECKOV_RUN_SCA_PACKAGE_SCAN": "false", "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    report = json.loads(done.stdout)
    assert report["summary"]["passed"] > 100, "checkov looked at nothing"
    return {(check["check_id"], check["resource"]) for check in report["results"]["failed_checks"]}


def test_checkov_finds_nothing_that_is_not_explained(tmp_path: Path) -> None:
    for profile in PROFILES:
        (tmp_path / f"{profile}.yaml").write_text(rendered(profile), encoding="utf-8")
    planted = rendered("minimal").replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false")
    (tmp_path / "planted.yaml").write_text(
        planted.replace("namespace: portico", "namespace: planted"), encoding="utf-8"
    )
    found = findings(tmp_path)
    negative = {check for check, resource in found if ".planted." in resource}
    assert "CKV_K8S_22" in negative, "the planted violation was missed"
    real = {(check, resource) for check, resource in found if ".planted." not in resource}
    assert {pair for pair in real if pair[0] not in EXCEPTIONS} == set()
    assert {pair for pair in real if pair[0] in ONLY_FOR and pair[1] != ONLY_FOR[pair[0]]} == set()
    assert set(EXCEPTIONS) <= {check for check, _ in real}, "an exception that nothing needs"
