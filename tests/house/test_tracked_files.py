"""The repository stands on its own: no path or host of the machine it was written on, and nothing large."""

import re
from pathlib import Path

import pytest

from house.sources import ROOT, tracked_files

# Assembled, so that this file does not find itself.
MACHINE = re.compile(
    "|".join(
        [
            "(?<![\\w.-])/" + "work/",
            "(?<![\\w.-])/" + "root/",
            "(?<![\\w.-])/" + "home/[a-z]+/",
            "artifact" + "ory",
            "index[-_]url",
            "//registry" + r"\.(?!npmjs)",
            "://" + "mirror",
        ]
    ),
    re.I,
)
MAX_MB = 60  # Issue 2: the clone.
BINARY = {".safetensors", ".npy", ".npz", ".png", ".onnx", ".woff2", ".gz", ".ico"}


def machine_traces(path: Path) -> list[str]:
    """Return the lines of a text file that name this machine."""
    if path.suffix in BINARY:
        return []
    text = path.read_text(encoding="utf-8", errors="replace")
    return [f"{path.name}:{n}: {line[:80]}" for n, line in enumerate(text.splitlines(), 1) if MACHINE.search(line)]


def test_no_file_names_this_machine() -> None:
    assert [trace for path in tracked_files() for trace in machine_traces(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        "open('/" + "work/main/x')",
        "HOME=/" + "root/.cache",
        "--index-" + "url https://pypi.example/simple",
        "https://" + "mirror.example/debian",
    ],
)
def test_a_planted_trace_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "x.txt").write_text(f"first\n{line}\n", encoding="utf-8")
    assert [trace.split(":")[1] for trace in machine_traces(tmp_path / "x.txt")] == ["2"]


def test_a_relative_path_is_no_trace(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text('work = "training/work/classifier"\n', encoding="utf-8")
    assert machine_traces(tmp_path / "x.txt") == []


def test_the_clone_stays_small() -> None:
    megabytes = sum(path.stat().st_size for path in tracked_files()) / 1e6
    assert megabytes < MAX_MB


def test_no_private_key_is_in_the_repository() -> None:
    marker = "PRIVATE " + "KEY-----"
    found = [
        p.relative_to(ROOT)
        for p in tracked_files()
        if p.suffix not in BINARY and marker in p.read_text("utf-8", "replace")
    ]
    assert found == []
