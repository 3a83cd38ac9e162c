"""No second way out for words: no tracer, no error reporter, no traceback printer, no log handler of its own.

Portico has no trace attributes, because nothing here traces. Whoever brings a tracer in must send its attributes
through `portico_redaction.scrub` and say so in `THROUGH_THE_SCRUBBER`.
"""

import ast
from pathlib import Path

import pytest

from house.sources import SERVICES, service_files

REPORTERS = {"opentelemetry", "sentry_sdk", "ddtrace", "newrelic", "elasticapm", "honeycomb", "rollbar", "bugsnag"}
PRINTERS = {"traceback", "faulthandler", "cgitb", "pdb", "syslog"}
THROUGH_THE_SCRUBBER: set[str] = set()
# Calls that make a log line out of an exception's words, or a handler that nobody has sealed.
CALLS = {"print_exc", "format_exc", "print_exception", "format_exception", "exception", "basicConfig", "addHandler"}
CALLERS = {"cli/portico_cli/main.py": {"addHandler"}}  # A NullHandler: batch commands log nothing.


def imports_of(path: Path) -> set[str]:
    """Return the first parts of the modules that a file imports."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def sinks(files: list[Path], root: Path) -> set[tuple[str, str]]:
    """Return (file, what) for each way out that stands in a file."""
    found = set[tuple[str, str]]()
    for path in files:
        name = str(path.relative_to(root))
        if name in THROUGH_THE_SCRUBBER:
            continue
        found |= {(name, module) for module in imports_of(path) & (REPORTERS | PRINTERS)}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr=called) as function) if _is_logging(function):
                    found |= {(name, called)} if called in CALLS - CALLERS.get(name, set()) else set()
                case ast.keyword(arg="exc_info"):
                    found.add((name, "exc_info"))
    return found


def _is_logging(function: ast.Attribute) -> bool:
    """A future's `exception()` is no log call."""
    return function.attr != "exception" or "log" in ast.unparse(function.value).lower()


def test_no_service_has_a_second_way_out() -> None:
    assert sinks(service_files(), SERVICES) == set()


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("from opentelemetry import trace", "opentelemetry"),
        ("import sentry_sdk", "sentry_sdk"),
        ("import traceback", "traceback"),
        ("logger.exception('failed')", "exception"),
        ("logging.basicConfig()", "basicConfig"),
        ("logger.error('failed', exc_info=True)", "exc_info"),
        ("logging.getLogger().addHandler(handler)", "addHandler"),
    ],
)
def test_a_planted_way_out_is_found(tmp_path: Path, line: str, what: str) -> None:
    (tmp_path / "x.py").write_text(line + "\nfuture.exception()\n", encoding="utf-8")
    assert sinks([tmp_path / "x.py"], tmp_path) == {("x.py", what)}
