"""Authored pairs of passage and sentence: their form, their splits, and the checker that is fitted to them."""

import json
import random
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from portico_core.carrying import weigh
from portico_gateway.guards.paraphrase import CHECKER, open_checker
from portico_training.artefacts import TrainingError
from portico_training.grounding.changes import change_direction, change_negation, change_number
from portico_training.grounding.fit import fit_checker, fit_logistic
from portico_training.grounding.pairs import SPLITS, data_digest, expand, read_pairs, split_of

ROOT = Path(__file__).parents[3]
DATA = ROOT / "training" / "data" / "grounding"
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


def test_a_change_by_rule_changes_one_place() -> None:
    rng = random.Random(1)
    assert change_number("Take about 5 days.", rng) != "Take about 5 days."
    assert change_negation("It does not help.", rng) == "It does help."
    assert change_direction("It raises sugar.", rng) == "It lowers sugar."
    assert change_direction("Nothing to turn here.", rng) is None


def test_the_committed_checker_is_what_these_pairs_give() -> None:
    checker = open_checker()
    assert json.loads((CHECKER / "manifest.json").read_text(encoding="utf-8"))["data"] == data_digest(DATA)
    fit = fit_checker(PAIRS, [weigh(pair.sentence, pair.passage, checker.similar) for pair in PAIRS])
    # Processors add up in different orders: .003 of a weight has been seen between two of them.
    assert np.allclose(fit.weights, checker.weights, atol=1e-2)
    assert (fit.bias, fit.threshold) == (
        pytest.approx(checker.bias, abs=1e-2),
        pytest.approx(checker.threshold, abs=1e-2),
    )


def test_a_fit_finds_the_feature_that_decides() -> None:
    rng = np.random.default_rng(3)
    features = rng.normal(size=(400, 3))
    weights, bias = fit_logistic(features, features[:, 1] > 0.5)
    assert weights[1] > 5 * max(abs(weights[0]), abs(weights[2]))
    assert bias < 0


def test_the_further_words_name_no_medicine_of_ours() -> None:
    words = set((DATA / "more_words.list").read_text(encoding="utf-8").split())
    medicines = {file.stem for file in (ROOT / "services/knowledge/passages/medicines").glob("*.md")}
    assert len(medicines) > 50
    assert "kidneys" in words
    assert not words & medicines
