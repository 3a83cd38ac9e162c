"""The log: JSON lines of static events; of an exception only type and place, of other loggers nothing raw."""

import io
import json
import logging
import re
import sys
from typing import Any

import pytest

from portico_gateway.logs import JsonFormatter, configure_logging, describe_error, log

CANARY = "Zebulon Quartermain"


def record(
    message: str, *args: object, name: str = "portico", error: BaseException | None = None, **fields: Any
) -> str:
    made = logging.LogRecord(name, logging.ERROR, "x.py", 1, message, args, None)
    if error is not None:
        made.exc_info = (type(error), error, error.__traceback__)
    made.fields = fields
    return JsonFormatter().format(made)


def raised() -> ValueError:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        return error


def test_a_line_is_one_json_object_with_time_level_event_and_fields() -> None:
    line = record("turn_ended", turn="t1", seconds=0.5)
    assert "\n" not in line
    shown = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", shown.pop("time"))
    assert shown == {"level": "error", "event": "turn_ended", "turn": "t1", "seconds": 0.5}


@pytest.mark.parametrize("name", ["portico", "uvicorn.error", "asyncio", "redis"])
def test_of_an_exception_only_type_and_place_are_logged(name: str) -> None:
    line = record("failed", name=name, error=raised())
    assert json.loads(line)["error"].startswith("ValueError at test_logs.py:")
    assert CANARY not in line


def test_an_exception_that_was_never_raised_has_no_place() -> None:
    assert describe_error(ValueError(CANARY)) == "ValueError at ?"


@pytest.mark.parametrize(
    ("message", "gone"),
    [
        ("mail of jordan@example.org bounced", "jordan@example.org"),
        ("SSN 123-45-6789 not found", "123-45-6789"),
        ("call (555) 010-4477", "010-4477"),
        ("MRN: 00482913", "00482913"),
    ],
)
def test_identifiers_in_lines_of_other_loggers_are_scrubbed(message: str, gone: str) -> None:
    line = record(message, name="somebody.else")
    assert gone not in line
    assert json.loads(line)["event"] != ""


def test_arguments_of_other_loggers_are_scrubbed_too() -> None:
    assert "123-45-6789" not in record("value %s refused", "123-45-6789", name="somebody.else")


def test_a_failed_task_is_logged_without_the_words_of_its_exception() -> None:
    """asyncio quotes the exception in the line itself: `Task exception was never retrieved / future: <Task …>`."""
    line = record(
        f"Task exception was never retrieved\nfuture: <Task exception=ValueError('{CANARY}')>", name="asyncio"
    )
    assert CANARY not in line
    assert "Task exception was never retrieved" in line


def test_our_own_events_are_logged_as_they_are() -> None:
    assert json.loads(record("classifier_failed", turn="078-05-1120"))["event"] == "classifier_failed"


def test_line_ends_in_a_field_do_not_make_a_second_line() -> None:
    assert "\n" not in record("event", note='x\n{"event": "forged"}')


def test_every_logger_goes_to_standard_error_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    root, own = logging.getLogger(), logging.getLogger("portico")
    before = (root.handlers[:], root.level, own.level)
    monkeypatch.setattr(sys, "stderr", stream)
    try:
        configure_logging()
        log("started", port=8080)
        logging.getLogger("library").warning("careful with %s", "a@example.org")
        logging.getLogger("library").info("chatter")
    finally:
        root.handlers[:], level, own_level = before
        root.setLevel(level)
        own.setLevel(own_level)
    shown = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"].split(" ")[0] for line in shown] == ["started", "careful"]
    assert shown[0]["port"] == 8080
    assert "example.org" not in stream.getvalue()
