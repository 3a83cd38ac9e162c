"""What the house tests look at: the Python files of the services, as paths and as syntax trees."""

import ast
import importlib.util
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ROOT / "services"
# Folders that git ignores; named here for a checkout without git.
IGNORED = {".git", ".import_linter_cache", "node_modules", "__pycache__", "build"}


def service_files(root: Path = SERVICES) -> list[Path]:
    """Return every Python file of the packages (`services/*/portico_*`)."""
    return sorted(path for path in root.glob("*/portico_*/**/*.py"))


def script(path: str) -> ModuleType:
    """Load a script that is in no package, such as one of docs/."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def calls_of(path: Path, name: str) -> Iterator[ast.Call]:
    """Yield the calls of a bare or dotted name in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and name in {getattr(node.func, "id", None), getattr(node.func, "attr", None)}:
            yield node


def tracked_files() -> list[Path]:
    """Return what is, or would be, in the repository: tracked files and those that git does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    names = [name.decode() for name in listed.stdout.split(b"\0") if name]
    if listed.returncode != 0:
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")]
    paths = [ROOT / name for name in names if not IGNORED & set(Path(name).parts)]
    return sorted(path for path in paths if path.is_file() and not any(p.startswith(".venv") for p in path.parts))
