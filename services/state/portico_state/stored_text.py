"""Text that comes back from the store is redacted text: only RedactedText ever went in (`effects.py`)."""

from portico_core.text import RedactedText


def as_redacted(stored: str) -> RedactedText:
    """Give stored text its type back. The one place beside the Redactor that makes a RedactedText."""
    return RedactedText(stored)
