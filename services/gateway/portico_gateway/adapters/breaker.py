"""A circuit breaker before each model: after some failures in a row nobody waits for it any more.

Open means refusal at once, never a guard left out: the caller gets the model's own error, as if it had just failed.
After a moment one call is let through; if it succeeds, all are.
"""

import contextlib
import time
from collections.abc import Callable, Iterator

from portico_core.errors import DependencyUnavailable

FAILURES = 5
OPEN_S = 1.0


class CircuitBreaker:
    """Counts failures in a row of one model."""

    def __init__(self, error: type[DependencyUnavailable], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._error = error
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """Hold one call; raise the model's error instead of making it while the circuit is open.

        Whatever the call raises counts as a failure, its checks of the reply included; only a caller who is cancelled
        says nothing of the model.
        """
        if self._failures >= FAILURES:
            if self._clock() < self._open_until:
                raise self._error
            self._open_until = self._clock() + OPEN_S  # This one tries; the others go on being refused.
        try:
            yield
        except Exception:
            self._failures += 1
            self._open_until = self._clock() + OPEN_S
            raise
        self._failures = 0
