"""The short form of `make hostile-responder`: drafts of every kind, none gets through, every control does."""

from functools import lru_cache

import pytest

from portico_core.text import PhiSpan
from portico_redaction.engine import Redactor
from portico_redaction.recognisers import all_recognisers
from reliability.hostile_drafts import HostileResponder, Kind, Source, read_sources
from reliability.hostile_responder import SEED, run
from unit.state.rig import say

N = 100


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    return read_sources()


def test_no_bad_sentence_is_delivered_and_every_control_lets_its_kind_through(sources: list[Source]) -> None:
    redactor = Redactor(recognisers=all_recognisers())

    @lru_cache(maxsize=4096)
    def find_spans(text: str) -> tuple[PhiSpan, ...]:
        return redactor.find_spans(text)

    outcome = run(N, find_spans=find_spans, sources=sources)
    redactor.close()
    say(f"{outcome.drafts} drafts, {outcome.bad.total()} bad sentences, seed {outcome.seed}")
    assert outcome.examples == []
    assert outcome.delivered.total() == 0
    assert [kind for kind in Kind if not outcome.bad[kind]] == []
    assert [kind for kind, tried in outcome.controls.items() if not tried] == []
    assert outcome.holds
    assert outcome.kept["own words"] > 5 * outcome.lost["own words"]


def test_the_same_seed_draws_the_same_drafts_and_another_seed_others(sources: list[Source]) -> None:
    one, again, other = (HostileResponder(sources, seed=seed) for seed in (SEED, SEED, SEED + 1))
    drawn = [one.draw() for _ in range(50)]
    assert drawn == [again.draw() for _ in range(50)]
    assert drawn != [other.draw() for _ in range(50)]
