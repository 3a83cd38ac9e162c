"""`portico knowledge ingest`: a site's documents become drafts on its shelf, file by file; no index is touched."""

import contextlib
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import track

from portico_cli.redactor import command_redactor
from portico_core.errors import ConfigurationError
from portico_gateway.guards.injection import find_order
from portico_knowledge.ingest.documents import Given, Unreadable
from portico_knowledge.ingest.near import KnownTexts
from portico_knowledge.ingest.reading import documents_of, files_of
from portico_knowledge.ingest.screening import LeftOut, Screen
from portico_knowledge.ingest.shelf import Shelf, digest_of, open_shelf
from portico_knowledge.passages import Source, Topic, built_in_folder, read_topic, topic_files


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of one file."""

    topics: int
    pieces: int
    left_out: tuple[LeftOut, ...]


def ingest(files: Sequence[Path], out: Path, given: Given, *, language: str = "en") -> int:
    """Take files in and print what became of each; 1 if one could not be read."""
    found, failed = files_of(files), 0
    if not found:
        raise ConfigurationError("there is no file to take in")
    with open_shelf(out) as shelf, contextlib.closing(command_redactor()) as redactor:
        screen = Screen(redactor.find_spans, find_order, KnownTexts())
        _learn(screen.known, _topics_beside(shelf, given.replaces))
        console = Console(stderr=True)
        for file in track(found, "taking documents in", console=console, disable=not console.is_terminal):
            try:
                _say(file, _take_in(file, shelf, screen, given, language=language))
            except Unreadable as error:
                failed += 1
                sys.stderr.write(f"error: {error}\n")
    sys.stdout.write(f"{len(found) - failed} of {len(found)} files on the shelf {out}; drafts await review\n")
    return 1 if failed else 0


def named_source(name: str | None, url: str | None) -> Source | None:
    """Return the source of the command line; raise ConfigurationError where half of it is missing."""
    if (name is None) != (url is None):
        raise ConfigurationError("a source is a name and an address: give --source and --url together")
    return Source(name, url) if name and url else None


def _take_in(file: Path, shelf: Shelf, screen: Screen, given: Given, *, language: str) -> TakenIn | None:
    """Return what was taken in; None where the file is on the shelf. Raise Unreadable."""
    digest = digest_of(file)
    if shelf.holds(digest):
        return None
    screened = [screen.screen(document) for document in documents_of(file, given)]
    left_out = tuple(left for _, lefts in screened for left in lefts)
    kept = [document for document, _ in screened if document.pieces]
    written = shelf.put(kept, file=file, digest=digest, today=_today(), language=language)
    return TakenIn(len(written), sum(len(document.pieces) for document in kept), left_out)


def _topics_beside(shelf: Shelf, replaced: Sequence[str]) -> Iterable[Topic]:
    """Return the topics that a draft must not repeat; what a run that was cut off has left is taken away before."""
    shelf.clear_unfinished()
    built_in = [read_topic(file) for file in topic_files(built_in_folder())]
    if unknown := set(replaced) - {topic.id for topic in built_in}:
        raise ConfigurationError(f"there is no built-in topic {', '.join(sorted(unknown))} to replace")
    return [topic for topic in (*built_in, *shelf.topics()) if topic.id not in replaced]


def _learn(known: KnownTexts, topics: Iterable[Topic]) -> None:
    for topic in topics:
        for section in topic.sections:
            known.add(f"{topic.id}#{section.name}", section.text)


def _say(file: Path, taken: TakenIn | None) -> None:
    if taken is None:
        sys.stdout.write(f"{file}: on the shelf already\n")
        return
    for left in taken.left_out:
        sys.stdout.write(f"{file}:{left}\n")
    left_out = f", {len(taken.left_out)} left out" if taken.left_out else ""
    sys.stdout.write(f"{file}: {taken.pieces} passages in {taken.topics} topics{left_out}\n")


def _today() -> date:
    return datetime.now(UTC).date()
