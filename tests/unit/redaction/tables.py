"""How the table tests look at one recogniser: what it takes from a text, as typed."""

from portico_redaction.normalise import normalise
from portico_redaction.recognisers import Recogniser


def values_of(recogniser: Recogniser, text: str) -> set[str]:
    """Return the values a recogniser finds, cut from the given text."""
    folded = normalise(text)
    ranges = [folded.original_range(found.start, found.end) for found in recogniser.find(folded.text)]
    return {text[start:end] for start, end in ranges}
