"""`make soak-redaction`: many different messages in a row through one redactor; memory must stay flat.

    PYTHONPATH=tests .venv/bin/python -m reliability.soak_redaction --messages 100000 [--leak]

Each message has names, numbers and known values of its own, so that any cache that keeps them shows. What counts is
resident memory after a warm-up. `--leak` is the control: it keeps every message, as a careless cache would.
"""

import argparse
import gc
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from portico_cli.places import TAGGER
from portico_core.errors import RedactionFailed
from portico_core.known import KnownValue
from portico_core.labels import PhiType
from portico_redaction.opening import open_redactor
from reliability.authored_messages import authored_messages

SEED = 11
LIMIT_MB = 50.0
WARM_UP = 2_000
LEAK_BYTES = 120_000
LOOKS = 20
MOST_REFUSED = 0.01
"""A run that refuses its messages keeps nothing of them and would prove nothing."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Resident memory before and after, and its highest value at a look."""

    seed: int
    messages: int
    refused: int
    warm_up: int
    before_mb: float
    after_mb: float
    highest_mb: float

    @property
    def grown_mb(self) -> float:
        """Return how much it grew at most."""
        return round(self.highest_mb - self.before_mb, 1)


def soak(*, messages: int, warm_up: int = WARM_UP, seed: int = SEED, leak: bool = False) -> Growth:
    """Redact so many messages after the warm-up and look at memory twenty times over."""
    source = authored_messages(seed)
    kept: list[bytearray] = []
    refused = 0
    redactor = open_redactor(TAGGER)

    def redact(text: str) -> None:
        words = text.split()
        name, number = f"{words[-2]} {words[-1]}", str(abs(hash(text)))[:8]
        known = (KnownValue(PhiType.NAME, name), KnownValue(PhiType.MRN, number))
        nonlocal refused
        try:
            redactor.redact(text, known_values=known)
        except RedactionFailed:  # A pattern's limit is wall time: on a crowded machine one may pass it.
            refused += 1
        if leak:
            kept.append(bytearray(LEAK_BYTES))

    try:
        _redact_all(islice(source, warm_up), redact)
        before = highest = resident_mb()
        for look in range(1, LOOKS + 1):
            _redact_all(islice(source, messages // LOOKS), redact)
            highest = max(highest, resident_mb())
            sys.stderr.write(f"{look * messages // LOOKS} messages: {resident_mb()} MB, {before} before\n")
        return Growth(seed, messages, refused, warm_up, before, resident_mb(), highest)
    finally:
        redactor.close()


def _redact_all(texts: "islice[str]", redact: Callable[[str], None]) -> None:
    for text in texts:
        redact(text)


def resident_mb() -> float:
    """Return this process's resident memory after a collection."""
    gc.collect()
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1000, 1)


def main() -> int:
    """Soak, print, and say with the exit status whether memory stayed flat."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--warm-up", type=int, default=WARM_UP)
    parser.add_argument("--limit-mb", type=float, default=LIMIT_MB)
    parser.add_argument("--leak", action="store_true")
    wanted = parser.parse_args()
    growth = soak(messages=wanted.messages, warm_up=wanted.warm_up, leak=wanted.leak)
    sys.stdout.write(json.dumps({**asdict(growth), "grown_mb": growth.grown_mb, "limit_mb": wanted.limit_mb}) + "\n")
    refused_too_many = growth.refused > MOST_REFUSED * growth.messages
    return 1 if growth.grown_mb > wanted.limit_mb or refused_too_many else 0


if __name__ == "__main__":
    raise SystemExit(main())
