"""`make sabotage`: thirty builds with a guard taken out, each of which must turn the named fast tests red.

    PYTHONPATH=tests .venv/bin/python -m reliability.sabotage --seed 20261126 --count 30

A build is a folder of links to `services/`, in which one file is a changed copy, in front of the path that Python
searches. First a build with nothing but a comment changed must leave the same tests green, or red would prove nothing.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from reliability.sabotages import SABOTAGES, Sabotage

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ROOT / "services"
RED = 1  # pytest's status for failed tests; a build that cannot be collected ends with another.
TEST_S = 240.0


def changed_source(sabotage: Sabotage, source: str = "") -> str:
    """Return the file, or its `source` so far, with a guard taken out; raise ValueError where the line is not once."""
    source = source or (SERVICES / sabotage.file).read_text(encoding="utf-8")
    if source.count(sabotage.line) != 1:
        raise ValueError(f"{sabotage.guard}: the line stands there {source.count(sabotage.line)} times")
    return source.replace(sabotage.line, sabotage.instead)


def place(file: str, source: str, *, build: Path) -> None:
    """Put a file of other source into a tree of links to its package."""
    service, package = Path(file).parts[:2]
    (build / service).mkdir(parents=True, exist_ok=True)
    if not (build / service / package).exists():
        subprocess.run(["cp", "-rs", str(SERVICES / service / package), f"{build / service}/"], check=True)  # noqa: S607
    (build / file).unlink()
    (build / file).write_text(source, encoding="utf-8")


def place_changed(sabotage: Sabotage, build: Path) -> None:
    """Take one more guard out of a tree that may lack others already."""
    changed = build / sabotage.file
    place(
        sabotage.file,
        changed_source(sabotage, changed.read_text(encoding="utf-8") if changed.exists() else ""),
        build=build,
    )


def tested(file: str, source: str, tests: Sequence[str], *, folder: Path) -> int:
    """Build a tree in which one file is another, run tests on it, and return pytest's status."""
    service = Path(file).parts[0]
    place(file, source, build=folder / "build")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        *(f"tests/unit/{t}" for t in tests),
    ]
    environment = {**os.environ, "PYTHONPATH": str(folder / "build" / service), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=TEST_S, check=False)
    return done.returncode


def in_a_folder(file: str, source: str, tests: Sequence[str]) -> int:
    """The same in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        return tested(file, source, tests, folder=Path(name))


def is_noticed(sabotage: Sabotage) -> bool:
    """Say whether the tests turn red."""
    return in_a_folder(sabotage.file, changed_source(sabotage), [sabotage.test]) == RED


def is_green(sabotages: Sequence[Sabotage]) -> bool:
    """Say whether a build that differs by a comment passes the tests of these sabotages."""
    first = sabotages[0]
    source = (SERVICES / first.file).read_text(encoding="utf-8") + "\n# Nothing else is different here.\n"
    return in_a_folder(first.file, source, sorted({each.test for each in sabotages})) == 0


def main() -> int:
    """Run builds and print what was noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20261126)
    parser.add_argument("--count", type=int, default=len(SABOTAGES))
    wanted = parser.parse_args()
    chosen = random.Random(wanted.seed).sample(SABOTAGES, wanted.count)
    green = is_green(chosen)
    missed = [each.guard for each in chosen if not is_noticed(each)]
    figures = {"seed": wanted.seed, "builds": len(chosen), "green_unsabotaged": green, "missed": missed}
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    return 0 if green and not missed else 1


if __name__ == "__main__":
    raise SystemExit(main())
