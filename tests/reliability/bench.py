"""`make bench`: start time, latency of a turn over 100 questions, memory of the demo, event loop, the audit's cost.

    .venv/bin/python tests/reliability/bench.py [--questions 100]

Prints a table and, as the last line, one JSON object. Nothing here is a test: figures depend on the machine.
"""

import argparse
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = ROOT / "services" / "knowledge" / "evaluation" / "questions.jsonl"
PORT = 18_080
MESSAGES = 2_000


def main() -> int:
    """Measure one demo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=100)
    wanted = parser.parse_args().questions
    with tempfile.TemporaryDirectory() as state:
        begun = time.perf_counter()
        demo = _start(Path(state))
        start_s = time.perf_counter() - begun
        try:
            figures = {"start_s": round(start_s, 1), **_ask(Path(state), _questions(wanted))}
            figures["resident_mb"] = round(_resident_bytes(demo.pid) / 1e6)
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(60)
    figures |= _measured_apart("loop_latency", "--messages", str(MESSAGES))
    figures |= _measured_apart("audit_cost")
    for name, value in figures.items():
        sys.stdout.write(f"{name:<24} {value}\n")
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0


def _start(state: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "portico_cli.main", "demo", "--port", str(PORT), "--state", str(state)]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in demo.stdout or ():
        sys.stdout.write(line)
        if line.startswith("ready:"):
            return demo
    raise SystemExit("the demo did not start")


def _questions(wanted: int) -> list[str]:
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    return [str(row["question"]) for row in rows][:wanted]


def _ask(state: Path, questions: list[str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "portico_cli.main", "token", "--state", str(state)]
    token = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    seconds, routes = [], []
    with httpx2.Client(
        base_url=f"http://127.0.0.1:{PORT}", headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False
    ) as client:
        for question in questions:
            conversation = client.post("/v1/conversations", json={}).json()["id"]
            begun = time.perf_counter()
            turn = client.post(f"/v1/conversations/{conversation}/turns", json={"text": question})
            seconds.append(time.perf_counter() - begun)
            routes.append(turn.json()["route"])
    cuts = statistics.quantiles(seconds, n=100)
    milliseconds = {f"turn_p{p}_ms": round(cuts[p - 1] * 1000, 1) for p in (50, 95, 99)}
    counts = {name: routes.count(name) for name in sorted(set(routes))}
    return {"questions": len(questions), **milliseconds, "routes": counts}


def _measured_apart(module: str, *arguments: str) -> dict[str, Any]:
    """Return what a measurement of this folder prints, in a process of its own."""
    command = [sys.executable, "-m", f"reliability.{module}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT / "tests")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _resident_bytes(root: int) -> int:
    """Sum the proportional set sizes of a process and its descendants, so that shared pages count once."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    family, grew = {root}, True
    while grew:
        more = {pid for pid, parent in parents.items() if parent in family} - family
        grew, family = bool(more), family | more
    return sum(_proportional_bytes(pid) for pid in family)


def _proportional_bytes(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))


if __name__ == "__main__":
    raise SystemExit(main())
