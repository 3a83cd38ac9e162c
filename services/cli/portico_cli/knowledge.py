"""Building and checking the passage index."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from portico_cli.encoder import open_encoder
from portico_core.errors import ConfigurationError
from portico_core.knowledge import Passage
from portico_knowledge.check import check_passages
from portico_knowledge.index import build_index, save_index
from portico_knowledge.lines import read_passage_lines
from portico_knowledge.passages import built_in_folder, load_passages


def build(out: Path, *, source: Path | None, triton: str | None) -> None:
    """Index the built-in passages or those of a JSON lines file, with a progress bar on a terminal."""
    passages = _from_file(source) if source else load_passages(built_in_folder(), today=datetime.now(UTC).date())
    encoder = open_encoder(triton)
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("indexing passages", total=None)

        def show(done: int, of: int) -> None:
            progress.update(bar, completed=done, total=of)

        index = build_index(passages, encode=encoder, encoder_version=encoder.version, on_progress=show)
    save_index(index, out)
    sys.stdout.write(f"{len(passages)} passages indexed in {out}\n")


def check() -> int:
    """Print every problem of the built-in passages; 0 if none is an error."""
    problems = check_passages(built_in_folder(), today=datetime.now(UTC).date())
    for problem in problems:
        sys.stdout.write(f"{problem.file}:{problem.line}: {problem.level}: {problem.message} [{problem.code}]\n")
    errors = sum(problem.level == "error" for problem in problems)
    sys.stdout.write(f"{errors} errors, {len(problems) - errors} warnings\n")
    return 1 if errors else 0


def _from_file(source: Path) -> tuple[Passage, ...]:
    try:
        lines: Iterable[str] = source.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"{source} cannot be read as UTF-8 text") from None
    return read_passage_lines(lines, file=source)
