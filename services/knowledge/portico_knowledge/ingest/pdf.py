"""PDF: the text of every page; short lines that stand by themselves are headings, what every page repeats is left out.

A PDF holds places of letters, not paragraphs, so a reviewer must hold the draft against the document.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from portico_knowledge.ingest.documents import Document, Piece, Unreadable, cut_pieces, plain, read_bytes, title_of_name

MOST_PAGES = 500
MOST_HEADING_WORDS = 9
_BROKEN_WORD = re.compile(r"(?<=[a-z])-$")
_PAGE_NUMBER = re.compile(r"(?:page\s*)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?", re.IGNORECASE)


def read_pdf(file: Path) -> Iterator[Document]:
    """Yield the one document of a PDF; raise Unreadable."""
    read_bytes(file)  # A file that is not there is told apart from one that will not open.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # It quotes what it could not read.
    title, pages = _open(file)
    repeated = _repeated(pages)
    pieces, heading = list[Piece](), ""
    for number, lines in enumerate(pages, start=1):
        kept = [line for line in lines if line not in repeated and not _PAGE_NUMBER.fullmatch(line)]
        for at, line in enumerate(kept):
            if _is_heading(line, kept[at + 1] if at + 1 < len(kept) else ""):
                title, heading = (title or line), (line if title else "")
            else:
                pieces.append(Piece(heading, line, f" page {number}"))
    if not pieces:
        raise Unreadable(f"{file}: page 1: no text in any page; a scan must go through text recognition first")
    yield Document(title or title_of_name(file), cut_pieces(_without_breaks(pieces)), " page 1")


def _open(file: Path) -> tuple[str, list[list[str]]]:
    try:
        reader = PdfReader(file, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(f"{file}: page 1: the PDF is protected by a password")
        if len(reader.pages) > MOST_PAGES:
            raise Unreadable(f"{file}: page {MOST_PAGES + 1}: more pages than {MOST_PAGES}; cut the PDF in parts")
        title = plain(str(reader.metadata.title or "")) if reader.metadata else ""
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, NotImplementedError):
        raise Unreadable(f"{file}: page 1: the PDF will not open; it is damaged or no PDF") from None
    return title, [list(_lines_of(reader, number, file)) for number in range(len(reader.pages))]


def _lines_of(reader: PdfReader, number: int, file: Path) -> Iterator[str]:
    try:
        text = reader.pages[number].extract_text()
    except Exception:  # Whatever a damaged page does to the library.
        raise Unreadable(f"{file}: page {number + 1}: the page cannot be read") from None
    yield from filter(None, map(plain, text.splitlines()))


def _repeated(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """Return lines that stand on most pages of three or more: headers and footers."""
    counts = Counter(line for lines in pages for line in set(lines))
    return frozenset(line for line, count in counts.items() if len(pages) > 2 and count > len(pages) / 2)


def _is_heading(line: str, after: str) -> bool:
    """Say whether a line is short, begins like a title and ends without a stop, and text follows."""
    short = len(line.split()) <= MOST_HEADING_WORDS and line[-1] not in ".,;:)" and line[:1].isupper()
    return short and bool(after) and after[:1].isupper()


def _without_breaks(pieces: Sequence[Piece]) -> list[Piece]:
    """Put words together again that a line end has parted."""
    joined = list[Piece]()
    for piece in pieces:
        if joined and joined[-1].heading == piece.heading and _BROKEN_WORD.search(joined[-1].text):
            before = joined.pop()
            joined.append(Piece(piece.heading, before.text[:-1] + piece.text, before.place))
        else:
            joined.append(piece)
    return joined
