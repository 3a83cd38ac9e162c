"""The batch shape of `portico redact` (contracts.md, commands)."""

from typing import Any

from portico_core.errors import InvalidRequest
from portico_redaction.engine import Redactor


def redact_line(row: dict[str, Any], *, redactor: Redactor) -> dict[str, Any]:
    """Return the row with its text redacted and its spans; other keys are kept. Offsets are into the given text."""
    text = row.get("text")
    if not isinstance(text, str):
        raise InvalidRequest
    redaction = redactor.redact(text)
    spans = [
        {"start": span.start, "end": span.end, "type": span.type.value, "score": span.score} for span in redaction.spans
    ]
    return {**row, "text": redaction.redacted.text, "spans": spans}
