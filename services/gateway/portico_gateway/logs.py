"""Structured logs: static event names with keyword fields, one JSON object a line, scrubbed as a last resort.

Exceptions are logged by type and place only. A third-party message may hold what the patient wrote.
"""

import json
import logging
import sys
import time
import traceback
from typing import Any

from portico_redaction.engine import scrub_line

_LOGGER = logging.getLogger("portico")


class JsonFormatter(logging.Formatter):
    """Format a record as one JSON line; drop exception texts, keep type and place."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = getattr(record, "fields", {})
        own, message = record.name == "portico", record.getMessage()
        event = message if own else scrub_line(message.partition("\n")[0])  # asyncio quotes exceptions further down.
        line = {"time": _rfc3339(record.created), "level": record.levelname.lower(), "event": event, **fields}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe_error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_logging(level: int = logging.INFO) -> None:
    """Send every logger of the process through the JSON formatter to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _LOGGER.setLevel(level)


def log(event: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Log a static event name with fields that are ids, counts or names from closed sets."""
    _LOGGER.log(level, event, extra={"fields": fields})


def describe_error(error: BaseException) -> str:
    """Return type and place of an error, never its message."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}"


def _rfc3339(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds * 1000) % 1000:03d}Z"
