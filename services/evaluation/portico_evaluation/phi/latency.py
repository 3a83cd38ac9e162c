"""How long redaction takes for messages of one length, one after another.

The clock on the wall is what a patient waits for, and counts the other work of the machine as well; processor time is
what the message itself cost. On an idle machine the two agree; where they do not, the machine was busy.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from portico_evaluation.phi.redacting import TextRedactor

MESSAGE_CHARACTERS = 200
WARM_UP = 20
"""Messages redacted first and not counted: the first ones fill caches."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds of one message."""

    wall_ms: float
    processor_ms: float


def cut_messages(texts: Iterable[str]) -> list[str]:
    """Cut texts, joined by blanks, into messages of one length; what is left at the end is dropped."""
    joined = " ".join(texts)
    cuts = range(0, len(joined) - MESSAGE_CHARACTERS + 1, MESSAGE_CHARACTERS)
    return [joined[at : at + MESSAGE_CHARACTERS] for at in cuts]


def time_messages(redactor: TextRedactor, messages: Sequence[str], *, on_text: Callable[[], None]) -> tuple[Taken, ...]:
    """Return what each message took."""
    for message in messages[:WARM_UP]:
        redactor.redact(message)
    return tuple(_time_message(redactor, message, on_text) for message in messages)


def _time_message(redactor: TextRedactor, message: str, on_text: Callable[[], None]) -> Taken:
    begin, begin_cpu = time.perf_counter(), time.process_time()
    redactor.redact(message)
    taken = Taken(1000 * (time.perf_counter() - begin), 1000 * (time.process_time() - begin_cpu))
    on_text()
    return taken


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile of at least one value."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))]
