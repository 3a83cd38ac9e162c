"""`portico redact` as a program (contracts.md): the real redactor, one line out for each line in, whatever it holds."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

CANARY = "Zebulon Quartermain"


def redact(lines: Sequence[bytes]) -> tuple[int, list[dict[str, Any]], str]:
    """Run the command; return its status, its rows and its standard error."""
    command = [sys.executable, "-m", "portico_cli.main", "redact"]
    done = subprocess.run(command, input=b"\n".join(lines) + b"\n", capture_output=True, check=False)
    rows = [json.loads(line, parse_constant=_refuse) for line in done.stdout.decode("utf-8").split("\n")[:-1]]
    return done.returncode, rows, done.stderr.decode()


def _refuse(constant: str) -> float:
    raise AssertionError(f"{constant} is not JSON")


def encode(row: object) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode()


SOUND: list[dict[str, Any]] = [
    {"id": 1, "text": "My SSN is 123-45-6789."},
    {"id": 2, "text": "é🙂👩‍⚕️ ring 218-555-0164 🙂"},  # beyond the basic plane, joined by zero-width joiners
    {"id": 3, "text": "e\u0301 mail ana7@example.org"},  # a combining mark
    {"id": 4, "text": "１２３-４５-６７８９ is my ssn"},  # full-width digits
    {"id": 5, "text": "first\u2028second\r\n123-45-6789"},  # line ends inside a text
    {"id": 6, "text": ""},
    {"id": 7, "text": "I take 5 mg daily.", "note": {"deep": ["é", None, 1.5]}, "error": "none so far"},
    {"id": 8, "text": "My SSN is 123-45-6789.", "spans": ["of another tool"]},
]
BROKEN = [
    CANARY.encode(),
    encode({"messages": [[CANARY]]}),  # A message is a text.
    encode({"text": 5, "name": CANARY}),
    encode([CANARY]),
    encode({"text": f"a\0{CANARY}"}),
    b'{"text": "\xff"}',
    b'{"text": "\\udcff"}',
    b'{"text": "a", "n": NaN}',
    encode({"text": "a" * 100_001}),
    b"",
]


@pytest.fixture(scope="module")
def done() -> tuple[int, list[dict[str, Any]], str]:
    """One run over everything: sound and broken lines in turn."""
    return redact([line for row, bad in zip(SOUND, BROKEN[:8], strict=True) for line in (encode(row), bad)])


def test_every_line_has_its_answer_in_its_place(done: tuple[int, list[dict[str, Any]], str]) -> None:
    status, rows, said = done
    assert (status, said) == (1, "")
    assert [row.get("id") for row in rows[::2]] == [row["id"] for row in SOUND]
    assert all(row.keys() == {"error"} and row["error"].keys() == {"code", "message"} for row in rows[1::2])


def test_offsets_count_code_points_of_the_given_text(done: tuple[int, list[dict[str, Any]], str]) -> None:
    taken = {
        row["id"]: [given["text"][span["start"] : span["end"]] for span in row["spans"]]
        for given, row in zip(SOUND, done[1][::2], strict=True)
    }
    assert taken == {
        1: ["123-45-6789"],
        2: ["218-555-0164"],
        3: ["ana7@example.org"],
        4: ["１２３-４５-６７８９"],
        5: ["123-45-6789"],
        6: [],
        7: [],
        8: ["123-45-6789"],
    }


def test_the_text_is_the_given_one_with_the_spans_replaced(done: tuple[int, list[dict[str, Any]], str]) -> None:
    for given, row in zip(SOUND, done[1][::2], strict=True):
        pieces, at = "", 0
        for number, span in enumerate(row["spans"], 1):
            pieces += given["text"][at : span["start"]] + f"[{span['type']}_{number}]"
            at = span["end"]
            assert span.keys() == {"start", "end", "type", "score"} and 0 < span["score"] <= 1
        assert row["text"] == pieces + given["text"][at:]


def test_other_keys_are_kept(done: tuple[int, list[dict[str, Any]], str]) -> None:
    kept = {key: value for key, value in done[1][12].items() if key not in ("text", "spans")}
    assert kept == {"id": 7, "note": {"deep": ["é", None, 1.5]}, "error": "none so far"}


def test_nothing_of_a_broken_line_is_repeated(done: tuple[int, list[dict[str, Any]], str]) -> None:
    status, rows, said = redact(BROKEN)
    assert status == 1
    assert [row["error"]["code"] for row in rows] == [
        *["invalid_request"] * 4,
        "unsupported_text",
        *["invalid_request"] * 3,
        "text_too_long",
        "invalid_request",
    ]
    assert CANARY not in json.dumps([rows, done[1]]) + said


def test_sound_lines_only_give_status_0() -> None:
    status, rows, _ = redact([encode(row) for row in SOUND])
    assert (status, len(rows)) == (0, len(SOUND))


def test_an_answer_comes_before_the_next_question() -> None:
    """A program may ask line by line: each line is flushed, and none waits for the next."""
    command = [sys.executable, "-m", "portico_cli.main", "redact"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as asked:
        assert asked.stdin is not None and asked.stdout is not None
        for number in range(3):
            asked.stdin.write(encode({"id": number, "text": "ring 218-555-0164"}) + b"\n")
            asked.stdin.flush()
            assert json.loads(asked.stdout.readline())["id"] == number
        asked.stdin.close()
        assert asked.wait(timeout=30) == 0
