"""Write the chart's README and schema from its values: `.venv/bin/python docs/generate_chart.py`.

The schema takes its shape and types from `values.yaml`, its further rules from `RULES`, and the names and types of
settings from the services' own settings classes, so that a key that nothing reads is refused. Every object is closed.
tests/chart/test_values.py compares both files with what this script gives.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic_settings import BaseSettings

from portico_console.notifier.settings import NotifierSettings
from portico_console.settings import ConsoleSettings
from portico_core.language import Language
from portico_core.site import NUMBER, Wording
from portico_core.switches import Switch
from portico_gateway.settings import GatewaySettings

CHART = Path(__file__).parents[1] / "helm" / "portico"
VALUES, README, SCHEMA = CHART / "values.yaml", CHART / "README.md", CHART / "values.schema.json"

NAME = {"type": "string", "pattern": r"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)?$"}
REQUIRED_NAME = {"type": "string", "pattern": r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$"}
STRINGS = {"type": "object", "additionalProperties": {"type": "string"}}
OBJECTS = {"type": "array", "items": {"type": "object"}}
KEY_OF_MAP = {"type": "string", "pattern": "^[-._a-zA-Z0-9]{1,253}$"}
STAFF_ROLE = r"[^,=]+=(clinician|supervisor|compliance)"
CIDRS = {"type": "array", "items": {"type": "string", "pattern": r"^[0-9a-fA-F.:]+/[0-9]{1,3}$"}}
SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
QUANTITY = {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$"}
AMOUNT = {"anyOf": [QUANTITY, {"type": "integer", "minimum": 1}]}
AMOUNTS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["cpu", "memory", "ephemeral-storage"],
    "properties": dict.fromkeys(("cpu", "memory", "ephemeral-storage"), AMOUNT),
}
RESOURCES = {
    "type": "object",
    "additionalProperties": False,
    "required": ["requests", "limits"],
    "properties": {"requests": AMOUNTS, "limits": AMOUNTS},
}
COUNT = {"type": "integer", "minimum": 1}
SECONDS = {"type": "integer", "minimum": 1, "maximum": 3600}
PROBE_FIELDS = dict.fromkeys(("periodSeconds", "failureThreshold", "successThreshold", "timeoutSeconds"), COUNT) | {
    "initialDelaySeconds": {"type": "integer", "minimum": 0}
}
PROBE = {"type": "object", "additionalProperties": False, "properties": PROBE_FIELDS}
PATH_PROBE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["path"],
    "properties": {"path": {"enum": ["/healthz", "/readyz"]}, **PROBE_FIELDS},
}
ENDPOINT = {"type": "string", "pattern": "^(https://[^ ]+)?$"}
SUB_PATH = {"type": "string", "pattern": r"^([^/.][^:]*)?$"}
TAG = {"type": "string", "pattern": r"^[A-Za-z0-9_.-]{0,128}$"}
DIGEST = {"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"}


def _closed(*, required: list[str], **properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


IMAGE = _closed(
    registry={"type": "string", "pattern": "^[^ @]*$"},
    repository={"type": "string", "minLength": 1},
    tag=TAG,
    digest=DIGEST,
    required=["repository"],
)
PUBLISHED = {"if": {"properties": {"enabled": {"const": True}}}, "then": {"properties": {"host": {"minLength": 1}}}}

_PHRASE = {"type": "string", "minLength": 1, "maxLength": 1000}
_PHRASES = _closed(required=[], **dict.fromkeys(Wording.model_fields, _PHRASE))
_NUMBER, _OR_NONE = ({"type": "string", "pattern": pattern} for pattern in (f"^{NUMBER}$", f"^({NUMBER})?$"))
SITE = {
    **_closed(
        emergency=_NUMBER,
        crisis=_closed(call=_NUMBER, text=_OR_NONE, required=["call", "text"]),
        violence=_OR_NONE,
        texts=_closed(required=[], **dict.fromkeys(Language, _PHRASES)),
        required=[],
    ),
    "anyOf": [{"maxProperties": 0}, {"required": ["emergency", "crisis", "violence"]}],
}

COMPONENTS = ("gateway", "console", "notifier", "triton", "valkey", "audit", "check")

# Empty is allowed where a value is required: `portico.refuseMissing` then says which one and why, all at once.
# Rules by the end of a value's path; the longest end that fits counts.
RULES: dict[str, Mapping[str, Any]] = {
    "tenant": {"type": "string", "pattern": "^[a-z0-9-]{0,32}$"},
    "clinic.phone": {"type": "string", "pattern": r"^(\+?[0-9-]{7,20})?$"},
    "clinic.site": SITE,
    "identity.issuer": ENDPOINT,
    "identity.jwksUrl": ENDPOINT,
    "identity.audience": {"type": "string", "minLength": 1},
    "cidrs": CIDRS,
    "port": {"type": "integer", "minimum": 1, "maximum": 65535},
    "existingSecret": NAME,
    "existingSecret.name": NAME,
    "existingClaim": NAME,
    "claimName": NAME,
    "storageClass": NAME,
    "caSecret": NAME,
    "clientSecret": NAME,
    "serverSecret": NAME,
    "priorityClassName": NAME,
    "runtimeClassName": NAME,
    "className": NAME,
    "fullnameOverride": NAME,
    "subPath": SUB_PATH,
    "digest": DIGEST,
    "tag": TAG,
    "repository": {"type": "string", "minLength": 1},
    "image.registry": {"type": "string", "pattern": "^[^ @]*$"},
    "imageRegistry": {"type": "string", "pattern": "^[^ @]*$"},
    "imagePullSecrets": OBJECTS,
    "accessMode": {"enum": ["ReadWriteMany", "ReadWriteOnce"]},
    "size": QUANTITY,
    "sizeLimit": QUANTITY,
    "sharedMemory": QUANTITY,
    "tmpSize": QUANTITY,
    "models.source.type": {"enum": ["", "image", "pvc", "s3"]},
    "models.source.sha256": {"type": "string", "pattern": "^([0-9a-f]{64})?$"},
    "console.url": {"type": "string", "pattern": "^(https://[^ /?#]+/?)?$"},
    "staff.roles": {"type": "string", "pattern": f"^({STAFF_ROLE}(,{STAFF_ROLE})*)?$"},
    "staff.existingSecret.key": KEY_OF_MAP,
    "portalClients.existingConfigMap": NAME,
    "portalClients.key": KEY_OF_MAP,
    "launch.publicUrl": {"type": "string", "pattern": "^(https://[^ /?#]+)?$"},
    "launch.existingSecret.key": KEY_OF_MAP,
    "responder.url": ENDPOINT,
    "search.url": {"type": "string", "pattern": "^(postgresql://[^ :@/?]+@[^ :@/?]+(:[0-9]{1,5})?/[^ /?]+)?$"},
    "responder.model": {"type": "string", "pattern": "^[A-Za-z0-9_./:@-]{0,128}$"},
    "s3.uri": {"type": "string", "pattern": "^(s3://[^ ]+)?$"},
    "webhook.url": {"type": "string", "pattern": "^(https://[^ ]+)?$"},
    "webhook.cidrs": CIDRS,
    "endpoint": ENDPOINT,
    "runbookBase": ENDPOINT,
    "prometheusUrl": {"type": "string", "pattern": "^(https?://[^ ]+)?$"},
    "replicas": COUNT,
    "minReplicas": COUNT,
    "maxReplicas": COUNT,
    "gpu.count": COUNT,
    "inflight": COUNT,
    "classifierPending": COUNT,
    "responderInflight": COUNT,
    "cpuUtilization": {"type": "integer", "minimum": 1, "maximum": 100},
    "maxUnavailable": {"anyOf": [COUNT, {"type": "string", "pattern": "^([1-9][0-9]?|100)%$"}]},
    "autoscaling.mode": {"enum": ["resource", "prometheus-adapter", "keda"]},
    "behavior": {"type": "object"},
    "topologySpread": {"enum": ["", "DoNotSchedule", "ScheduleAnyway"]},
    "resources": RESOURCES,
    "initResources": RESOURCES,
    "preStopSeconds": SECONDS,
    "terminationGracePeriodSeconds": SECONDS,
    "activeDeadlineSeconds": {"type": "integer", "minimum": 60},
    "startupProbe": PROBE,
    "readinessProbe": PROBE,
    "livenessProbe": PROBE,
    "gateway.startupProbe": PATH_PROBE,
    "gateway.readinessProbe": PATH_PROBE,
    "liveDays": COUNT,
    "retentionDays": {"type": "integer", "minimum": 365},
    "schedule": {"type": "string", "pattern": r"^(\S+ ){4}\S+$"},
    "interval": {"type": "string", "pattern": "^[0-9]+(s|m)$"},
    "commonLabels": STRINGS,
    "labels": STRINGS,
    "podLabels": STRINGS,
    "annotations": STRINGS,
    "podAnnotations": STRINGS,
    "nodeSelector": STRINGS,
    "affinity": {"type": "object"},
    "tolerations": OBJECTS,
    "hostnames": {"type": "array", "items": {"type": "string", "minLength": 1}},
    "parentRefs": OBJECTS,
    "issuerRef": STRINGS,
    "extraEnv": {"type": "array", "items": {"type": "object", "required": ["name"]}},
    "extraArgs": {"type": "array", "items": {"type": "string", "pattern": "^--"}},
    "extraInitContainers": OBJECTS,
    "extraContainers": OBJECTS,
    "extraVolumes": OBJECTS,
    "extraVolumeMounts": OBJECTS,
    "extraEgress": OBJECTS,
    "extraObjects": OBJECTS,
    "proxies": {**OBJECTS, "minItems": 1},
    "networkPolicy.prometheus": OBJECTS,
    "priorityClasses.values": {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: {"type": "integer"} for name in COMPONENTS},
    },
    "triton.loraAdapters": {
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name", "source"],
            "properties": {
                "name": {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$"},
                "source": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["type", "sha256"],
                    "properties": {
                        "type": {"enum": ["pvc", "image", "s3"]},
                        "sha256": SHA256,
                        "pvc": _closed(claimName=REQUIRED_NAME, subPath=SUB_PATH, required=["claimName"]),
                        "image": IMAGE,
                        "s3": _closed(
                            uri={"type": "string", "pattern": "^s3://[^ ]+$"},
                            endpoint=ENDPOINT,
                            region={"type": "string"},
                            existingSecret=NAME,
                            cidrs={**CIDRS, "minItems": 1},
                            sizeLimit=QUANTITY,
                            image=IMAGE,
                            required=["uri", "cidrs"],
                        ),
                    },
                    "allOf": [
                        {"if": {"properties": {"type": {"const": kind}}}, "then": {"required": [kind]}}
                        for kind in ("pvc", "image", "s3")
                    ],
                },
            },
        },
    },
}

# Settings that the chart gives by values of its own, and those of the demo, which no cluster runs.
OWN = {
    *("tenant", "host", "port", "metrics_host", "metrics_port", "state", "redis_url", "trust_durability"),
    *("triton_url", "knowledge_index", "model_repository", "issuer", "audience", "jwks_url", "clinic_name"),
    *("clinic_phone", "tagger", "console_host", "console_port", "console_metrics_port"),
    *("webhook_url", "webhook_keys", "heartbeat", "notifier_metrics_port"),
    *("console_url", "staff_client_id", "staff_client_key", "staff_role_claim", "staff_roles", "staff_acr"),
    *("redis_ca_file", "redis_cert_file", "redis_key_file", "triton_ca_file", "triton_cert_file", "triton_key_file"),
    *("tls_cert_file", "tls_key_file"),  # In a cluster the ingress ends TLS; probes and tests speak HTTP to the pods.
    *(
        "portal_clients",
        "site",
        "responder_url",
        "responder_hosts",
        "responder_model",
        "responder_key_file",
        "responder_ca_file",
        "search_url",
        "search_password_file",
        "search_ca_file",
        "search_cert_file",
        "search_key_file",
    ),
    *("launch_servers", "launch_client_id", "launch_client_key", "public_url"),
}
BOUNDS = ("type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern")
DEMO = {"demo", "demo_token_url", "console_https"}
INTRODUCTION = """# portico

