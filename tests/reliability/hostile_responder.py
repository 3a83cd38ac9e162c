"""`make hostile-responder`: 10,000 hostile drafts through the real validators; no bad sentence may come out.

    PYTHONPATH=tests:training .venv/bin/python -m reliability.hostile_responder --drafts 10000

The validators are those that serve, with the redactor that serves. What is counted: bad sentences delivered, by kind,
and good sentences lost beside them. The controls switch off what should stop a kind; each must let it through, else
the zero above says nothing and the run fails.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from portico_core.knowledge import Draft, DraftSentence, Subjects
from portico_core.text import PhiSpan
from portico_gateway.guards.checks import CHECKS, Check, Evidence, FindSpans, SentenceCheck
from portico_gateway.guards.draft import DraftRefused, parse_draft
from portico_gateway.guards.validate import AnswerValidator
from portico_knowledge.index import Floats, build_index
from portico_knowledge.search import HybridSearch
from portico_redaction.opening import open_redactor
from reliability.hostile_drafts import TODAY, WHOLE, HostileDraft, HostileResponder, Kind, Source, read_sources

SEED = 20261126
DRAFTS = 10_000
TRIES = 60
"""Drafts of one kind that a control may take until one gets through."""
TAGGER = Path(__file__).parents[2] / "services" / "redaction" / "tagger"

OFF: Mapping[Kind, frozenset[Check]] = {
    Kind.INVENTED_DOSE: frozenset({Check.DOSE}), Kind.FLIPPED_NEGATION: frozenset({Check.GROUNDING}),
    Kind.TURNED_DIRECTION: frozenset({Check.GROUNDING}), Kind.CHANGED_NUMBER: frozenset({Check.GROUNDING}),
    Kind.SWAPPED_THING: frozenset({Check.GROUNDING}), Kind.OTHER_FACT: frozenset({Check.GROUNDING, Check.RELEVANCE}),
    Kind.ADVICE: frozenset({Check.DIRECTIVE}), Kind.DIAGNOSIS: frozenset({Check.DIAGNOSIS}),
    Kind.FOREIGN_CITATION: frozenset({Check.CITATIONS}), Kind.LAPSED_CITATION: frozenset({Check.CITATIONS}),
    Kind.IDENTIFIER: frozenset({Check.GROUNDING, Check.PHI}), Kind.MARKUP: frozenset({Check.MARKUP}),
    Kind.HIDDEN_CHARACTER: frozenset({Check.MARKUP}), Kind.INJECTION: frozenset({Check.INJECTION}),
    Kind.OTHER_QUESTION: frozenset({Check.RELEVANCE}), Kind.JUNK: frozenset({Check.SCHEMA}),
    Kind.HOSTILE_FIELD: frozenset({Check.SCHEMA}),
}  # fmt: skip
"""What stops each kind: with these switched off it must get through. Two kinds meet two checks."""


@dataclass(slots=True)
class Outcome:
    """What was drawn and what came out. `kept` and `lost` count good sentences, own words or paraphrased."""

    seed: int
    drafts: int = 0
    bad: Counter[str] = field(default_factory=Counter)
    delivered: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    lost_with_draft: int = 0
    examples: list[str] = field(default_factory=list)
    controls: dict[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Say whether nothing bad came out, every kind was drawn, and every control let its kind through."""
        drawn = all(self.bad[kind] for kind in Kind)
        return drawn and not self.delivered.total() and all(self.controls.values())


def run(drafts: int, *, find_spans: FindSpans, seed: int = SEED, sources: Sequence[Source] = ()) -> Outcome:
    """Send drafts of every kind through the validators, then the controls."""
    sources = sources or read_sources()
    outcome = Outcome(seed)
    validator = AnswerValidator(find_spans=find_spans, find_subjects=find_subjects)
    responder = HostileResponder(sources, seed=seed)
    for _ in track(range(drafts), "drafts", console=Console(stderr=True), disable=not sys.stderr.isatty()):
        _try(responder.draw(), validator, outcome)
    for kind in Kind:
        outcome.controls[kind] = _control(kind, find_spans, sources, seed)
    return outcome


def _try(draft: HostileDraft, validator: AnswerValidator, outcome: Outcome) -> None:
    """Validate one draft and count what came out of it."""
    said = delivered(draft, validator)
    outcome.drafts += 1
    outcome.bad.update(kind for kind, _ in draft.bad)
    outcome.bad.update([draft.whole] if draft.whole and not draft.bad else [])
    through = [kind for kind, text in draft.bad if text in said]
    if draft.whole is not None and said and not through:
        through = [draft.whole]
    outcome.delivered.update(through)
    outcome.examples += [text for _, text in draft.bad if text in said]
    form = "own words" if draft.verbatim else "paraphrase"
    kept = sum(text in said for text in draft.good)
    if not said and (draft.whole is not None or Kind.IDENTIFIER in {kind for kind, _ in draft.bad}):
        outcome.lost_with_draft += len(draft.good)
        return
    outcome.kept[form] += kept
    outcome.lost[form] += len(draft.good) - kept


