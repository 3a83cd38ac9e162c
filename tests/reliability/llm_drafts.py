"""What each stage of an LLM responder drafted, through the validators that serve: table, results.json, report.html.

    PYTHONPATH=tests:training .venv/bin/python -m reliability.llm_drafts --work training/work/responder_llm

Reads `drafts/<stage>.jsonl`, which `portico_training.responder_llm.drafts` writes in the training environment, and
writes into `evaluation/`. The drafts were made freely, so a share of valid ones below 1 is what structured output is
there for; every other figure is what is left for the validators to stop. No word of a draft is in what is written.
"""

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from rich.console import Console

from portico_core.drafting import MOST_SENTENCES
from portico_core.knowledge import Draft, DraftSentence, Passage
from portico_core.text import PhiSpan
from portico_evaluation.charts import Dot, DotChart
from portico_evaluation.figures import Figure, Tally
from portico_evaluation.report import write_report
from portico_evaluation.results import Run, SetSummary, SuiteResult, write_json
from portico_evaluation.terminal import WIDTH, show_run
from portico_gateway.guards.checks import Check
from portico_gateway.guards.draft import DraftRefused, parse_draft
from portico_gateway.guards.grounding import ground
from portico_gateway.guards.validate import AnswerValidator, ValidationOutcome
from portico_redaction.opening import open_redactor
from portico_training.artefacts import TrainingError
from portico_training.responder.preferences import Preference, load_preferences
from reliability.hostile_drafts import TODAY
from reliability.hostile_responder import TAGGER, find_subjects
from reliability.preference_pairs import OWN_CHECK, PAIRS, read_built_in

STAGES = {"base": "before SFT", "sft": "after SFT", "dpo": "after DPO"}
MEASURES = {
    "valid": "drafts of the exact schema, ended by themselves, citing passages of their turn",
    "answered": "questions of which at least one sentence stands",
    "whole": "drafts of which every sentence stands",
    "grounded": "sentences that a passage they cite says",
    "complete": "sentences of the chosen draft that are in the draft",
    "empty": "questions that nothing answers, drafted empty",
    "failed": "valid drafts in which a check failed a sentence",
    "own": "valid drafts that fail the check of what the pair warns of",
    "likelier": "pairs whose chosen draft is likelier, a token, than the rejected one",
    "reward": "pairs whose chosen draft gained more by DPO than the rejected one (reward accuracy)",
}
CHARTED = ("valid", "answered", "whole", "grounded", "complete", "empty", "likelier", "reward")


@dataclass(slots=True)
class StageTally:
    """Counts of one stage; what is counted by kind stands under its key."""

    counts: defaultdict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))

    def add(self, measure: str, hit: bool, key: str = "") -> None:
        """Count one case of a measure."""
        self.counts[measure, key].add(hit)

    def figures(self, stage: str) -> Iterator[Figure]:
        """Yield the rates of which there is a case, in the order of MEASURES."""
        for measure in MEASURES:
            for (name, key), tally in sorted(self.counts.items()):
                if name == measure and (rate := tally.rate()) is not None:
                    yield Figure(stage, measure, rate, key)


def judge_stage(
    rows: Sequence[Mapping[str, Any]],
    pairs: Mapping[str, Preference],
    passages: Mapping[str, Passage],
    validator: AnswerValidator,
    before: Mapping[str, Mapping[str, Any]],
) -> StageTally:
    """Hold each draft of a stage against the validators; `before` has DPO's reference, by id."""
    tally = StageTally()
    for row in rows:
        pair = pairs[row["id"].removeprefix("none-")]
        given = [passages[key] for key in row["passages"]]
        draft = read_row(row)
        tally.add("valid", draft is not None)
        if row["id"] != pair.id:
            tally.add("empty", draft is not None and not draft.sentences)
            continue
        outcome = validator.validate(pair.question, row["draft"] if draft else "", given, TODAY)
        tally.add("answered", outcome.answer is not None)
        tally.add("whole", outcome.answer is not None and not outcome.dropped)
        _judge_sentences(tally, pair, given, draft.sentences if draft else ())
        if draft is not None:
            _judge_checks(tally, pair, outcome)
        _judge_likelihood(tally, row, before.get(pair.id))
    return tally


def read_row(row: Mapping[str, Any]) -> Draft | None:
    """Return the draft of a row as the serving model would let it through, or None."""
    try:
        draft = parse_draft(row["draft"])
    except DraftRefused:
        return None
    known = all(key in row["passages"] for sentence in draft.sentences for key in sentence.passage_ids)
    return draft if row["ended"] and known and len(draft.sentences) <= MOST_SENTENCES else None


