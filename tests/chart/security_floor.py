"""The floor that every pod of the chart stands on, as code: what misses a rule is named."""

from collections.abc import Callable, Mapping
from typing import Any

from chart.rendering import Object, containers, objects, of_kind, pods

Check = Callable[[Mapping[str, Any]], bool]

POD_RULES: dict[str, Check] = {
    "no service-account token": lambda s: s.get("automountServiceAccountToken") is False,
    "no service links": lambda s: s.get("enableServiceLinks") is False,
    "not root": lambda s: s["securityContext"].get("runAsNonRoot") is True,
    "a user of its own": lambda s: s["securityContext"].get("runAsUser", 0) >= 10_000,
    "seccomp": lambda s: s["securityContext"].get("seccompProfile") == {"type": "RuntimeDefault"},
    "no host namespace": lambda s: not {"hostNetwork", "hostPID", "hostIPC"} & s.keys(),
    "no host path": lambda s: not [v for v in s.get("volumes", []) if "hostPath" in v],
    "bounded emptyDir": lambda s: all(v["emptyDir"].get("sizeLimit") for v in s.get("volumes", []) if "emptyDir" in v),
    "a claim is read only, or the state": lambda s: all(
        v["persistentVolumeClaim"].get("readOnly") or v["name"] in {"state", "archive"}
        for v in s.get("volumes", [])
        if "persistentVolumeClaim" in v
    ),
}
CONTAINER_RULES: dict[str, Check] = {
    "no escalation": lambda c: c["securityContext"].get("allowPrivilegeEscalation") is False,
    "not privileged": lambda c: c["securityContext"].get("privileged") is False,
    "read-only root": lambda c: c["securityContext"].get("readOnlyRootFilesystem") is True,
    "no capability": lambda c: c["securityContext"].get("capabilities") == {"drop": ["ALL"]},
    "no user of its own": lambda c: not {"runAsUser", "runAsNonRoot", "seccompProfile"} & c["securityContext"].keys(),
    "limits": lambda c: {"cpu", "memory", "ephemeral-storage"} <= c["resources"].get("limits", {}).keys(),
    "requests": lambda c: {"cpu", "memory", "ephemeral-storage"} <= c["resources"].get("requests", {}).keys(),
    "no port of the host": lambda c: not [p for p in c.get("ports", []) if "hostPort" in p],
    "a fixed image": lambda c: "@sha256:" in c["image"] or (not c["image"].endswith(":latest") and ":" in c["image"]),
    "no secret in plain words": lambda c: (
        not [
            e["name"]
            for e in c.get("env", [])
            if "value" in e
            and not e["name"].endswith("_FILE")  # the path of a secret that is mounted
            and any(word in e["name"] for word in ("REDIS_URL", "PASSWORD", "KEYS", "SECRET"))
        ]
    ),
}
PROBED = {"Deployment", "StatefulSet"}


def faults(text: str) -> list[str]:
    """Return `object: rule` for every rule of the floor that something rendered misses."""
    found = []
    for name, _, spec in pods(text):
        found += [f"{name}: {rule}" for rule, holds in POD_RULES.items() if not _holds(holds, spec)]
        for container in containers(spec):
            broken = [rule for rule, holds in CONTAINER_RULES.items() if not _holds(holds, container)]
            found += [f"{name}/{container['name']}: {rule}" for rule in broken]
    return found + _without_probes(text) + _without_policy(text) + _roles(text)


def _holds(rule: Check, given: Mapping[str, Any]) -> bool:
    try:
        return rule(given)
    except KeyError:  # What is not said at all does not hold.
        return False


def _without_probes(text: str) -> list[str]:
    wanted = ("startupProbe", "readinessProbe", "livenessProbe")
    serving = [(o["metadata"]["name"], c) for o in objects(text) if o["kind"] in PROBED for c in _main(o)]
    return [f"{name}: no {probe}" for name, container in serving for probe in wanted if probe not in container]


def _main(workload: Object) -> list[Object]:
    return list(workload["spec"]["template"]["spec"]["containers"])


def _without_policy(text: str) -> list[str]:
    """Return pods that the default denial or a policy of their own does not select, and openings without a peer."""
    policies = of_kind(text, "NetworkPolicy")
    everything = [p for p in policies if not p["spec"].get("ingress") and not p["spec"].get("egress")]
    found = []
    for name, labels, _ in pods(text):
        selecting = [p for p in policies if p["spec"]["podSelector"]["matchLabels"].items() <= labels.items()]
        if not [p for p in selecting if p in everything and p["spec"]["policyTypes"] == ["Ingress", "Egress"]]:
            found.append(f"{name}: no default denial")
        if len(selecting) < 2:
            found.append(f"{name}: no policy of its own")
    for policy in policies:
        rules = [(r.get("from"), r.get("ports")) for r in policy["spec"].get("ingress") or []]
        rules += [(r.get("to"), r.get("ports")) for r in policy["spec"].get("egress") or []]
        found += [f"{policy['metadata']['name']}: a rule without peers or ports" for p, q in rules if not p or not q]
    return found


def _roles(text: str) -> list[str]:
    kinds = {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "Secret"}
    return [f"{o['metadata']['name']}: a {o['kind']}" for o in of_kind(text, *kinds)]
