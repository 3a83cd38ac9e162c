"""The chart speaks the services' language: settings, ports, paths, flags and commands are real ones."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from joserfc.jwk import ECKey
from pydantic_settings import BaseSettings

from chart.opening import open_console_with
from chart.rendering import PROFILES, ROOT, Object, containers, of_kind, pods, rendered, template, values_file
from portico_cli.serving import DRAIN_S, GRACE_S
from portico_console.notifier.settings import NotifierSettings
from portico_console.settings import ConsoleSettings
from portico_core.errors import ConfigurationError
from portico_core.site import parse_site
from portico_core.switches import Switch
from portico_gateway.settings import GatewaySettings
from portico_gateway.texts import SiteTexts
from portico_gateway.web.access import RULES, Access
from portico_identity.client_assertions import load_clients
from portico_models import triton_server
from portico_state.keyring import Keyring

SETTINGS: dict[str, type[BaseSettings]] = {
    "gateway": GatewaySettings, "console": ConsoleSettings, "check": GatewaySettings, "notifier": NotifierSettings,
}  # fmt: skip
OFTEN = [(profile, name) for profile in PROFILES for name in ("gateway", "console", "check")]


def container(profile: str, name: str) -> Object:
    """Return a container of a profile by its name."""
    return next(c for _, _, spec in pods(rendered(profile)) for c in containers(spec) if c["name"] == name)


def variables(given: Object) -> dict[str, str]:
    """Return the PORTICO_ variables of a container; a secret's value is a stand-in."""
    named = {e["name"]: e.get("value", "redis://:x@store:6379/0") for e in given.get("env", [])}
    return {name: value for name, value in named.items() if name.startswith("PORTICO_")}


def unknown(given: dict[str, str], settings: type[BaseSettings]) -> list[str]:
    """Return the variables that a service does not read."""
    known = {f"PORTICO_{name}".upper() for name in settings.model_fields}
    return sorted(given.keys() - known)


