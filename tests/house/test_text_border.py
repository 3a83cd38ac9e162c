"""Raw text cannot pass for redacted text: only the redactor makes a RedactedText. And nothing prints."""

from collections import Counter
from pathlib import Path

import pytest

from house.sources import SERVICES, calls_of, service_files

MAKERS = {
    "redaction/portico_redaction/engine.py",  # The redactor.
    "state/portico_state/stored_text.py",  # What was redacted before it was stored.
}
# `dataclasses.replace(redacted, text=…)` makes one, too; each use joins or quotes redacted text only.
# The conversation as one text, the answer as it is said, and names of topics in place of the patient's words for them.
REPLACERS = Counter({"gateway/portico_gateway/judgement.py": 1, "gateway/portico_gateway/pipeline.py": 2})
PRINTERS = {
    "models/portico_models/__main__.py",
    "evaluation/portico_evaluation/terminal.py",  # Tables of figures.
}


def makers(files: list[Path], root: Path = SERVICES) -> set[str]:
    return {str(path.relative_to(root)) for path in files if list(calls_of(path, "RedactedText"))}


def printers(files: list[Path], root: Path = SERVICES) -> set[str]:
    return {str(path.relative_to(root)) for path in files if list(calls_of(path, "print"))}


def test_only_the_redactor_makes_redacted_text() -> None:
    assert makers(service_files()) == MAKERS


def test_a_planted_maker_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "gateway.py"
    planted.write_text("from portico_core import text\nmade = text.RedactedText(request.reveal())\n", encoding="utf-8")
    innocent = tmp_path / "innocent.py"
    innocent.write_text('"""RedactedText( in words."""\ndef f(text: RedactedText) -> None: ...\n', encoding="utf-8")
    assert makers([planted, innocent], tmp_path) == {"gateway.py"}


def test_redacted_text_is_changed_in_known_places_only() -> None:
    places = Counter(
        str(path.relative_to(SERVICES))
        for path in service_files()
        for call in calls_of(path, "replace")
        if any(keyword.arg == "text" for keyword in call.keywords)
    )
    assert places <= REPLACERS


def test_raw_words_are_revealed_in_known_places_only() -> None:
    """`reveal` is for redaction, for the red flags at admission and when redaction failed (ADR 5), and for a digest."""
    places = {str(path.relative_to(SERVICES)) for path in service_files() if list(calls_of(path, "reveal"))}
    assert places <= {
        "redaction/portico_redaction/engine.py",
        "gateway/portico_gateway/pipeline.py",
        "gateway/portico_gateway/web/admission.py",
        "gateway/portico_gateway/web/patient_api.py",
    }


def test_services_do_not_print() -> None:
    assert printers(service_files()) <= PRINTERS


@pytest.mark.parametrize(("line", "found"), [("print(text)", {"x.py"}), ("say = '''print(1)'''", set())])
def test_a_planted_print_is_found(tmp_path: Path, line: str, found: set[str]) -> None:
    (tmp_path / "x.py").write_text(line + "\n", encoding="utf-8")
    assert printers([tmp_path / "x.py"], tmp_path) == found
