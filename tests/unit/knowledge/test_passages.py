"""Topic files are read exactly; every error names file and line; only what is approved and due later is served."""

from datetime import date
from pathlib import Path

import pytest

from portico_knowledge.passages import (
    SECTION_NAMES,
    PassageError,
    built_in_folder,
    load_passages,
    parse_topic,
    read_topic,
    topic_passages,
)  # fmt: skip

TODAY = date(2026, 12, 1)
TOPIC = """---
id: medicine.metformin
title: Metformin
also_called: [Glucophage, sugar pill]
section: [uses, side-effects]
source:
  - name: MedlinePlus, Metformin
    url: https://medlineplus.gov/druginfo/meds/a696005.html
reviewed_on: 2026-11-23
review_due: 2027-11-23
reviewer: awaiting clinician review
language: en
audience: adult patients
status: approved
---

## uses
Metformin is used to treat type 2 diabetes.
Metformin helps.

## side-effects
Metformin can cause diarrhea.
"""


def test_a_topic_becomes_one_passage_a_section() -> None:
    passages = topic_passages(parse_topic(TOPIC, file=Path("metformin.md")))
    assert [p.id for p in passages] == ["medicine.metformin#uses", "medicine.metformin#side-effects"]
    first = passages[0]
    assert first.text == "Metformin is used to treat type 2 diabetes. Metformin helps."
    assert (first.title, first.section) == ("Metformin", "What it is used for")
    assert first.source == "MedlinePlus, Metformin"
    assert first.url.startswith("https://medlineplus.gov/")
    assert first.synonyms == ("Glucophage", "sugar pill")
    assert (first.reviewed_on, first.review_due) == (date(2026, 11, 23), date(2027, 11, 23))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("---\nid:", "id:", "m.md:1: no front matter"),
        ("title: Metformin", "title:", "m.md:3: title is missing"),
        ("title: Metformin", "title: [a]", "m.md:3: title is not text"),
        ("also_called: [Glucophage, sugar pill]", "also_called: Glucophage", "m.md:4: also_called is not a list"),
        ("reviewed_on: 2026-11-23", "reviewed_on: soon", "m.md:9: reviewed_on is not a date"),
        ("status: approved", "status: fine", "m.md:14: status is none of"),
        ("    url: https://medlineplus.gov/druginfo/meds/a696005.html\n", "", "source is not a list of name and url"),
        ("title: Metformin", "title: {", "m.md:"),
        ("## uses", "## usage", "m.md:17: 'usage' is not a known section"),
        ("## side-effects", "## uses", "m.md:21: section uses stands twice"),
        ("Metformin can cause diarrhea.\n", "", "m.md:21: section side-effects is empty"),
        ("\n## uses", "\nA stray line.\n## uses", "text before the first"),
    ],
)
def test_an_error_names_file_and_line(old: str, new: str, message: str) -> None:
    assert old in TOPIC
    with pytest.raises(PassageError) as error:
        parse_topic(TOPIC.replace(old, new, 1), file=Path("m.md"))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_of_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "m.md"
    file.write_bytes(b"---\nid: a\ntitle: caf\xe9\n---\n")
    with pytest.raises(PassageError, match=r"m\.md:3: not UTF-8"):
        read_topic(file)


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_what_is_not_approved_or_overdue_is_not_served(tmp_path: Path) -> None:
    write(tmp_path, "a.md", TOPIC)
    write(tmp_path, "b.md", TOPIC.replace("medicine.metformin", "medicine.b").replace("approved", "draft"))
    write(tmp_path, "c.md", TOPIC.replace("medicine.metformin", "medicine.c").replace("approved", "retired"))
    assert {p.id.partition("#")[0] for p in load_passages(tmp_path, today=TODAY)} == {"medicine.metformin"}
    assert load_passages(tmp_path, today=date(2027, 11, 23)) == ()
    assert load_passages(tmp_path, today=date(2026, 11, 22)) == ()


def test_one_id_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.md", TOPIC)
    write(tmp_path, "b.md", TOPIC)
    with pytest.raises(PassageError, match=r"b\.md:1: id medicine\.metformin"):
        load_passages(tmp_path, today=TODAY)


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PassageError, match="no topic files"):
        load_passages(tmp_path, today=TODAY)


def test_the_built_in_topics_load() -> None:
    passages = load_passages(built_in_folder(), today=TODAY)
    topics = {p.id.partition("#")[0] for p in passages}
    assert len(topics) >= 60
    assert {p.section for p in passages} <= set(SECTION_NAMES.values())
