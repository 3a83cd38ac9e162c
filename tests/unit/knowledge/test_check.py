"""Each rule of `check_passages` finds its planted fault and nothing in the built-in passages."""

from datetime import date
from pathlib import Path

import pytest

from portico_knowledge.check import Level, check_passages, count_served
from portico_knowledge.passages import built_in_folder

TODAY = date(2026, 12, 1)
TOPIC = """---
id: medicine.metformin
title: Metformin
also_called: [Glucophage]
section: [uses]
source:
  - name: MedlinePlus
    url: https://medlineplus.gov/x.html
reviewed_on: 2026-11-23
review_due: 2027-11-23
reviewer: awaiting clinician review
language: en
audience: adult patients
status: approved
---

## uses
Metformin is used to treat type 2 diabetes. Metformin helps keep blood sugar in a good range.
"""
LAST = "Metformin helps keep blood sugar in a good range."
HARD = "Biguanide pharmacotherapy characteristically necessitates individualized gastrointestinal considerations."


def codes(folder: Path, text: str, *, name: str = "metformin.md", today: date = TODAY) -> list[str]:
    (folder / name).write_text(text, encoding="utf-8")
    return [problem.code for problem in check_passages(folder, today=today)]


def test_a_good_topic_has_no_problem(tmp_path: Path) -> None:
    assert codes(tmp_path, TOPIC) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("title: Metformin\n", "", "front-matter"),
        ("reviewer: awaiting clinician review\n", "", "front-matter"),
        ("section: [uses]", "section: [uses, taking]", "sections"),
        ("https://medlineplus", "http://medlineplus", "source"),
        ("https://medlineplus.gov/x.html", "nowhere", "source"),
        ("review_due: 2027-11-23", "review_due: 2026-11-30", "expired"),
        ("review_due: 2027-11-23", "review_due: 2026-11-20", "dates"),
        ("review_due: 2027-11-23", "review_due: 2026-12-20", "due-soon"),
        ("reviewed_on: 2026-11-23", "reviewed_on: 2026-12-23", "dates"),
        (LAST, HARD, "reading-grade"),
        (LAST, "It helps.", "leans"),
        (LAST, "They help.", "leans"),
        (LAST, "This helps.", "leans"),
        (LAST, "These help.", "leans"),
        (LAST, "See https://x.org now.", "markup"),
        (LAST, "Metformin **helps**.", "markup"),
        (LAST, "Metformin <b>helps</b>.", "markup"),
        (LAST, "Met\u200bformin helps.", "hidden"),
        (LAST, "Metformin, e.g. the pill, helps.", "abbreviation"),
        (LAST, "Metformin helps", "unfinished"),
        ("id: medicine.metformin", "id: Metformin", "id"),
        ("id: medicine.metformin", "id: medicine.warfarin", "id"),
    ],
)
def test_a_planted_fault_is_found(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert old in TOPIC
    assert code in codes(tmp_path, TOPIC.replace(old, new, 1))


def test_one_id_in_two_files_is_found(tmp_path: Path) -> None:
    codes(tmp_path, TOPIC)
    assert "duplicate-id" in codes(tmp_path, TOPIC, name="other.md")


def test_a_copied_section_is_found_and_the_same_about_another_medicine_is_not(tmp_path: Path) -> None:
    codes(tmp_path, TOPIC)
    copied = TOPIC.replace("id: medicine.metformin", "id: medicine.other").replace("title: Metformin", "title: Other")
    assert codes(tmp_path, copied, name="other.md") == ["duplicate"]
    assert codes(tmp_path, copied.replace("Metformin", "Sitagliptin"), name="other.md") == []


def test_a_problem_reads_as_file_line_level_and_why(tmp_path: Path) -> None:
    codes(tmp_path, TOPIC.replace(LAST, "It helps."))
    problem = check_passages(tmp_path, today=TODAY)[0]
    assert str(problem) == f"{tmp_path}/metformin.md:17: error: uses: does not stand alone: 'It helps.' [leans]"


def test_the_built_in_passages_have_no_error() -> None:
    problems = check_passages(built_in_folder(), today=TODAY)
    assert [str(problem) for problem in problems if problem.level is Level.ERROR] == []


def test_only_served_topics_are_counted_by_kind(tmp_path: Path) -> None:
    (tmp_path / "metformin.md").write_text(TOPIC, encoding="utf-8")
    assert count_served(tmp_path, today=TODAY) == {"medicine": 1}
    retired = TOPIC.replace("status: approved", "status: retired")
    (tmp_path / "metformin.md").write_text(retired, encoding="utf-8")
    assert count_served(tmp_path, today=TODAY)["medicine"] == 0
    (tmp_path / "metformin.md").write_text(TOPIC, encoding="utf-8")
    assert count_served(tmp_path, today=date(2027, 11, 23))["medicine"] == 0, "the review is overdue"


def test_the_built_in_topics_are_as_many_as_promised() -> None:
    counts = count_served(built_in_folder(), today=TODAY)
    assert counts["medicine"] >= 90
    assert counts["procedure"] >= 45
    assert counts["lab"] >= 45
    assert counts["portal"] >= 20
