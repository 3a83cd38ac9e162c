"""Cutting text into sentences: one rule for the checks, for training and for the tests of both."""

import re

_SPLIT = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])|\n\s*\n|\n\s*[-*•]\s*")


def split_sentences(text: str) -> list[str]:
    """Split text where a sentence ends and a capital, a digit or a list item follows."""
    return [piece.strip() for piece in _SPLIT.split(text) if piece and piece.strip()]
