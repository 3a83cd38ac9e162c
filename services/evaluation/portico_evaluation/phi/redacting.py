"""The door to the redactor under test. The suite gets it from its caller, so that it measures the one that serves."""

from collections.abc import Sequence
from typing import Protocol

from portico_core.errors import PorticoError
from portico_core.labels import PhiType
from portico_core.text import PhiSpan, Redaction


class TextRedactor(Protocol):
    """What the suite needs of `portico_redaction.engine.Redactor`."""

    def redact(self, text: str, *, known_values: Sequence[tuple[PhiType, str]] = ()) -> Redaction:
        """Replace identifiers."""


def spans_of(
    redactor: TextRedactor, text: str, *, known_values: Sequence[tuple[PhiType, str]] = ()
) -> tuple[PhiSpan, ...] | None:
    """Return the spans found, or None where the redactor refused the text."""
    try:
        return redactor.redact(text, known_values=known_values).spans
    except PorticoError:
        return None
