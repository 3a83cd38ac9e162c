"""What a demo takes after some turns: memory of each part, and what a turn leaves in the store.

    PYTHONPATH=tests .venv/bin/python -m reliability.footprint [--turns 100]

A real demo; each turn is a conversation of its own, four kinds of message in turn. Prints one JSON object: resident
memory in MB of each kind of process, and bytes a turn in Valkey's memory and in its files.
"""

import argparse
import asyncio
import contextlib
import json
import sys
from collections import Counter
from pathlib import Path

from portico_state.client import open_store
from portico_state.valkey_server import read_admin_url
from stack import ask, running_stack

MESSAGES = (
    "What is metformin used for?",
    "How do I prepare for a colonoscopy?",
    "What is an A1c test?",
    "Should I double my lisinopril tonight?",
)
PARTS = ("serve gateway", "serve console", "triton_python_backend_stub", "bin/tritonserver", "valkey-server")


def measure(turns: int) -> dict[str, object]:
    """Run the demo and return the figures."""
    with running_stack() as stack, stack.client() as client:
        ask(client, MESSAGES[0])
        before = asyncio.run(_store_bytes(stack.state))
        for number in range(turns):
            ask(client, MESSAGES[number % len(MESSAGES)])
        after = asyncio.run(_store_bytes(stack.state))
        names = ("memory_bytes_a_turn", "file_bytes_a_turn")
        stored = {name: round((b - a) / turns) for name, a, b in zip(names, before, after, strict=True)}
        return {"turns": turns, "resident_mb": _resident_mb(str(stack.state)), **stored}


async def _store_bytes(state: Path) -> tuple[int, int]:
    store = open_store(read_admin_url(state / "valkey") or "", tenant="demo")
    memory = int((await store.redis.info("memory"))["used_memory"])
    await store.close()
    return memory, sum(path.stat().st_size for path in (state / "valkey").rglob("*") if path.is_file())


def _resident_mb(state: str) -> dict[str, int]:
    """Return the memory of the demo's processes, summed by part."""
    found: Counter[str] = Counter()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, StopIteration):
            known = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            command = known.replace(b"\0", b" ").decode(errors="replace")
            part = next(part for part in PARTS if part in command)
            if state in command:
                status = (process / "status").read_text().splitlines()
                found[part] += next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) // 1024
    return dict(found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=100)
    sys.stdout.write(json.dumps(measure(parser.parse_args().turns)) + "\n")
