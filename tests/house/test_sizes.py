"""Functions and files that one can read in one sitting (house style, shape)."""

import ast
from pathlib import Path

import pytest

from house.sources import SERVICES, service_files

MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 450


def long_functions(path: Path) -> list[str]:
    """Return the functions of a file that are too long, docstring and all."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    return [f"{path.name}:{f.name}" for f in found if (f.end_lineno or 0) - f.lineno + 1 > MAX_FUNCTION_LINES]


def is_long(path: Path) -> bool:
    """Say whether a file is too long."""
    return len(path.read_text(encoding="utf-8").splitlines()) > MAX_FILE_LINES


def test_no_function_is_too_long() -> None:
    assert [name for path in service_files() for name in long_functions(path)] == []


def test_no_file_is_too_long() -> None:
    assert [str(path.relative_to(SERVICES)) for path in service_files() if is_long(path)] == []


@pytest.mark.parametrize(("lines", "found"), [(MAX_FUNCTION_LINES, []), (MAX_FUNCTION_LINES + 1, ["x.py:f"])])
def test_a_planted_long_function_is_found(tmp_path: Path, lines: int, found: list[str]) -> None:
    (tmp_path / "x.py").write_text("def f():\n" + "    x = 1\n" * (lines - 1), encoding="utf-8")
    assert long_functions(tmp_path / "x.py") == found


@pytest.mark.parametrize("extra", [0, 1])
def test_a_planted_long_file_is_found(tmp_path: Path, extra: int) -> None:
    (tmp_path / "x.py").write_text("x = 1\n" * (MAX_FILE_LINES + extra), encoding="utf-8")
    assert is_long(tmp_path / "x.py") is bool(extra)


def test_every_module_says_its_place() -> None:
    """A module docstring says its place in the turn; an empty `__init__` has no place of its own."""
    silent = [
        str(path.relative_to(SERVICES))
        for path in service_files()
        if path.read_text(encoding="utf-8").strip() and ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None
    ]
    assert silent == []
