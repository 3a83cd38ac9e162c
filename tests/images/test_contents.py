"""What is in the images that serve: files that are copied, packages that are installed, and nothing of training.

The Dockerfile's own steps are followed without Docker: what the build context lets through is copied, exactly the
pinned packages are linked beside it, and the package is installed and called as the image does it.
"""

import ast
import fnmatch
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

from images.test_images import ROOT, TRAINING_ONLY, instructions, packages

SERVING = ("gateway", "console", "audit")
IGNORED = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"]


def is_ignored(path: str) -> bool:
    """Say whether .dockerignore keeps a file, or a folder that it lies in, out of the build."""
    parts = path.split("/")
    ways = ["/".join(parts[: end + 1]) for end in range(len(parts))]
    return any(fnmatch.fnmatchcase(way, p) for way in ways for p in _patterns())


def _patterns() -> Iterator[str]:
    for pattern in IGNORED:
        yield pattern
        if pattern.startswith("**/"):
            yield pattern.removeprefix("**/")
            yield f"*/{pattern.removeprefix('**/')}"


def copied(name: str) -> list[str]:
    """Return the files that the first stage of an image copies out of this checkout."""
    text = (ROOT / f"deploy/images/{name}.Dockerfile").read_text("utf-8")
    steps = [step.split()[:-1] for step in instructions(text, "COPY") if not step.startswith("--from")]
    found = []
    for source in (ROOT / source for sources in steps for source in sources):
        files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
        found += [str(path.relative_to(ROOT)) for path in files]
    return sorted(path for path in found if not is_ignored(path))


@cache
def imports(path: Path) -> set[str]:
    """Return the top names that a Python file imports, anywhere in it."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    named = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    named += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    return {name.partition(".")[0] for name in named}


def training_files(files: list[str], root: Path = ROOT) -> list[str]:
    """Return the files that are of training: by their folder, or by what they import."""
    of_folder = [path for path in files if path.startswith("training/")]
    python = [path for path in files if path.endswith(".py")]
    return of_folder + [path for path in python if imports(root / path) & (TRAINING_ONLY | {"training"})]


@pytest.mark.parametrize("name", SERVING)
def test_no_file_that_is_copied_is_of_training(name: str) -> None:
    files = copied(name)
    assert len(files) > 300 and "services/gateway/portico_gateway/pipeline.py" in files
    assert training_files(files) == []
    assert [
        path for path in files if path.split("/")[0] not in {"services", "requirements", "pyproject.toml", "README.md"}
    ] == []
    assert [
        path
        for path in files
        if re.search(r"node_modules|__pycache__|/index/|\.onnx$|/tests?/|\.key$|keys\.json$", path)
    ] == []


@pytest.mark.parametrize(
    "planted", ["import torch\n", "def f():\n    from trl import DPOTrainer\n", "import peft.tuners\n"]
)
def test_a_file_of_training_would_be_found(tmp_path: Path, planted: str) -> None:
    (tmp_path / "a.py").write_text(planted, encoding="utf-8")
    assert training_files(["a.py", "training/b.txt"], tmp_path) == ["training/b.txt", "a.py"]


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("services/knowledge/index/vectors.npy", True),
        ("services/widget/node_modules/a/b.js", True),
        ("services/cli/portico_cli/__pycache__/a.pyc", True),
        ("build/bundle/SHA256SUMS", True),
        (".venv-triton/bin/python", True),
        ("tests/stack.py", True),
        ("model_repository/responder/1/manifest.json", True),
        ("services/widget/dist/portico.js", False),
        ("model_repository/responder/1/model.py", False),
    ],
)  # fmt: skip
def test_the_build_context_is_read_as_docker_reads_it(path: str, *, ignored: bool) -> None:
    assert is_ignored(path) is ignored


def planned(context: Path) -> "subprocess.CompletedProcess[str]":
    """Say what `make bundle` would do in the builder's context."""
    command = ["make", "--dry-run", "bundle", "PYTHON=python"]
    return subprocess.run(command, cwd=context, capture_output=True, text=True, timeout=60, check=False)


