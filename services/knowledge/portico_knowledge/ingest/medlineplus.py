"""MedlinePlus health topic XML (https://medlineplus.gov/xml.html): every English topic is a document.

The parser resolves no entity and fetches nothing; a document type with declarations of its own is refused, because
declared entities are how an XML file of a kilobyte becomes a gigabyte.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from portico_knowledge.ingest.documents import Document, Unreadable, plain, read_bytes
from portico_knowledge.ingest.html import pieces_of_fragment
from portico_knowledge.passages import Source

LANGUAGE = "English"


def read_medlineplus(file: Path) -> Iterator[Document]:
    """Yield a document for each English health topic; raise Unreadable."""
    root = _parse(read_bytes(file), file)
    if root.tag != "health-topics":
        raise Unreadable(f"{file}:{root.sourceline or 1}: not MedlinePlus health topics; the root is {root.tag}")
    for topic in root.iter("health-topic"):
        if topic.get("language", LANGUAGE) == LANGUAGE:
            yield _read_topic(topic, file)


def _read_topic(topic: Any, file: Path) -> Document:
    title, url, line = plain(topic.get("title") or ""), topic.get("url") or "", str(topic.sourceline)
    if not title:
        raise Unreadable(f"{file}:{line}: a health topic without a title")
    summary = topic.find("full-summary")
    pieces = () if summary is None else pieces_of_fragment(summary.text or "", place=str(summary.sourceline))
    names = tuple(plain(name.text or "") for name in topic.findall("also-called"))
    source = Source(f"MedlinePlus, {title}", url) if url else None
    return Document(title, pieces, line, source, tuple(filter(None, names)))


def _parse(content: bytes, file: Path) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"{file}:{error.lineno or 1}: not well-formed XML in the encoding it names") from None
    inner = root.getroottree().docinfo.internalDTD
    if inner is not None and any(True for _ in inner.iterentities()):
        raise Unreadable(f"{file}:1: the document type declares entities")
    return root
