"""`portico demo`: the whole stack on loopback with one command, and nothing left behind when it ends.

Valkey and Triton are started here; gateway, console and the development issuer are child processes of this one that
the kernel ends with it. The `ready` line comes after a golden turn was answered over HTTP with a citation.
"""

import base64
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import httpx2

from portico_cli.issuer import DevelopmentIssuer
from portico_cli.observing import running_prometheus
from portico_cli.places import KNOWLEDGE_INDEX, MODEL_REPOSITORY, TAGGER
from portico_core import parent_death
from portico_core.errors import ConfigurationError, PorticoError
from portico_core.labels import Role
from portico_models.errors import ModelError
from portico_models.triton_server import start_triton
from portico_state.keyring import Keyring
from portico_state.valkey_server import start_valkey

READY_S = 60.0
STOP_S = 15.0
GOLDEN_QUESTION = "What is metformin used for?"


class DemoStopped(Exception):
    """Somebody asked the demo to stop."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts of a demo listen."""

    gateway: str
    console: str
    issuer: str
    redis: str
    triton: str
    triton_metrics: str
    console_metrics: str
    notifier_metrics: str
    prometheus: str


def run_demo(*, port: int, state: Path, observe: bool = False, webhook: str = "") -> int:
    """Run until Ctrl-C or SIGTERM; return the exit status. With a `webhook`, escalations are announced to it."""
    state = state.resolve()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        with contextlib.ExitStack() as stack:
            children = _start_everything(stack, port=port, state=state, observe=observe, webhook=webhook)
            _say(f"ready: http://127.0.0.1:{port}")
            _watch(children, state)
    except DemoStopped:
        return 0
    except (PorticoError, ModelError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def _observe(stack: contextlib.ExitStack, addresses: Addresses, state: Path) -> None:
    targets = {
        "portico-gateway": f"{addresses.gateway}/metrics",
        "portico-console": f"{addresses.console_metrics}/metrics",
        "triton": addresses.triton_metrics,
    }
    if addresses.notifier_metrics:
        targets["portico-notifier"] = f"{addresses.notifier_metrics}/metrics"
    port = int(addresses.prometheus.rsplit(":", 1)[1])
    stack.enter_context(running_prometheus(state, port=port, targets=targets))
    _say(f"Prometheus: {addresses.prometheus}")


def _start_everything(
    stack: contextlib.ExitStack, *, port: int, state: Path, observe: bool, webhook: str
) -> list[subprocess.Popen[bytes]]:
    _refuse_taken_port(port)
    _claim_state(stack, state)
    _say("starting Valkey")
    valkey = stack.enter_context(start_valkey(state / "valkey"))
    _say("starting Triton with three models")
    triton = stack.enter_context(start_triton(MODEL_REPOSITORY, state / "triton", ready_s=READY_S))
    console_port, issuer_port, console_metrics_port = _free_port(), _free_port(), _free_port()
    addresses = Addresses(
        gateway=f"http://127.0.0.1:{port}",
        console=f"http://127.0.0.1:{console_port}",
        issuer=f"http://127.0.0.1:{issuer_port}",
        redis=valkey.url,
        triton=triton.grpc_url,
        triton_metrics=triton.metrics_url,
        console_metrics=f"http://127.0.0.1:{console_metrics_port}",
        notifier_metrics=f"http://127.0.0.1:{_free_port()}" if webhook else "",
        prometheus=f"http://127.0.0.1:{_free_port()}" if observe else "",
    )
    stack.enter_context(_marker(state, addresses))
    _say("starting the development issuer, the gateway and the console")
    environment = _environment(state, addresses, port=port, console_port=console_port)
    environment["PORTICO_CONSOLE_METRICS_PORT"] = str(console_metrics_port)
    if webhook:
        environment |= _announcing(state, addresses, webhook=webhook)
    issuer = ["issuer", "--state", str(state), "--port", str(issuer_port), "--issuer", addresses.issuer]
    children = [
        stack.enter_context(_service(arguments, state=state, environment=environment))
        for arguments in (issuer, ["gateway"], ["console"], *([["notifier"]] if webhook else []))
    ]
    _say("waiting for a golden turn")
    _await_golden_turn(addresses, state, children)
    if observe:
        _observe(stack, addresses, state)
    return children


def _await_golden_turn(addresses: Addresses, state: Path, children: list[subprocess.Popen[bytes]]) -> None:
    token = DevelopmentIssuer.open(state, issuer=addresses.issuer).sign(Role.PATIENT, patient="golden-turn")
    headers = {"Authorization": f"Bearer {token}"}
    deadline = time.monotonic() + READY_S
    with httpx2.Client(headers=headers, timeout=5.0, trust_env=False) as client:
        while time.monotonic() < deadline:
            _refuse_dead(children, state)
            if _answers(client, addresses.gateway) and _is_up(client, addresses.console):
                return
            time.sleep(0.1)
    raise ConfigurationError(f"the golden turn was not answered within {READY_S:.0f} s; see {state / 'logs'}")


def _answers(client: httpx2.Client, gateway: str) -> bool:
    try:
        created = client.post(f"{gateway}/v1/conversations", json={})
        if created.status_code != 201:
            return False
        conversation = f"{gateway}/v1/conversations/{created.json()['id']}"
        turn = client.post(f"{conversation}/turns", json={"text": GOLDEN_QUESTION})
        client.delete(conversation)
        return turn.status_code == 200 and bool((turn.json()["answer"] or {}).get("citations"))
    except httpx2.HTTPError:
        return False


def _is_up(client: httpx2.Client, url: str) -> bool:
    try:
        return client.get(f"{url}/healthz").status_code == 200
    except httpx2.HTTPError:
        return False


def _refuse_dead(children: list[subprocess.Popen[bytes]], state: Path) -> None:
    for child in children:
        if child.poll() is not None:
            name = _name_of(child)
            raise ConfigurationError(f"the {name} stopped: {_last_line(state / 'logs' / f'{name}.log')}")


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1].removeprefix("error: ") if lines else "it said nothing"


