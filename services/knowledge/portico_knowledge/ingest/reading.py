"""Which reader a file gets, by the end of its name; and the source without which nothing is taken in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from portico_knowledge.ingest.documents import Document, Given, Reader, Unreadable
from portico_knowledge.ingest.html import read_html
from portico_knowledge.ingest.json_lines import read_json_lines
from portico_knowledge.ingest.markdown import read_markdown
from portico_knowledge.ingest.medlineplus import read_medlineplus
from portico_knowledge.ingest.pdf import read_pdf

READERS: Mapping[str, Reader] = {
    ".md": read_markdown, ".markdown": read_markdown, ".html": read_html, ".htm": read_html, ".pdf": read_pdf,
    ".xml": read_medlineplus, ".jsonl": read_json_lines,
}  # fmt: skip


def documents_of(file: Path, given: Given) -> tuple[Document, ...]:
    """Return what a file holds, each document with a source.

    Raises:
        Unreadable: nobody reads such files, this one cannot be read, is empty, or does not say where it is from.
    """
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise Unreadable(f"{file}: of no known kind; these are read: {', '.join(READERS)}")
    documents = tuple(_with_source(document, file, given) for document in reader(file))
    documents = tuple(document for document in documents if document.pieces)
    if not documents:
        raise Unreadable(f"{file}:1: no text in it")
    if len(documents) > 1 and (given.title or given.replaces):
        raise Unreadable(f"{file}:1: {len(documents)} documents in it; a title or what is replaced is of one")
    return documents


def files_of(given: Sequence[Path]) -> list[Path]:
    """Return files as they are, and of folders every file that has a reader, sorted."""
    return [
        file
        for path in given
        for file in (sorted(f for f in path.rglob("*") if f.suffix.lower() in READERS) if path.is_dir() else [path])
    ]


def _with_source(document: Document, file: Path, given: Given) -> Document:
    source = document.source or given.source
    where = f"{file}:{document.place}"
    if source is None:
        raise Unreadable(f"{where}: no source; name one in the file, or with --source and --url")
    parts = urlsplit(source.url)
    if parts.scheme != "https" or "." not in parts.netloc or not source.name.strip():
        raise Unreadable(f"{where}: the source has no name or no https address")
    return replace(document, source=source, title=given.title or document.title, replaces=given.replaces)
