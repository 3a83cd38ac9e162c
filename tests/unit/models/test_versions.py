"""Which version is in force: whatever interrupts a change, what was in force stays in force and whole."""

import errno
import json
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portico_core.model_versions import InForce, parse_in_force
from portico_models import promote
from portico_models.artefacts import MANIFEST, MODEL, REFERENCE, TOKENIZER, read_manifest, stage
from portico_models.check import MODELS
from portico_models.errors import ModelBuildError, ModelCheckError
from portico_models.promote import files_of, rolling_back
from portico_models.versions import changing, folder_in_force, list_versions, numbers_of, read_in_force

MEGABYTE = 1 << 20


def version(folder: Path, release: str, *, size: int = 8) -> Path:
    """Write a small version: what a build leaves, and code."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    content = release.encode().ljust(size, b".")
    stage(folder, {MODEL: content, TOKENIZER: b"{}", REFERENCE: b"r"}, {"version": release})
    (folder / "model.py").write_text("x = 1\n", encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate measures real models; tests/integration/test_promotion.py has it."""
    monkeypatch.setattr(promote, "_gate", lambda *_, **__: None)


def make_repository(folder: Path, age: str, *, size: int = 8) -> Path:
    """Write a repository, or a candidate, of small versions."""
    for name in MODELS:
        version(folder / name / "1", f"{name}-{age}", size=size)
    (folder / "safety_classifier" / "labels.txt").write_text("a\nb\n", encoding="utf-8")
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "model_repository", "old")


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "candidate", "new", size=2 * MEGABYTE)


def change(repository: Path, candidate: Path) -> None:
    """Promote; the record is durable."""
    with promote.promoting(candidate, repository):
        pass


def in_force(repository: Path) -> set[str]:
    """Return the releases in force, every file of them verified."""
    return {str(read_manifest(folder_in_force(repository, name))["version"]) for name in MODELS}


OLD, NEW = ({f"{name}-{age}" for name in MODELS} for age in ("old", "new"))


def test_a_promotion_keeps_the_old_and_a_rollback_returns_to_it(repository: Path, candidate: Path) -> None:
    assert in_force(repository) == OLD
    change(repository, candidate)
    assert in_force(repository) == NEW
    assert [numbers_of(repository, name) for name in MODELS] == [[1, 2]] * 3
    with rolling_back(repository) as back:
        assert set(back.releases.values()) == OLD
    assert in_force(repository) == OLD
    with rolling_back(repository):
        pass
    assert in_force(repository) == NEW
    listed = [(kept.number, kept.is_in_force, kept.is_previous) for kept in list_versions(repository, MODELS)]
    assert listed == [(1, False, True), (2, True, False)] * 3


def test_only_two_versions_are_kept(repository: Path, candidate: Path, tmp_path: Path) -> None:
    change(repository, candidate)
    change(repository, make_repository(tmp_path / "third", "third"))
    assert [numbers_of(repository, name) for name in MODELS] == [[2, 3]] * 3
    with rolling_back(repository):
        pass
    assert in_force(repository) == NEW


def test_a_record_that_cannot_be_written_stops_a_rollback(repository: Path, candidate: Path) -> None:
    change(repository, candidate)
    with pytest.raises(RuntimeError), rolling_back(repository):
        raise RuntimeError("no audit")
    assert in_force(repository) == NEW


def test_a_record_that_cannot_be_written_stops_a_promotion(repository: Path, candidate: Path) -> None:
    with pytest.raises(RuntimeError), promote.promoting(candidate, repository):
        raise RuntimeError("no audit")
    assert in_force(repository) == OLD
    assert [numbers_of(repository, name) for name in MODELS] == [[1]] * 3


def test_what_is_in_force_already_is_not_promoted(repository: Path, candidate: Path) -> None:
    change(repository, candidate)
    with pytest.raises(ModelBuildError, match="nothing to promote"):
        change(repository, candidate)


def test_a_damaged_version_is_not_returned_to(repository: Path, candidate: Path) -> None:
    change(repository, candidate)
    (repository / MODELS[0] / "1" / MODEL).write_bytes(b"other")
    with pytest.raises(ModelCheckError, match=r"model\.onnx is not the file"), rolling_back(repository):
        pass
    assert in_force(repository) == NEW


