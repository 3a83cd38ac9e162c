"""Before a search engine stands a breaker: after some failures nobody waits for it, and it is tried again later."""

import numpy as np
import pytest
from numpy.typing import NDArray

from portico_core.errors import SearchUnavailable
from portico_core.knowledge import FoundPassage, Passage, Subjects
from portico_gateway.adapters.breaker import FAILURES, OPEN_S, CircuitBreaker
from portico_gateway.adapters.engine_search import GuardedSearch

VECTOR = np.zeros(384, dtype=np.float32)
FOUND = (FoundPassage(Passage("a.b#c", "B", "C", "Text."), 0.9),)


class Engine:
    """An engine that is away until it is put back; it counts how often it was asked."""

    def __init__(self) -> None:
        self.asked, self.away = 0, True

    def wording(self, question: str) -> str:
        return question.upper()

    def subjects(self, text: str) -> Subjects:
        return Subjects(frozenset({text}))

    def search(self, question: str, vector: NDArray[np.float32], *, k: int = 10) -> tuple[FoundPassage, ...]:
        self.asked += 1
        if self.away:
            raise SearchUnavailable
        return FOUND[:k]


def test_a_dead_engine_is_left_alone_and_tried_again() -> None:
    engine, now = Engine(), [0.0]
    breaker = CircuitBreaker(SearchUnavailable, clock=lambda: now[0])
    search = GuardedSearch(engine, renew=lambda: None, close=lambda: None, breaker=breaker)
    for _ in range(3 * FAILURES):
        with pytest.raises(SearchUnavailable):
            search.search("q", VECTOR)
    assert engine.asked == FAILURES
    engine.away = False
    now[0] += 2 * OPEN_S
    assert search.search("q", VECTOR) == FOUND == search.search("q", VECTOR, k=1)
    assert (search.wording("q"), search.subjects("q")) == ("Q", Subjects(frozenset({"q"})))
