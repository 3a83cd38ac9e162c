"""A responder is asked once more where nothing of its draft stands, without what its refused sentences cite."""

import contextlib
import json
from collections.abc import Iterator, Sequence
from datetime import date

import pytest

from portico_core.errors import ResponderUnavailable
from portico_core.knowledge import Passage, Subjects
from portico_core.labels import Stage
from portico_core.text import RedactedText
from portico_gateway.guards.validate import AnswerValidator
from portico_gateway.metrics import Metrics
from portico_gateway.proposing import ATTEMPTS, Proposal, Proposer

TODAY = date(2026, 12, 1)
GOOD = "Metformin is used to treat type 2 diabetes."
BAD = "Metformin cures cancer."


def passage(name: str) -> Passage:
    return Passage(
        id=f"medicine.metformin#{name}", title="Metformin", section="Uses", text=GOOD, url="https://medlineplus.gov",
        source="MedlinePlus", reviewed_on=date(2026, 11, 23), review_due=date(2027, 11, 23),
    )  # fmt: skip


FIRST, SECOND = passage("uses"), passage("more")


def draft(*rows: tuple[str, Passage]) -> bytes:
    return json.dumps({"sentences": [{"text": text, "passage_ids": [p.id]} for text, p in rows]}).encode()


class Scripted:
    """A responder that returns what it is told, one draft a call, and remembers what it was given."""

    def __init__(self, *drafts: bytes) -> None:
        self.drafts = list(drafts)
        self.given: list[tuple[str, ...]] = []

    async def respond(self, question: RedactedText, passages: Sequence[Passage]) -> bytes:
        self.given.append(tuple(p.id for p in passages))
        if not self.drafts:
            raise ResponderUnavailable
        return self.drafts.pop(0)


@pytest.fixture(scope="module")
def validator() -> AnswerValidator:
    return AnswerValidator(find_spans=lambda text: (), find_subjects=lambda text: Subjects())


@contextlib.contextmanager
def untimed(stage: Stage) -> Iterator[None]:
    yield


async def propose(validator: AnswerValidator, *drafts: bytes) -> tuple[Proposal, Scripted, Metrics]:
    responder, metrics = Scripted(*drafts), Metrics()
    proposer = Proposer(responder, validator, metrics, untimed)
    question = RedactedText("What is metformin used for?")
    return await proposer.propose(question, [FIRST, SECOND], today=TODAY, worded=question), responder, metrics


def failures(metrics: Metrics, check: str) -> float:
    return metrics.registry.get_sample_value("portico_validation_failures_total", {"validator": check}) or 0.0


async def test_a_draft_of_which_something_stands_is_not_asked_about_again(validator: AnswerValidator) -> None:
    proposal, responder, metrics = await propose(validator, draft((GOOD, FIRST), (BAD, SECOND)))
    assert proposal.outcome.answer is not None
    assert [s.text for s in proposal.outcome.answer.sentences] == [GOOD]
    assert len(responder.given) == 1
    assert failures(metrics, "grounding") == 1


async def test_the_second_time_the_passage_of_the_refused_sentence_is_kept_back(validator: AnswerValidator) -> None:
    proposal, responder, metrics = await propose(validator, draft((BAD, FIRST)), draft((GOOD, SECOND)))
    assert proposal.outcome.answer is not None
    assert responder.given == [(FIRST.id, SECOND.id), (SECOND.id,)]
    assert [p.id for p in proposal.passages] == [SECOND.id]
    assert failures(metrics, "grounding") == 1


async def test_what_was_kept_back_cannot_be_cited_the_second_time(validator: AnswerValidator) -> None:
    proposal, _, metrics = await propose(validator, draft((BAD, FIRST)), draft((GOOD, FIRST)))
    assert proposal.outcome.answer is None
    assert failures(metrics, "citations") == 1


async def test_where_every_passage_is_cited_all_are_given_again(validator: AnswerValidator) -> None:
    _, responder, _ = await propose(validator, draft((BAD, FIRST), (BAD, SECOND)), draft((GOOD, FIRST)))
    assert responder.given == [(FIRST.id, SECOND.id)] * 2


async def test_it_is_asked_twice_and_no_more(validator: AnswerValidator) -> None:
    proposal, responder, metrics = await propose(validator, *[draft((BAD, FIRST))] * 5)
    assert proposal.outcome.answer is None
    assert len(responder.given) == ATTEMPTS == 2
    assert failures(metrics, "grounding") == ATTEMPTS


async def test_junk_is_asked_about_again_with_the_same_passages(validator: AnswerValidator) -> None:
    proposal, responder, metrics = await propose(validator, b"junk", draft((GOOD, FIRST)))
    assert proposal.outcome.answer is not None
    assert responder.given == [(FIRST.id, SECOND.id)] * 2
    assert failures(metrics, "schema") == 1


async def test_a_draft_without_sentences_is_taken_at_its_word(validator: AnswerValidator) -> None:
    proposal, responder, _ = await propose(validator, draft(), draft((GOOD, FIRST)))
    assert proposal.outcome.answer is None
    assert len(responder.given) == 1


async def test_a_responder_that_fails_the_second_time_has_failed(validator: AnswerValidator) -> None:
    with pytest.raises(ResponderUnavailable):
        await propose(validator, draft((BAD, FIRST)))
