"""A decision record has its five parts, and the test it names exists."""

import re
from pathlib import Path

import pytest

from house.sources import ROOT

HEADINGS = ["Context", "Decision", "Alternatives", "Consequences", "Compliance"]
RECORDS = sorted((ROOT / "docs" / "adr").glob("*.md"))


def faults_of(record: Path) -> list[str]:
    """Return what is wrong with a decision record."""
    text = record.read_text(encoding="utf-8")
    faults = [] if re.findall(r"^## (.+)$", text, re.M) == HEADINGS else ["headings"]
    parts = re.split(r"^## .+$", text, flags=re.M)
    if any(not part.strip() for part in parts):
        faults.append("an empty part")
    tests = re.findall(r"`((?:tests|training/tests)/[^`:]+\.py)", parts[-1])
    if not tests:
        faults.append("no test under Compliance")
    return faults + [f"no such file: {test}" for test in tests if not (ROOT / test).is_file()]


def test_there_are_decision_records() -> None:
    assert len(RECORDS) >= 5


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_decision_record_is_whole(record: Path) -> None:
    assert faults_of(record) == []


def test_every_decision_record_has_a_number_of_its_own() -> None:
    """Gaps are fine: records are written at the same time under numbers that were given out before."""
    numbers = [int(record.name[:4]) for record in RECORDS]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("## Alternatives", "## Options"), "headings"),
        (("tests/unit", "tests/nowhere"), "no such file: tests/nowhere/gateway/test_pipeline.py"),
        (("`tests/unit/gateway/test_pipeline.py`", "We shall see."), "no test under Compliance"),
    ],
)
def test_a_broken_record_is_found(tmp_path: Path, change: tuple[str, str], fault: str) -> None:
    broken = tmp_path / "0009-broken.md"
    broken.write_text(RECORDS[1].read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    assert fault in faults_of(broken)
