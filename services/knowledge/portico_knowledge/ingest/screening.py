"""What keeps a piece of a document out: an identifier, an order to a model, hidden characters, or that it is known."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from portico_core.knowledge import Passage
from portico_core.sentences import split_sentences
from portico_knowledge.identifiers import FindSpans, personal_types
from portico_knowledge.ingest.documents import Document, Piece
from portico_knowledge.ingest.near import KnownTexts

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")

FindOrder = Callable[[str], bool]


class Fault(StrEnum):
    """Why a piece is left out."""

    IDENTIFIER = "identifier"
    INJECTION = "injection"
    HIDDEN = "hidden"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A piece that was left out, where it stands, and why; of an identifier the classes, never the value."""

    place: str
    fault: Fault
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.fault.value}: {self.why}"


@dataclass(frozen=True, slots=True)
class Screen:
    """The checks, and the texts that are there already."""

    find_spans: FindSpans
    find_order: FindOrder
    known: KnownTexts

    def screen(self, document: Document) -> tuple[Document, tuple[LeftOut, ...]]:
        """Return the document with the pieces that may be drafts, and the others; what is kept is known from now on."""
        kept, left = list[Piece](), list[LeftOut]()
        for piece in document.pieces:
            fault = next(self._faults(document, piece), None)
            if fault is not None:
                left.append(fault)
                continue
            kept.append(piece)
            self.known.add(f"{document.title}, {piece.heading}" if piece.heading else document.title, piece.text)
        return replace(document, pieces=tuple(kept)), tuple(left)

    def _faults(self, document: Document, piece: Piece) -> Iterator[LeftOut]:
        texts = (document.title, *document.also_called, piece.heading, piece.text)
        if any(map(_has_hidden, texts)):
            yield LeftOut(piece.place, Fault.HIDDEN, "characters that nobody sees")
        if any(self.find_order(sentence) for text in texts for sentence in split_sentences(text)):
            yield LeftOut(piece.place, Fault.INJECTION, "a sentence speaks to a model")
        if types := sorted(personal_types(_as_passage(document, piece), find=self.find_spans)):
            yield LeftOut(piece.place, Fault.IDENTIFIER, ", ".join(types))
        if twin := self.known.twin_of(piece.text):
            yield LeftOut(piece.place, Fault.DUPLICATE, f"says the same as {twin}")


def _has_hidden(text: str) -> bool:
    return _INVISIBLE.search(text) is not None or any(unicodedata.category(c) in ("Cc", "Co") for c in text)


def _as_passage(document: Document, piece: Piece) -> Passage:
    source = document.source
    return Passage(
        id=piece.place, title=document.title, section=piece.heading, text=piece.text,
        url=source.url if source else "", source=source.name if source else "", synonyms=document.also_called,
    )  # fmt: skip
