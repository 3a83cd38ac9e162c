"""The door to the assistant under test. The suite gets it from its caller, so that it measures the one that serves."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from portico_core.knowledge import FoundPassage
from portico_core.turn import Turn


class Ask(Protocol):
    """Takes questions through the pipeline that serves, each in a conversation of its own."""

    def __call__(self, questions: Sequence[str], *, let_through: bool) -> Iterable[Turn]:
        """Give a turn for each question, in order; raise PorticoError where one is refused before it is a turn.

        `let_through` has every question judged informational by the classifier, and changes nothing else: what is then
        measured is search, responder and validation.
        """


@dataclass(frozen=True, slots=True)
class Assistant:
    """What the suite needs: turns, the search beneath them, grounding, vectors, texts of passages, and versions."""

    ask: Ask
    search: Callable[[str], Sequence[FoundPassage]]
    ground: Callable[[str, Sequence[str]], bool]
    embed: Callable[[Sequence[str]], NDArray[np.float32]]
    texts: Mapping[str, str]
    good_enough: float
    given: int
    versions: Mapping[str, str] = field(default_factory=dict)