def delivered(draft: HostileDraft, validator: AnswerValidator) -> frozenset[str]:
    """Return the sentences that a patient would read."""
    outcome = validator.validate(draft.question, draft.content, draft.passages, TODAY)
    return frozenset(sentence.text for sentence in outcome.answer.sentences) if outcome.answer else frozenset()


def _control(kind: Kind, find_spans: FindSpans, sources: Sequence[Source], seed: int) -> int:
    """Return how many drafts of a kind were tried until one got through with its checks off; 0 where none did."""
    validator = lenient(OFF[kind], find_spans)
    responder = HostileResponder(sources, seed=seed, kinds=(kind,))
    for tried in range(1, TRIES + 1):
        draft = responder.draw()
        said = delivered(draft, validator)
        if any(text in said for _, text in draft.bad) or (kind in WHOLE and said):
            return tried
    return 0


def lenient(off: frozenset[Check], find_spans: FindSpans) -> AnswerValidator:
    """Return a validator with some checks switched off."""
    checks: dict[str, SentenceCheck] = {**CHECKS, **{check.value: _pass for check in off}}
    parse: Callable[[bytes | str], Draft] = _parse_anything if Check.SCHEMA in off else parse_draft
    return AnswerValidator(find_spans=find_spans, find_subjects=find_subjects, checks=checks, parse=parse)


def find_subjects(text: str) -> Subjects:
    """Return what a text names, as the search over the built-in passages says it."""
    return _search().subjects(text)


@cache
def _search() -> HybridSearch:
    """Open the search without vectors: names have none."""
    passages = [source.passage for source in read_sources() if source.verbatim]

    def encode(texts: Sequence[str]) -> Floats:
        return np.zeros((len(texts), 1), dtype=np.float32)

    return HybridSearch(build_index(passages, encode=encode, encoder_version="none"))


def _pass(evidence: Evidence) -> list[bool]:
    return [True] * len(evidence.sentences)


def _parse_anything(content: bytes | str) -> Draft:
    """Take what looks like a draft out of whatever was returned, as many an integration does."""
    text = content.decode(errors="replace") if isinstance(content, bytes) else content
    try:
        rows, _ = json.JSONDecoder().raw_decode(text[max(0, text.find("{")) :])
        sentences = [(row["text"], row["passage_ids"]) for row in rows["sentences"]]
    except (ValueError, KeyError, TypeError):
        raise DraftRefused("nothing here looks like a draft") from None
    return Draft(tuple(DraftSentence(text, tuple(ids)) for text, ids in sentences))


def show(outcome: Outcome, console: Console) -> None:
    """Print the figures, each zero with its N and seed."""
    total = outcome.bad.total()
    console.print(
        f"{outcome.drafts:,} drafts, seed {outcome.seed}: {outcome.delivered.total()} of {total:,} bad delivered"
    )
    for kind in Kind:
        control = outcome.controls[kind]
        said = f"gets through at draft {control}" if control else "NOT LET THROUGH"
        off = ", ".join(sorted(OFF[kind]))
        console.print(f"  {kind:<18} {outcome.delivered[kind]} of {outcome.bad[kind]:,}; with {off} off: {said}")
    for form in ("own words", "paraphrase"):
        kept, lost = outcome.kept[form], outcome.lost[form]
        console.print(f"good sentences, {form}: {lost:,} of {kept + lost:,} lost")
    console.print(f"good sentences lost with a draft that is refused as a whole: {outcome.lost_with_draft:,}")
    for text in outcome.examples[:20]:
        console.print(f"  delivered: {text!r}")


def main() -> int:
    """Run, print, and fail where the promise does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drafts", type=int, default=DRAFTS)
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    redactor = open_redactor(TAGGER)

    @lru_cache(maxsize=65536)
    def find_spans(text: str) -> tuple[PhiSpan, ...]:
        return redactor.find_spans(text)

    outcome = run(chosen.drafts, find_spans=find_spans, seed=chosen.seed)
    redactor.close()
    show(outcome, Console(soft_wrap=True))
    return 0 if outcome.holds else 1


if __name__ == "__main__":
    sys.exit(main())
