"""Promise 16 for everything: the demo in a network namespace without a route works, and nobody tries to get out.

The kernel counts, for all processes of the namespace and whatever they are written in, what had no route to go
(`OutNoRoutes`): a connection, a datagram and a name look-up alike. The control plants one of each.
"""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parents[1]
TAKES_S = 300
PROGRAM = """
import contextlib, json, pathlib, socket, sys
sys.path.insert(0, sys.argv[1])
from stack import ask, running_stack

def unroutable():
    names, values = [line.split() for line in pathlib.Path("/proc/net/snmp").read_text().splitlines()
                     if line.startswith("Ip:")]
    return int(values[names.index("OutNoRoutes")])

seen = {"routes": max(0, len(pathlib.Path("/proc/net/route").read_text().splitlines()) - 1), "before": unroutable()}
with running_stack() as stack, stack.client() as client:
    seen["turns"] = [ask(client, text)["route"] for text in (
        "What is metformin used for?", "Should I double my lisinopril tonight?", "i dont want to be alive anymore")]
    seen["ready"] = client.get("/readyz").status_code
seen["after"] = unroutable()
with contextlib.suppress(OSError), socket.socket() as planted:
    planted.connect(("192.0.2.1", 443))
with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as planted:
    planted.sendto(b"x", ("192.0.2.1", 53))
seen["planted"] = unroutable()
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """Run the demo in a namespace with loopback only."""
    run = f"exec {sys.executable} -c {shlex.quote(PROGRAM)} {shlex.quote(str(TESTS))}"
    script = f"ip link set lo up 2>/dev/null || ifconfig lo up; {run}"
    done = subprocess.run(
        ["unshare", "--net", "--map-root-user", "sh", "-c", script],  # noqa: S607  found on the path
        capture_output=True,
        text=True,
        timeout=TAKES_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_whole_stack_works_without_a_route(seen: dict[str, Any]) -> None:
    assert (seen["routes"], seen["ready"]) == (0, 200)
    assert seen["turns"] == ["answer", "escalate", "crisis"]


def test_no_process_of_it_tries_to_get_out(seen: dict[str, Any]) -> None:
    assert seen["after"] == seen["before"]


def test_a_planted_connection_and_datagram_would_be_counted(seen: dict[str, Any]) -> None:
    assert seen["planted"] == seen["after"] + 2
