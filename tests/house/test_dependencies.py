"""What we depend on, checked without a network: exact pins with hashes, what is installed is what is pinned, licences.

Known weaknesses need a public service: `make audit-dependencies` (docs/adr/0033).
"""

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest

from house.sources import ROOT, script

FILES = sorted([*(ROOT / "requirements").glob("*.txt"), *(ROOT / "deploy").glob("*/*.txt")])
RUNTIME = ROOT / "requirements" / "runtime.txt"
PINS = script("deploy/pins.py")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_PIN = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)(\[[\w,-]+\])?==(?P<version>[\w.!+]+)")
# Licences that ask for a notice at most, or for changes of the very files (MPL).
ALLOWED = re.compile(
    r"\b(MIT(-0|-CMU)?|(\d-Clause )?BSD(-\d-Clause)?|0BSD|Apache(-2\.0)?|ISC|Python Software Foundation|PSF(-2\.0)?|"
    r"MPL(-2\.0)?|Mozilla Public|Zlib|CC0-1\.0|CNRI-Python)\b"
)


def requirements(path: Path) -> dict[str, list[str]]:
    """Return what a requirements file names, with the hashes of each."""
    bare = "\n".join(line.split("#")[0].rstrip() for line in path.read_text(encoding="utf-8").splitlines())
    words = [line.split() for line in bare.replace("\\\n", " ").splitlines() if line.strip()]
    return {
        " ".join(w for w in line if not w.startswith("--hash")): [w for w in line if w.startswith("--hash")]
        for line in words
    }


def pins(path: Path) -> list[str]:
    """Return the lines of a requirements file that name a package."""
    return list(requirements(path))


def licence_of(installed: Distribution) -> str:
    """Return what a package says of its licence: the expression, else the classifiers, else the first line."""
    said = installed.metadata
    classes = [c.split(" :: ")[-1] for c in said.get_all("Classifier") or [] if c.startswith("License ::")]
    return said.get("License-Expression") or " OR ".join(classes) or (said.get("License") or "").split("\n")[0]


def is_allowed(licence: str) -> bool:
    """Say whether every part that must hold, or one of those to choose from, is on the list."""
    choices = [part.strip(" ()") for part in re.split(r"\bOR\b|\|", licence)]
    return any(all(ALLOWED.search(part) for part in re.split(r"\bAND\b", choice)) for choice in choices)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_requirement_is_an_exact_pin_with_its_hash(path: Path) -> None:
    named = requirements(path)
    assert named
    assert [line for line in named if not _PIN.fullmatch(line)] == []
    assert [line for line, hashes in named.items() if not hashes or not all(map(_HASH.fullmatch, hashes))] == []


def test_training_is_pinned_exactly() -> None:
    """Without hashes: torch comes from an index of its own, or from a disk, and is not the same file everywhere."""
    text = (ROOT / "training" / "requirements.txt").read_text(encoding="utf-8")
    named = [line.split("#")[0].strip() for line in text.splitlines()]
    assert [line for line in named if line and not line.startswith("--") and not _PIN.fullmatch(line)] == []


@pytest.mark.parametrize(
    "text",
    ["six==1.17.0", "six==1.17.0 \\\n    --hash=md5:0123", f"six==1.17.0 --hash=sha256:{'0' * 63}", "# six"],
)
def test_a_requirement_without_a_sound_hash_is_found(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.txt").write_text(text, encoding="utf-8")
    with pytest.raises(AssertionError):
        test_every_requirement_is_an_exact_pin_with_its_hash(tmp_path / "bad.txt")


def test_hashes_are_written_under_their_pins_and_old_ones_go() -> None:
    text = "# Why.\nsix==1.17.0 \\\n    --hash=sha256:old\nx-y[a]==1.0\n"
    written = PINS.with_hashes(text, {"six": {"b", "a"}, "x-y": {"c"}})
    assert written == (
        "# Why.\nsix==1.17.0 \\\n    --hash=sha256:a \\\n    --hash=sha256:b\nx-y[a]==1.0 \\\n    --hash=sha256:c\n"
    )
    assert PINS.names_of(written) == ["six==1.17.0", "x-y[a]==1.0"]


def test_what_is_installed_is_what_is_pinned() -> None:
    wanted = {match["name"]: match["version"] for line in pins(RUNTIME) if (match := _PIN.fullmatch(line))}
    assert {name: distribution(name).version for name in wanted} == wanted


def test_every_licence_is_on_the_list() -> None:
    found = {line: licence_of(distribution(line.split("==")[0].split("[")[0])) for line in pins(RUNTIME)}
    assert {line: licence for line, licence in found.items() if not is_allowed(licence)} == {}


def test_torch_is_never_needed_to_serve() -> None:
    assert [line for line in pins(RUNTIME) if line.startswith(("torch", "transformers"))] == []


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "MIT AND AGPL-3.0", "", "Other/Proprietary License"])
def test_another_licence_is_found(licence: str) -> None:
    assert not is_allowed(licence)


@pytest.mark.parametrize("line", ["starlette", "starlette>=1.0", "starlette==1.*", "x @ https://example.org/x.whl"])
def test_an_open_pin_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "x.txt").write_text(line, encoding="utf-8")
    assert [found for found in pins(tmp_path / "x.txt") if not _PIN.fullmatch(found)] == [line]
