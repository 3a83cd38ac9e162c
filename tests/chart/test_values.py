"""Values: every one described and typed, unknown and contradictory ones refused by name."""

import json
import re
import subprocess
from typing import Any

import pytest
import yaml

from chart.rendering import (
    CHART,
    KUBERNETES,
    PROFILES,
    Object,
    containers,
    helm,
    of_kind,
    pods,
    rendered,
    template,
    values_file,
)
from chart.security_floor import faults
from house.sources import script

GENERATOR = script("docs/generate_chart.py")


def test_readme_and_schema_are_fresh() -> None:
    fresh = "run: .venv/bin/python docs/generate_chart.py"
    assert (CHART / "README.md").read_text(encoding="utf-8") == GENERATOR.render_readme(), fresh
    assert (CHART / "values.schema.json").read_text(encoding="utf-8") == GENERATOR.render_schema(), fresh


def undescribed(text: str) -> list[str]:
    """Return the keys of values.yaml that hold a value and have no `# --` above them."""
    lines = text.splitlines()
    keys = [n for n, line in enumerate(lines) if re.match(r"^ *[A-Za-z0-9]+:", line)]
    inner = re.compile(r"^ *(requests|limits): ")  # Of resources, which has the description.
    with_value = [n for n in keys if not lines[n].rstrip().endswith(":") and not inner.match(lines[n])]
    return [lines[n].strip() for n in with_value if not lines[n - 1].strip().startswith("# -- ")]


def test_every_value_is_described() -> None:
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    assert undescribed(text) == []
    described = text.count("# -- ")
    assert len(GENERATOR.described()) == described > 150
    assert undescribed(text.replace("  # -- Port of the issuer.\n", "")) == ["port: 443"]  # The negative control.


def open_objects(schema: Any, path: str = "") -> list[str]:
    """Return where the schema would accept a key that nobody reads."""
    if isinstance(schema, list):
        return [found for part in schema for found in open_objects(part, path)]
    if not isinstance(schema, dict):
        return []
    found = [path] if "properties" in schema and schema.get("type") == "object" and _open(schema) else []
    return found + [place for key, part in schema.items() for place in open_objects(part, f"{path}.{key}")]


def _open(schema: dict[str, Any]) -> bool:
    return schema.get("additionalProperties") is not False


def test_every_object_of_the_schema_is_closed() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    assert open_objects(schema) == []
    del schema["properties"]["gateway"]["additionalProperties"]
    assert open_objects(schema) == [".properties.gateway"]


