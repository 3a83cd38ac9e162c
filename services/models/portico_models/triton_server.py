"""Start the real Triton Inference Server on a model repository, on loopback, and stop it without a trace.

For demo, tests and batch commands; in production Helm runs NVIDIA's image. Triton sees redacted text only, yet
it is closed down as if it did not: nothing binds beyond 127.0.0.1, models cannot be loaded or unloaded over the
network, shared memory, tracing and logging settings cannot be reached (they need a header that nobody is told),
HTTP answers health and nothing else, and the environment is built from nothing, so no secret is inherited.
"""

import contextlib
import http.client
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from portico_core import parent_death
from portico_models.errors import ModelServerError
from portico_models.triton_environment import TritonEnvironment, find_environment

LOOPBACK = "127.0.0.1"
DRAIN_S = 5
STOP_S = 10.0
_POLL_S = 0.05
_PORT_ATTEMPTS = 3
_CLOSED_GRPC = "shared-memory,model-repository,trace,logging"
_CLOSED_HTTP = f"inference,metadata,model-config,statistics,{_CLOSED_GRPC}"
# Our models begin the message of a refusal to load with this word; see model_repository/*/1/text_model.py.
_REFUSAL = re.compile(r"portico: ([^\n]+)")
_SHM = Path("/dev/shm")  # noqa: S108  where Triton keeps its regions; only names with our own prefix are touched


@dataclass(frozen=True, slots=True)
class Ports:
    """The three ports of a server."""

    grpc: int
    http: int
    metrics: int


@dataclass(frozen=True, slots=True)
class TritonServer:
    """A running server; leaving the `with` block stops it. `grpc_url` is host:port, as tritonclient wants it."""

    grpc_url: str
    http_url: str
    metrics_url: str
    process: subprocess.Popen[bytes]
    log: Path
    shm_prefix: str

    def is_alive(self) -> bool:
        """Say whether the process still runs; it says nothing about readiness."""
        return self.process.poll() is None

    def stop(self) -> None:
        """Ask it to finish, then kill what is left of it. May be called twice."""
        _stop_group(self.process, self.shm_prefix)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_triton(
    repository: Path,
    state: Path,
    *,
    ready_s: float,
    grpc_port: int = 0,
    http_port: int = 0,
    metrics_port: int = 0,
    environment: Path | None = None,
) -> TritonServer:
    """Start Triton on a model repository and wait until every model is ready.

    Args:
        repository: the model repository.
        state: folder for the log and the private backend folder; made if missing.
        ready_s: seconds until every model must be ready.
        grpc_port: 0 picks a free port; so with the other two.
        environment: the Triton environment; by default `.venv-triton` beside the repository.

    Raises:
        ModelServerError: one line that says what is missing, refused, in use or late.

    The kernel ends the server when the *thread* that called this ends: call it from a thread that lives on.
    """
    given = Ports(grpc_port, http_port, metrics_port)
    found = find_environment(environment or repository.resolve().parent / ".venv-triton")
    backends = _prepare_backends(found, state)
    for attempt in range(1, _PORT_ATTEMPTS + 1):
        server = _launch(found, repository, state, backends, _choose_ports(given))
        try:
            _await_ready(server, ready_s)
        except BaseException as error:
            server.stop()
            if isinstance(error, ModelServerError) and _lost_port(server.log, given) and attempt < _PORT_ATTEMPTS:
                continue
            raise
        return server
    raise ModelServerError("no free port was left for Triton")


def _prepare_backends(environment: TritonEnvironment, state: Path) -> Path:
    """Lay out the private backend folder: the library, its utilities and the stub side by side."""
    folder = state / "backends"
    python = folder / "python"
    try:
        python.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in environment.backend_files:
            link = python / file.name
            link.unlink(missing_ok=True)
            link.symlink_to(file)
    except OSError as error:
        raise ModelServerError(f"cannot write to {state}: {error.strerror}") from None
    return folder


def _choose_ports(given: Ports) -> Ports:
    """Keep given ports if they are free, and pick free ones for zeros, all different."""
    with contextlib.ExitStack() as held:
        return Ports(*(_hold_port(port, held) for port in (given.grpc, given.http, given.metrics)))


def _hold_port(port: int, held: contextlib.ExitStack) -> int:
    listener = held.enter_context(socket.socket())
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except (OSError, OverflowError):
        raise ModelServerError(f"port {port} on {LOOPBACK} is in use or not allowed") from None
    return int(listener.getsockname()[1])


