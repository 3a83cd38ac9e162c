"""What the CPU responder selects for authored questions: the right passage first, the right one at all, and no others.

    PYTHONPATH=tests:training .venv/bin/python -m reliability.selection [--encoder FOLDER] [--part test]

The search and `selection.py` are those that serve; the responder's encoder is the one in force or another folder with
`model.onnx`, `tokenizer.json` and `manifest.json`. Questions are those of the preference pairs by split, on which the
search was not fitted, or the covered ones of `services/knowledge/evaluation/questions.jsonl`, parts calibrate and
check, on which it was: there its order looks better than it is. The part `test` of that file is not offered, because
nothing may be chosen by it. Nothing here is validated or delivered: it is the choice of sentences alone.
"""

import argparse
import importlib.util
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portico_core.knowledge import Passage
from portico_gateway.pipeline import PASSAGES_FOUND, PASSAGES_GIVEN
from portico_knowledge.index import load_index
from portico_knowledge.local_encoder import LocalEncoder, open_local_encoder
from portico_knowledge.search import GOOD_ENOUGH, HybridSearch
from portico_training.responder.preferences import SPLITS, load_preferences, read_passages

ROOT = Path(__file__).parents[2]
KNOWLEDGE = ROOT / "services" / "knowledge"
RESPONDER = ROOT / "model_repository" / "responder" / "1"

PAIRS = ROOT / "training" / "data" / "responder"
PARTS = (*SPLITS, "calibrate", "check")

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Given:
    """What the responder gets for one question, and which passages would answer it."""

    worded: str
    passages: tuple[Passage, ...]
    wanted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Selected:
    """Counts over questions, and over the sentences that were selected."""

    questions: int
    given: int
    first: int
    cited: int
    empty: int
    sentences: int
    right_sentences: int

    def __str__(self) -> str:
        return (
            f"N {self.questions}: a wanted passage given {self.given}; main passage wanted {self.first} "
            f"({self.first / self.questions:.3f}); any cited passage wanted {self.cited} "
            f"({self.cited / self.questions:.3f}); no draft {self.empty}; sentences of wanted passages "
            f"{self.right_sentences} of {self.sentences} ({self.right_sentences / max(1, self.sentences):.3f})"
        )


def load_selection(**constants: float) -> ModuleType:
    """Open the selection that Triton serves, with some of its constants set otherwise."""
    spec = importlib.util.spec_from_file_location("responder_selection", RESPONDER / "selection.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    for name, value in constants.items():
        if not hasattr(module, name):
            raise SystemExit(f"selection.py has no {name}")
        setattr(module, name, value)
    return module


def read_questions(part: str) -> list[tuple[str, frozenset[str]]]:
    """Return the covered questions of a part, or those of a split of the preference pairs, and what answers them."""
    if part in SPLITS:
        passages = read_passages(KNOWLEDGE / "index" / "passages.jsonl")
        pairs = [pair for pair in load_preferences(PAIRS, passages) if pair.split == part]
        return [(p.question, frozenset(key for said in p.chosen for key in said.passage_ids)) for p in pairs]
    text = (KNOWLEDGE / "evaluation" / "questions.jsonl").read_text(encoding="utf-8")
    rows = [row for row in map(json.loads, text.splitlines()) if row["part"] == part and row["covered"]]
    return [(row["question"], _wanted(row)) for row in rows]


def read_given(part: str) -> list[Given]:
    """Search for the questions of a part, as a turn does, and keep what the responder is given."""
    encoder = open_local_encoder(ROOT / "model_repository" / "passage_encoder" / "1")
    search = HybridSearch(load_index(KNOWLEDGE / "index"))
    rows = read_questions(part)
    worded = [search.wording(question) for question, _ in rows]
    return [
        Given(asked, _passages(search, question, vector), wanted)
        for (question, wanted), asked, vector in zip(rows, worded, encoder(worded), strict=True)
    ]


def _passages(search: HybridSearch, question: str, vector: Floats) -> tuple[Passage, ...]:
    found = search.search(question, vector, k=PASSAGES_FOUND)
    return tuple(hit.passage for hit in found if hit.score >= GOOD_ENOUGH)[:PASSAGES_GIVEN]


def _wanted(row: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(f"{topic}#{section}" for topic in row["topics"] for section in row["sections"])


def measure(asked: Sequence[Given], vectors: Mapping[str, Floats], selection: ModuleType) -> Selected:
    """Select for every question and count."""
    first = cited = empty = sentences = right = 0
    for one in asked:
        chosen = select(one, vectors, selection)
        places = [one.passages[sentence.passage].id in one.wanted for sentence in chosen]
        first += bool(places) and places[0]
        cited += any(places)
        empty += not places
        sentences += len(places)
        right += sum(places)
    given = sum(any(passage.id in one.wanted for passage in one.passages) for one in asked)
    return Selected(len(asked), given, first, cited, empty, sentences, right)


def select(one: Given, vectors: Mapping[str, Floats], selection: ModuleType) -> list[Any]:
    """Return the sentences that the responder would propose."""
    split = [s for i, p in enumerate(one.passages) for s in selection.split_sentences(p.text, i)]
    scored = [selection.score_sentence(one.worded, vectors[one.worded], s, vectors[s.text]) for s in split]
    return list(selection.select_sentences(scored))


def encode_all(asked: Iterable[Given], encoder: LocalEncoder, selection: ModuleType) -> dict[str, Floats]:
    """Encode every question and every sentence once."""
    texts = dict.fromkeys(
        text
        for one in asked
        for text in (
            one.worded,
            *(s.text for i, p in enumerate(one.passages) for s in selection.split_sentences(p.text, i)),
        )
    )
    return dict(zip(texts, encoder(list(texts)), strict=True))


def main() -> None:
    """Measure one encoder on one part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", type=Path, default=RESPONDER)
    parser.add_argument("--part", choices=PARTS, default="validation")
    parser.add_argument("--weights", type=json.loads, default={}, help="e.g. '{\"RANK_WEIGHT\": 0.1}'")
    chosen = parser.parse_args()
    selection = load_selection(**chosen.weights)
    asked = read_given(chosen.part)
    encoder = open_local_encoder(chosen.encoder)
    found = measure(asked, encode_all(asked, encoder, selection), selection)
    sys.stdout.write(f"{encoder.version}, {chosen.part}, {chosen.weights or 'constants in force'}: {found}\n")


if __name__ == "__main__":
    main()
