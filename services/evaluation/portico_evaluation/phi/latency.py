"""How long redaction takes for messages of one length, on the one thread that asks."""

import time
from collections.abc import Callable, Iterable, Sequence

from portico_evaluation.phi.redacting import TextRedactor

MESSAGE_CHARACTERS = 200
WARM_UP = 20
"""Messages redacted first and not counted: the first ones fill caches."""


def cut_messages(texts: Iterable[str]) -> list[str]:
    """Cut texts, joined by blanks, into messages of one length; what is left at the end is dropped."""
    joined = " ".join(texts)
    cuts = range(0, len(joined) - MESSAGE_CHARACTERS + 1, MESSAGE_CHARACTERS)
    return [joined[at : at + MESSAGE_CHARACTERS] for at in cuts]


def time_messages(redactor: TextRedactor, messages: Sequence[str], *, on_text: Callable[[], None]) -> list[float]:
    """Return the milliseconds each message took."""
    for message in messages[:WARM_UP]:
        redactor.redact(message)
    taken = []
    for message in messages:
        begin = time.perf_counter()
        redactor.redact(message)
        taken.append(1000 * (time.perf_counter() - begin))
        on_text()
    return taken


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile of at least one value."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))]
