"""The log: JSON lines of static events; of an exception only type and place, of other loggers nothing raw."""

import io
import json
import logging
import re
import subprocess
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


def test_what_a_stranger_sends_is_no_line_and_what_fails_in_us_is() -> None:
    """uvicorn warns of every request that is no HTTP; its errors (an exception that nobody caught) are kept."""
    program = (
        "import logging; from portico_gateway.logs import configure_logging; configure_logging();"
        "uvicorn = logging.getLogger('uvicorn.error');"
        "uvicorn.warning('Invalid HTTP request received.'); uvicorn.error('Exception in ASGI application');"
        "logging.getLogger('redis').warning('Connection lost')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    events = [json.loads(line)["event"] for line in done.stderr.splitlines()]
    assert events == ["Exception in ASGI application", "Connection lost"]


# What Python and libraries would print by themselves, in a process of its own.

LEAKS = {
    "an uncaught exception": "raise ValueError(CANARY)",
    "an exception of a thread": "t = threading.Thread(target=fail); t.start(); t.join()",
    "an exception of a destructor": "Bad(); gc.collect()",
    "a warning": "warnings.warn(CANARY)",
    "a warning through logging": "logging.captureWarnings(True); warnings.warn(f'{CANARY} again')",
    "a task that nobody awaits": "asyncio.run(forget())",
    "a callback of the loop": "asyncio.run(call_back())",
    "a library's argument": "logging.getLogger('redis').warning('bad value %s', CANARY)",
    "a library's named argument": "logging.getLogger('redis').warning('bad value %(it)r', {'it': CANARY})",
    "a library's exception": "catch(lambda: logging.getLogger('uvicorn.error').exception('Exception in ASGI'))",
    "an argument that does not fit": "logging.getLogger('redis').warning('bad number %d', CANARY)",
    "a line that quotes": "logging.getLogger('httpx2').error(f'bad request: {CANARY!r}')",
    "a library's own handler": (
        "own = logging.getLogger('later'); own.addHandler(logging.StreamHandler()); own.propagate = False;"
        "own.error('bad value %s', CANARY)"
    ),
    "a logger without any handler": (
        "cut = logging.getLogger('cut'); cut.propagate = False; cut.error('bad value %s', CANARY)"
    ),
    "a handler that fails": "sys.stderr.write = Broken(sys.stderr.write); logging.getLogger('x').error('v %s', CANARY)",
    "an object in a field of ours": "log('part_failed', detail=ValueError(CANARY), more=[Path(CANARY)])",
    "a stack that is asked for": "logging.getLogger('x').error('here', stack_info=True, extra={'canary': CANARY})",
    "a slow callback in debug mode": "asyncio.run(slow(CANARY), debug=True)",
}
PROGRAM = """
import asyncio, gc, json, logging, sys, threading, time, warnings
from pathlib import Path
from portico_gateway.logs import configure_logging, log

CANARY = "Zebulon Quartermain"

def fail():
    raise ValueError(CANARY)

def catch(then):
    try:
        fail()
    except ValueError:
        then()

class Bad:
    def __del__(self):
        fail()
    def __repr__(self):
        return CANARY

class Broken:
    def __init__(self, write):
        self.write, self.left = write, 1
    def __call__(self, text):
        self.left -= 1
        if self.left >= 0:
            raise OSError(CANARY)
        return self.write(text)

async def forget():
    async def task():
        fail()
    asyncio.create_task(task())
    await asyncio.sleep(0.01)
    gc.collect()

async def call_back():
    asyncio.get_running_loop().call_soon(lambda value: fail(), CANARY)
    await asyncio.sleep(0.01)

async def slow(text):
    asyncio.get_running_loop().call_soon(lambda value: time.sleep(0.2), text)
    await asyncio.sleep(0.01)
    time.sleep(0.2)
"""


RUN_ALL = """
for kind, leak in json.loads(sys.argv[1]).items():
    writer = sys.stderr.write
    try:
        exec(leak)
    except Exception:
        sys.excepthook(*sys.exc_info())
    sys.stderr.write = writer
    sys.stderr.write(f"\\n--- {kind}\\n")
raise ValueError(CANARY)
"""


def printed_by_all(*, sealed: bool) -> dict[str, str]:
    """Return what a process prints for each kind of leak, with the seals and without, and at its own end."""
    program = PROGRAM + ("configure_logging()\n" if sealed else "logging.basicConfig()\n") + RUN_ALL
    if not sealed:
        program = program.replace("from portico_gateway.logs import configure_logging, log", "log = print")
    command = [sys.executable, "-c", program, json.dumps(LEAKS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    parts = re.split(r"\n--- (.+)\n", done.stderr)
    assert parts[1::2] == list(LEAKS), done.stderr
    return {**dict(zip(parts[1::2], parts[0::2], strict=False)), "the end": parts[-1], "standard output": done.stdout}


@pytest.fixture(scope="module")
def sealed() -> dict[str, str]:
    return printed_by_all(sealed=True)


@pytest.fixture(scope="module")
def unsealed() -> dict[str, str]:
    return printed_by_all(sealed=False)


@pytest.mark.parametrize("kind", [*LEAKS, "the end"])
def test_nothing_that_python_prints_by_itself_holds_what_somebody_wrote(sealed: dict[str, str], kind: str) -> None:
    assert CANARY not in sealed[kind] + sealed["standard output"]
    assert sealed[kind].strip()  # It is said that something happened.


QUIET = {"a slow callback in debug mode", "an object in a field of ours", "a stack that is asked for"}


@pytest.mark.parametrize("kind", [kind for kind in [*LEAKS, "the end"] if kind not in QUIET])
def test_without_the_seals_each_of_them_does_leak(unsealed: dict[str, str], kind: str) -> None:
    """The control, kind by kind."""
    assert CANARY in unsealed[kind]


def test_no_core_is_dumped() -> None:
    code = "import resource; from portico_gateway.logs import configure_logging; configure_logging();"
    code += "print(resource.getrlimit(resource.RLIMIT_CORE)[0])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "0"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("078-05-1120", "[SSN]"),  # an identifier in a field of ours
        ("5f0c6a109d4f4d0e8f8e0d6a2f9c7b11", "5f0c6a109d4f4d0e8f8e0d6a2f9c7b11"),  # a turn
        ("00842730754f4cef81dc3682e51d8093", "00842730754f4cef81dc3682e51d8093"),  # a turn that looks like a phone
        ("ValueError at checks.py:120", "ValueError at checks.py:120"),  # type and place
        (7, 7),  # a count
        (None, None),
        (["078-05-1120", 7], ["[SSN]", 7]),
    ],
)
def test_a_field_of_ours_is_scrubbed_unless_it_is_an_id(value: object, shown: object) -> None:
    assert json.loads(record("part_failed", detail=value))["detail"] == shown


def test_a_message_of_ours_that_is_no_event_name_is_scrubbed() -> None:
    assert "078-05-1120" not in record("number 078-05-1120 refused")
