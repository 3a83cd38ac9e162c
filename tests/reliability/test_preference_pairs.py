"""The short form of `python -m reliability.preference_pairs`: every eighth pair, without the tagger."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from portico_core.knowledge import Passage
from portico_gateway.guards.validate import AnswerValidator
from portico_redaction.engine import Redactor
from portico_redaction.recognisers import all_recognisers
from portico_training.responder.preferences import Preference, Reason, load_preferences
from reliability.hostile_responder import find_subjects
from reliability.preference_pairs import PAIRS, judge_pairs, read_built_in

EVERY = 8


@pytest.fixture(scope="module")
def validator() -> Iterator[AnswerValidator]:
    redactor = Redactor(recognisers=all_recognisers())
    yield AnswerValidator(find_spans=redactor.find_spans, find_subjects=find_subjects)
    redactor.close()


@pytest.fixture(scope="module")
def passages() -> dict[str, Passage]:
    return read_built_in()


@pytest.fixture(scope="module")
def pairs(passages: dict[str, Passage]) -> list[Preference]:
    return load_preferences(PAIRS, {key: passage.text for key, passage in passages.items()})


def test_what_is_chosen_passes_and_what_is_rejected_does_not(
    pairs: list[Preference], validator: AnswerValidator, passages: dict[str, Passage]
) -> None:
    judged = judge_pairs(pairs[::EVERY], validator, passages)
    assert judged.faults == []
    assert set(judged.pairs) == set(Reason)


def test_a_pair_that_is_the_wrong_way_round_is_found(
    pairs: list[Preference], validator: AnswerValidator, passages: dict[str, Passage]
) -> None:
    """Negative control: a bad draft is chosen, and a good one rejected."""
    pair = next(pair for pair in pairs if pair.reason is Reason.ADVISES)
    turned = replace(pair, chosen=pair.rejected, rejected=pair.chosen)
    faults = judge_pairs([turned], validator, passages).faults
    assert [fault.split(": ")[1][:10] for fault in faults] == ["the chosen", "nothing of"]