A guarded assistant for hospital patient portals, with its clinician console and its models on Triton. Kubernetes 1.30
or newer (image volumes: 1.33), Helm 3 or 4. Start with `docs/how-to/install.md`; six complete sets of values lie in
`helm/portico/ci/` of the repository. Made by `docs/generate_chart.py` from `values.yaml`: edit the descriptions there.

| value | default | what it does |
|---|---|---|
"""


def settings_schema(settings: type[BaseSettings]) -> dict[str, Any]:
    """Return a closed object with every setting of a service that a site may give, and the bounds that it has there."""
    fields = settings.model_json_schema()["properties"]
    properties = {camel(name): _bounds(field) for name, field in fields.items() if name not in OWN | DEMO}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _gateway_settings() -> dict[str, Any]:
    """Return the gateway's settings; the switches are those that there are (portico_core.switches)."""
    found = settings_schema(GatewaySettings)
    one = "|".join(Switch)
    found["properties"]["switchedOff"] = {"type": "string", "pattern": f"^(({one})(, *({one}))*)?$"}
    return found


def _bounds(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return type and bounds of a setting; one that may be left out is left out, and not null."""
    given = next((kind for kind in field.get("anyOf", []) if kind["type"] != "null"), field)
    return {word: given[word] for word in BOUNDS if word in given}


def camel(name: str) -> str:
    """Return snake_case as camelCase, the other way round of Helm's `snakecase`."""
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


def render_schema() -> str:
    """Return the schema of the values."""
    rules = {
        **RULES,
        "gateway.settings": _gateway_settings(),
        "console.settings": settings_schema(ConsoleSettings),
        "notifier.settings": settings_schema(NotifierSettings),
    }
    root = _schema_of("", yaml.safe_load(VALUES.read_text(encoding="utf-8")), rules)
    root = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "portico", **root}
    return json.dumps(root, indent=1, ensure_ascii=False) + "\n"


