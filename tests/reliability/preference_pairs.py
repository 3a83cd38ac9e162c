"""Every preference pair of the responder through the validators that serve, with the redactor that serves.

    PYTHONPATH=tests:training .venv/bin/python -m reliability.preference_pairs

What a pair prefers must pass whole: every sentence stands and no check fails. What it rejects must lose a sentence to
a check, unless it is partial or off topic, which the data themselves decide. Beside that stands how many authored
sentences the check of their own kind sees: grounding refuses nearly all of them, and should not be alone.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from portico_core.knowledge import Passage
from portico_core.text import PhiSpan
from portico_gateway.guards.checks import Check
from portico_gateway.guards.validate import AnswerValidator, ValidationOutcome
from portico_knowledge.passages import built_in_folder, load_passages
from portico_redaction.opening import open_redactor
from portico_training.responder.preferences import (
    REFUSED,
    Preference,
    Reason,
    Said,
    draft_json,
    load_preferences,
)
from reliability.hostile_drafts import TODAY
from reliability.hostile_responder import TAGGER, find_subjects

PAIRS = Path(__file__).parents[2] / "training" / "data" / "responder"

OWN_CHECK: Mapping[Reason, Check] = {
    Reason.ADVISES: Check.DIRECTIVE, Reason.DIAGNOSES: Check.DIAGNOSIS, Reason.DOSES: Check.DOSE,
    Reason.LEAKS: Check.PHI, Reason.INVENTS: Check.GROUNDING, Reason.CONTRADICTS: Check.GROUNDING,
}  # fmt: skip


@dataclass(slots=True)
class Judged:
    """How many pairs there are by reason, which fail what is asked of them, and which their own check sees."""

    pairs: Counter[Reason] = field(default_factory=Counter)
    own: Counter[Reason] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def read_built_in() -> dict[str, Passage]:
    """Return the built-in passages by id."""
    return {passage.id: passage for passage in load_passages(built_in_folder(), today=TODAY)}


def judge_pairs(pairs: Iterable[Preference], validator: AnswerValidator, passages: Mapping[str, Passage]) -> Judged:
    """Hold both drafts of each pair against the checks."""
    judged = Judged()
    for pair in pairs:
        given = [passages[key] for key in pair.passages]
        judged.pairs[pair.reason] += 1
        chosen = _validate(validator, pair.question, pair.chosen, given)
        if chosen.answer is None or chosen.dropped or "fail" in chosen.validators.values():
            failed = [name for name, result in chosen.validators.items() if result == "fail"]
            judged.faults.append(f"{pair.id}: the chosen draft fails {', '.join(failed)}: {pair.question}")
        rejected = _validate(validator, pair.question, pair.rejected, given)
        if pair.reason in REFUSED and not rejected.dropped:
            judged.faults.append(f"{pair.id}: nothing of the rejected draft is refused: {pair.authored}")
        own = OWN_CHECK.get(pair.reason)
        judged.own[pair.reason] += own is not None and rejected.validators.get(own.value) == "fail"
    return judged


def _validate(
    validator: AnswerValidator, question: str, draft: Sequence[Said], given: Sequence[Passage]
) -> ValidationOutcome:
    return validator.validate(question, draft_json(draft), given, TODAY)


def main() -> int:
    """Judge every pair, print the figures, and fail where one is not what it says."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    redactor = open_redactor(TAGGER)

    @lru_cache(maxsize=65536)
    def find_spans(text: str) -> tuple[PhiSpan, ...]:
        return redactor.find_spans(text)

    passages = read_built_in()
    pairs = load_preferences(PAIRS, {key: passage.text for key, passage in passages.items()})
    validator = AnswerValidator(find_spans=find_spans, find_subjects=find_subjects)
    judged = judge_pairs(pairs, validator, passages)
    redactor.close()
    for reason in Reason:
        seen = f", {judged.own[reason]} seen by {OWN_CHECK[reason].value}" if reason in OWN_CHECK else ""
        sys.stdout.write(f"{reason:<20} {judged.pairs[reason]:>4}{seen}\n")
    sys.stdout.write(f"{len(pairs)} pairs, {len(judged.faults)} faults\n" + "".join(f"{f}\n" for f in judged.faults))
    return 1 if judged.faults else 0


if __name__ == "__main__":
    sys.exit(main())
