"""Where the right passage is lost on its way to the patient: a table over the authored questions for development.

    PYTHONPATH=tests:training .venv/bin/python -m reliability.answer_losses [--weights '{"RANK_WEIGHT": 0.1}'] [--show]

Every covered question of the parts calibrate and check is searched, drafted and validated as a turn does it, without
Triton and without the classifier. The search's fitted weights are those of a fit without the fifth of the topics that
the question is about (`services/knowledge/evaluation/calibrate.py`), so that they cannot know the question. The part
`test` is not offered, because nothing may be chosen by it. `--show` lists what was lost, question by question.
"""

import argparse
import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from portico_gateway.guards.validate import AnswerValidator, ValidationOutcome
from portico_gateway.pipeline import PASSAGES_FOUND, PASSAGES_GIVEN
from portico_knowledge.index import load_index
from portico_knowledge.local_encoder import open_local_encoder
from portico_knowledge.search import GOOD_ENOUGH, HybridSearch
from portico_redaction.opening import open_redactor
from reliability.selection import KNOWLEDGE, RESPONDER, ROOT, Floats, Given, encode_all, load_selection, select

ENCODER = ROOT / "model_repository" / "passage_encoder" / "1"
PARTS = ("calibrate", "check")
CITED = "cited"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one question, and how many sentences were said of how many passages."""

    question: str
    kind: str
    end: str
    sentences: int = 0
    right_sentences: int = 0


def search_held_out(part: Sequence[str]) -> Iterator[tuple[str, str, Given]]:
    """Yield each covered question, the kind of its topic and what the responder would be given."""
    calibrate = _open_script(KNOWLEDGE / "evaluation" / "calibrate.py")
    encoder, index = open_local_encoder(ENCODER), load_index(KNOWLEDGE / "index")
    for fitted, questions in calibrate.fit_held_out(index, encoder):
        search = HybridSearch(index, confidence=fitted.confidence, sections=fitted.sections)
        for question in questions:
            if question.part in part and question.covered:
                found = search.search(question.text, question.vector, k=PASSAGES_FOUND)
                given = tuple(hit.passage for hit in found if hit.score >= GOOD_ENOUGH)[:PASSAGES_GIVEN]
                wanted = frozenset(f"{topic}#{section}" for topic in question.topics for section in question.sections)
                kind = question.topics[0].partition(".")[0]
                yield question.text, kind, Given(search.wording(question.text), given, wanted)


def _open_script(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True, slots=True)
class Responding:
    """What drafts and judges: vectors of questions and sentences, the selection, and the validators."""

    vectors: Mapping[str, Floats]
    selection: ModuleType
    judge: AnswerValidator

    def follow(self, question: str, kind: str, given: Given) -> Fate:
        """Draft and validate one question, and say where it ended."""
        if not given.passages:
            return Fate(question, kind, "search: nothing good enough")
        chosen = select(given, self.vectors, self.selection)
        cited = [given.passages[sentence.passage].id for sentence in chosen]
        draft = {"sentences": [{"text": s.text, "passage_ids": [i]} for s, i in zip(chosen, cited, strict=True)]}
        outcome = self.judge.validate(question, json.dumps(draft), given.passages, datetime.now(UTC).date())
        said = outcome.answer.sentences if outcome.answer else ()
        numbers = {c.n: c.passage_id for c in outcome.answer.citations} if outcome.answer else {}
        right = sum(any(numbers[n] in given.wanted for n in sentence.citations) for sentence in said)
        return Fate(question, kind, _end(given, cited, outcome), len(said), right)


def _end(given: Given, proposed: Sequence[str], outcome: ValidationOutcome) -> str:
    cited = {citation.passage_id for citation in outcome.answer.citations} if outcome.answer else set()
    failed = "+".join(name for name, result in outcome.validators.items() if result != "pass")
    there = {passage.id for passage in given.passages}
    if cited & given.wanted:
        return CITED
    if not {key.partition("#")[0] for key in there} & {key.partition("#")[0] for key in given.wanted}:
        return f"search: another topic, {'answered' if cited else 'refused'}"
    if not there & given.wanted:
        return "search: its section not among the four"
    if not proposed:
        return "responder: no sentence near enough"
    return f"check: {failed}" if set(proposed) & given.wanted else "responder: sentences of other sections"


def table(fates: Sequence[Fate]) -> str:
    """Return the losses, the largest heap first."""
    kinds = sorted({fate.kind for fate in fates})
    counts = Counter(fate.end for fate in fates)
    lines = [f"{'':<45}{'all':>6}" + "".join(f"{kind:>11}" for kind in kinds)]
    for end, count in counts.most_common():
        of_kind = Counter(fate.kind for fate in fates if fate.end == end)
        lines.append(f"{end:<45}{count:>6}" + "".join(f"{of_kind[kind]:>11}" for kind in kinds))
    said, right = sum(fate.sentences for fate in fates), sum(fate.right_sentences for fate in fates)
    rate = counts[CITED] / len(fates)
    lines.append(f"N {len(fates)}: cited {rate:.3f}; {said} sentences, of wanted passages {right / max(1, said):.3f}")
    return "\n".join(lines)


def main() -> None:
    """Print the table, and on request every loss."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=PARTS, action="append", default=[])
    parser.add_argument("--weights", type=json.loads, default={}, help="constants of selection.py")
    parser.add_argument("--show", action="store_true")
    chosen: Any = parser.parse_args()
    selection = load_selection(**chosen.weights)
    asked = list(search_held_out(chosen.part or PARTS))
    vectors = encode_all([given for _, _, given in asked], open_local_encoder(RESPONDER), selection)
    redactor = open_redactor(ROOT / "services" / "redaction" / "tagger")
    subjects = HybridSearch(load_index(KNOWLEDGE / "index")).subjects
    judge = AnswerValidator(find_spans=redactor.find_spans_in_time, find_subjects=subjects)
    responding = Responding(vectors, selection, judge)
    fates = [responding.follow(*one) for one in asked]
    redactor.close()
    sys.stdout.write(table(fates) + "\n")
    if chosen.show:
        sys.stdout.writelines(f"{f.end} | {f.kind} | {f.question}\n" for f in fates if f.end != CITED)


if __name__ == "__main__":
    main()