def _schema_of(path: str, value: Any, rules: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    rule = _rule(path, rules)
    if rule is not None and not (isinstance(value, dict) and value and rule.get("type") == "string"):
        return dict(rule)
    match value:
        case dict() if value:
            inner = {key: _schema_of(f"{path}.{key}".lstrip("."), child, rules) for key, child in value.items()}
            closed = {"type": "object", "additionalProperties": False, "properties": inner}
            return closed | (PUBLISHED if path.endswith(".ingress") else {})
        case bool():
            return {"type": "boolean"}
        case str():
            return {"type": "string"}
        case _:
            raise SystemExit(f"{path}: RULES must say what an {type(value).__name__} may hold")


def _rule(path: str, rules: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    parts = path.split(".")
    ends = [".".join(parts[start:]) for start in range(len(parts))]
    return next((rules[end] for end in ends if end in rules), None)


def render_readme() -> str:
    """Return the chart's page: one row a value."""
    return INTRODUCTION + "".join(f"| `{path}` | {default} | {said} |\n" for path, default, said in described())


def described() -> list[tuple[str, str, str]]:
    """Return path, default and description of every value that has a `# --`."""
    rows, stack, said = [], list[tuple[int, str]](), ""
    values = yaml.safe_load(VALUES.read_text(encoding="utf-8"))
    for line in VALUES.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if text.startswith("# -- "):
            said = text.removeprefix("# -- ")
        elif found := re.match(r"^( *)([A-Za-z0-9]+):", line):
            depth = len(found[1])
            stack = [*(entry for entry in stack if entry[0] < depth), (depth, found[2])]
            if said:
                path = ".".join(key for _, key in stack)
                rows.append((path, _default(values, path), said.replace("|", "\\|")))
            said = ""
    return rows


def _default(values: Any, path: str) -> str:
    for key in path.split("."):
        values = values[key]
    return f"`{json.dumps(values, ensure_ascii=False)}`".replace("|", "\\|")


if __name__ == "__main__":
    README.write_text(render_readme(), encoding="utf-8")
    SCHEMA.write_text(render_schema(), encoding="utf-8")
