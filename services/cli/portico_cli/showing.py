"""What the commands on the audit log show: a bar on a terminal's standard error, tables and JSON on standard output."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.progress import Progress

from portico_state.findings import VerifyReport


@contextlib.contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that shows what is done, how many records are, and of how many (0: nobody knows)."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        bar = progress.add_task("starting", total=None)
        yield lambda what, done, total: progress.update(bar, description=what, completed=done, total=total or None)


def table(heading: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows under a heading in columns as wide as they need, one line each: nothing is cut or wrapped."""
    texts = [[_one_line(str(cell)) for cell in row] for row in (heading, *rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(heading))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in texts]
    return "".join(line.rstrip() + "\n" for line in lines)


def print_json(document: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def verdict_of(report: VerifyReport) -> str:
    """Return in one line whether the evidence that was walked holds."""
    verdict = "the chains hold" if report.ok else "TAMPERED OR INCOMPLETE"
    archived = f", {report.archived} archived days" if report.archived else ""
    return (
        f"{verdict}: {report.records} records, {report.chains} chains, {report.checkpoints} checkpoints{archived}, "
        f"head {report.head}"
    )


def _one_line(text: str) -> str:
    """A stored text must not move the cursor nor make a second line."""
    return "".join(character if character.isprintable() else " " for character in text)