def test_without_a_promotion_there_is_nothing_to_return_to(repository: Path) -> None:
    with pytest.raises(ModelBuildError, match="no version before"), rolling_back(repository):
        pass


@pytest.mark.parametrize(
    "text",
    [
        "",  # torn
        "{}",
        "[]",
        '{"versions": {}, "previous": {"a": "1"}}',  # no number
        '{"versions": {"a": 0}, "previous": {}}',
        '{"versions": {"a": true}, "previous": {}}',
    ],
)
def test_an_unreadable_file_puts_nothing_in_force(repository: Path, text: str) -> None:
    (repository / "in_force.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelCheckError, match="unreadable"):
        read_in_force(repository)


def test_what_is_written_is_read() -> None:
    wanted = InForce({"a": 2}, {"a": 1})
    assert parse_in_force(wanted.to_text()) == wanted
    assert (wanted.number_of("a"), wanted.number_of("b")) == (2, 1)


@pytest.mark.parametrize("name", ["notes.txt", ".x.pt"])
def test_a_foreign_file_is_refused(repository: Path, name: str) -> None:
    folder = repository / MODELS[0] / "1"
    (folder / name).write_text("x", encoding="utf-8")
    with pytest.raises(ModelCheckError, match=f"{name}, which is no part of a model"):
        files_of(folder)


def test_a_second_change_waits_for_nobody(repository: Path) -> None:
    with changing(repository), pytest.raises(ModelBuildError, match="another change"), changing(repository):
        pass


# A kill or a full disk at every step that reaches the disk.


def child_status(act: Callable[[], None]) -> int:
    """Run something in a child process and return how it ended."""
    child = os.fork()
    if child == 0:
        try:
            act()
        except ModelBuildError:
            os._exit(3)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def killed_at(step: int, act: Callable[[], None]) -> int:
    """Run something in a child that is killed when it is about to reach the disk for the n-th time."""

    def run() -> None:
        left = [step]

        def count(event: str, _: tuple[object, ...]) -> None:
            if event in {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree"}:
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        act()

    return child_status(run)


@pytest.fixture
def quick_disk() -> Iterator[Path]:
    """A folder in memory: this test waits for the disk some thousand times."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


def test_a_kill_at_any_step_leaves_old_or_new_and_whole(quick_disk: Path) -> None:
    steps, outcomes = 0, set[str]()
    for step in range(1, 400):
        repository = make_repository(quick_disk / str(step) / "model_repository", "old")
        given = make_repository(quick_disk / str(step) / "candidate", "new")
        ended = killed_at(step, lambda r=repository, g=given: change(r, g))  # type: ignore[misc]
        found = in_force(repository)
        assert found in (OLD, NEW), f"step {step}: half of a change is in force"
        outcomes.add("new" if found == NEW else "old")
        if found == OLD:
            change(repository, given)  # The next attempt works, whatever was left behind.
        assert in_force(repository) == NEW
        list_versions(repository, MODELS)
        if ended == 0:
            steps = step
            break
        assert ended == signal.SIGKILL
    assert steps > 30 and outcomes == {"old", "new"}
    print(f"killed at each of {steps - 1} steps: halves in force 0")  # noqa: T201  the figure


@pytest.mark.parametrize("room", [0, MEGABYTE])
def test_a_full_disk_changes_nothing(repository: Path, candidate: Path, room: int) -> None:
    """The kernel refuses to let a file grow beyond `room`, as a full disk does in the middle of one."""

    def act() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        change(repository, candidate)

    assert os.waitstatus_to_exitcode(child_status(act)) == 3
    assert in_force(repository) == OLD
    assert [numbers_of(repository, name) for name in MODELS] == [[1]] * 3
    assert [path.name for path in repository.parent.iterdir() if path.name.startswith(".")] == []


def test_a_disk_that_is_full_for_the_last_file_changes_nothing(
    repository: Path, candidate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("portico_models.versions.write_synced", refuse)
        with pytest.raises(ModelBuildError, match="No space left"):
            change(repository, candidate)
    assert in_force(repository) == OLD
    change(repository, candidate)
    assert in_force(repository) == NEW
    assert json.loads((repository / "in_force.json").read_text("utf-8"))["previous"] == dict.fromkeys(MODELS, 1)
    assert not [path for path in repository.rglob(f"*/{MANIFEST}") if path.parent.name not in {"1", "2"}]