ZEROS = "'" + "0" * 64 + "'"
ADAPTER = f"{{name: a, source: {{type: pvc, sha256: {ZEROS}, pvc: {{claimName: c}}}}}}"
BAD = [
    # Unknown and ill-typed.
    ("minimal", "gatewy: {replicas: 2}", "gatewy"),
    ("minimal", "gateway: {replica: 2}", "replica"),
    ("minimal", "gateway: {replicas: two}", "gateway.replicas"),
    ("minimal", "gateway: {replicas: 0}", "gateway.replicas"),
    ("minimal", "gateway: {settings: {answerTreshold: 0.9}}", "answerTreshold"),
    ("minimal", "gateway: {settings: {answerThreshold: high}}", "gateway.settings.answerThreshold"),
    ("minimal", "gateway: {settings: {redisUrl: 'redis://x'}}", "redisUrl"),
    ("minimal", "gateway: {settings: {demo: true}}", "demo"),
    ("minimal", "tenant: 'No Spaces'", "tenant"),
    ("minimal", "clinic: {phone: call us}", "clinic.phone"),
    ("minimal", "identity: {issuer: 'http://id.example.org'}", "identity.issuer"),
    ("minimal", "triton: {image: {tag: latest}}", "triton.image.tag"),
    ("minimal", "console: {resources: {limits: null}}", "console.resources"),
    # Without a model source, with and without a graphics processor.
    ("vpc-gpu", "models: {source: {type: ''}}", "models.source.type"),
    ("vpc-gpu", "models: {source: {sha256: ''}}", "models.source.sha256"),
    ("vpc-gpu", "models: {source: {s3: {uri: ''}}}", "models.source.s3.uri"),
    ("vpc-gpu", "models: {source: {s3: {cidrs: []}}}", "models.source.s3.cidrs"),
    ("vpc-gpu", "models: {source: {s3: {image: {digest: ''}}}}", "models.source.s3.image.digest"),
    ("minimal", "models: {source: {pvc: {claimName: ''}}}", "models.source.pvc.claimName"),
    ("vpc-gpu", f"triton: {{loraAdapters: [{{name: a, source: {{type: s3, sha256: {ZEROS}}}}}]}}", "s3"),
    (
        "vpc-gpu",
        f"triton: {{loraAdapters: [{{name: a, source: {{type: s3, sha256: {ZEROS}, s3: {{uri: 's3://b/a'}}}}}}]}}",
        "cidrs",
    ),
    ("vpc-gpu", f"triton: {{loraAdapters: [{{name: a, source: {{type: pvc, sha256: {ZEROS}}}}}]}}", "pvc"),
    ("vpc-gpu", "triton: {loraAdapters: [{name: a, source: {type: image, image: {repository: a}}}]}", "sha256"),
    (
        "vpc-gpu",
        f"triton: {{loraAdapters: [{ADAPTER}, {ADAPTER}]}}",
        "triton.loraAdapters: a is there twice",
    ),
    # Without TLS.
    ("air-gapped", "gateway: {ingress: {tls: {existingSecret: ''}}}", "gateway.ingress.tls"),
    ("air-gapped", "gateway: {ingress: {host: ''}}", "gateway.ingress.host"),
    ("minimal", "console: {ingress: {enabled: true, host: c.example.org}}", "console.ingress.tls"),
    # Without secrets.
    ("external-redis-tls", "redis: {existingSecret: {name: ''}}", "redis.existingSecret.name"),
    ("minimal", "keys: {existingSecret: {name: ''}}", "keys.existingSecret.name"),
    # Half of a mutual TLS, TLS to a store that speaks none, and a path where a secret belongs.
    ("minimal", "triton: {tls: {clientSecret: a}}", "triton.tls.clientSecret: Triton demands it over TLS alone"),
    ("cpu-trial", "redis: {tls: {caSecret: a}}", "redis.tls: the trial store inside the release"),
    ("minimal", "gateway: {settings: {redisCaFile: /x}}", "redisCaFile"),
    ("minimal", "redis: {tls: {clientSecret: /etc/x}}", "redis.tls.clientSecret"),
    ("cpu-trial", "valkey: {existingSecret: ''}", "valkey.existingSecret"),
    # Staff could not sign in, and the console would not start.
    ("minimal", "console: {staff: {clientId: ''}}", "console.staff.clientId: the console's client id"),
    ("minimal", "console: {url: ''}", "console.url: required, since staff come back"),
    ("minimal", "console: {url: 'http://console.example.org'}", "console.url"),
    ("minimal", "console: {url: 'https://example.org/console'}", "console.url"),
    ("ha", "console: {gatewayApi: {hostnames: ['*.example.org']}}", "console.url: required"),
    ("ha", "console: {gatewayApi: {hostnames: [a.example.org, b.example.org]}}", "under 2 host names"),
    ("minimal", "console: {staff: {roles: nurses=nurse}}", "console.staff.roles"),
    ("minimal", "console: {staff: {existingSecret: {name: No_Name}}}", "console.staff.existingSecret.name"),
    ("minimal", "console: {settings: {staffRoles: a=clinician}}", "staffRoles"),
    ("ha", "gateway: {portalClients: {existingSecret: a}}", "gateway.portalClients: the portals' keys lie in"),
    ("minimal", "gateway: {settings: {portalClients: /x}}", "portalClients"),
    ("ha", "gateway: {launch: {clientId: ''}}", "gateway.launch.clientId"),
    ("ha", "gateway: {launch: {publicUrl: ''}}", "gateway.launch.publicUrl"),
    ("ha", "gateway: {launch: {publicUrl: 'http://assistant.example.org'}}", "gateway.launch.publicUrl"),
    ("minimal", "gateway: {settings: {launchServers: x}}", "launchServers"),
    # Patients would be told to call a number that is none, or none at all.
    ("minimal", "clinic: {site: {emergency: '112', crisis: {call: '024', text: ''}}}", "clinic.site"),
    ("minimal", "clinic: {site: {emergency: 112, crisis: {call: '024', text: ''}, violence: ''}}", "emergency"),
    ("minimal", "clinic: {site: {emergency: '112', crisis: {call: '024'}, violence: ''}}", "clinic.site"),
    ("minimal", "gateway: {settings: {site: /x}}", "site"),
    # A draft would have nowhere to come from, or redacted text would travel in the clear.
    ("external-redis-tls", "gateway: {responder: {model: ''}}", "gateway.responder: an endpoint needs"),
    ("external-redis-tls", "gateway: {search: {cidrs: []}}", "gateway.search: a search engine needs"),
    ("external-redis-tls", "gateway: {search: {url: 'postgresql://a:b@db/k'}}", "gateway.search.url"),
    ("external-redis-tls", "gateway: {search: {url: 'postgresql://a@db/k?sslmode=disable'}}", "gateway.search.url"),
    ("minimal", "gateway: {settings: {searchUrl: 'postgresql://a@db/k'}}", "searchUrl"),
    ("external-redis-tls", "gateway: {responder: {cidrs: []}}", "gateway.responder: an endpoint needs"),
    ("external-redis-tls", "gateway: {responder: {url: 'http://nim.example.org/v1'}}", "gateway.responder.url"),
    ("minimal", "gateway: {settings: {responderUrl: 'https://a/v1'}}", "responderUrl"),
    # More than one writer for a claim.
    ("cpu-trial", "gateway: {replicas: 2}", "state.accessMode"),
    ("cpu-trial", "console: {replicas: 2}", "state.accessMode"),
    ("ha", "state: {accessMode: ReadWriteOnce}", "state.accessMode"),
    ("ha", "state: {existingClaim: portico-archive}", "audit.archive.existingClaim: the state lies in this claim"),
    # What does not go together.
    ("minimal", "redis: {cidrs: []}", "redis.cidrs"),
    ("cpu-trial", "redis: {cidrs: [192.0.2.0/24]}", "redis.cidrs"),
    ("cpu-trial", "console: {affinity: {nodeAffinity: {}}}", "console.affinity"),
    ("minimal", "global: {requireDigests: true}", ".image.digest: global.requireDigests"),
    ("minimal", "gateway: {terminationGracePeriodSeconds: 30}", "gateway.terminationGracePeriodSeconds"),
    ("minimal", "gateway: {settings: {respondDeadlineS: 30}}", "gateway.settings.respondDeadlineS"),
    ("ha", "gateway: {autoscaling: {minReplicas: 20}}", "gateway.autoscaling.minReplicas"),
    ("vpc-gpu", "triton: {autoscaling: {prometheusUrl: ''}}", "triton.autoscaling.prometheusUrl"),
    ("ha", "triton: {autoscaling: {minReplicas: 20}}", "triton.autoscaling.minReplicas: 20"),
    ("minimal", "console: {terminationGracePeriodSeconds: 40}", "console.terminationGracePeriodSeconds: at least 45"),
    ("minimal", "triton: {terminationGracePeriodSeconds: 9}", "triton.terminationGracePeriodSeconds: at least 10"),
    ("ha", "gateway: {gatewayApi: {parentRefs: []}}", "gateway.gatewayApi.parentRefs"),
    ("ha", "gateway: {gatewayApi: {hostnames: []}}", "gateway.gatewayApi.hostnames"),
    ("ha", "gateway: {gatewayApi: {parentRefs: [{name: a}]}}", "gateway.gatewayApi.parentRefs: each needs name and"),
    ("ha", "console: {gatewayApi: {parentRefs: [{name: a}]}}", "console.gatewayApi.parentRefs: each needs name and"),
    ("cpu-trial", "check: {affinity: {nodeAffinity: {}}}", "check.affinity"),
    ("cpu-trial", "audit: {affinity: {nodeAffinity: {}}}", "audit.affinity"),
    # The notifier without what it needs.
    ("minimal", "notifier: {enabled: true}", "notifier.webhook.cidrs"),
    ("ha", "notifier: {webhook: {url: ''}}", "notifier.webhook.url"),
    ("ha", "notifier: {webhook: {url: 'http://pager.example.org'}}", "notifier.webhook.url"),
    ("ha", "notifier: {webhook: {existingSecret: {name: ''}}}", "notifier.webhook.existingSecret.name"),
    ("ha", "notifier: {settings: {webhookDeadlineS: 40}}", "notifier.terminationGracePeriodSeconds: at least 45"),
    ("ha", "notifier: {settings: {webhookKeys: x}}", "webhookKeys"),
    # The archive.
    ("minimal", "audit: {archive: {retentionDays: 30}}", "audit.archive.retentionDays"),
    ("minimal", "audit: {archive: {liveDays: 0}}", "audit.archive.liveDays"),
    ("vpc-gpu", "audit: {archive: {s3: {cidrs: []}}}", "audit.archive.s3.cidrs"),
    ("vpc-gpu", "audit: {archive: {s3: {uri: 'https://bucket'}}}", "audit.archive.s3.uri"),
    ("vpc-gpu", "audit: {archive: {existingClaim: a}}", "audit.archive.existingClaim"),
    ("minimal", "audit: {archive: {schedule: daily}}", "audit.archive.schedule"),
    ("minimal", "audit: {archive: {enabled: false}, deleteExpired: {enabled: true}}", "audit.deleteExpired.enabled"),
    # Settings out of their bounds, which are the services' own.
    ("minimal", "gateway: {settings: {answerThreshold: 1.5}}", "gateway.settings.answerThreshold"),
    ("minimal", "gateway: {settings: {replyHoursUrgent: 0}}", "gateway.settings.replyHoursUrgent"),
    ("minimal", "gateway: {settings: {educationUrl: 'http://x'}}", "gateway.settings.educationUrl"),
    ("minimal", "gateway: {settings: {switchedOff: 'route=anwser'}}", "gateway.settings.switchedOff"),
    ("minimal", "console: {settings: {pools: 'Nurses!'}}", "console.settings.pools"),
    # What would never be evicted, be signed by nobody, or be another image tomorrow.
    ("minimal", "console: {podDisruptionBudget: {maxUnavailable: 0%}}", "console.podDisruptionBudget.maxUnavailable"),
    ("minimal", "triton: {podDisruptionBudget: {maxUnavailable: 0}}", "triton.podDisruptionBudget.maxUnavailable"),
    (
        "minimal",
        "gateway: {ingress: {enabled: true, host: a.example.org, tls: {certManager: {enabled: true}}}}",
        "gateway.ingress.tls.certManager.issuerRef: cert-manager needs the name",
    ),
    ("minimal", "console: {image: {tag: latest}}", "console.image.tag: latest is another image every day"),
    # A label or a flag of the chart's own, given a second time.
    ("minimal", "commonLabels: {app.kubernetes.io/name: x}", "commonLabels: app.kubernetes.io/name is there already"),
    ("minimal", "gateway: {podLabels: {app.kubernetes.io/component: x}}", "gateway.podLabels: app.kubernetes.io/comp"),
    ("minimal", "{commonLabels: {team: a}, audit: {podLabels: {team: b}}}", "audit.podLabels: team is there already"),
    (
        "vpc-gpu",
        "metrics: {prometheusRule: {labels: {helm.sh/chart: x}}}",
        "metrics.prometheusRule.labels: helm.sh/chart",
    ),
    ("minimal", "triton: {extraArgs: ['--http-restricted-api=trace:a=b']}", "triton.extraArgs: --http-restricted-api"),
    # A hook that would leave the floor.
    (
        "minimal",
        "gateway: {extraVolumes: [{name: a, hostPath: {path: /}}]}",
        "gateway.extraVolumes: a is a path of the",
    ),
    (
        "minimal",
        "check: {extraVolumes: [{name: a, hostPath: {path: /}}]}",
        "check.extraVolumes: a is a path of the node",
    ),
    ("minimal", "console: {extraContainers: [{name: a, image: b}]}", "console.extraContainers: a needs the floor"),
    ("ha", "notifier: {extraInitContainers: [{name: a, image: b}]}", "notifier.extraInitContainers: a needs the floor"),
    # A name twice: in the environment of a pod.
    ("minimal", "gateway: {extraEnv: [{name: POD_NAME, value: a}]}", "gateway.extraEnv: POD_NAME"),
    (
        "minimal",
        "console: {extraEnv: [{name: PORTICO_CONSOLE_METRICS_PORT, value: '1'}]}",
        "console.extraEnv: PORTICO_",
    ),
    ("ha", "notifier: {extraEnv: [{name: PORTICO_HEARTBEAT, value: /x}]}", "notifier.extraEnv: PORTICO_HEARTBEAT"),
    ("minimal", "check: {extraEnv: [{name: PORTICO_TENANT, value: b}]}", "check.extraEnv: PORTICO_TENANT"),
    ("minimal", "audit: {extraEnv: [{name: PORTICO_TENANT, value: b}]}", "audit.extraEnv: PORTICO_TENANT"),
    (
        "minimal",
        "gateway: {extraVolumes: [{name: state, emptyDir: {}}]}",
        "gateway.extraVolumes: state is there already",
    ),
    (
        "minimal",
        "console: {extraVolumeMounts: [{name: a, mountPath: /tmp}]}",
        "console.extraVolumeMounts: /tmp is there",
    ),
    ("minimal", "triton: {extraContainers: [{name: a}, {name: a}]}", "triton.extraContainers: a is there already"),
    ("minimal", "gateway: {extraInitContainers: [{name: verify-bundle}]}", "gateway.extraInitContainers: verify-"),
    ("minimal", "gateway: {extraEnv: [{name: PORTICO_PORT, value: '1'}]}", "gateway.extraEnv: PORTICO_PORT"),
    ("minimal", "triton: {extraEnv: [{name: A, value: b}, {name: A, value: c}]}", "triton.extraEnv: A"),
]


