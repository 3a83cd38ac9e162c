"""HTML: headings begin pieces, paragraphs, list items and table cells are their text; scripts and navigation go.

lxml's parser fetches nothing. What a page hides (`hidden`, `display:none`) is left out: a reviewer would not see it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lxml.etree
import lxml.html

from portico_knowledge.ingest.documents import Document, Piece, Unreadable, as_sentence, cut_pieces, plain, read_bytes
from portico_knowledge.passages import Source

_LEFT_OUT = frozenset(
    {"script", "style", "nav", "header", "footer", "form", "noscript", "template", "iframe", "svg", "button", "select",
     "aside", "head"}
)  # fmt: skip
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = frozenset(
    {"p", "li", "td", "th", "dd", "dt", "blockquote", "div", "section", "article", "main", "figcaption"}
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([A-Za-z0-9_-]{1,40})", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def read_html(file: Path) -> Iterator[Document]:
    """Yield the one document of a page; raise Unreadable."""
    page = _parse(_decoded(read_bytes(file), file), file)
    heads = page.xpath("//h1")
    titles = [*(plain(h.text_content()) for h in heads), *(plain(t.text or "") for t in page.iter("title"))]
    title = next(filter(None, titles), file.stem)
    links = page.xpath("//link[@rel='canonical']/@href") or page.xpath("//meta[@property='og:url']/@content")
    source = Source(title, str(links[0])) if links else None
    body = page.find("body")
    yield Document(title, pieces_of(page if body is None else body, title=title), "1", source)


def pieces_of_fragment(markup: str, *, place: str) -> tuple[Piece, ...]:
    """Return the pieces of HTML that stood inside something else, all at one place."""
    if not markup.strip():
        return ()
    body = lxml.html.fragment_fromstring(markup, create_parent="div")
    return tuple(Piece(piece.heading, piece.text, place) for piece in pieces_of(body, title=""))


def pieces_of(root: Any, *, title: str) -> tuple[Piece, ...]:
    """Return the pieces under an element; the heading that is the title itself begins none."""
    pieces, heading = list[Piece](), ""
    for element in _shown(root):
        line = str(element.sourceline or 1)
        if element.tag in _HEADINGS:
            words = plain(element.text_content())
            heading = "" if words == title else words
        else:
            pieces.append(Piece(heading, _own_text(element), line))
    return cut_pieces(pieces)


def _shown(element: Any) -> Iterator[Any]:
    """Yield headings and blocks that a page shows, in order."""
    if not isinstance(element.tag, str) or element.tag in _LEFT_OUT or _is_hidden(element):
        return
    if element.tag in _HEADINGS:
        yield element
        return
    if element.tag in _BLOCKS or element.tag == "body":
        yield element
    for child in element:
        yield from _shown(child)


def _own_text(element: Any) -> str:
    """Return the text of a block without that of the blocks inside it, ended like a sentence."""
    return as_sentence(plain("".join(_inline(element))))


def _inline(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str) and child.tag == "br":
            yield " "
        elif isinstance(child.tag, str) and child.tag not in _BLOCKS | _HEADINGS | _LEFT_OUT and not _is_hidden(child):
            yield " " if child.tag in ("ul", "ol", "table", "tr", "tbody", "dl") else "".join(_inline(child))
        yield child.tail or ""


def _is_hidden(element: Any) -> bool:
    return (
        "hidden" in element.attrib
        or element.get("aria-hidden") == "true"
        or _HIDDEN.search(element.get("style") or "") is not None
    )


def _decoded(content: bytes, file: Path) -> str:
    """Decode a page as it says itself, else as UTF-8; a byte that does not fit is an error, not a guess."""
    found = _CHARSET.search(content[:4096])
    charset = found[1].decode() if found else "utf-8"
    try:
        return content.decode("utf-8-sig" if charset.lower() in ("utf-8", "utf8") else charset)
    except LookupError:
        raise Unreadable(f"{file}:1: unknown encoding {charset}") from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable(f"{file}:{line}: not {charset}, which the page says it is") from None


def _parse(text: str, file: Path) -> Any:
    parser = lxml.html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        page = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text), parser=parser)
    except (lxml.etree.LxmlError, ValueError):
        raise Unreadable(f"{file}:1: not HTML") from None
    return page
