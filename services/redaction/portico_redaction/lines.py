"""The batch shape of `portico redact` (contracts.md, commands)."""

from collections.abc import Sequence
from typing import Any

from portico_core.errors import InvalidRequest
from portico_core.text import Redaction
from portico_redaction.engine import Redactor
from portico_redaction.placeholders import keep


def redact_line(row: dict[str, Any], *, redactor: Redactor) -> dict[str, Any]:
    """Return the row with its text, or its messages, redacted and its spans; other keys are kept.

    Messages are one conversation: an identifier may be split over them. Offsets are into the given texts.
    """
    if "messages" in row:
        redactions = redact_messages(_texts_of(row["messages"]), redactor=redactor)
        texts = [redaction.redacted.text for redaction in redactions]
        return {**row, "messages": texts, "spans": [_spans_of(redaction) for redaction in redactions]}
    text = row.get("text")
    if not isinstance(text, str):
        raise InvalidRequest
    redaction = redactor.redact(text)
    return {**row, "text": redaction.redacted.text, "spans": _spans_of(redaction)}


def redact_messages(texts: Sequence[str], *, redactor: Redactor) -> list[Redaction]:
    """Redact a conversation from its first message on, each in the light of those before it."""
    known: dict[str, str] = {}
    done: list[Redaction] = []
    for turn, text in enumerate(texts):
        earlier = [redaction.redacted for redaction in done]
        done.append(redactor.redact(text, known=known, earlier=earlier, as_people=True))
        known = keep(known, done[-1], turn=str(turn))
    return done


def _texts_of(messages: Any) -> list[str]:
    if not isinstance(messages, list) or not messages or not all(isinstance(text, str) for text in messages):
        raise InvalidRequest
    return messages


def _spans_of(redaction: Redaction) -> list[dict[str, Any]]:
    return [
        {"start": span.start, "end": span.end, "type": span.type.value, "score": span.score} for span in redaction.spans
    ]
