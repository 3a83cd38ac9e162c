"""Authored preference pairs of drafts: their form, their splits, how many and how different they are."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from portico_knowledge.passages import built_in_folder, load_passages
from portico_training.artefacts import TrainingError
from portico_training.messages import normalise
from portico_training.responder.import_pairs import parse_blocks, row_of
from portico_training.responder.preferences import (
    KINDS,
    REFUSED,
    SPLITS,
    Preference,
    Reason,
    Said,
    check_preference,
    load_preferences,
    parse_preference,
    read_passages,
    split_of,
)
from unit.training.test_phi_data import near_duplicates

ROOT = Path(__file__).parents[3]
DATA = ROOT / "training" / "data" / "responder"
PASSAGES = {p.id: p.text for p in load_passages(built_in_folder(), today=date(2026, 12, 1))}
PAIRS = load_preferences(DATA, PASSAGES)
LEAST, LEAST_OF_A_REASON, LEAST_TOPICS = 800, 50, 200
BLOCK = """\
? medicine.metformin#taking 1 | does metformin go with food
- advises | 1 + You should take yours with lunch.
"""


def test_there_are_enough_of_every_reason_and_kind() -> None:
    reasons, kinds = Counter(p.reason for p in PAIRS), Counter(p.kind for p in PAIRS)
    assert len(PAIRS) >= LEAST
    assert {reason: reasons[reason] for reason in Reason if reasons[reason] < LEAST_OF_A_REASON} == {}
    assert {kind: kinds[kind] for kind in KINDS if kinds[kind] < LEAST_OF_A_REASON} == {}
    assert len({p.family for p in PAIRS}) >= LEAST_TOPICS


def test_a_topic_lies_in_one_split_and_each_split_holds_every_kind() -> None:
    assert {p.family: p.split for p in PAIRS if p.split != split_of(p.family)} == {}
    assert {(p.split, p.kind) for p in PAIRS} == {(split, kind) for split in SPLITS for kind in KINDS}


def test_no_question_and_no_rejected_sentence_is_written_twice() -> None:
    """True sentences of other sections may well be rejected for two questions."""
    authored = {f"{p.id} {i}": text for p in PAIRS if p.reason in REFUSED for i, text in enumerate(p.authored)}
    authored = {key: text for key, text in authored.items() if not any(text in said for said in PASSAGES.values())}
    questions = {p.id: p.question for p in PAIRS}
    assert len({normalise(question) for question in questions.values()}) == len(PAIRS)
    assert len({normalise(text) for text in authored.values()}) == len(authored)
    assert list(near_duplicates(questions)) == []
    assert list(near_duplicates(authored)) == []


def test_no_question_stands_in_the_sets_that_measure_the_search() -> None:
    rows = (ROOT / "services" / "knowledge" / "evaluation" / "questions.jsonl").read_text(encoding="utf-8")
    measured = {normalise(json.loads(line)["question"]) for line in rows.splitlines()}
    assert [p.question for p in PAIRS if normalise(p.question) in measured] == []
    planted = next(iter(measured))
    assert planted in measured | {p.question for p in PAIRS}


def test_nobody_has_reviewed_a_pair_yet() -> None:
    """A reviewer's name comes from a clinician; until then the card says that there is none."""
    assert {(p.reviewer, p.reviewed_on) for p in PAIRS} == {(None, None)}
    assert "No clinician has reviewed" in (DATA / "DATA_CARD.md").read_text(encoding="utf-8")


def test_the_card_counts_what_stands() -> None:
    card = (DATA / "DATA_CARD.md").read_text(encoding="utf-8")
    assert f"{len(PAIRS)} pairs" in card
    counts = Counter((p.reason, p.split) for p in PAIRS)
    for reason in Reason:
        cells = " | ".join(str(counts[reason, split]) for split in SPLITS)
        assert f"| {reason.value} | {cells} |" in card


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"split": "threshold"}, "another split"),  # a split of the messages
        ({"family": "vaccine.flu"}, "no known kind"),
        ({"passages": ("medicine.metformin#nowhere",)}, "not there"),
        ({"passages": ("medicine.metformin#uses",)}, "was not given"),
        ({"chosen": (Said("Metformin is taken twice.", ("medicine.metformin#taking",)),)}, "does not say"),
        ({"reason": Reason.PARTIAL}, "less complete"),  # the rejected draft holds all of the chosen one
    ],
)
def test_a_pair_that_is_not_what_it_says_is_refused(tmp_path: Path, change: dict[str, object], says: str) -> None:
    pair = one_pair(tmp_path)
    check_preference(pair, PASSAGES)
    with pytest.raises(TrainingError, match=says):
        check_preference(replace(pair, **change), PASSAGES)  # type: ignore[arg-type]


@pytest.mark.parametrize("line", ["[]", "[1]", "7", "{}", "no json", json.dumps({"id": "x"})])
def test_a_broken_row_is_named(line: str) -> None:
    with pytest.raises(TrainingError, match=r"a\.jsonl:7"):
        parse_preference(line, where="a.jsonl:7")


def test_a_broken_line_of_a_file_is_named_and_not_repeated(tmp_path: Path) -> None:
    """Also where the line is of the right form and its passage no longer says what it chooses."""
    good = row_of(one_pair(tmp_path))
    stale = good.replace("Metformin is usually", "Metformin was usually")
    for bad in (stale, good.replace('"reviewer"', '"secret words"'), "secret words"):
        (tmp_path / "a.jsonl").write_text(good + bad + "\n", encoding="utf-8")
        with pytest.raises(TrainingError, match=r"a\.jsonl:2: ") as refused:
            load_preferences(tmp_path, PASSAGES)
        assert "secret" not in str(refused.value) and "was usually" not in str(refused.value)
    (tmp_path / "a.jsonl").write_text(good, encoding="utf-8")
    assert len(load_preferences(tmp_path, PASSAGES)) == 1


def test_a_row_comes_back_as_it_was_written(tmp_path: Path) -> None:
    pair = one_pair(tmp_path)
    assert parse_preference(row_of(pair), where="x:1") == pair
    assert {key.partition("#")[0] for key in pair.passages} == {"medicine.metformin"}
    assert len(pair.passages) == 4


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("- advises | 1", "a.txt:1: a pair begins"),
        (BLOCK.replace("advises", "lies"), "a.txt:2"),
        (BLOCK.replace("taking 1", "taking 9"), "a.txt:2"),  # there is no ninth sentence
        (BLOCK.replace("- advises |", "advises"), "a.txt:2: after a question"),
    ],
)
def test_a_block_of_another_form_is_named(tmp_path: Path, block: str, says: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(block, encoding="utf-8")
    with pytest.raises(TrainingError, match=says):
        list(parse_blocks(path, PASSAGES))


def test_a_missing_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="make knowledge"):
        read_passages(tmp_path / "passages.jsonl")


def one_pair(folder: Path) -> Preference:
    """Return the pair of BLOCK."""
    path = folder / "block.txt"
    path.write_text(BLOCK, encoding="utf-8")
    return next(parse_blocks(path, PASSAGES))
