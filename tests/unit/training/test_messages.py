"""Authored messages: broken rows are named, duplicates go, families never leak."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from portico_training.messages import (
    LABELS,
    Message,
    MessagesError,
    check_families,
    check_splits,
    drop_duplicates,
    load_messages,
    message_id,
    messages_digest,
    parse_row,
    split_of,
)

COMMITTED = Path(__file__).parents[3] / "training" / "data" / "messages"
ROW = {
    "id": "info-1", "text": "What is metformin for?", "label": "informational", "tempting": "clinician",
    "family": "informational.metformin.plain.main", "style": "main", "lang": "en", "reason": "general education",
    "split": "train", "reviewer": None, "reviewed_on": None,
}  # fmt: skip


def message(text: str, label: str = "informational", **changes: str) -> Message:
    """Make a message for a test."""
    row = ROW | {"id": message_id(label, text), "text": text, "label": label, "tempting": "clinician"} | changes
    return Message(**row)  # type: ignore[arg-type]


def test_a_whole_row_is_read() -> None:
    assert parse_row(json.dumps(ROW), where="x:1").text == "What is metformin for?"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"label": "urgent"}, "label 'urgent' is none of"),  # a label of another project
        ({"tempting": "informational"}, "tempting must differ"),  # no preference pair can be made
        ({"text": "  "}, "text must be a text that is not empty"),
        ({"text": "a" * 4001}, "longer than 4000"),  # the gateway admits no more
        ({"split": "dev"}, "split 'dev' is none of"),
        ({"lable": "x"}, "unknown field 'lable'"),  # a misspelt field would be lost silently
        ({"reason": None}, "reason must be a text"),
    ],
)
def test_a_broken_row_is_named_with_file_and_line(change: dict[str, object], says: str) -> None:
    with pytest.raises(MessagesError, match=r"attack\.jsonl:7: ") as caught:
        parse_row(json.dumps(ROW | change), where="attack.jsonl:7")
    assert says in str(caught.value)


@pytest.mark.parametrize("line", ["{", "[]", "3"])
def test_a_line_that_is_no_object_is_named(line: str) -> None:
    with pytest.raises(MessagesError, match="x:2: "):
        parse_row(line, where="x:2")


def test_exact_duplicates_go_whatever_their_case_and_punctuation() -> None:
    kept = drop_duplicates([message("What is metformin for?"), message("what is metformin for")])
    assert [m.text for m in kept] == ["What is metformin for?"]


def test_near_duplicates_of_one_label_go() -> None:
    first = "my husband is on the floor and he does not answer me any more please help"
    assert len(drop_duplicates([message(first), message(first + " us")])) == 1


def test_near_misses_of_different_labels_stay() -> None:
    story = "my husband is on the floor and he does not answer me any more"
    twins = [message(story, "emergency"), message(story + " in the game", "out_of_scope")]
    assert len(drop_duplicates(twins)) == 2


def test_the_same_words_with_two_labels_are_refused() -> None:
    with pytest.raises(MessagesError, match="two labels"):
        drop_duplicates([message("help me", "crisis"), message("Help me!", "emergency")])


def test_a_family_in_two_splits_is_refused() -> None:
    with pytest.raises(MessagesError, match="two splits"):
        check_families([message("one"), message("two", split="test")])


def test_a_split_without_a_label_is_refused() -> None:
    with pytest.raises(MessagesError, match="split 'validation' has no message of"):
        check_splits([message(f"text {label}", label) for label in LABELS])


def test_the_unseen_style_never_trains() -> None:
    assert split_of("a.b.c.unseen", "unseen") == "threshold"
    assert {split_of(f"family {i}", "main") for i in range(200)} == {"train", "validation", "test"}


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MessagesError, match=r"no \*\.jsonl"):
        load_messages(tmp_path)


def test_the_digest_ignores_order_and_sees_a_changed_label() -> None:
    one, two = message("one"), message("two")
    assert messages_digest([one, two]) == messages_digest([two, one])
    assert messages_digest([one, two]) != messages_digest([one, replace(two, label="clinician")])


def test_the_committed_messages_load_and_no_family_leaks() -> None:
    messages = load_messages(COMMITTED)
    assert len(messages) >= 1200
    assert all(m.split == split_of(m.family, m.style) for m in messages)
    assert all(m.id == message_id(m.label, m.text) for m in messages)
    assert len({m.id for m in messages}) == len(messages)
