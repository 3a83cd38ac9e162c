"""Markdown: the first heading of the first level is the title, every later heading begins a piece.

Front matter may say `title`, `source` (name and url) and `also_called`. Markup is taken off; HTML inside is refused,
because what a browser would make of it is not what a reviewer reads.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from portico_knowledge.ingest.documents import (
    Document,
    Piece,
    Unreadable,
    as_sentence,
    cut_pieces,
    plain,
    read_text,
    title_of_name,
)
from portico_knowledge.passages import Source


def read_markdown(file: Path) -> Iterator[Document]:
    """Yield the one document of a Markdown file; raise Unreadable."""
    text, front, offset = _front_matter(read_text(file), file)
    title, heading = _text_of(front.get("title")), ""
    pieces = list[Piece]()
    level = 0
    for token, within in _walk(MarkdownIt("commonmark").enable("table").parse(text)):
        line = offset + (token.map[0] if token.map else 0) + 1
        if token.type == "html_block" or any(child.type == "html_inline" for child in token.children or ()):
            raise Unreadable(f"{file}:{line}: HTML inside Markdown")
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "inline" and within == "heading_open":
            words = _inline_text(token)
            if level == 1 and not title:
                title = words
            else:
                heading = words
        elif token.type in ("inline", "fence", "code_block"):
            pieces.append(Piece(heading, as_sentence(_inline_text(token)), str(line)))
    yield Document(
        title=title or title_of_name(file),
        pieces=cut_pieces(pieces),
        place="1",
        source=_source(front.get("source"), file),
        also_called=tuple(_text_of(name) for name in front.get("also_called") or ()),
    )


def _walk(tokens: list[Token]) -> Iterator[tuple[Token, str]]:
    """Yield each token with the type of the one before it, which tells a heading's words from others."""
    before = ""
    for token in tokens:
        yield token, before
        before = token.type


def _inline_text(token: Token) -> str:
    if not token.children:
        return plain(token.content)
    return plain("".join(" " if c.type in ("softbreak", "hardbreak") else c.content for c in token.children))


def _front_matter(text: str, file: Path) -> tuple[str, Mapping[str, Any], int]:
    """Return the text after the front matter, the front matter, and how many lines it takes."""
    if not text.startswith("---\n") or "\n---\n" not in text[3:]:
        return text, {}, 0
    block, _, rest = text[4:].partition("\n---\n")
    try:
        values = yaml.safe_load(block)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise Unreadable(f"{file}:{mark.line + 2 if mark else 1}: front matter is not YAML") from None
    if not isinstance(values, dict):
        raise Unreadable(f"{file}:2: front matter is not a list of keys")
    return rest, values, block.count("\n") + 3


def _source(value: Any, file: Path) -> Source | None:
    if value is None:
        return None
    row = value[0] if isinstance(value, list) and value else value
    if not isinstance(row, dict) or not isinstance(row.get("name"), str) or not isinstance(row.get("url"), str):
        raise Unreadable(f"{file}:1: source is not a name and a url")
    return Source(row["name"], row["url"])


def _text_of(value: Any) -> str:
    return plain(str(value)) if value is not None else ""