def _launch(
    environment: TritonEnvironment, repository: Path, state: Path, backends: Path, ports: Ports
) -> TritonServer:
    if not repository.is_dir():
        raise ModelServerError(f"no model repository at {repository}")
    prefix, log = f"portico-{secrets.token_hex(6)}-", state / "triton.log"
    command = [
        sys.executable, "-I", parent_death.__file__, str(os.getpid()),
        str(environment.binary), *_flags(repository, backends, ports, prefix),
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env=_variables(environment, state), cwd=state, start_new_session=True,
        )  # fmt: skip
    log.chmod(0o600)
    urls = (f"{LOOPBACK}:{ports.grpc}", f"http://{LOOPBACK}:{ports.http}", f"http://{LOOPBACK}:{ports.metrics}/metrics")
    return TritonServer(*urls, process, log, prefix)


def _variables(environment: TritonEnvironment, state: Path) -> dict[str, str]:
    """Build the whole environment of the server; nothing is inherited."""
    return {
        "PATH": f"{environment.bin}:/usr/bin:/bin",
        "HOME": str(state.resolve()),
        "LANG": "C.UTF-8",
        "LD_LIBRARY_PATH": environment.library_path,
        "OMP_NUM_THREADS": "1",
        "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime calls its maker otherwise (tests/integration/test_offline.py).
    }


def _flags(repository: Path, backends: Path, ports: Ports, shm_prefix: str) -> list[str]:
    closed = f"{secrets.token_hex(16)}={secrets.token_hex(16)}"
    return [
        f"--model-repository={repository.resolve()}",
        "--model-control-mode=none", "--exit-on-error=true", "--strict-readiness=true",
        "--disable-auto-complete-config",
        f"--backend-directory={backends.resolve()}",
        f"--backend-config=python,shm-region-prefix-name={shm_prefix}",
        "--backend-config=python,stub-timeout-seconds=60",
        f"--grpc-address={LOOPBACK}", f"--grpc-port={ports.grpc}",
        f"--grpc-restricted-protocol={_CLOSED_GRPC}:{closed}",
        f"--http-address={LOOPBACK}", f"--http-port={ports.http}", "--http-thread-count=2",
        f"--http-restricted-api={_CLOSED_HTTP}:{closed}",
        f"--metrics-address={LOOPBACK}", f"--metrics-port={ports.metrics}", "--allow-gpu-metrics=false",
        "--allow-sagemaker=false", "--allow-vertex-ai=false",
        "--log-verbose=0", "--log-format=ISO8601", f"--exit-timeout-secs={DRAIN_S}",
    ]  # fmt: skip


def _await_ready(server: TritonServer, ready_s: float) -> None:
    deadline = time.monotonic() + ready_s
    while time.monotonic() < deadline:
        if not server.is_alive():
            raise ModelServerError(f"Triton did not start: {_reason(server.log)}")
        if _is_ready(server.http_url):
            return
        time.sleep(_POLL_S)
    raise ModelServerError(f"Triton was not ready within {ready_s:g} s; its log is {server.log}")


def _is_ready(http_url: str) -> bool:
    connection = http.client.HTTPConnection(http_url.removeprefix("http://"), timeout=2)
    try:
        connection.request("GET", "/v2/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _reason(log: Path) -> str:
    """Return a model's own refusal if there is one, else where to look."""
    found = _REFUSAL.search(_read_log(log))
    return found.group(1).strip() if found else f"its log is {log}"


def _lost_port(log: Path, given: Ports) -> bool:
    """Say whether somebody took a port that we had picked between picking and binding."""
    picked = 0 in (given.grpc, given.http, given.metrics)
    return picked and re.search(r"Address already in use|failed to start .* service", _read_log(log)) is not None


def _read_log(log: Path) -> str:
    try:
        return log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _stop_group(process: subprocess.Popen[bytes], shm_prefix: str) -> None:
    """Send SIGTERM to the server, then SIGKILL to whatever of it is left."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
    _kill_members(shm_prefix)
    process.wait()
    for region in _SHM.glob(f"{shm_prefix}*"):
        region.unlink(missing_ok=True)


def _kill_members(shm_prefix: str) -> None:
    deadline = time.monotonic() + STOP_S
    while (members := find_members(shm_prefix)) and time.monotonic() < deadline:
        for member in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        time.sleep(_POLL_S)


def find_members(shm_prefix: str) -> list[int]:
    """Return the ids of the living processes of one server.

    The random prefix of its shared-memory regions stands on the command line of the server and of every stub.
    A process group would do less: its id may be somebody else's by the time it is used again.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if shm_prefix.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found
