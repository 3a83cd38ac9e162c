"""`portico knowledge ingest`, from files to an index: what is bad is named, the rest comes in, a second run is idle."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import portico_cli.ingest as command
from portico_cli.knowledge import build, passages_of
from portico_core.errors import ConfigurationError
from portico_knowledge.index import load_index
from portico_knowledge.ingest.documents import Given
from portico_knowledge.passages import Source, built_in_folder, load_passages, read_topic, topic_files
from portico_redaction.engine import Redactor
from portico_redaction.recognisers import all_recognisers
from unit.knowledge.ingest_files import MARKDOWN, PDF, write
from unit.knowledge.test_ingest import HOSPITAL, TODAY, sign


@pytest.fixture(autouse=True)
def redactor(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The redactor without its tagger of names, which takes three seconds to open."""
    monkeypatch.setattr(command, "command_redactor", lambda: Redactor(recognisers=all_recognisers()))
    return


def test_good_files_come_in_bad_ones_are_named_and_the_second_run_has_nothing_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metformin = next(topic for topic in map(read_topic, topic_files(built_in_folder())) if topic.title == "Metformin")
    rows = [("One", "Ports are cleaned once a month."), ("Two", "Her MRN: 00482913 was on the chart of the port."),
            ("Three", metformin.sections[0].text)]  # fmt: skip
    lines = "\n".join(json.dumps({"title": "Port visits", "section": s, "text": t}) for s, t in rows)
    files = [write(tmp_path, "port.pdf", PDF), write(tmp_path, "bad.pdf", PDF[:300]), write(tmp_path, "a.jsonl", lines)]
    shelf = tmp_path / "shelf"
    assert command.ingest(files, shelf, HOSPITAL) == 1
    said = capsys.readouterr()
    assert said.err == f"error: {files[1]}: page 1: the PDF will not open; it is damaged or no PDF\n"
    assert said.out.splitlines() == [
        f"{files[0]}: 3 passages in 1 topics",
        f"{files[2]}:2: identifier: MRN",
        f"{files[2]}:3: duplicate: says the same as medicine.metformin#{metformin.sections[0].name}",
        f"{files[2]}: 1 passages in 1 topics, 2 left out",
        f"2 of 3 files on the shelf {shelf}; drafts await review",
    ]
    assert command.ingest(files[:1], shelf, HOSPITAL) == 0
    assert "on the shelf already" in capsys.readouterr().out


def test_a_topic_that_is_replaced_may_be_repeated_but_must_be_there(tmp_path: Path) -> None:
    text = read_topic(built_in_folder() / "medicines" / "metformin.md").sections[0].text
    file = write(tmp_path, "a.jsonl", json.dumps({"title": "Metformin here", "text": text}))
    source = HOSPITAL.source
    assert command.ingest([file], tmp_path / "one", Given(source, replaces=("medicine.metformin",))) == 0
    assert read_topic(tmp_path / "one" / "metformin-here.md").replaces == ("medicine.metformin",)
    with pytest.raises(ConfigurationError, match=r"no built-in topic medicine\.metfromin"):
        command.ingest([file], tmp_path / "two", Given(source, replaces=("medicine.metfromin",)))


def test_signed_drafts_are_indexed_alone_or_beside_ours_and_ingest_leaves_the_index_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf, index = tmp_path / "shelf", tmp_path / "index"
    assert command.ingest([write(tmp_path, "port.md", MARKDOWN)], shelf, Given()) == 0
    assert passages_of(None, shelf, alone=True) == ()
    sign(shelf / "implanted-port.md")
    build(index, passages_of(None, shelf, alone=True), triton=None)
    before = (index / "manifest.json").read_bytes()
    assert command.ingest([write(tmp_path, "bad.pdf", b"")], shelf, HOSPITAL) == 1
    assert (index / "manifest.json").read_bytes() == before
    assert {p.title for p in load_index(index).passages} == {"Implanted port"}
    ours = load_passages(built_in_folder(), today=TODAY)
    assert len(passages_of(None, shelf)) == len(ours) + 2
    capsys.readouterr()


def test_half_a_source_and_nothing_to_do_are_refused(tmp_path: Path) -> None:
    assert command.named_source("A", "https://a.example.org") == Source("A", "https://a.example.org")
    with pytest.raises(ConfigurationError, match="--source and --url together"):
        command.named_source("A", None)
    with pytest.raises(ConfigurationError, match="no file"):
        command.ingest([tmp_path], tmp_path / "shelf", HOSPITAL)
    with pytest.raises(ConfigurationError, match="--site"):
        passages_of(None, None, alone=True)
