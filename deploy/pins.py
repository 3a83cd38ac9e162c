"""Write the hash of every pinned package anew: `make pins`, after a version in a requirements file was changed by hand.

    .venv/bin/python deploy/pins.py requirements/runtime.txt ...

pip itself says which file it would install (`pip install --dry-run --report`), and its SHA-256 as the index gives it;
one file for each Python in `PYTHONS`. Comments stay where they are. That nothing is missing shows when the file is
installed with --require-hashes, which refuses whatever is not listed (docs/adr/0038).
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PIN = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)(\[[\w,-]+\])?==(?P<version>[\w.!+]+)")
# NVIDIA's images bring their own Python, 3.12 since release 24.11; onnxruntime has no file for the 3.10 before.
IMAGES = ("3.11.7", "3.12.3")
PYTHONS = {"deploy/triton/cpu-image.txt": IMAGES, "deploy/triton/gpu-image.txt": IMAGES}


def names_of(text: str) -> list[str]:
    """Return the pins of a requirements file, without hashes and comments."""
    lines = [line.split("#")[0].split("\\")[0].strip() for line in text.splitlines()]
    return [line.split(" --hash")[0] for line in lines if line and not line.startswith("--hash")]


def with_hashes(text: str, hashes: dict[str, set[str]]) -> str:
    """Return the file with the given hashes (by name) under each pin, and none of those that stood there."""
    written = []
    for line in text.splitlines():
        if line.strip().startswith("--hash"):
            continue
        bare = line.split(" \\")[0].rstrip()
        match = PIN.fullmatch(bare)
        if match is None:
            written.append(line)
            continue
        found = sorted(hashes[canonical(match["name"])])
        written.append(" \\\n".join([bare, *(f"    --hash=sha256:{each}" for each in found)]))
    return "\n".join(written) + "\n"


def canonical(name: str) -> str:
    """Return the one spelling of a package's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def ask_pip(pins: list[str], python: str) -> dict[str, str]:
    """Return name → SHA-256 of the file that pip would install for each pin on x86-64 Linux."""
    with tempfile.TemporaryDirectory() as folder:
        listed, report = Path(folder) / "pins.txt", Path(folder) / "report.json"
        listed.write_text("\n".join(pins), encoding="utf-8")
        tags = [f"--platform=manylinux_2_{glibc}_x86_64" for glibc in range(40, 4, -1)]
        platform = ["--target", folder, "--python-version", python, *tags, "--platform=manylinux2014_x86_64"]
        command = [
            sys.executable, "-m", "pip", "install", "-qq", "--no-input", "--dry-run", "--ignore-installed", "--no-deps",
            "--only-binary=:all:", "--disable-pip-version-check", *platform, "--report", str(report), "-r", str(listed),
        ]  # fmt: skip
        subprocess.run(command, check=True)
        installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {canonical(i["metadata"]["name"]): i["download_info"]["archive_info"]["hashes"]["sha256"] for i in installed}


def main() -> None:
    """Write every file that is named."""
    for name in sys.argv[1:]:
        path = Path(name)
        text = path.read_text(encoding="utf-8")
        hashes: dict[str, set[str]] = {}
        for python in PYTHONS.get(name, ("3.11.7",)):
            for package, digest in ask_pip(names_of(text), python).items():
                hashes.setdefault(package, set()).add(digest)
        path.write_text(with_hashes(text, hashes), encoding="utf-8")


if __name__ == "__main__":
    main()
