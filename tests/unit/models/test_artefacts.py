"""A repository holds what was built, whole, or is refused."""

import json
from pathlib import Path

import pytest

from portico_models.artefacts import MANIFEST, publish, read_manifest, stage, staging_folder
from portico_models.check import CheckReport, Recall, check_models
from portico_models.errors import ModelBuildError, ModelCheckError

FILES = {"model.onnx": b"model", "tokenizer.json": b"{}", "reference.npy": b"numbers"}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "repository" / "some_model" / "1"
    folder.mkdir(parents=True)
    stage(tmp_path / "staged", FILES, {"model": "some_model", "version": "1"})
    publish(tmp_path / "staged", folder)
    return folder


def test_what_is_published_verifies(target: Path) -> None:
    assert read_manifest(target)["model"] == "some_model"


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_changed_file_is_named(target: Path, name: str) -> None:
    (target / name).write_bytes(b"other")
    with pytest.raises(ModelCheckError, match=f"{name} is not the file that was built"):
        read_manifest(target)


@pytest.mark.parametrize("name", [*sorted(FILES), MANIFEST])
def test_a_missing_file_is_named(target: Path, name: str) -> None:
    (target / name).unlink()
    with pytest.raises(ModelCheckError, match=f"{name} is missing"):
        read_manifest(target)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"files": {}}', '{"files": 3}'])
def test_a_manifest_that_names_nothing_is_refused(target: Path, content: str) -> None:
    (target / MANIFEST).write_text(content)
    with pytest.raises(ModelCheckError, match="portico models build"):
        read_manifest(target)


def test_publishing_half_leaves_a_refused_repository(target: Path, tmp_path: Path) -> None:
    """A build that dies between two renames: new model, old manifest."""
    staged = tmp_path / "next"
    stage(staged, FILES | {"model.onnx": b"newer"}, {"model": "some_model", "version": "2"})
    (staged / "model.onnx").replace(target / "model.onnx")
    with pytest.raises(ModelCheckError, match="SHA-256 differs"):
        read_manifest(target)


def test_staging_leaves_nothing_behind(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    with pytest.raises(KeyboardInterrupt), staging_folder(repository) as folder:
        (folder / "model.onnx").write_bytes(b"half")
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["repository"]
    assert not list(repository.iterdir())


def test_no_repository_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelBuildError, match="no model repository"), staging_folder(tmp_path / "nowhere"):
        pass


def test_a_check_of_nothing_fails(tmp_path: Path) -> None:
    report = check_models(tmp_path)
    assert not report.passed
    assert "is missing" in report.problems[0]


def test_manifest_is_json_with_a_checksum_of_every_file(target: Path) -> None:
    assert json.loads((target / MANIFEST).read_text())["files"].keys() == FILES.keys()


@pytest.mark.parametrize(("by_int8", "lost"), [(100, False), (99, False), (98, True)])
def test_recall_may_fall_by_one_point(by_int8: int, lost: bool) -> None:
    assert Recall("crisis", 100, by_float=100, by_int8=by_int8).is_lost is lost


def test_a_report_with_a_problem_has_not_passed() -> None:
    assert not CheckReport({}, problems=("x",)).passed
    assert CheckReport({}).passed
