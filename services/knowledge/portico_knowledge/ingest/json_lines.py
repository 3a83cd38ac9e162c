"""JSON lines: `{"title", "text", "source", "url", "section"?}`; lines of one title become one document."""

import json
from collections.abc import Iterator
from pathlib import Path

from portico_knowledge.ingest.documents import Document, Piece, Unreadable, cut_pieces, read_text
from portico_knowledge.passages import Source

_KEYS = ("title", "text", "source", "url")


def read_json_lines(file: Path) -> Iterator[Document]:
    """Yield a document for each title, in the order of first lines; raise Unreadable, naming the line."""
    found: dict[tuple[str, Source | None], list[Piece]] = {}
    for number, line in enumerate(read_text(file).split("\n"), start=1):
        if line.strip():
            title, source, piece = _read_line(line, number=number, file=file)
            found.setdefault((title, source), []).append(piece)
    for (title, source), pieces in found.items():
        yield Document(title, cut_pieces(pieces), pieces[0].place, source)


def _read_line(line: str, *, number: int, file: Path) -> tuple[str, Source | None, Piece]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise Unreadable(f"{file}:{number}: not JSON") from None
    if not isinstance(row, dict):
        raise Unreadable(f"{file}:{number}: not a JSON object")
    for key in (*_KEYS, "section"):
        if not isinstance(row.get(key, ""), str):
            raise Unreadable(f'{file}:{number}: "{key}" is not text')
    for key in ("title", "text"):
        if not row.get(key, "").strip():
            raise Unreadable(f'{file}:{number}: no "{key}"')
    source = Source(row["source"], row["url"]) if row.get("source") and row.get("url") else None
    return row["title"].strip(), source, Piece(row.get("section", "").strip(), row["text"], str(number))
