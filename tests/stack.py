"""A real demo for the tests: every process of it, on free ports and a folder of its own.

Shared by conversations, integration and end-to-end tests; one demo serves a whole test session.
"""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

READY_S = 120.0
STOP_S = 60.0


@dataclass(frozen=True, slots=True)
class Stack:
    """A running demo."""

    url: str
    console: str
    state: Path
    process: "subprocess.Popen[str]"
    prometheus: str = ""

    def run(self, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        """Run a `portico` command to its end."""
        command = [sys.executable, "-m", "portico_cli.main", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)

    def token(self, *, role: str = "patient", patient: str = "test-patient") -> str:
        """Return a token of the development issuer."""
        done = self.run("token", "--state", str(self.state), "--role", role, "--patient", patient)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def client(self, *, patient: str = "test-patient") -> httpx2.Client:
        """Return a client that speaks as a patient."""
        headers = {"Authorization": f"Bearer {self.token(patient=patient)}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=15, trust_env=False)


def ask(client: httpx2.Client, text: str) -> dict[str, Any]:
    """Return the first turn of a new conversation."""
    conversation = client.post("/v1/conversations", json={}).json()["id"]
    answer = client.post(f"/v1/conversations/{conversation}/turns", json={"text": text})
    assert answer.status_code == 200, answer.text
    turn: dict[str, Any] = answer.json()
    return turn


@contextmanager
def running_stack(state: Path | None = None, *, observe: bool = False, webhook: str = "") -> Iterator[Stack]:
    """Start a demo, with Prometheus beside it where it is to `observe`, and stop it; nothing of it may be left."""
    with tempfile.TemporaryDirectory() as folder:
        state = state or Path(folder) / "state"
        process = start_demo(state, port=free_port(), observe=observe, webhook=webhook)
        try:
            url = await_ready(process)
            marker = json.loads((state / "demo.json").read_text(encoding="utf-8"))
            yield Stack(url, marker["console"], state, process, marker["prometheus"])
        finally:
            stop_demo(process)
        assert children_of_state(state) == {}


def start_demo(state: Path, *, port: int, observe: bool = False, webhook: str = "") -> "subprocess.Popen[str]":
    """Start `portico demo` without waiting."""
    command = [sys.executable, "-m", "portico_cli.main", "demo", "--port", str(port), "--state", str(state)]
    command += ["--observe"] if observe else []
    command += ["--webhook", webhook] if webhook else []
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def await_ready(process: "subprocess.Popen[str]") -> str:
    """Return the address of the ready line; fail with what was printed instead."""
    printed = ""
    deadline = time.monotonic() + READY_S
    assert process.stdout is not None
    while time.monotonic() < deadline:
        if not select.select([process.stdout], [], [], 1.0)[0]:
            continue
        chunk = os.read(process.stdout.fileno(), 4096)  # Not readline: what it buffers, select does not see.
        printed += chunk.decode()
        ready = re.search(r"^ready: (.+)\n", printed, re.M)
        if ready:
            return ready[1]
        if not chunk:
            break
    raise AssertionError("the demo did not become ready:\n" + printed)


def stop_demo(process: "subprocess.Popen[str]") -> int:
    """Ask a demo to stop and return its exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    status = process.wait(STOP_S)
    if process.stdout is not None:
        process.stdout.close()
    return status


def children_of_state(state: Path) -> dict[int, str]:
    """Return the processes of a demo, by id, with their command lines.

    They name its folder on the command line, or work in it: Valkey rewrites its own command line.
    """
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = str((entry / "cwd").readlink())
        except OSError:
            continue
        if (str(state) in command or str(state) in place) and int(entry.name) != os.getpid():
            found[int(entry.name)] = command
    return found


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
