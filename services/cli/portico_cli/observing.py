"""Prometheus beside the demo: scrapes it on loopback, with the rules of the chart; it keeps its data in the state."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2

from portico_cli.places import RULES
from portico_core import parent_death
from portico_core.errors import ConfigurationError

READY_S = 30.0
STOP_S = 10.0
SCRAPE = "2s"
LABELS = {"tenant": "demo", "release": "demo"}


@contextlib.contextmanager
def running_prometheus(state: Path, *, port: int, targets: Mapping[str, str]) -> Iterator[str]:
    """Run Prometheus until the block ends and yield its address; `targets` maps a job to `host:port/path`.

    Raise ConfigurationError where it is not installed or does not start.
    """
    program = shutil.which("prometheus")
    if program is None:
        raise ConfigurationError(
            "Prometheus is not installed: apt-get install prometheus (deploy/local/install_tools.sh)"
        )
    folder = state / "prometheus"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    config = folder / "prometheus.json"  # JSON is YAML, and needs no library.
    config.write_text(json.dumps(scrape_config(targets), indent=1), encoding="utf-8")
    command = [
        sys.executable, "-I", str(parent_death.__file__), str(os.getpid()), program, f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'series'}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
    ]  # fmt: skip
    with (folder / "prometheus.log").open("wb") as log:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, start_new_session=True
        )
    try:
        _await_ready(child, f"http://127.0.0.1:{port}", folder / "prometheus.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def scrape_config(targets: Mapping[str, str]) -> dict[str, Any]:
    """Return the configuration; every target carries the labels `tenant` and `release`, as the chart's monitors set."""
    jobs = []
    for job, target in targets.items():
        address, _, path = target.removeprefix("http://").partition("/")
        static = [{"targets": [address], "labels": LABELS}]
        jobs.append({"job_name": job, "metrics_path": f"/{path}", "static_configs": static})
    return {
        "global": {"scrape_interval": SCRAPE, "evaluation_interval": SCRAPE},
        "rule_files": [str(path) for path in sorted(RULES.glob("*.yaml"))],
        "scrape_configs": jobs,
    }


def _await_ready(child: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise ConfigurationError(f"Prometheus stopped: see {log}")
        with contextlib.suppress(httpx2.HTTPError):
            if httpx2.get(f"{url}/-/ready", timeout=2, trust_env=False).status_code == 200:
                return
        time.sleep(0.1)
    raise ConfigurationError(f"Prometheus was not ready within {READY_S:.0f} s: see {log}")
