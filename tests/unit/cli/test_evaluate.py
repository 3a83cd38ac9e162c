"""`portico evaluate`: exit status, files, and what goes where. One run has the real redactor, the others a fake."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from portico_cli.evaluate import EvaluateOptions, evaluate
from portico_core.labels import PhiType
from portico_evaluation.errors import UnusableSet
from portico_evaluation.phi import labelled_set
from portico_evaluation.suites import SuiteName
from unit.evaluation.phi_sets import CANARY, FakeRedactor, write_rows, write_sets

FOUND = [{"id": "p1", "marked": "My SSN is ⟦SSN:123-45-6789⟧.", "voice": "patient"}] * 3
CALM = [{"id": "p2", "marked": "I take metformin daily.", "voice": "patient"}] * 3
BLIND = FakeRedactor({})
SEEING = FakeRedactor({"123-45-6789": PhiType.SSN})
HIDDEN = [{"id": "p3", "marked": f"it was ⟦NAME:{CANARY.lower()}⟧ who", "voice": "patient"}] * 3


def options(out: Path | None = None, *texts: Path, gate: bool = False, show_errors: bool = False) -> EvaluateOptions:
    return EvaluateOptions(SuiteName.PHI, out, texts, gate=gate, show_errors=show_errors)


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    write_sets(tmp_path)
    write_rows(tmp_path / "portal.jsonl", [*FOUND, *CALM])
    return tmp_path


def test_a_table_and_two_files(sets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = sets / "made" / "here"
    assert evaluate(options(out, sets / "outside.jsonl"), sets=sets) == 0
    shown = capsys.readouterr()
    assert "identifiers of which every character was covered" in shown.out
    assert "outside.jsonl" in shown.out
    assert shown.err == ""  # No progress bar but on a terminal.
    assert sorted(file.name for file in out.iterdir()) == ["report.html", "results.json"]
    run = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert run["command"] == "portico evaluate --suite phi --text outside.jsonl"
    assert str(sets) not in (out / "results.json").read_text(encoding="utf-8")


def test_without_out_no_file_is_written(sets: Path) -> None:
    before = sorted(sets.iterdir())
    assert evaluate(options(), sets=sets, redactor=SEEING) == 0
    assert sorted(sets.iterdir()) == before


def test_a_missed_target_fails_behind_the_gate_only(sets: Path) -> None:
    assert evaluate(options(), sets=sets, redactor=BLIND) == 0
    assert evaluate(options(gate=True), sets=sets, redactor=BLIND) == 1


def test_a_met_gate_passes(sets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: on the portal set alone the fake redactor that sees it all meets every target."""
    monkeypatch.setattr(labelled_set, "structured_texts", lambda: ())
    assert evaluate(options(gate=True), sets=sets, redactor=SEEING) == 0


def test_errors_are_quoted_on_standard_error_and_only_when_asked(
    sets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(sets / "portal.jsonl", HIDDEN)
    evaluate(options(sets / "out"), sets=sets, redactor=BLIND)
    silent = capsys.readouterr()
    assert CANARY.lower() not in (silent.out + silent.err).lower()
    evaluate(options(sets / "out", show_errors=True), sets=sets, redactor=BLIND)
    shown = capsys.readouterr()
    assert f"portal p3 not covered NAME: '{CANARY.lower()}'" in shown.err
    assert CANARY.lower() not in shown.out.lower()
    assert all(CANARY.lower() not in f.read_text(encoding="utf-8").lower() for f in (sets / "out").iterdir())


def test_a_wrong_set_stops_before_anything_is_measured(sets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(sets / "portal.jsonl", [*FOUND, {"id": "x", "marked": f"⟦NAME:{CANARY}"}])
    with pytest.raises(UnusableSet, match=r"portal\.jsonl:4: a mark is not closed"):
        evaluate(options(), sets=sets)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (b"{" + CANARY.encode(), ":1: not JSON"),
        (
            b'{"text": "' + CANARY.encode() + b'", "spans": [{"start": 0, "end": 3, "type": "NOSE"}]}',
            "class is unknown",
        ),
    ],
)
def test_the_program_tells_a_wrong_set_in_one_line(tmp_path: Path, row: bytes, why: str) -> None:
    (tmp_path / "wrong.jsonl").write_bytes(row + b"\n")
    command = [sys.executable, "-m", "portico_cli.main", "evaluate", "--suite", "phi", "--text"]
    done = subprocess.run([*command, str(tmp_path / "wrong.jsonl")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and why in done.stderr
    assert CANARY not in done.stderr


def test_an_unknown_suite_is_refused() -> None:
    command = [sys.executable, "-m", "portico_cli.main", "evaluate", "--suite", "nose"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nose" in done.stderr


def test_a_folder_that_cannot_be_made_is_told(sets: Path) -> None:
    with pytest.raises(Exception, match="cannot be made a folder"):
        evaluate(options(sets / "portal.jsonl" / "out"), sets=sets)
