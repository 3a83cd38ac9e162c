"""Whether a passage says a sentence in other words: word vectors, counted evidence, and a logistic score.

The second half of grounding, for sentences that are not near-verbatim. It has no view of the world: a word that
nothing in the passage is near to lowers the score, and a new number, negation, direction or certainty ends the matter
before any score is looked at (portico_core.carrying). Words come from the pinned MiniLM's table, cut to 64 numbers of
one byte each; weights and threshold from `training/runs/grounding.sh`. The files lie beside this one, because they are
small and the gateway must not start without them; each is checked against the manifest's SHA-256 when it is opened.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portico_core.carrying import FEATURES, WordIndex, weigh
from portico_core.errors import ConfigurationError

CHECKER = Path(__file__).with_name("checker")
FILES = ("checker.json", "words.txt", "vectors.npy")

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a passage carries a sentence; `veto` names what no score outweighs, or is empty.

    `least` is how near the passage comes to the word that it is farthest from, light words left out.
    """

    supported: bool
    score: float
    veto: str
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class ParaphraseChecker:
    """Vectors of unit length with a zero one at the end, for words that are not known; weights; the threshold."""

    index: WordIndex
    vectors: Floats
    weights: Floats
    bias: float
    threshold: float
    version: str

    def judge(self, sentence: str, passage: str) -> Judged:
        """Hold one sentence against one passage; about a millisecond."""
        carried = weigh(sentence, passage, self.similar)
        score = float(1 / (1 + np.exp(-(self.weights @ np.array(carried.features, dtype=np.float32) + self.bias))))
        return Judged(not carried.veto and score >= self.threshold, score, carried.veto, carried.least)

    def similar(self, some: Sequence[str], others: Sequence[str]) -> list[list[float]]:
        """Return the cosine of every two words; 0 where one is not known."""
        found: list[list[float]] = (self._rows(some) @ self._rows(others).T).tolist()
        return found

    def _rows(self, words: Sequence[str]) -> Floats:
        return self.vectors[self.index.rows(words)]


@cache
def open_checker(folder: Path = CHECKER) -> ParaphraseChecker:
    """Open the checker.

    Raises:
        ConfigurationError: a file is missing or is not the one that was trained.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for name in FILES:
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != manifest["files"][name]:
                raise ConfigurationError(f"{folder / name}: not the file that was trained")
        about = json.loads((folder / "checker.json").read_text(encoding="utf-8"))
        if about["features"] != list(FEATURES):
            raise ConfigurationError(f"{folder}: the checker was fitted to other evidence than this release weighs")
        words = (folder / "words.txt").read_text(encoding="utf-8").split()
        table = np.load(folder / "vectors.npy", allow_pickle=False).astype(np.float32)
        weights = np.array(about["weights"], dtype=np.float32)
        bias, threshold, version = float(about["bias"]), float(about["threshold"]), str(manifest["version"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigurationError(f"{folder}: no usable checker") from None
    vectors = np.vstack([table / np.linalg.norm(table, axis=1, keepdims=True), np.zeros((1, table.shape[1]))])
    return ParaphraseChecker(WordIndex(words), vectors.astype(np.float32), weights, bias, threshold, version)
