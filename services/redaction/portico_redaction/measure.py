"""python -m portico_redaction.measure < phi.jsonl > predictions.jsonl

Redact rows as `portico redact` does, in order, and write the latency of each row's redaction on standard error.
"""

import json
import sys
import time
from collections.abc import Iterable, Sequence
from typing import TextIO

from portico_redaction.engine import Redactor
from portico_redaction.lines import redact_line


def measure(rows: Iterable[str], out: TextIO, *, redactor: Redactor) -> list[float]:
    """Write a prediction for each JSON line; return the seconds each took."""
    seconds: list[float] = []
    for row in filter(str.strip, rows):
        given = json.loads(row)
        begin = time.perf_counter()
        prediction = redact_line({"text": given["text"]}, redactor=redactor)
        seconds.append(time.perf_counter() - begin)
        out.write(json.dumps(prediction, ensure_ascii=False) + "\n")
    return seconds


def percentile_ms(seconds: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile in milliseconds."""
    ranked = sorted(seconds)
    return 1000 * ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))]


def main() -> None:
    """Measure standard input."""
    redactor = Redactor()
    seconds = measure(sys.stdin, sys.stdout, redactor=redactor)
    redactor.close()
    if seconds:
        p50, p99, worst = (percentile_ms(seconds, percent) for percent in (50, 99, 100))
        sys.stderr.write(f"n {len(seconds)}  p50 {p50:.1f} ms  p99 {p99:.1f} ms  worst {worst:.1f} ms\n")


if __name__ == "__main__":
    main()
