"""What every reader gives: a document of titled pieces of plain text, each with the place it stands at."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from portico_core.errors import ConfigurationError
from portico_core.sentences import split_sentences
from portico_knowledge.passages import Source

PART_WORDS = 150
"""A longer piece is cut at a sentence's end: what is shown to a reviewer, and searched, should be read at a glance."""

_SPACES = re.compile(r"\s+")


class Unreadable(ConfigurationError):
    """A file cannot be taken in; the detail reads `file:line: why`, of a PDF `file: page 3: why`."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Text under one heading, in one paragraph. `place` is a line, or the page of a PDF, as a message shows it."""

    heading: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Document:
    """One topic to be: its title, other names, pieces, and the source that is cited for them."""

    title: str
    pieces: tuple[Piece, ...]
    place: str
    source: Source | None = None
    also_called: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What the person who runs the command says of the files; a file that names its own source goes first."""

    source: Source | None = None
    title: str | None = None
    replaces: tuple[str, ...] = ()


Reader = Callable[[Path], Iterator[Document]]


def read_text(file: Path) -> str:
    """Return the text of a file; raise Unreadable where it is no UTF-8, naming the line."""
    content = read_bytes(file)
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable(f"{file}:{line}: not UTF-8; save the file as UTF-8") from None


def read_bytes(file: Path) -> bytes:
    """Return the bytes of a file; raise Unreadable."""
    try:
        return file.read_bytes()
    except OSError:
        raise Unreadable(f"{file}: the file cannot be read") from None


def plain(text: str) -> str:
    """Return text with every run of spaces and line ends as one space."""
    return _SPACES.sub(" ", text).strip()


def as_sentence(text: str) -> str:
    """Give a list item or a table's cell the full stop that it does without."""
    return text if not text or text[-1] in ".!?:;,)" else f"{text}."


def title_of_name(file: Path) -> str:
    """Return what a document is called that does not say it itself."""
    return file.stem.replace("-", " ").replace("_", " ").capitalize()


def cut_pieces(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Join pieces of one heading, leave out empty ones, and cut long ones at the end of a sentence."""
    joined: dict[str, Piece] = {}
    for piece in pieces:
        before = joined.get(piece.heading)
        text = plain(f"{before.text} {piece.text}" if before else piece.text)
        joined[piece.heading] = Piece(piece.heading, text, before.place if before else piece.place)
    return tuple(part for piece in joined.values() if piece.text for part in _parts(piece))


def _parts(piece: Piece) -> Iterator[Piece]:
    rows, words = [list[str]()], 0
    for sentence in split_sentences(piece.text):
        count = len(sentence.split())
        if rows[-1] and words + count > PART_WORDS:
            rows.append([])
            words = 0
        rows[-1].append(sentence)
        words += count
    for number, sentences in enumerate(rows, start=1):
        heading = piece.heading if number == 1 else f"{piece.heading}, part {number}"
        yield Piece(heading, " ".join(sentences), piece.place)
