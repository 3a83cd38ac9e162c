"""The folder of a site's topic files, and what was taken into it.

A document is on the shelf when its line stands in `ingested.jsonl`; that line is written last. So a run that was cut
off leaves drafts without a line, which the next run takes away before it reads the document again, and a document that
is on the shelf is not read twice. A file that a person has approved or retired is never written over.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from portico_core.errors import ConfigurationError
from portico_knowledge.ingest.documents import Document, Unreadable
from portico_knowledge.passages import NO_REVIEWER, SITE, PassageError, Topic, read_topic, section_slug

LEDGER = "ingested.jsonl"
REVIEW_YEARS = 1
_BEGINNING = "Overview"
_DOCUMENT = re.compile(r"^document: ([0-9a-f]{64})$", re.MULTILINE)


@dataclass(slots=True)
class Shelf:
    """A folder of topic files; open it with `open_shelf`."""

    folder: Path
    done: set[str] = field(default_factory=set)

    def holds(self, digest: str) -> bool:
        """Say whether a document with these bytes is on the shelf."""
        return digest in self.done

    def clear_unfinished(self) -> None:
        """Take away what a run that was cut off has left: drafts of documents that are not on the shelf."""
        for file in self.folder.glob("*.part"):
            file.unlink()
        for file in self.folder.glob("*.md"):
            found = _DOCUMENT.search(file.read_text(encoding="utf-8"))
            if found is not None and found[1] not in self.done and _is_draft(file):
                file.unlink()

    def topics(self) -> list[Topic]:
        """Return the topics on the shelf; raise PassageError."""
        return [read_topic(file) for file in sorted(self.folder.glob("*.md"))]

    def put(self, documents: Sequence[Document], *, file: Path, digest: str, today: date, language: str) -> list[Path]:
        """Write one draft for each document, then the line that says so."""
        written = list[Path]()
        for document in documents:
            path = self._path_for(document)
            _write_whole(path, _topic_text(document, path.stem, digest=digest, today=today, language=language))
            written.append(path)
        row = {"file": file.name, "sha256": digest, "topics": [path.stem for path in written]}
        with (self.folder / LEDGER).open("a", encoding="utf-8") as ledger:
            ledger.write(json.dumps(row, ensure_ascii=False) + "\n")
            ledger.flush()
            os.fsync(ledger.fileno())
        self.done.add(digest)
        return written

    def _path_for(self, document: Document) -> Path:
        """Return a name that no other topic has; a draft of the same title is followed by another."""
        slug = slug_of(document.title)
        names = (slug, *(f"{slug}-{number}" for number in range(2, 1000)))
        return next(path for name in names if not (path := self.folder / f"{name}.md").exists())


@contextlib.contextmanager
def open_shelf(folder: Path) -> Iterator[Shelf]:
    """Yield the shelf of a folder, for one run at a time; raise ConfigurationError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError:
        raise ConfigurationError(f"{folder} cannot be made a folder, or not be written to") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigurationError(f"{folder}: another ingest is at work here") from None
        yield Shelf(folder, set(_read_ledger(folder / LEDGER)))


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file; raise Unreadable."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        raise Unreadable(f"{file}: the file cannot be read") from None


def slug_of(text: str) -> str:
    """Return a file name for a title: ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return slug or f"document-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _read_ledger(file: Path) -> Iterator[str]:
    """Yield the digests of documents on the shelf; half a line at the end is of a run that was cut off."""
    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            yield str(json.loads(line)["sha256"])


def _is_draft(file: Path) -> bool:
    with contextlib.suppress(PassageError):
        return read_topic(file).status == "draft"
    return False


def _topic_text(document: Document, name: str, *, digest: str, today: date, language: str) -> str:
    headings = _headings(document)
    source = document.source
    front = {
        "id": f"{SITE}{name}",
        "title": document.title,
        "also_called": list(document.also_called) or [document.title],
        "section": headings,
        "source": [{"name": source.name, "url": source.url}] if source else [],
        "reviewed_on": today,
        "review_due": date(today.year + REVIEW_YEARS, today.month, min(today.day, 28)),
        "reviewer": NO_REVIEWER,
        "language": language,
        "audience": "adult patients",
        "status": "draft",
        **({"replaces": list(document.replaces)} if document.replaces else {}),
        "document": digest,
    }
    block = yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=110)
    texts = (piece.text.lstrip("# ") for piece in document.pieces)
    body = "\n\n".join(f"## {heading}\n{text}" for heading, text in zip(headings, texts, strict=True))
    return f"---\n{block}---\n\n{body}\n"


def _headings(document: Document) -> list[str]:
    """Return a heading for each piece; none gives a passage the id of another."""
    found: dict[str, str] = {}
    for piece in document.pieces:
        heading = piece.heading if section_slug(piece.heading) else _BEGINNING
        names = (heading, *(f"{heading}, {number}" for number in range(2, len(document.pieces) + 2)))
        name = next(name for name in names if section_slug(name) not in found)
        found[section_slug(name)] = name
    return list(found.values())


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all."""
    fresh = path.with_suffix(".part")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
