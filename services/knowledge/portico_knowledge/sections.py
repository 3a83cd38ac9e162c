"""Which section a question asks for: a linear model over its words, the patterns of `intents.py` and its vector.

Fitted by `evaluation/calibrate.py` on authored questions; the words that name the topic are left out, so that it learns
"can it be crushed" and not which medicine that was written about. Weights in `section_model.npz`, no pickle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portico_knowledge.intents import asked_sections

Floats = NDArray[np.float32]

VECTOR_SCALE = 2.0
_FILE = "section_model.npz"


@dataclass(frozen=True, slots=True)
class SectionModel:
    """`weights` has a row a feature (words and pairs, patterns, vector, 1) and a column a section."""

    sections: tuple[str, ...]
    vocabulary: Mapping[str, int]
    weights: Floats

    def scores(self, words: str, rest: Sequence[str], vector: Floats) -> dict[str, float]:
        """Return a score for each section; `words` is the whole question, `rest` its stems that name no topic."""
        row = self.features(words, rest, vector)
        return dict(zip(self.sections, (row @ self.weights).tolist(), strict=True))

    def features(self, words: str, rest: Sequence[str], vector: Floats) -> Floats:
        """Return the row of features of one question."""
        known = np.zeros(len(self.vocabulary), dtype=np.float32)
        known[[self.vocabulary[gram] for gram in grams(rest) if gram in self.vocabulary]] = 1.0
        asked = asked_sections(words)
        patterns = np.array([section in asked for section in self.sections], dtype=np.float32)
        shares = known / max(1.0, float(np.sqrt(known.sum())))
        return np.concatenate([shares, patterns, vector * VECTOR_SCALE, [1.0]], dtype=np.float32)


def grams(rest: Sequence[str]) -> frozenset[str]:
    """Return the stems of a question and its pairs of neighbours."""
    return frozenset([*rest, *(f"{one}_{other}" for one, other in pairwise(rest))])


@cache
def built_in_sections() -> SectionModel:
    """Read the fitted model."""
    with np.load(Path(__file__).with_name(_FILE), allow_pickle=False) as file:
        sections, vocabulary = (tuple(file[name].tolist()) for name in ("sections", "vocabulary"))
        weights = file["weights"].astype(np.float32)
    return SectionModel(sections, {gram: number for number, gram in enumerate(vocabulary)}, weights)
