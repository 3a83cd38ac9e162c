"""python -m portico_redaction.measure < phi.jsonl > predictions.jsonl

Redact rows as `portico redact` does, in order. Latency goes to standard error: of the rows as they are, and of their
text cut into messages of 200 characters.
"""

import json
import sys
import time
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import TextIO

from portico_redaction.engine import Redactor
from portico_redaction.lines import redact_line

MESSAGE_CHARACTERS = 200


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
    """Measure standard input, then its text cut into messages of one length."""
    redactor = Redactor()
    rows = [row for row in sys.stdin if row.strip()]
    _report("rows as they are", measure(rows, sys.stdout, redactor=redactor))
    joined = " ".join(json.loads(row)["text"] for row in rows)
    cuts = range(0, len(joined) - MESSAGE_CHARACTERS, MESSAGE_CHARACTERS)
    messages = [json.dumps({"text": joined[at : at + MESSAGE_CHARACTERS]}) for at in cuts]
    _report(f"messages of {MESSAGE_CHARACTERS} characters", measure(messages, StringIO(), redactor=redactor))
    redactor.close()


def _report(what: str, seconds: Sequence[float]) -> None:
    if seconds:
        p50, p99, worst = (percentile_ms(seconds, percent) for percent in (50, 99, 100))
        sys.stderr.write(f"{what}: n {len(seconds)}  p50 {p50:.1f} ms  p99 {p99:.1f} ms  worst {worst:.1f} ms\n")


if __name__ == "__main__":
    main()