@contextlib.contextmanager
def _service(arguments: list[str], *, state: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run `portico serve …` as a child that the kernel stops with this process; wait for its end."""
    logs = state / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "portico_cli.main", "serve", *arguments]
    guarded = [sys.executable, str(Path(parent_death.__file__)), str(os.getpid()), *command]
    with (logs / f"{arguments[0]}.log").open("wb") as log:
        child = subprocess.Popen(
            guarded, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
        )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _environment(state: Path, addresses: Addresses, *, port: int, console_port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}
    return kept | {
        "PORTICO_DEMO": "true",
        "PORTICO_TENANT": "demo",
        "PORTICO_PORT": str(port),
        "PORTICO_STATE": str(state),
        "PORTICO_REDIS_URL": addresses.redis,
        "PORTICO_TRITON_URL": addresses.triton,
        "PORTICO_MODEL_REPOSITORY": str(MODEL_REPOSITORY),
        "PORTICO_TAGGER": str(TAGGER),
        "PORTICO_KNOWLEDGE_INDEX": str(KNOWLEDGE_INDEX),
        "PORTICO_ISSUER": addresses.issuer,
        "PORTICO_JWKS_URL": f"{addresses.issuer}/.well-known/jwks.json",
        "PORTICO_DEMO_TOKEN_URL": f"{addresses.issuer}/token",
        "PORTICO_CONSOLE_URL": addresses.console,
        "PORTICO_PATIENT_PER_MINUTE": "6000",  # One demo patient, many visitors.
        "PORTICO_TURNS_OF_ONE_PATIENT": "32",
        "PORTICO_MIN_CONCURRENT_TURNS": "16",
        "PORTICO_CONSOLE_PORT": str(console_port),
        "OMP_NUM_THREADS": "1",
    }


def _announcing(state: Path, addresses: Addresses, *, webhook: str) -> dict[str, str]:
    """Return the notifier's settings; the keys that sign lie in the state folder, for whoever wants to verify."""
    keys = state / "webhook-keys.json"
    if not keys.exists():
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        keys.touch(mode=0o600)
        keys.write_text(json.dumps({"active": "demo", "keys": {"demo": key}}), encoding="utf-8")
    return {
        "PORTICO_WEBHOOK_URL": webhook,
        "PORTICO_WEBHOOK_KEYS": keys.read_text(encoding="utf-8"),
        "PORTICO_NOTIFIER_METRICS_PORT": addresses.notifier_metrics.rsplit(":", 1)[1],
    }


@contextlib.contextmanager
def _marker(state: Path, addresses: Addresses) -> Iterator[None]:
    """Say in demo.json where the running demo is, for `portico token`, `ask` and `audit verify`."""
    path = state / "demo.json"
    fields = {
        "pid": os.getpid(),
        "gateway": addresses.gateway,
        "console": addresses.console,
        "issuer": addresses.issuer,
        "redis": addresses.redis,
        "triton": addresses.triton,
        "triton_metrics": addresses.triton_metrics,
        "console_metrics": addresses.console_metrics,
        "notifier_metrics": addresses.notifier_metrics,
        "prometheus": addresses.prometheus,
    }
    path.write_text(json.dumps(fields, indent=2), encoding="utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _claim_state(stack: contextlib.ExitStack, state: Path) -> None:
    """Make the state folder and its keys on the first start; refuse a second demo on the same folder."""
    import fcntl

    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = stack.enter_context((state / "lock").open("w"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise ConfigurationError(f"another demo uses {state}: stop it, or give --state another folder") from None
    if not (state / "keys.json").exists():
        Keyring.create(state / "keys.json")


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise ConfigurationError(f"port {port} is in use: give --port another number") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _watch(children: list[subprocess.Popen[bytes]], state: Path) -> None:
    """Sleep until somebody asks to stop, or a service dies."""
    while True:
        _refuse_dead(children, state)
        time.sleep(0.5)


def _name_of(child: subprocess.Popen[bytes]) -> str:
    arguments = [str(part) for part in child.args] if isinstance(child.args, list) else []
    return arguments[arguments.index("serve") + 1]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _stop(number: int, frame: FrameType | None) -> None:
    """Stop once: a second signal must not interrupt the stopping of what was started."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)
    raise DemoStopped
