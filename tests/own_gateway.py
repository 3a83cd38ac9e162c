"""A gateway process of a test's own, beside a running demo: the demo's Valkey, Triton and issuer, another tenant.

Such a gateway can be loaded, signalled and killed without harm to the demo that other tests share.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from portico_cli.issuer import DevelopmentIssuer
from portico_cli.places import KNOWLEDGE_INDEX, MODEL_REPOSITORY, TAGGER
from portico_core.labels import Role
from portico_state.keyring import Keyring
from stack import free_port

READY_S = 180.0
STOP_S = 60.0


@dataclass(frozen=True, slots=True)
class OwnGateway:
    """A running gateway process."""

    port: int
    state: Path
    process: "subprocess.Popen[bytes]"
    issuer: DevelopmentIssuer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, patient: str = "test-patient") -> str:
        """Return a token of five minutes for a patient."""
        return self.issuer.sign(Role.PATIENT, patient=patient)

    def client(self, patient: str = "test-patient") -> httpx2.Client:
        headers = {"Authorization": f"Bearer {self.token(patient)}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=15, trust_env=False)

    def log(self) -> str:
        return (self.state / "gateway.log").read_text(encoding="utf-8")


@contextmanager
def own_gateway(
    demo_state: Path, folder: Path, *, tenant: str, settings: Mapping[str, str] = {}
) -> Iterator[OwnGateway]:
    """Start a gateway of another tenant; end it by its process id. Ask `await_ready` before you use it."""
    marker = json.loads((demo_state / "demo.json").read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / "keys.json").exists():
        Keyring.create(folder / "keys.json")
    port = int(settings.get("PORTICO_PORT") or free_port())
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}
    environment = kept | {
        "PORTICO_TENANT": tenant,
        "PORTICO_PORT": str(port),
        "PORTICO_STATE": str(folder),
        "PORTICO_REDIS_URL": marker["redis"],
        "PORTICO_TRITON_URL": marker["triton"],
        "PORTICO_MODEL_REPOSITORY": str(MODEL_REPOSITORY),
        "PORTICO_TAGGER": str(TAGGER),
        "PORTICO_KNOWLEDGE_INDEX": str(KNOWLEDGE_INDEX),
        "PORTICO_ISSUER": marker["issuer"],
        "PORTICO_JWKS_URL": f"{marker['issuer']}/.well-known/jwks.json",
        "OMP_NUM_THREADS": "1",
        **settings,
    }
    command = [sys.executable, "-m", "portico_cli.main", "serve", "gateway"]
    with (folder / "gateway.log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
    running = OwnGateway(port, folder, process, DevelopmentIssuer.open(demo_state, issuer=marker["issuer"]))
    try:
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(STOP_S)


def await_ready(gateway: OwnGateway) -> OwnGateway:
    """Return the gateway when it is ready."""
    deadline = time.monotonic() + READY_S
    with httpx2.Client(timeout=5, trust_env=False) as client:
        while time.monotonic() < deadline and gateway.process.poll() is None:
            try:
                if client.get(f"{gateway.url}/readyz").status_code == 200:
                    return gateway
            except httpx2.HTTPError:
                pass
            time.sleep(0.05)
    raise AssertionError("the gateway did not become ready:\n" + gateway.log())
