"""Memory stays flat over different messages: the short form of `make soak-redaction`, each in a process of its own."""

import json
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

from reliability.authored_messages import authored_messages

MESSAGES = 900
LIMIT_MB = 25


def soaked(messages: int, *options: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "reliability.soak_redaction", "--messages", str(messages)]
    command += ["--warm-up", "300", "--limit-mb", str(LIMIT_MB), *options]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, cwd=Path(__file__).resolve().parents[1]
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_memory_stays_flat_over_different_messages() -> None:
    status, growth = soaked(MESSAGES)
    print(growth)  # noqa: T201  N, the seed and the figure
    assert (status, growth["messages"]) == (0, MESSAGES)
    assert growth["grown_mb"] <= LIMIT_MB


def test_a_planted_leak_is_seen() -> None:
    status, growth = soaked(300, "--leak")
    assert status == 1
    assert growth["grown_mb"] > LIMIT_MB


def test_the_messages_are_different() -> None:
    messages = list(islice(authored_messages(1), 5_000))
    assert len(set(messages)) == len(messages)
    assert 150 < sum(map(len, messages)) / len(messages) < 260
