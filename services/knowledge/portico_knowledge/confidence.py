"""How sure the search is that a topic answers: a logistic function of what speaks for it, fitted on authored questions.

Weights in `confidence.json`, written by `evaluation/calibrate.py`: the bias is set on topics left out of the fit, so
that of the authored questions nothing here covers the required share stays below GOOD_ENOUGH. Never on public text.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

GOOD_ENOUGH = 0.5
"""Below this score nothing found is good enough, and the turn escalates; error rates in evaluation/README.md."""

_FILE = "confidence.json"


@dataclass(frozen=True, slots=True)
class Figures:
    """What speaks for one topic; each lies about between -1 and 1.

    `likeness`: how like the question its best passage is, by meaning, words and synonyms, less what the topic never
    mentions; `margin`: how far that is ahead of the best other topic. Topics that are not named stand in this order.
    `named` and `named_in_part`: the question holds its whole name, or a telling part of its title; `share`: how much of
    the question's content that name is. `named_likeness`, `named_lexical`, `named_unknown`: of a named topic, its
    likeness, the words shared, and the share of the question that it never mentions. `other_name`: the question names
    something that has no topic, and not this one. `outside`: it asks what no section says. `unnamed_medicine`: a
    medicine that the question does not name.
    """

    likeness: float
    margin: float
    named: float
    named_in_part: float
    share: float
    named_likeness: float
    named_lexical: float
    named_unknown: float
    other_name: float
    outside: float
    unnamed_medicine: float

    def values(self) -> tuple[float, ...]:
        """Return the figures in the order of their fields."""
        return tuple(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True)
class Confidence:
    """Weights by the names of the figures, and the bias."""

    weights: Mapping[str, float]
    bias: float

    def of(self, figures: Figures) -> float:
        """Return the chance that the topic answers."""
        total = self.bias + sum(weight * getattr(figures, name) for name, weight in self.weights.items())
        return 1.0 / (1.0 + math.exp(-total))


@cache
def built_in_confidence() -> Confidence:
    """Read the fitted weights."""
    row = json.loads(Path(__file__).with_name(_FILE).read_text(encoding="utf-8"))
    return Confidence({field.name: float(row["weights"][field.name]) for field in fields(Figures)}, float(row["bias"]))
