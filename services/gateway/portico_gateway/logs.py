"""Structured logs: static event names with keyword fields, one JSON object a line, scrubbed as a last resort.

House rule: no log call carries patient text. This module is for the day when one does, in our code or in a library.
Every record is sealed where it is made (`logging.setLogRecordFactory`), before any handler sees it, so it does not
matter which handler a library brings along: of an exception type and place stay, of a library's line its fixed words
without the arguments, of our own fields ids, numbers and scrubbed words. What Python itself prints goes the same way:
uncaught exceptions of the main thread, of other threads and of destructors, warnings, and failures of logging, whose
default is to print a record's arguments. asyncio reports through its logger and is sealed with the rest.
`faulthandler` prints files, lines and function names only, no values; a core dump holds everything, so there is none.
"""

import json
import logging
import re
import resource
import sys
import threading
import time
import warnings
from collections.abc import Mapping
from pathlib import PurePath
from types import TracebackType
from typing import Any, TextIO

from portico_core.errors import describe_error
from portico_redaction.scrub import scrub_line

__all__ = ["JsonFormatter", "configure_logging", "describe_error", "log"]

OWN = "portico"
LIBRARIES = """
    asyncio guardrails httpx2 presidio-analyzer presidio-anonymizer py.warnings redis sse_starlette starlette
    tritonclient uvicorn uvicorn.access uvicorn.asgi uvicorn.error
"""

_LOGGER = logging.getLogger(OWN)
_EVENT = re.compile(r"[a-z][a-z0-9_]{2,60}")
_OWN_ID = re.compile(r"(?:esc-)?(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_FIXED_WORDS = re.compile(r"[^\n\"'`<>(){}\[\]:=]*")
"""A line that came ready made: what stands before the first value in it. asyncio, for one, quotes whole exceptions."""


class JsonFormatter(logging.Formatter):
    """Format a record as one JSON line; seal it first, for records that somebody made without the factory."""

    def format(self, record: logging.LogRecord) -> str:
        _seal(record)
        fields = {name: _safe(value) for name, value in getattr(record, "fields", {}).items()}
        line = {"time": _rfc3339(record.created), "level": record.levelname.lower(), "event": record.msg, **fields}
        if record.name != OWN:
            line["logger"] = scrub_line(record.name)
        if (error := getattr(record, "error", None)) is not None:
            line["error"] = error
        return json.dumps(line, ensure_ascii=False)


class SealedHandler(logging.StreamHandler[Any]):
    """Write to standard error; a record that cannot be written leaves a fixed line, never its arguments."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(JsonFormatter())

    def handleError(self, record: logging.LogRecord) -> None:
        """Say that a line was lost."""
        sys.stderr.write('{"level": "error", "event": "log_line_lost"}\n')


def configure_logging(level: int = logging.INFO) -> None:
    """Seal every way in which this process could print what somebody wrote."""
    logging.setLogRecordFactory(_sealed_record)
    logging.raiseExceptions = False
    handler = SealedHandler()
    logging.lastResort = handler  # For a logger that is cut off from the root and has no handler of its own.
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in {*LIBRARIES.split(), *logging.root.manager.loggerDict}:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
    # Its warnings say once a request that somebody sent no HTTP: a line for an attacker to write as often as they like,
    # at milliseconds of redaction each.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    _LOGGER.setLevel(level)
    sys.excepthook = _on_uncaught
    threading.excepthook = _on_thread_failed
    sys.unraisablehook = _on_unraisable
    warnings.showwarning = _on_warning
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def log(event: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Log a static event name with fields that are ids, counts or names from closed sets."""
    _LOGGER.log(level, event, extra={"fields": fields})


def _sealed_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = logging.LogRecord(*args, **kwargs)
    _seal(record)
    return record


def _seal(record: logging.LogRecord) -> None:
    """Take out of a record whatever may hold what somebody wrote. Sealing twice changes nothing."""
    if getattr(record, "sealed", False):
        return
    own = record.name == OWN and not record.args and _EVENT.fullmatch(str(record.msg)) is not None
    if not own:
        record.msg, record.args = scrub_line(_fixed_words(record)), None
    if record.exc_info and record.exc_info[1] is not None:
        record.__dict__["error"] = describe_error(record.exc_info[1])
    record.exc_info = record.exc_text = record.stack_info = None
    record.__dict__["sealed"] = True


def _fixed_words(record: logging.LogRecord) -> str:
    """Return a library's line with `*` for each argument that is no number; of a ready-made line its beginning."""
    template = str(record.msg) if isinstance(record.msg, str) else type(record.msg).__name__
    if not record.args:
        matched = _FIXED_WORDS.match(template)
        return matched[0].strip() if matched else ""
    hidden = _hide(record.args)
    try:
        return str(template % hidden).partition("\n")[0]
    except Exception:
        return template.partition("\n")[0]


def _hide(arguments: Any) -> Any:
    if isinstance(arguments, Mapping):
        return {name: _hide_one(value) for name, value in arguments.items()}
    return tuple(map(_hide_one, arguments))


def _hide_one(value: object) -> object:
    return value if isinstance(value, int | float) else _HIDDEN


class _Hidden:
    def __repr__(self) -> str:
        return "*"


_HIDDEN = _Hidden()


def _safe(value: object) -> object:
    """Return what may stand in a field: numbers, ids of ours, scrubbed words; of anything else its type."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return value if _OWN_ID.fullmatch(value) else scrub_line(value)
        case list() | tuple():
            return [_safe(part) for part in value]
        case _:
            return type(value).__name__


def _on_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log("process_failed", level=logging.CRITICAL, error=describe_error(error))


def _on_thread_failed(failed: threading.ExceptHookArgs) -> None:
    error = describe_error(failed.exc_value) if failed.exc_value else failed.exc_type.__name__
    log("thread_failed", level=logging.ERROR, error=error)


def _on_unraisable(failed: "sys.UnraisableHookArgs") -> None:
    error = describe_error(failed.exc_value) if failed.exc_value else failed.exc_type.__name__
    log("unraisable", level=logging.ERROR, error=error)


def _on_warning(  # noqa: PLR0917  the signature of warnings.showwarning
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    log("warning", level=logging.WARNING, category=category.__name__, place=f"{PurePath(filename).name}:{lineno}")


def _rfc3339(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds * 1000) % 1000:03d}Z"
