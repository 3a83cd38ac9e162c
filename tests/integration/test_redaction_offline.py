"""Promise 16 for redaction alone: in a network namespace without a route, every class is found and nobody is called.

An audit hook inside the process sees each connect, look-up and datagram, also one that would fail for want of a route.
Presidio's own e-mail recogniser fetches the public suffix list on first use; the control plants such a call.
"""

import json
import random
import shlex
import subprocess
import sys
from typing import Any

import pytest

from portico_core.labels import PhiType
from reliability.canary_values import make_canaries

SEED = 16
NO_TEXT = {PhiType.BIOMETRIC, PhiType.PHOTO}  # Uploads, which are refused.
PROGRAM = """
import json, socket, sys

calls = []
WATCHED = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto",
           "socket.sendmsg"}

def hook(event, arguments):
    if event in WATCHED:
        calls.append([event, repr(arguments[1:] if event == "socket.connect" else arguments)])

sys.addaudithook(hook)
given = json.loads(sys.stdin.read())
from portico_redaction.engine import Redactor
from portico_cli.places import TAGGER
from portico_redaction.opening import open_redactor
from portico_redaction.scrub import scrub_line
redactor = open_redactor(TAGGER)
found = {}
for text in given["texts"]:
    for kind, count in redactor.redact(text).counts().items():
        found[kind] = found.get(kind, 0) + count
    scrub_line(text)
redactor.close()
if given["call"]:
    exec(given["call"])
with open("/proc/net/route") as routes:
    lines = len(routes.read().splitlines())
print(json.dumps({"found": found, "calls": calls, "routes": max(0, lines - 1)}))
"""


def redacted_offline(call: str = "") -> dict[str, Any]:
    """Redact one text of each class in a namespace with loopback only."""
    texts = [canary.sentence for canary in make_canaries(random.Random(SEED)) if canary.letter not in "PQ"]
    texts += ["Write to ana.ruiz@mail.example.co.uk or jo@xn--bcher-kva.example."]
    script = f"ip link set lo up 2>/dev/null || ifconfig lo up; exec {sys.executable} -c {shlex.quote(PROGRAM)}"
    done = subprocess.run(
        ["unshare", "--net", "--map-root-user", "sh", "-c", script],  # noqa: S607  found on the path
        input=json.dumps({"texts": texts, "call": call}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def test_every_class_is_found_and_nobody_is_called() -> None:
    seen = redacted_offline()
    assert seen["routes"] == 0  # There is no way out of this namespace.
    assert seen["calls"] == []
    assert {kind.value for kind in PhiType} - set(seen["found"]) == {kind.value for kind in NO_TEXT}
    assert seen["found"]["EMAIL"] >= 3


@pytest.mark.parametrize(
    ("call", "event"),
    [
        ("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect((str(192) + '.0.2.1', 53))", "socket.connect"),
        ("socket.getaddrinfo('publicsuffix.org', 443)", "socket.getaddrinfo"),
    ],
)
def test_a_planted_call_is_seen(call: str, event: str) -> None:
    attempt = f"try:\n    {call}\nexcept OSError:\n    pass"
    assert event in [name for name, _ in redacted_offline(attempt)["calls"]]