@pytest.mark.parametrize(("profile", "service"), [*OFTEN, ("ha", "notifier"), ("vpc-gpu", "notifier")])
def test_a_service_reads_every_variable_it_is_given(
    profile: str, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = variables(container(profile, service))
    assert len(given) >= 5
    assert unknown(given, SETTINGS[service]) == []
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    SETTINGS[service]()  # Every value is one that the service takes.


@pytest.mark.parametrize("profile", PROFILES)
def test_a_console_starts_with_what_it_is_given(profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_console_with(variables(container(profile, "console")), tmp_path, monkeypatch)


@pytest.mark.parametrize("needed", ["PORTICO_STAFF_CLIENT_ID", "PORTICO_CONSOLE_URL"])
def test_a_console_without_what_it_needs_does_not_start(
    needed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = variables(container("ha", "console"))
    del given[needed]
    with pytest.raises(ConfigurationError, match=needed):
        open_console_with(given, tmp_path, monkeypatch)


def unmounted(spec: Object, found: Object, settings: type[BaseSettings]) -> list[str]:
    """Return the variables of a container that name a file or a folder which none of its mounts brings."""
    paths = {f"PORTICO_{n}".upper() for n, field in settings.model_fields.items() if "Path" in str(field.annotation)}
    named = {name: value for name, value in variables(found).items() if name in paths}
    assert len(named) >= 1, "it looked at nothing"
    return sorted(name for name, value in named.items() if not _is_mounted(value, spec, found))


def _is_mounted(path: str, spec: Object, found: Object) -> bool:
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    for mount in found["volumeMounts"]:
        place, volume = mount["mountPath"], volumes[mount["name"]]
        items = volume.get("secret", volume.get("configMap", {})).get("items")
        if items and "subPath" not in mount:
            found_here = path in [f"{place}/{item['path']}" for item in items]
        else:
            found_here = f"{path}/".startswith(f"{place}/")
        if found_here:
            return True
    return False


@pytest.mark.parametrize(("profile", "service"), [*OFTEN, ("ha", "notifier")])
def test_every_file_that_a_setting_names_is_mounted(profile: str, service: str) -> None:
    spec = next(s for _, _, s in pods(rendered(profile)) if any(c["name"] == service for c in containers(s)))
    assert unmounted(spec, container(profile, service), SETTINGS[service]) == []


@pytest.mark.parametrize(
    ("service", "sound", "broken", "named"),
    [
        ("console", "/etc/portico/staff-client\n", "/etc/portico/staff\n", "PORTICO_STAFF_CLIENT_KEY"),
        ("console", "path: key.json", "path: key.jwk", "PORTICO_STAFF_CLIENT_KEY"),
        ("gateway", "path: clients.json", "path: portals.json", "PORTICO_PORTAL_CLIENTS"),
        ("gateway", "/etc/portico/triton-ca\n", "/etc/portico/triton\n", "PORTICO_TRITON_CA_FILE"),
        ("gateway", "/etc/portico/launch-client\n", "/etc/portico/launch\n", "PORTICO_LAUNCH_CLIENT_KEY"),
        ("gateway", "mountPath: /etc/portico/site\n", "mountPath: /etc/portico/sites\n", "PORTICO_SITE"),
    ],
)
def test_a_file_that_is_not_mounted_is_found(service: str, sound: str, broken: str, named: str) -> None:
    text = rendered("external-redis-tls" if "TRITON" in named else "ha")
    assert sound in text
    _, _, spec = next(p for p in pods(text.replace(sound, broken)) if p[0] == f"portico-{service}")
    assert unmounted(spec, spec["containers"][0], SETTINGS[service]) == [named]


def test_the_site_of_the_page_and_of_the_chart_is_one_that_the_services_take() -> None:
    page = (ROOT / "docs/how-to/site.md").read_text(encoding="utf-8")
    written = re.search(r"```json\n(.+?)```", page, re.S)
    assert written is not None
    made = next(m for m in of_kind(rendered("ha"), "ConfigMap") if "site.json" in m["data"])
    for document in (written[1], made["data"]["site.json"]):
        texts = SiteTexts("Elm Clinic", "+44-20-5555-0100", site=parse_site(document.encode()))
        assert [contact.uri for contact in texts.contacts("en")][:2] == ["tel:112", "tel:116123"]


def test_a_portal_as_the_page_writes_it_is_registered(tmp_path: Path) -> None:
    """The file behind `gateway.portalClients`, in the form of docs/how-to/identity.md, with a key of its own."""
    page = (ROOT / "docs/how-to/identity.md").read_text(encoding="utf-8")
    shape = re.search(r'`(\{"portal": .+\})`', page)
    assert shape is not None
    key = ECKey.generate_key("P-256").as_dict(private=False)
    text = shape[1].replace('"x": "…"', f'"x": "{key["x"]}"').replace('"y": "…"', f'"y": "{key["y"]}"')
    (tmp_path / "clients.json").write_text(text, encoding="utf-8")
    assert set(load_clients(tmp_path / "clients.json")) == {"portal"}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_console_that_exchanges_codes_is_let_to_the_issuer(profile: str) -> None:
    policy = next(p for p in of_kind(rendered(profile), "NetworkPolicy") if p["metadata"]["name"] == "portico-console")
    given = yaml.safe_load(Path(values_file(profile)).read_text(encoding="utf-8"))["identity"]
    issuer = {"to": [{"ipBlock": {"cidr": c}} for c in given["cidrs"]], "ports": [{"protocol": "TCP", "port": 443}]}
    assert issuer in policy["spec"]["egress"]


def test_gateway_and_check_are_let_to_the_endpoint_that_drafts() -> None:
    way = {"to": [{"ipBlock": {"cidr": "192.0.2.30/32"}}], "ports": [{"protocol": "TCP", "port": 443}]}
    given = of_kind(rendered("external-redis-tls"), "NetworkPolicy")
    assert {p["metadata"]["name"] for p in given if way in p["spec"].get("egress", [])} == {
        "portico-gateway",
        "portico-check",
    }
    assert not [p for p in of_kind(rendered("minimal"), "NetworkPolicy") if way in p["spec"].get("egress", [])]
    named = variables(container("external-redis-tls", "gateway"))
    assert named["PORTICO_RESPONDER_HOSTS"] == "nim.example.org"


@pytest.mark.parametrize(
    ("profile", "values", "url"),
    [
        ("vpc-gpu", "", "https://console.example.org"),  # The ingress.
        ("ha", "", "https://console.example.org"),  # The Gateway API.
        ("ha", "console: {url: 'https://staff.example.org'}", "https://staff.example.org"),  # What is said counts.
    ],
)
def test_the_console_is_where_it_is_published(profile: str, values: str, url: str) -> None:
    done = template(profile, values or None)
    assert f"name: PORTICO_CONSOLE_URL\n              value: {url}\n" in done.stdout, done.stderr


@pytest.mark.parametrize("switch", Switch)
def test_a_kill_switch_can_be_off_from_the_start(switch: Switch) -> None:
    done = template("minimal", f"gateway: {{settings: {{switchedOff: '{switch.value}'}}}}")
    assert done.returncode == 0, done.stderr
    assert f"name: PORTICO_SWITCHED_OFF\n              value: {switch.value}" in done.stdout


def test_a_variable_that_nobody_reads_is_found() -> None:
    assert unknown({"PORTICO_TENANT": "a", "PORTICO_TENNANT": "a"}, GatewaySettings) == ["PORTICO_TENNANT"]


@pytest.mark.parametrize(("service", "port"), [("gateway", "PORTICO_PORT"), ("console", "PORTICO_CONSOLE_PORT")])
def test_ports_are_those_that_the_service_listens_on(service: str, port: str) -> None:
    found = container("minimal", service)
    assert {p["name"]: str(p["containerPort"]) for p in found["ports"]}["http"] == variables(found)[port]


@pytest.mark.parametrize(
    ("service", "host", "port"),
    [
        ("gateway", "PORTICO_METRICS_HOST", "PORTICO_METRICS_PORT"),
        ("console", "PORTICO_METRICS_HOST", "PORTICO_CONSOLE_METRICS_PORT"),
        ("notifier", "PORTICO_METRICS_HOST", "PORTICO_NOTIFIER_METRICS_PORT"),
        ("triton", "--metrics-address", "--metrics-port"),
    ],
)
def test_prometheus_reads_a_port_that_nobody_else_is_led_to(service: str, host: str, port: str) -> None:
    """Monitor, service, container and setting name one port; the policy lets Prometheus to it, and nobody else."""
    text, found = rendered("vpc-gpu"), container("vpc-gpu", service)
    given = variables(found) | dict(a.partition("=")[::2] for a in found.get("args", []))
    opened = {p["name"]: p["containerPort"] for p in found["ports"]}
    assert str(opened["metrics"]) == given[port] and not given[host].startswith("127.")
    monitor = next(o for o in of_kind(text, "ServiceMonitor") if o["metadata"]["name"] == f"portico-{service}")
    selected = monitor["spec"]["selector"]["matchLabels"].items()
    ports = [
        (p["name"], p["targetPort"])
        for o in of_kind(text, "Service") if selected <= o["metadata"]["labels"].items()
        for p in o["spec"]["ports"] if p["name"] == monitor["spec"]["endpoints"][0]["port"]
    ]  # fmt: skip
    assert ports == [("metrics", "metrics")], "one service with the port: two would be scraped twice"
    policy = next(o for o in of_kind(text, "NetworkPolicy") if o["metadata"]["name"] == f"portico-{service}")
    readers = [rule["from"] for rule in policy["spec"]["ingress"] if rule["ports"][0]["port"] == opened["metrics"]]
    assert readers == [[{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]]


def test_every_series_has_the_labels_that_rules_and_boards_group_by() -> None:
    rules = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "helm/portico/rules").glob("*.yaml"))
    watched = re.search(r'up\{job=~"([^"]+)"\} == 0', rules)
    assert watched is not None and "by (tenant, release)" in rules
    monitors = of_kind(rendered("vpc-gpu"), "ServiceMonitor")
    assert {monitor["metadata"]["name"] for monitor in monitors} == {
        "portico-gateway", "portico-console", "portico-notifier", "portico-triton",
    }  # fmt: skip
    for monitor in monitors:
        relabelled = monitor["spec"]["endpoints"][0]["relabelings"]
        given = {rule["targetLabel"]: rule["replacement"] for rule in relabelled}
        assert given == {"tenant": "riverbend", "release": "portico", "job": given["job"]}
        assert re.fullmatch(watched[1], given["job"]), "PorticoTargetDown would not see it go"


def test_probes_ask_what_the_services_serve() -> None:
    gateway = (ROOT / "services/gateway/portico_gateway/web/app.py").read_text(encoding="utf-8")
    console = (ROOT / "services/console/portico_console/app.py").read_text(encoding="utf-8")
    for name, source in (("gateway", gateway), ("console", console)):
        probes = [
            container("minimal", name)[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")
        ]
        assert {probe["path"] for probe in probes} == {"/healthz"}
        assert all(f'"{probe["path"]}"' in source and probe["port"] == "http" for probe in probes)


INSIDE = {"/healthz", "/readyz", "/metrics", "/openapi.json"}
LAUNCH = "gateway: {launch: {servers: 'https://ehr.example.org/fhir', clientId: a, publicUrl: 'https://a.example.org'}}"


def published(text: str) -> list[tuple[str, str]]:
    """Return (kind of match, path) of what an ingress or a route leads to the gateway."""
    mine = [o for o in of_kind(text, "Ingress", "HTTPRoute") if o["metadata"]["name"] == "portico-gateway"]
    assert len(mine) == 1
    (rule,) = mine[0]["spec"]["rules"]
    if mine[0]["kind"] == "Ingress":
        return [(path["pathType"].removeprefix("Path"), path["path"]) for path in rule["http"]["paths"]]
    return [(m["path"]["type"].removeprefix("Path"), m["path"]["value"]) for m in rule["matches"]]


def leads_to(given: list[tuple[str, str]], path: str) -> bool:
    """Say whether a path reaches the gateway from outside."""
    return any(path == led or (kind == "Prefix" and path.startswith(f"{led}/")) for kind, led in given)


@pytest.mark.parametrize(
    ("profile", "values", "launched"), [("vpc-gpu", "", False), ("vpc-gpu", LAUNCH, True), ("ha", "", True)]
)
def test_published_paths_are_the_interface_and_nothing_else(profile: str, values: str, *, launched: bool) -> None:
    """Each route of the gateway, as portico_gateway.web.access lists them: patients' ones are led to, no others."""
    given = published(template(profile, values or None).stdout)
    routes = {path: access for (_, path), access in RULES.items() if access is not Access.DEMO}
    wanted = {path for path in routes if path not in INSIDE and (launched or not path.startswith("/smart/"))}
    assert len(wanted) >= 8
    assert {path for path in routes if leads_to(given, path)} == wanted
    assert not leads_to(given, "/demo/token") and not leads_to(given, "/")


def test_a_service_is_given_more_time_than_it_takes() -> None:
    settings = GatewaySettings.model_fields
    longest = sum(settings[f"{name}_deadline_s"].default for name in ("receive", "redact", "classify", "encode"))
    longest += settings["respond_deadline_s"].default + 2 * settings["audit_deadline_s"].default
    for profile, name in ((profile, name) for profile in PROFILES for name in ("portico-gateway", "portico-console")):
        _, _, spec = next(p for p in pods(rendered(profile)) if p[0] == name)
        pause = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert longest < DRAIN_S < DRAIN_S + GRACE_S < spec["terminationGracePeriodSeconds"] - pause


def test_triton_is_closed_as_the_tested_one_is() -> None:
    """The flags of portico_models.triton_server, but for addresses, ports and places."""
    given = container("minimal", "triton")["args"]
    source = Path(triton_server.__file__).read_text(encoding="utf-8")
    fixed = set(re.findall(r'"(--[a-z-]+=[a-zA-Z0-9,-]+)"', source)) - {"--allow-gpu-metrics=false"}
    assert len(fixed) >= 8 and fixed - set(given) == {"--exit-timeout-secs"} - {"--exit-timeout-secs"}
    assert any(flag.startswith(f"--grpc-restricted-protocol={triton_server._CLOSED_GRPC}:") for flag in given)
    assert any(flag.startswith(f"--http-restricted-api={triton_server._CLOSED_HTTP}:") for flag in given)


def test_with_mutual_tls_the_models_key_stays_with_triton() -> None:
    """The gateway gets the authority of Triton's secret, and a certificate of its own; Triton demands one."""
    text = rendered("external-redis-tls")
    specs = {name: spec for name, _, spec in pods(text)}
    given = variables(container("external-redis-tls", "gateway"))
    assert given["PORTICO_TRITON_URL"] == "grpcs://portico-triton:8001"
    assert "--grpc-use-ssl-mutual=true" in container("external-redis-tls", "triton")["args"]
    for name, spec in specs.items():
        keys = [
            item["path"] for volume in spec["volumes"]
            if volume.get("secret", {}).get("secretName") == "portico-triton-tls"
            for item in volume["secret"].get("items", [{"path": "all"}])
        ]  # fmt: skip
        assert keys == {"portico-triton": ["all"], "portico-gateway": ["ca.crt"], "portico-check": ["ca.crt"]}.get(
            name, []
        )
    assert "grpcs://" not in rendered("minimal") and "--grpc-use-ssl" not in rendered("minimal")


def test_every_job_runs_a_command_that_exists() -> None:
    jobs = of_kind(rendered("ha"), "CronJob")
    names = {"audit-verify", "audit-archive", "audit-delete-expired", "check"}
    assert {job["metadata"]["name"] for job in jobs} == {f"portico-{name}" for name in names}
    for job in jobs:
        arguments = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"]
        assert refused(arguments) == ""
    assert "No such command" in refused(["audit", "verfy"])


def test_an_archive_in_a_bucket_is_named_by_the_environment_that_the_commands_read() -> None:
    for job in ("archive", "verify"):
        found = container("vpc-gpu", job)
        given = {e["name"]: e.get("value") for e in found["env"]}
        assert given["PORTICO_AUDIT_ARCHIVE"] == "s3://riverbend-portico-audit/archive"
        assert given["AWS_DEFAULT_REGION"] == "us-east-2"
        assert "archive" not in {mount["name"] for mount in found["volumeMounts"]}
    source = (ROOT / "services/cli/portico_cli/audit/app.py").read_text(encoding="utf-8")
    assert 'envvar="PORTICO_AUDIT_ARCHIVE"' in source
    assert "portico-archive" not in {
        o["metadata"]["name"] for o in of_kind(rendered("vpc-gpu"), "PersistentVolumeClaim")
    }


def refused(arguments: list[str]) -> str:
    """Return why the program would not take a command line; its options are read, and nothing runs."""
    words = [a for a in arguments if not a.startswith("-") and "$(" not in a and "/" not in a]
    done = subprocess.run(
        [sys.executable, "-m", "portico_cli.main", *words, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    options = [a for a in arguments if a.startswith("--")]
    missing = [option for option in options if option not in done.stdout]
    return (done.stderr if done.returncode else "") + " ".join(missing)


def test_the_mode_of_the_mounted_keyring_is_one_that_it_accepts(tmp_path: Path) -> None:
    _, _, spec = next(p for p in pods(rendered("minimal")) if p[0] == "portico-gateway")
    mode = next(v["secret"]["defaultMode"] for v in spec["volumes"] if v["name"] == "keys")
    Keyring.create(tmp_path / "keys.json")
    (tmp_path / "keys.json").chmod(mode)
    assert Keyring.load(tmp_path / "keys.json")
