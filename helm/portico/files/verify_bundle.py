"""Run before any pod that opens a bundle: it is what the site pinned, file for file, and nothing else.

verify_bundle.py --sums-sha256=HEX FOLDER

FOLDER/SHA256SUMS has the form of `sha256sum`; its own SHA-256 is the one value that a site pins. A file that is not
listed is refused as well, because a model repository holds code that Triton runs. Standard library only.
"""

import hashlib
import os
import re
import sys
from pathlib import Path, PurePosixPath

SUMS = "SHA256SUMS"
LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


class Refused(Exception):
    """Why a bundle is not opened."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_sums(text: str) -> dict[str, str]:
    """Return path → SHA-256; raise Refused for a line that is neither, or a path that leaves the folder."""
    sums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        found = LINE.fullmatch(line)
        if found is None:
            raise Refused(f"{SUMS} line {number} is not `<sha256>  <path>`")
        path = PurePosixPath(found[2])
        if path.is_absolute() or ".." in path.parts or str(path) in sums:
            raise Refused(f"{SUMS} line {number} names a path outside the bundle, or one twice")
        sums[str(path)] = found[1]
    if not sums:
        raise Refused(f"{SUMS} lists nothing")
    return sums


def files_in(folder: Path) -> set[str]:
    """Return every file below a folder; raise Refused for what is neither a file nor a folder."""
    found: set[str] = set()
    for at, folders, names in os.walk(folder):
        for name in [*folders, *names]:
            path = Path(at) / name
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise Refused(f"{path.relative_to(folder)} is a link or a special file")
        found |= {str((Path(at) / name).relative_to(folder)) for name in names}
    return {name for name in found if name != SUMS and not name.startswith("lost+found/")}


def verify_bundle(folder: Path, *, sums_sha256: str) -> int:
    """Return how many files were verified; raise Refused with the first fault."""
    try:
        if sha256_of(folder / SUMS) != sums_sha256:
            raise Refused(f"{SUMS} is not the pinned one (SHA-256 differs)")
        sums = read_sums((folder / SUMS).read_text(encoding="utf-8"))
        present = files_in(folder)
        if unknown := sorted(present - sums.keys()):
            raise Refused(f"{unknown[0]} is not listed in {SUMS}")
        for name, expected in sums.items():
            if name not in present:
                raise Refused(f"{name} is missing")
            if sha256_of(folder / name) != expected:
                raise Refused(f"{name} is another file (SHA-256 differs)")
    except OSError as error:
        raise Refused(f"{error.filename}: {error.strerror}") from None
    return len(sums)


def main(arguments: list[str]) -> int:
    """Verify what the command line names; say the outcome in one line."""
    option, _, expected = arguments[0].partition("=") if arguments else ("", "", "")
    if len(arguments) != 2 or option != "--sums-sha256" or not re.fullmatch(r"[0-9a-f]{64}", expected):
        sys.stderr.write("usage: verify_bundle.py --sums-sha256=HEX FOLDER\n")
        return 2
    try:
        count = verify_bundle(Path(arguments[1]), sums_sha256=expected)
    except Refused as fault:
        sys.stderr.write(f"refused: {fault}\n")
        return 1
    sys.stdout.write(f"verified: {count} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
