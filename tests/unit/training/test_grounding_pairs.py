"""Authored pairs of passage and sentence: their form, their splits, and the premises they are held against."""

import random
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from portico_core.premises import MAX_PREMISE_WORDS, PLACES, premises_of
from portico_training.artefacts import TrainingError
from portico_training.grounding.changes import change_direction, change_negation, change_number
from portico_training.grounding.pairs import SPLITS, expand, read_pairs, split_of
from portico_training.grounding.sampling import Sampler

DATA = Path(__file__).parents[3] / "training" / "data" / "grounding"
PAIRS = read_pairs(DATA)


def test_a_line_gives_what_is_said_and_one_sentence_for_each_change() -> None:
    assert expand("It {lowers|d:raises} sugar{|a: and weight}.") == [
        ("It lowers sugar.", True, ""),
        ("It raises sugar.", False, "d"),
        ("It lowers sugar and weight.", False, "a"),
    ]
    assert expand("- w|Sugar is sweet.") == [("Sugar is sweet.", False, "w")]


@pytest.mark.parametrize("line", ["It {lowers|raises} sugar.", "It {lowers|x:raises} sugar.", "It {lowers sugar."])
def test_a_line_of_another_form_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.txt").write_text(f"## topic | own\nP: A passage.\n{line}\n", encoding="utf-8")
    with pytest.raises(TrainingError, match=r"a\.txt:3"):
        read_pairs(tmp_path)


def test_no_sentence_is_both_said_and_not_said() -> None:
    verdicts = defaultdict(set)
    for pair in PAIRS:
        verdicts[pair.passage, pair.sentence].add(pair.supported)
    assert [sentence for (_, sentence), found in verdicts.items() if len(found) > 1] == []


def test_no_passage_lies_in_two_splits_and_none_is_empty() -> None:
    splits = defaultdict(set)
    for pair in PAIRS:
        splits[pair.passage].add(split_of(pair.topic))
    assert all(len(found) == 1 for found in splits.values())
    assert set(Counter(split_of(pair.topic) for pair in PAIRS)) == set(SPLITS)


def test_the_data_card_says_how_many_there_are() -> None:
    supported = sum(pair.supported for pair in PAIRS)
    card = " ".join((DATA / "DATA_CARD.md").read_text(encoding="utf-8").split())
    assert f"{len(PAIRS):,} sentences, {supported} that their passage says" in card


def test_the_premise_of_a_long_passage_holds_the_place_that_matters() -> None:
    filler = " ".join(f"Sentence {n} tells about gardens and weather in spring." for n in range(60))
    passage = f"{filler} Metformin can lower vitamin B12. {filler}"
    found = premises_of("Vitamin B12 may drop with metformin.", passage)
    assert "Metformin can lower vitamin B12." in found[0]
    assert len(found) <= PLACES
    assert all(len(premise.split()) <= MAX_PREMISE_WORDS for premise in found)


def test_an_epoch_holds_every_authored_pair_and_as_many_made_ones_as_asked() -> None:
    pairs = [pair for pair in PAIRS if split_of(pair.topic) == "validation"]
    sampler = Sampler(pairs, [])
    first, again = (sampler.epoch(3, made=400) for _ in range(2))
    assert first == again != sampler.epoch(4, made=400)
    assert len(first) == len(pairs) + 400
    assert {pair.sentence for pair in pairs} <= {example.sentence for example in first}
    assert abs(sum(example.supported for example in first) / len(first) - 0.5) < 0.1


def test_a_change_by_rule_changes_one_place() -> None:
    rng = random.Random(1)
    assert change_number("Take about 5 days.", rng) != "Take about 5 days."
    assert change_negation("It does not help.", rng) == "It does help."
    assert change_direction("It raises sugar.", rng) == "It lowers sugar."
    assert change_direction("Nothing to turn here.", rng) is None
