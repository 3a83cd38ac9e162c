"""Every check over a draft, run by guardrails-ai: what comes out is an answer, or nothing.

Why guardrails-ai in this way: its validators are ours and local (its hub is closed), they only observe (`noop`), and
the decision is taken here from positive evidence. A check that raises, answers for the wrong number of sentences, or
is not run at all has failed. What the library stores or sends by default is off (local_guardrails.py).
"""

import contextlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from portico_core.errors import ConfigurationError
from portico_core.knowledge import Draft, DraftSentence, Passage
from portico_core.turn import AnswerSentence, AnswerView, CitationView
from portico_gateway.guards.checks import (
    CHECKS,
    Check,
    Evidence,
    FindSpans,
    FindSubjects,
    SentenceCheck,
    grade_of,
    ground_cited,
    is_servable,
)  # fmt: skip
from portico_gateway.guards.draft import DraftRefused, DraftSentenceModel, parse_draft
from portico_gateway.guards.local_guardrails import (
    FailResult,
    OnFailAction,
    PassResult,
    Validator,
    make_local_guard,
    register_validator,
)  # fmt: skip

Result = Literal["pass", "fail"]


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence that passed every check, and the numbers of the citations that support it."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CheckedCitation:
    """An approved passage behind the answer; `quote` is its own words."""

    n: int
    passage_id: str
    title: str
    section: str
    url: str
    reviewed_on: date
    quote: str
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """What may be said to the patient."""

    sentences: tuple[CheckedSentence, ...]
    citations: tuple[CheckedCitation, ...]
    reading_grade: float

    def to_view(self) -> AnswerView:
        """Return the answer as the API gives it."""
        return AnswerView(
            sentences=[AnswerSentence(text=s.text, citations=list(s.citations)) for s in self.sentences],
            citations=[
                CitationView(
                    n=c.n, passage_id=c.passage_id, title=c.title, section=c.section, url=c.url,
                    reviewed_on=c.reviewed_on.isoformat(), quote=c.quote, reviewed=c.reviewed,
                )
                for c in self.citations
            ],
            reading_grade=self.reading_grade,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ValidationOutcome:
    """The answer, or None; each check's result by name; how many sentences were dropped.

    A check says `fail` when it failed any sentence, also where the rest still answers. `refused` says that the draft or
    a sentence of it was refused, `refused_passages` which passages the refused sentences cite.
    """

    answer: CheckedAnswer | None
    validators: Mapping[str, Result]
    dropped: int = 0
    refused: bool = False
    refused_passages: frozenset[str] = frozenset()


class AnswerValidator:
    """Validate drafts. Build it once at start-up: the first one imports and configures guardrails-ai."""

    def __init__(
        self,
        *,
        find_spans: FindSpans,
        find_subjects: FindSubjects,
        checks: Mapping[str, SentenceCheck] = CHECKS,
        parse: Callable[[bytes | str], Draft] = parse_draft,
    ) -> None:
        """Raise ConfigurationError unless every check of `Check` is there, and nothing else."""
        if set(checks) != {check.value for check in Check}:
            missing = sorted({check.value for check in Check} - set(checks))
            raise ConfigurationError(f"answer checks must be exactly those of Check; missing: {', '.join(missing)}")
        self._find_spans = find_spans
        self._find_subjects = find_subjects
        self._checks = checks
        self._parse = parse
        self._guard = make_local_guard(_guarded_model())
        self._one_at_a_time = threading.Lock()  # a Guard keeps options of the call in progress on itself

    def validate(
        self, question: str, draft_json: bytes | str, passages: Sequence[Passage], today: date
    ) -> ValidationOutcome:
        """Run every check; `question` is redacted text. Never raises for what a draft holds."""
        try:
            draft = self._parse(draft_json)
        except DraftRefused:
            return ValidationOutcome(None, {Check.SCHEMA.value: "fail"}, refused=True)
        if not draft.sentences:
            return ValidationOutcome(None, {Check.SCHEMA.value: "pass", Check.RELEVANCE.value: "fail"})
        evidence = Evidence(
            question, draft.sentences, {p.id: p for p in passages}, today, self._find_spans, self._find_subjects
        )
        self._run_guard(draft, evidence)
        return _conclude(evidence)

    def _run_guard(self, draft: Draft, evidence: Evidence) -> None:
        metadata = {"evidence": evidence, "checks": self._checks}
        # Whatever goes wrong in the library, the checks it kept from running have left no verdict and so have failed.
        with self._one_at_a_time, contextlib.suppress(Exception):
            self._guard.parse(_canonical(draft), num_reasks=0, metadata=metadata)


def _conclude(evidence: Evidence) -> ValidationOutcome:
    """Read the verdicts: a check without one has failed, and then nothing stands."""
    results: dict[str, Result] = {
        check.value: "pass" if all(evidence.verdicts.get(check.value, (False,))) else "fail" for check in Check
    }
    ran = all(check.value in evidence.verdicts for check in Check)
    kept = [i for i, stands in enumerate(evidence.standing()) if stands and ran]
    answer = _assemble(evidence, kept) if kept else None
    dropped = [sentence for i, sentence in enumerate(evidence.sentences) if i not in kept]
    cited = frozenset(passage_id for sentence in dropped for passage_id in sentence.passage_ids)
    return ValidationOutcome(answer, results, len(dropped), refused=bool(dropped), refused_passages=cited)


def _assemble(evidence: Evidence, kept: Sequence[int]) -> CheckedAnswer:
    quotes: dict[str, list[str]] = {}
    sentences = list[CheckedSentence]()
    for sentence in (evidence.sentences[i] for i in kept):
        for passage, result in ground_cited(evidence, sentence):
            found = quotes.setdefault(passage.id, [])
            found.extend(quote for quote in [result.quote] if quote not in found)
        numbers = {passage_id: n for n, passage_id in enumerate(quotes, start=1)}
        supporting = [passage.id for passage, _ in ground_cited(evidence, sentence)]
        sentences.append(CheckedSentence(sentence.text, tuple(sorted(numbers[i] for i in supporting))))
    citations = [_cite(n, evidence.passages[i], quotes[i]) for n, i in enumerate(quotes, start=1)]
    return CheckedAnswer(tuple(sentences), tuple(citations), grade_of(evidence, kept))


def _cite(n: int, passage: Passage, quotes: Sequence[str]) -> CheckedCitation:
    reviewed_on = passage.reviewed_on or date.min
    quote = " ".join(quotes)
    return CheckedCitation(
        n, passage.id, passage.title, passage.section, passage.url, reviewed_on, quote, passage.reviewed
    )


def _canonical(draft: Draft) -> str:
    rows = [{"text": s.text, "passage_ids": list(s.passage_ids)} for s in draft.sentences]
    return json.dumps({"sentences": rows}, ensure_ascii=False)


def _guarded_model() -> type[BaseModel]:
    """Return the draft's model with one validator of ours for each check on its sentences."""
    validators = [_validator_class(check.value)(on_fail=OnFailAction.NOOP, use_local=True) for check in Check]
    field = Field(json_schema_extra={"validators": validators})
    return create_model("GuardedDraft", sentences=(list[DraftSentenceModel], field))


@cache
def _validator_class(name: str) -> Any:
    """Register the guardrails-ai validator `portico/<name>`."""

    class PorticoValidator(Validator):  # type: ignore[misc]  # guardrails-ai has no types
        def _validate(self, value: Any, metadata: dict[str, Any]) -> Any:
            passed = _judge(name, value, metadata["evidence"], metadata["checks"])
            metadata["evidence"].verdicts[name] = passed
            return PassResult() if all(passed) else FailResult(error_message=name)

    return register_validator(name=f"portico/{name}", data_type="list")(PorticoValidator)


def _judge(name: str, value: Any, evidence: Evidence, checks: Mapping[str, SentenceCheck]) -> tuple[bool, ...]:
    """Run one check; whatever goes wrong in it fails every sentence."""
    try:
        passed = tuple(checks[name](evidence))
    except Exception:
        return (False,) * len(evidence.sentences)
    sound = len(passed) == len(evidence.sentences) and all(verdict in (True, False) for verdict in passed)
    return passed if sound and _same_sentences(value, evidence.sentences) else (False,) * len(evidence.sentences)


def _same_sentences(value: Any, sentences: Sequence[DraftSentence]) -> bool:
    """Hold what guardrails-ai parsed against what was parsed exactly: only the latter is delivered."""
    return [(s["text"], tuple(s["passage_ids"])) for s in value] == [(s.text, s.passage_ids) for s in sentences]


__all__ = [
    "AnswerValidator",
    "CheckedAnswer",
    "CheckedCitation",
    "CheckedSentence",
    "ValidationOutcome",
    "is_servable",
]