def _judge_sentences(
    tally: StageTally, pair: Preference, given: Sequence[Passage], sentences: Sequence[DraftSentence]
) -> None:
    texts = {passage.id: passage.text for passage in given}
    for sentence in sentences:
        cited = [texts[key] for key in sentence.passage_ids]
        tally.add("grounded", any(ground(sentence.text, [text], in_other_words=False).supported for text in cited))
    for said in pair.chosen:
        tally.add("complete", said.text in {sentence.text for sentence in sentences})


def _judge_checks(tally: StageTally, pair: Preference, outcome: ValidationOutcome) -> None:
    """Count what failed a draft of the right form: one of another form meets no other check, and says nothing of it."""
    for check in Check:
        if check is not Check.SCHEMA:
            tally.add("failed", outcome.validators.get(check) == "fail", check.value)
    if own := OWN_CHECK.get(pair.reason):
        tally.add("own", outcome.validators.get(own) == "fail", pair.reason.value)


def _judge_likelihood(tally: StageTally, row: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    per_token = [row[f"{name}_logp"] / row[f"{name}_tokens"] for name in ("chosen", "rejected")]
    tally.add("likelier", per_token[0] > per_token[1])
    if before is not None:
        gained = [row[f"{name}_logp"] - before[f"{name}_logp"] for name in ("chosen", "rejected")]
        tally.add("reward", gained[0] > gained[1])


def read_stage(path: Path) -> list[dict[str, Any]]:
    """Return the rows of one stage.

    Raises:
        TrainingError: the file is missing or broken; names file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        raise TrainingError(f"{path}: run portico_training.responder_llm.drafts first") from None
    rows = []
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            rows.append({name: row[name] for name in ("id", "passages", "draft", "ended")} | row)
        except (ValueError, KeyError, TypeError):
            raise TrainingError(f"{path}:{number}: no row of a draft") from None
    return rows


def judge_work(work: Path, pairs: Sequence[Preference], validator: AnswerValidator) -> SuiteResult:
    """Judge every stage that a run drafted with."""
    by_id, passages = {pair.id: pair for pair in pairs}, read_built_in()
    paths = {stage: work / "drafts" / f"{stage}.jsonl" for stage in STAGES}
    sets, figures = [], list[Figure]()
    before: dict[str, dict[str, Any]] = {}
    for stage, path in paths.items():
        rows = read_stage(path)
        if unknown := [row["id"] for row in rows if row["id"].removeprefix("none-") not in by_id]:
            raise TrainingError(f"{path}: drafts of another set of pairs: {unknown[0]}")
        figures += judge_stage(rows, by_id, passages, validator, before).figures(stage)
        sets.append(SetSummary(stage, STAGES[stage], len(rows), hashlib.sha256(path.read_bytes()).hexdigest()))
        before = {row["id"]: row for row in rows} if stage == "sft" else {}
    return SuiteResult(
        "responder_llm", "Drafts of an LLM responder", tuple(sets), tuple(figures), tuple(_charts(figures)), MEASURES
    )


def _charts(figures: Sequence[Figure]) -> Iterator[DotChart]:
    """Yield a chart a measure, one line a stage: what SFT and DPO change."""
    for measure in CHARTED:
        dots = tuple(Dot(STAGES[f.set], f.of) for f in figures if f.measure == measure)  # type: ignore[arg-type]
        if dots:
            yield DotChart(
                MEASURES[measure].capitalize(), "Test pairs; no topic of them was trained on.", "stage", "share", dots
            )


def main() -> int:
    """Judge the drafts of a run and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--pairs", type=Path, default=PAIRS)
    args = parser.parse_args()
    redactor = open_redactor(TAGGER)

    @lru_cache(maxsize=65536)
    def find_spans(text: str) -> tuple[PhiSpan, ...]:
        return redactor.find_spans(text)

    try:
        pairs = load_preferences(args.pairs, {key: passage.text for key, passage in read_built_in().items()})
        result = judge_work(args.work, pairs, AnswerValidator(find_spans=find_spans, find_subjects=find_subjects))
    except TrainingError as error:
        raise SystemExit(str(error)) from None
    finally:
        redactor.close()
    run = Run("python -m reliability.llm_drafts", datetime.now(UTC).date().isoformat(), (result,))
    folder = args.work / "evaluation"
    folder.mkdir(exist_ok=True)
    write_json(run, folder / "results.json")
    write_report(run, folder / "report.html")
    show_run(run, Console(width=None if sys.stdout.isatty() else WIDTH))
    return 0


if __name__ == "__main__":
    sys.exit(main())
