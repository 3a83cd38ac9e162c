"""The passage search where its passages stand on a server: a breaker before it, so that nobody waits for a dead one.

What it asks the server is a vector and numbers of stems (portico_knowledge.pgvector_engine), of redacted text only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from portico_core.errors import SearchUnavailable
from portico_core.knowledge import FoundPassage, Subjects
from portico_gateway.adapters.breaker import CircuitBreaker
from portico_gateway.ports import PassageSearch


@dataclass(frozen=True, slots=True)
class GuardedSearch:
    """The port over a search that may be away. `renew` opens the index that is active; it may wait."""

    engine: PassageSearch
    renew: Callable[[], None]
    close: Callable[[], None]
    breaker: CircuitBreaker = field(default_factory=lambda: CircuitBreaker(SearchUnavailable))

    def wording(self, question: str) -> str:
        """Return the question to encode; raise SearchUnavailable where no index is open."""
        return self.engine.wording(question)

    def subjects(self, text: str) -> Subjects:
        """Return what a text names; raise SearchUnavailable where no index is open."""
        return self.engine.subjects(text)

    def search(self, question: str, vector: NDArray[np.float32], *, k: int = 10) -> tuple[FoundPassage, ...]:
        """Return the best passages that may be served; raise SearchUnavailable, at once where the circuit is open."""
        with self.breaker.guard():
            return self.engine.search(question, vector, k=k)
