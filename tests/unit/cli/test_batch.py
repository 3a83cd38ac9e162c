"""Batch commands: one line out for each line in, in order, as soon as it is there, whatever the lines hold."""

import asyncio
import io
import json
import queue
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from portico_cli import batch
from portico_cli.batch import Row, kept, messages_of, required_text, run_batch
from portico_core.errors import ClassifierUnavailable, InvalidRequest, UnsupportedText

CANARY = "Zebulon Quartermain"


class Output(io.StringIO):
    """Standard output that remembers what had been flushed after each line."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed: list[int] = []

    def flush(self) -> None:
        self.flushed.append(self.getvalue().count("\n"))

    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Output:
    made = Output()
    monkeypatch.setattr(batch, "sys", SimpleNamespace(stdout=made))  # pytest sets sys.stdout again before the call
    return made


async def echo(row: Row) -> Row:
    """Stand for a command: the length of the text, and the keys it does not use."""
    return {**kept(row, "text"), "length": len(required_text(row))}


def lines(*rows: object) -> list[bytes]:
    return [row if isinstance(row, bytes) else json.dumps(row).encode() + b"\n" for row in rows]


async def test_order_is_kept_when_later_lines_are_done_earlier(output: Output) -> None:
    async def slow_first(row: Row) -> Row:
        await asyncio.sleep(0.05 if row["id"] % 3 == 0 else 0)
        return {"id": row["id"]}

    status = await run_batch(slow_first, lines(*({"id": n} for n in range(100))), title="test", in_flight=8)
    assert status == 0
    assert [row["id"] for row in output.rows()] == list(range(100))


async def test_every_line_is_flushed_by_itself(output: Output) -> None:
    await run_batch(echo, lines({"text": "a"}, {"text": "b"}, {"text": "c"}), title="test")
    assert {1, 2, 3} <= set(output.flushed)


async def test_no_more_than_the_limit_is_in_flight(output: Output) -> None:
    running = most = 0

    async def count(row: Row) -> Row:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.005)
        running -= 1
        return {}

    await run_batch(count, lines(*({"text": "a"} for _ in range(30))), title="test", in_flight=4)
    assert 1 < most <= 4


async def test_unknown_keys_are_kept(output: Output) -> None:
    rows = [{"text": "abc", "id": 7, "note": {"deep": ["é", "😀", None]}}, {"text": "", "id": "x"}]
    assert await run_batch(echo, lines(*rows), title="test") == 0
    assert output.rows() == [{"id": 7, "note": {"deep": ["é", "😀", None]}, "length": 3}, {"id": "x", "length": 0}]


BROKEN: dict[str, bytes] = {
    "no JSON": CANARY.encode(),
    "cut off": f'{{"text": "{CANARY}'.encode(),
    "not an object": json.dumps([CANARY]).encode(),
    "a bare string": json.dumps(CANARY).encode(),
    "null": b"null",
    "no text": json.dumps({"message": CANARY}).encode(),
    "text is a number": json.dumps({"text": 7, "name": CANARY}).encode(),
    "text is a list": json.dumps({"text": [CANARY]}).encode(),
    "not UTF-8": b'{"text": "\xff\xfe ' + CANARY.encode() + b'"}',
    "lone surrogate": b'{"text": "\\ud800 ' + CANARY.encode() + b'"}',
    "lone surrogate in a kept key": b'{"text": "a", "id": "\\ud800 ' + CANARY.encode() + b'"}',
    "deep": b"[" * 20_000,
    "deep inside": b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a number beyond all bounds": b'{"text": ' + b"9" * 5_000 + b"}",
    "NaN in a kept key": b'{"text": "a", "n": NaN, "name": "' + CANARY.encode() + b'"}',
    "infinity in a kept key": b'{"text": "a", "n": [1e999], "name": "' + CANARY.encode() + b'"}',
    "empty": b"",
    "white space": b"  \t",
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_line_gives_an_error_in_its_place(output: Output, name: str) -> None:
    around = [*lines({"text": "a", "id": 1}), BROKEN[name] + b"\n", *lines({"text": "b", "id": 3})]
    assert await run_batch(echo, around, title="test") == 1
    first, error, last = output.rows()
    assert (first, last) == ({"id": 1, "length": 1}, {"id": 3, "length": 1})
    assert set(error) == {"error"} and set(error["error"]) == {"code", "message"}
    assert error["error"]["code"] in {"invalid_request", "unsupported_text"}
    assert CANARY not in output.getvalue()


async def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(output: Output) -> None:
    given = [b'\xef\xbb\xbf{"text": "a", "id": 1}\r\n', b'{"text": "b", "id": 2}\r\n']
    assert await run_batch(echo, given, title="test") == 0
    assert output.rows() == [{"id": 1, "length": 1}, {"id": 2, "length": 1}]


async def test_a_failing_part_gives_an_error_in_its_place(output: Output) -> None:
    async def failing(row: Row) -> Row:
        if row.get("id") == 2:
            raise ClassifierUnavailable
        return row

    assert await run_batch(failing, lines({"id": 1}, {"id": 2}, {"id": 3}), title="test") == 1
    assert [row.get("id") or row["error"]["code"] for row in output.rows()] == [1, "unavailable", 3]


async def test_an_unexpected_failure_neither_stops_the_batch_nor_shows_the_line(output: Output) -> None:
    async def buggy(row: Row) -> Row:
        if "text" in row:
            raise RuntimeError(f"cannot do {row['text']}")
        return row

    assert await run_batch(buggy, lines({"id": 1}, {"text": CANARY}, {"id": 3}), title="test") == 1
    assert [row.get("id") or row["error"]["code"] for row in output.rows()] == [1, "internal", 3]
    assert CANARY not in output.getvalue()


async def test_a_kept_key_named_error_is_no_failure(output: Output) -> None:
    assert await run_batch(echo, lines({"text": "a", "error": "none so far"}), title="test") == 0


async def test_no_lines_give_no_lines(output: Output) -> None:
    assert await run_batch(echo, [], title="test") == 0
    assert output.getvalue() == ""


async def test_a_result_does_not_wait_for_the_next_line(output: Output) -> None:
    """A program that asks line by line must get its answer before it sends the next one."""
    asked: queue.Queue[bytes | None] = queue.Queue()

    def source() -> Iterator[bytes]:
        while (line := asked.get(timeout=10)) is not None:
            yield line

    def ask() -> None:
        try:
            for n in range(3):
                asked.put(json.dumps({"text": "a", "id": n}).encode())
                deadline = time.monotonic() + 2
                while output.getvalue().count("\n") <= n and time.monotonic() < deadline:
                    time.sleep(0.005)
                answered.append(output.getvalue().count("\n"))
        finally:
            asked.put(None)

    answered: list[int] = []
    asker = threading.Thread(target=ask)
    asker.start()
    await run_batch(echo, source(), title="test")
    asker.join()
    assert answered == [1, 2, 3]


def test_a_process_writes_lines_and_exits_with_the_status() -> None:
    code = """
        import asyncio, sys
        from portico_cli.batch import run_batch
        async def echo(row): return row
        sys.exit(asyncio.run(run_batch(echo, sys.stdin.buffer, title="test")))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        input='{"id":1}\nbroken\n{"id":"é"}'.encode(),  # The last line has no line end.
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert [json.loads(line).get("id") for line in done.stdout.decode().splitlines()] == [1, None, "é"]
    assert done.stderr == b""  # No progress bar but on a terminal.


@pytest.mark.parametrize(
    ("row", "messages"),
    [
        ({"text": "a"}, ["a"]),
        ({"messages": ["a", "b"]}, ["a", "b"]),
        ({"text": "ignored", "messages": ["a"]}, ["a"]),
    ],
)
def test_messages_of_a_row(row: Row, messages: list[str]) -> None:
    assert messages_of(row) == messages


@pytest.mark.parametrize(
    "row", [{}, {"messages": []}, {"messages": "a"}, {"messages": [1]}, {"messages": [["a"]]}, {"messages": None}]
)
def test_rows_without_messages_are_refused(row: Row) -> None:
    with pytest.raises(InvalidRequest):
        messages_of(row)


def test_a_message_with_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(UnsupportedText):
        messages_of({"messages": ["fine", "\ud800"]})