@pytest.mark.parametrize(("profile", "values", "named"), BAD, ids=[values for _, values, _ in BAD])
def test_a_bad_value_is_refused_by_name(profile: str, values: str, named: str) -> None:
    assert yaml.safe_load(values)
    done = template(profile, values)
    assert done.returncode != 0
    assert named in done.stderr


# Value → the word of its reason.
REQUIRED = {
    "tenant": "part of every key and record", "clinic.name": "see", "clinic.phone": "hands over to a person",
    "identity.issuer": "no token", "identity.jwksUrl": "no token", "identity.cidrs": "network policies",
    "keys.existingSecret.name": "the chart makes no keys", "redis.existingSecret.name": "a password in values",
    "models.source.type": "nothing is answered", "models.source.sha256": "make bundle",
    "console.staff.clientId": "staff cannot sign in",
}  # fmt: skip


def test_without_values_everything_that_is_required_is_named_at_once_with_the_reason() -> None:
    done = helm("template", "p", str(CHART), "--kube-version", KUBERNETES[1])
    assert done.returncode != 0
    named = dict(re.findall(r"^- (\S+): (.+)$", done.stderr, re.M))
    assert named.keys() == REQUIRED.keys()
    assert [path for path, reason in REQUIRED.items() if reason not in named[path]] == []


