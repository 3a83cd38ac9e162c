"""Batch commands: JSON lines in, one JSON line out for each, in order, flushed as it goes (contracts.md).

An unusable line gives an error object in its place and exit status 1 at the end; the message repeats nothing of it.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.progress import Progress

from portico_core.errors import InvalidRequest, PorticoError, UnsupportedText

Row = dict[str, Any]
Handler = Callable[[Row], Awaitable[Row]]
IN_FLIGHT = 32


async def run_batch(handle: Handler, lines: Iterable[bytes], *, title: str, in_flight: int = IN_FLIGHT) -> int:
    """Feed every line to `handle` and print its results in order; return the exit status."""
    status = 0
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        bar = progress.add_task(title, total=None)
        async for result in _in_order(handle, lines, in_flight):
            if result.keys() == {"error"}:
                status = 1
            sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            progress.advance(bar)
    return status


def required_text(row: Mapping[str, Any], key: str = "text") -> str:
    """Return the text under `key`; raise InvalidRequest or UnsupportedText."""
    text = row.get(key)
    if not isinstance(text, str):
        raise InvalidRequest
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UnsupportedText
    return text


def messages_of(row: Mapping[str, Any]) -> list[str]:
    """Return the messages of a row that holds `text` or `messages`, the last one last."""
    if "messages" not in row:
        return [required_text(row)]
    messages = row["messages"]
    if not isinstance(messages, list) or not messages:
        raise InvalidRequest
    return [required_text({"text": message}) for message in messages]


def kept(row: Row, *used: str) -> Row:
    """Return the keys of a row that a command does not use, so that an `id` survives."""
    return {name: value for name, value in row.items() if name not in used}


async def _in_order(handle: Handler, lines: Iterable[bytes], in_flight: int) -> AsyncIterator[Row]:
    waiting: list[asyncio.Task[Row]] = []
    source = iter(lines)
    while True:
        reading = asyncio.create_task(asyncio.to_thread(next, source, None))
        while waiting and not reading.done():  # A caller may wait for this answer before it sends its next line.
            await asyncio.wait({reading, waiting[0]}, return_when=asyncio.FIRST_COMPLETED)
            if waiting[0].done():
                yield await waiting.pop(0)
        line = await reading
        if line is not None:
            waiting.append(asyncio.create_task(_one(handle, line)))
        while waiting and (line is None or len(waiting) >= in_flight or waiting[0].done()):
            yield await waiting.pop(0)
        if line is None:
            return


async def _one(handle: Handler, line: bytes) -> Row:
    try:
        row = json.loads(line.decode("utf-8-sig"))  # Some editors begin a file with a byte order mark.
        # A lone surrogate, NaN or a number beyond all bounds could be kept, but never be written as JSON in UTF-8.
        json.dumps(row, ensure_ascii=False, allow_nan=False).encode()
        if not isinstance(row, dict):
            raise InvalidRequest
        return await handle(row)
    except PorticoError as error:
        return {"error": {"code": error.code, "message": error.public_message}}
    except (ValueError, RecursionError):
        return {"error": {"code": InvalidRequest.code, "message": InvalidRequest.public_message}}
    except Exception:  # Its text may hold what stood in the line.
        return {"error": {"code": PorticoError.code, "message": PorticoError.public_message}}
