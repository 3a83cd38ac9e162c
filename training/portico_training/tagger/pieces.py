"""What a generated text is made of: pieces of text, each with its tag.

Everything that changes a text (filling slots, misspelling, lower case) works on pieces, so that the tags stay true
without any offsets to carry along.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portico_core.tagging import Tag, cut_units


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is wholly a name, wholly a place, or neither."""

    text: str
    tag: Tag = Tag.OUTSIDE

    def but(self, text: str) -> "Piece":
        """Return the same piece with other text."""
        return replace(self, text=text)


@dataclass(frozen=True, slots=True)
class Sample:
    """A text and the tag of each of its units (portico_core.tagging)."""

    text: str
    tags: tuple[Tag, ...]


def to_sample(pieces: Sequence[Piece]) -> Sample:
    """Join pieces; a unit has the tag of the piece it begins in."""
    text, owner = "".join(piece.text for piece in pieces), []
    for piece in pieces:
        owner.extend([piece.tag] * len(piece.text))
    return Sample(text, tuple(owner[unit.start] for unit in cut_units(text)))
