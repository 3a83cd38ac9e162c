"""`portico evaluate`: exit status, files, and what goes where. One run has the real redactor, the others a fake."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portico_cli.evaluate import EvaluateOptions, SafetyFolders, evaluate
from portico_core.labels import PhiType
from portico_evaluation.errors import UnusableSet
from portico_evaluation.phi import labelled_set
from portico_evaluation.suites import SuiteName
from unit.evaluation import safety_sets
from unit.evaluation.answer_sets import ASSISTANT, write_answer_sets
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
    write_rows(tmp_path / "portal_fresh.jsonl", [*FOUND, *CALM])
    write_rows(tmp_path / "portal_third.jsonl", [*FOUND, *CALM])
    write_rows(tmp_path / "portal_fourth.jsonl", [*FOUND, *CALM])
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


def run_safety(folder: Path, *, suite: SuiteName | None = SuiteName.SAFETY, **given: Any) -> int:
    """Run with the fake guard over the small safety sets."""
    settings: dict[str, Any] = {"out": None, "texts": (), "gate": False, "show_errors": False, **given}
    folders = SafetyFolders(folder / "messages", folder / "study")
    guard = safety_sets.guard()
    write_answer_sets(folder)
    return evaluate(
        EvaluateOptions(suite, **settings), sets=folder, redactor=SEEING, safety=folders, guard=guard, answers=folder,
        assistant=ASSISTANT,
    )  # fmt: skip


def test_the_safety_suite_writes_its_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outside, out = safety_sets.write_sets(tmp_path), tmp_path / "out"
    assert run_safety(tmp_path, out=out, texts=(outside,), limit=50) == 0
    shown = capsys.readouterr()
    assert "emergency or crisis routed as one of the two" in shown.out and shown.err == ""
    written = [file.read_text(encoding="utf-8") for file in sorted(out.iterdir())]
    assert safety_sets.CANARY not in shown.out + "".join(written)
    run = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert run["command"] == "portico evaluate --suite safety --text outside.jsonl --limit 50"


def test_the_gate_of_the_safety_suite(tmp_path: Path) -> None:
    """The sets miss targets as they are; without the wrong verdicts the gate opens, which is its negative control."""
    safety_sets.write_sets(tmp_path)
    assert run_safety(tmp_path) == 0
    assert run_safety(tmp_path, gate=True) == 1
    right = [
        safety_sets.message(label, f"{label} .99", split=split)
        for label in ("emergency", "crisis")
        for split in ("test", "threshold")
    ]
    safety_sets.write_rows(tmp_path / "messages" / "all.jsonl", right)
    calm = {"id": "minimising_relative", "title": "minimises", "opening": "My sister says it is nothing. "}
    safety_sets.write_rows(tmp_path / "study" / "contexts.jsonl", [calm])
    assert run_safety(tmp_path, gate=True) == 0


def test_safety_errors_are_quoted_only_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    safety_sets.write_sets(tmp_path)
    run_safety(tmp_path, show_errors=True)
    shown = capsys.readouterr()
    assert safety_sets.CANARY in shown.err and safety_sets.CANARY not in shown.out


def test_without_a_suite_each_text_goes_where_it_belongs(sets: Path) -> None:
    labelled = safety_sets.write_sets(sets)
    spanned = sets / "spans.jsonl"
    write_rows(spanned, [{"text": "My SSN is 123-45-6789.", "spans": [{"start": 10, "end": 21, "type": "SSN"}]}])
    assert run_safety(sets, suite=None, texts=(labelled, spanned), out=sets / "out") == 0
    run = json.loads((sets / "out" / "results.json").read_text(encoding="utf-8"))
    found = {suite["suite"]: [given["name"] for given in suite["sets"]] for suite in run["suites"]}
    assert "spans.jsonl" in found["phi"] and "outside.jsonl" in found["safety"]
    assert "outside.jsonl" not in found["phi"] and "spans.jsonl" not in found["safety"]


def test_the_answers_suite_writes_its_files_and_takes_no_sets_of_other_hands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_safety(tmp_path, suite=SuiteName.ANSWERS, out=tmp_path / "out") == 0
    shown = capsys.readouterr()
    assert "context precision" in shown.out and "missed: pipeline, answered from another topic" not in shown.err
    assert "answered from another topic" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert run_safety(tmp_path, suite=SuiteName.ANSWERS, gate=True) == 1
    with pytest.raises(Exception, match="no sets of other hands"):
        run_safety(tmp_path, suite=SuiteName.ANSWERS, texts=(tmp_path / "questions.jsonl",))
