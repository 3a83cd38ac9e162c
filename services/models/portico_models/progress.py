"""Progress of a build on a terminal; silence anywhere else, so that output stays a batch command's own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from portico_models.build import Progress as Report
from portico_models.build import silent


@contextmanager
def terminal_progress() -> Iterator[Report]:
    """Give a function that draws a bar on standard error if that is a terminal."""
    if not sys.stderr.isatty():
        yield silent
        return
    columns = (
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("models", total=1)

        def show(step: str, done: int, of: int) -> None:
            bar.update(task, description=step, completed=done, total=of)

        yield show