def test_the_builder_has_what_make_bundle_starts_from(tmp_path: Path) -> None:
    """`COPY . .` less what .dockerignore keeps out: make finds each file that a step needs, and makes the rest."""
    assert "COPY . ." in (ROOT / "deploy/images/builder.Dockerfile").read_text("utf-8")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    for path in (path for path in done.stdout.split("\0") if path and not is_ignored(path)):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).symlink_to(ROOT / path)
    made = planned(tmp_path)
    assert made.returncode == 0, made.stderr
    steps = ("-m venv .venv", "portico models build", "portico knowledge index", "bash deploy/bundle.sh build/bundle")
    places = [made.stdout.index(step) for step in steps]
    assert places == sorted(places)
    (tmp_path / "requirements/build.txt").unlink()
    assert "requirements/build.txt" in planned(tmp_path).stderr


def installed(name: str) -> set[str]:
    """Return the packages that every `pip install` of an image names, optional ones too (with hashes)."""
    text = (ROOT / f"deploy/images/{name}.Dockerfile").read_text("utf-8")
    commands = re.findall(r"pip install .*--require-hashes (.+?)(?: \\|$)", text, re.M)
    files = re.findall(r"-r (\S+)", " ".join(commands))
    return set().union(*(packages((ROOT / file).read_text("utf-8")) for file in files))


@pytest.mark.parametrize("name", SERVING)
def test_what_is_installed_holds_no_training(name: str) -> None:
    assert len(installed(name)) > 50
    assert {_plain(package) for package in installed(name)} & TRAINING_ONLY == set()


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gateway image's tree: the copied files, a Python with its packages alone, and the installed services."""
    tree = tmp_path_factory.mktemp("image") / "opt"
    for path in copied("gateway"):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tree / path)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tree / ".venv"], check=True, timeout=300)
    link_packages(installed("gateway") | {"pip"}, next((tree / ".venv" / "lib").glob("python*")) / "site-packages")
    done = run(tree, "python", "-m", "pip", "install", "--no-index", "--no-deps", "--no-build-isolation", "-e", ".")
    assert done.returncode == 0, done.stderr
    return tree


def link_packages(names: set[str], place: Path) -> None:
    """Link every file of this environment's packages of these names into a folder."""
    wanted = {_plain(name) for name in names}
    for each in metadata.distributions():
        if _plain(each.metadata["Name"]) not in wanted:
            continue
        for file in each.files or []:
            source = Path(str(each.locate_file(file)))
            if ".." not in file.parts and "__pycache__" not in file.parts and source.exists():
                (place / file).parent.mkdir(parents=True, exist_ok=True)
                (place / file).symlink_to(source)


def run(tree: Path, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a program of the tree in an environment that holds nothing of this checkout."""
    given = {"PATH": f"{tree}/.venv/bin:/usr/bin:/bin", "HOME": str(tree), "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    given |= {"PYTHONDONTWRITEBYTECODE": "1", "ORT_DISABLE_TELEMETRY": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    command = [str(tree / ".venv" / "bin" / program), *arguments]
    return subprocess.run(command, cwd=tree, env=given, capture_output=True, text=True, timeout=300, check=False)


LOADED = """
import importlib.util, sys
import portico_cli.main, portico_gateway.bootstrap, portico_console.bootstrap, portico_console.notifier.worker
own = [m for m in sys.modules.values() if m.__name__.startswith('portico_') and getattr(m, '__file__', None)]
print(len(own), {m.__file__.startswith(sys.argv[1] + '/services/') for m in own})
print(sorted(n for n in sys.argv[2].split(',') if n in sys.modules or importlib.util.find_spec(n)))
print(bool(importlib.util.find_spec('pyarrow')))
"""


def test_the_image_has_what_its_services_need_and_nothing_that_trains(tree: Path) -> None:
    assert run(tree, "python", "-m", "pip", "check").stdout == "No broken requirements found.\n"
    done = run(tree, "python", "-I", "-c", LOADED, str(tree), ",".join(TRAINING_ONLY - {"triton"}))
    assert done.returncode == 0, done.stderr
    loaded, training, archive = done.stdout.splitlines()
    count, places = loaded.split(" ")
    assert int(count) > 100 and places == "{True}", "the services of the image, and not those of this checkout"
    assert training == "[]"
    assert archive == "False", "the archive's library is in the audit image alone"
    assert "pyarrow" in installed("audit") - installed("gateway")