@pytest.mark.parametrize("path", REQUIRED)
def test_one_that_is_missing_is_named_alone(path: str) -> None:
    value: Any = [] if path.endswith("cidrs") else ""
    for key in reversed(path.split(".")):
        value = {key: value}
    done = template("minimal", json.dumps(value))
    assert done.returncode != 0
    assert re.findall(r"^- (\S+): ", done.stderr, re.M) == [path]


SIDECAR = {
    "name": "sidecar", "image": "registry.example.org/sidecar:1.0.0",
    "securityContext": {
        "allowPrivilegeEscalation": False, "privileged": False, "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    },
    "resources": {
        "limits": {"cpu": "1", "memory": "64Mi", "ephemeral-storage": "16Mi"},
        "requests": {"cpu": "1m", "memory": "64Mi", "ephemeral-storage": "16Mi"},
    },
}  # fmt: skip


def with_sidecar(**changed: Any) -> "subprocess.CompletedProcess[str]":
    return template("minimal", json.dumps({"gateway": {"extraContainers": [SIDECAR | changed]}}))


def test_a_sidecar_on_the_floor_is_taken() -> None:
    done = with_sidecar()
    assert done.returncode == 0, done.stderr
    assert "registry.example.org/sidecar:1.0.0" in done.stdout
    assert [f for f in faults(done.stdout) if "no " + "livenessProbe" not in f and "Probe" not in f] == []


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({"privileged": True}, "allowPrivilegeEscalation false"),
        ({"allowPrivilegeEscalation": True}, "allowPrivilegeEscalation false"),
        ({"readOnlyRootFilesystem": False}, "readOnlyRootFilesystem true"),
        ({"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}, "capabilities {drop: [ALL]}"),
        ({"capabilities": {"drop": ["NET_RAW"]}}, "capabilities {drop: [ALL]}"),
        ({"runAsUser": 0}, "user and seccomp profile of the pod"),
        ({"seccompProfile": {"type": "Unconfined"}}, "user and seccomp profile of the pod"),
    ],
    ids=str,
)
def test_a_sidecar_below_the_floor_is_refused_by_what_it_misses(changed: dict[str, Any], missed: str) -> None:
    done = with_sidecar(securityContext={**SIDECAR["securityContext"], **changed})  # type: ignore[dict-item]
    assert done.returncode != 0
    assert "gateway.extraContainers: sidecar needs the floor of the chart's own containers: " in done.stderr
    assert missed in done.stderr


def test_a_sidecar_without_limits_is_refused() -> None:
    assert "resources.limits with cpu and memory" in with_sidecar(resources={"limits": {"cpu": "1"}}).stderr


@pytest.mark.parametrize("profile", PROFILES)
def test_no_budget_keeps_a_node_from_being_drained(profile: str) -> None:
    """Also of a service with one pod: at least one may go, and one that is not ready always may."""
    budgets = [o["spec"] for o in of_kind(rendered(profile), "PodDisruptionBudget")]
    assert all(b["maxUnavailable"] >= 1 and b["unhealthyPodEvictionPolicy"] == "AlwaysAllow" for b in budgets)
    assert [b for b in budgets if "minAvailable" in b] == []
    assert len(budgets) == {"cpu-trial": 0, "minimal": 3, "external-redis-tls": 3}.get(profile, 4)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_names_that_hooks_may_not_take_are_those_of_the_chart(profile: str) -> None:
    """Whatever the chart itself mounts or runs in the pods that have hooks stands in shared/checks.yaml."""
    checks = (CHART / "templates" / "shared" / "checks.yaml").read_text(encoding="utf-8")
    hooked = [s for _, labels, s in pods(rendered(profile)) if labels["app.kubernetes.io/component"] in HOOKED]
    assert len(hooked) >= 4
    taken = {name for spec in hooked for name in _own_names(spec) if "adapter" not in name and "dpo" not in name}
    assert sorted(name for name in taken if f'"{name}"' not in checks) == []


HOOKED = {"gateway", "console", "notifier", "triton", "check"}


def _own_names(spec: Object) -> set[str]:
    mounts = {mount["mountPath"] for found in containers(spec) for mount in found["volumeMounts"]}
    return {volume["name"] for volume in spec["volumes"]} | mounts | {found["name"] for found in containers(spec)}


def test_an_old_cluster_is_told_that_it_has_no_image_volumes() -> None:
    old = helm("template", "p", str(CHART), "--kube-version", "1.32.0", "--values", values_file("cpu-trial"))
    assert old.returncode != 0
    assert "models.source.type: image volumes need Kubernetes 1.33" in old.stderr
