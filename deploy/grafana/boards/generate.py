"""Write the boards into the chart: `make boards`. tests/house/test_boards.py holds the committed files to this."""

import sys
from pathlib import Path

from boards.clinical import CLINICAL
from boards.compliance import COMPLIANCE
from boards.platform import PLATFORM

BOARDS = (CLINICAL, COMPLIANCE, PLATFORM)
FOLDER = Path(__file__).resolve().parents[3] / "helm" / "portico" / "dashboards"


def write_boards(folder: Path = FOLDER) -> None:
    """Write one JSON file a board."""
    folder.mkdir(parents=True, exist_ok=True)
    for board in BOARDS:
        (folder / f"{board.name}.json").write_text(board.to_json(), encoding="utf-8")


if __name__ == "__main__":
    write_boards()
    sys.stdout.write(f"{len(BOARDS)} boards written\n")
