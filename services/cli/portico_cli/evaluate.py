"""`portico evaluate`: open what a suite needs, run it, and show the figures as a table, JSON and an HTML report."""

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import assert_never

from rich.console import Console
from rich.progress import Progress

from portico_cli.asking import open_assistant
from portico_cli.choosing import open_chooser
from portico_cli.judging import open_guard
from portico_cli.places import ANSWER_SETS, MESSAGES, PHI_SETS, STUDY
from portico_core.errors import ConfigurationError
from portico_evaluation.answers.asking import Assistant
from portico_evaluation.answers.sets import read_answer_sets
from portico_evaluation.answers.suite import evaluate_answers
from portico_evaluation.choices.suite import evaluate_choices
from portico_evaluation.phi.redacting import TextRedactor
from portico_evaluation.phi.suite import OnProgress, evaluate_phi, read_phi_sets
from portico_evaluation.results import Run, SuiteResult, write_json
from portico_evaluation.rows import read_rows
from portico_evaluation.safety.judging import Guard
from portico_evaluation.safety.suite import evaluate_safety, read_safety_sets
from portico_evaluation.suites import EVERY, SuiteName
from portico_evaluation.terminal import WIDTH, show_run


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """What the command line asks for; no suite means every suite."""

    suite: SuiteName | None
    out: Path | None
    texts: tuple[Path, ...]
    gate: bool
    show_errors: bool
    mrn_pattern: str | None = None
    triton: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class SafetyFolders:
    """Where the safety suite's sets lie."""

    messages: Path = MESSAGES
    study: Path = STUDY


@dataclass(frozen=True, slots=True)
class _Given:
    """What the suites run on; None stands for the real part."""

    sets: Path
    redactor: TextRedactor | None
    safety: SafetyFolders
    guard: Guard | None
    answers: Path
    assistant: Assistant | None


def evaluate(
    options: EvaluateOptions,
    *,
    sets: Path = PHI_SETS,
    redactor: TextRedactor | None = None,
    safety: SafetyFolders = SafetyFolders(),
    guard: Guard | None = None,
    answers: Path = ANSWER_SETS,
    assistant: Assistant | None = None,
) -> int:
    """Run the suites; return 1 if a target is missed and the gate is on, else 0.

    Without a redactor, a guard or an assistant, the real one.
    """
    given = _Given(sets, redactor, safety, guard, answers, assistant)
    if options.out is not None:
        _make_folder(options.out)
    chosen = [options.suite] if options.suite else EVERY
    results = tuple(_run_suite(name, options, given) for name in chosen)
    run = Run(_command(options), datetime.now(UTC).date().isoformat(), results)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    show_run(run, console)
    if options.out is not None:
        _write(run, options.out)
        sys.stdout.write(f"{options.out / 'results.json'}, {options.out / 'report.html'}\n")
    return 1 if options.gate and run.missed() else 0


def _run_suite(name: SuiteName, options: EvaluateOptions, given: _Given) -> SuiteResult:
    match name:
        case SuiteName.PHI:
            return _run_phi(options, given)
        case SuiteName.SAFETY:
            return _run_safety(options, given)
        case SuiteName.ANSWERS:
            return _run_answers(options, given)
        case SuiteName.CHOICES:
            return _run_choices(options)
        case _:
            assert_never(name)


def _run_phi(options: EvaluateOptions, given: _Given) -> SuiteResult:
    sets = read_phi_sets(given.sets, outside=_texts_of(SuiteName.PHI, options))
    show_error = _to_terminal if options.show_errors else None
    with _given_or_real(given.redactor, options.mrn_pattern) as used, _progress("redacting") as on_progress:
        return evaluate_phi(sets, used, on_progress=on_progress, show_error=show_error)


def _run_safety(options: EvaluateOptions, given: _Given) -> SuiteResult:
    folders, texts = given.safety, _texts_of(SuiteName.SAFETY, options)
    sets = read_safety_sets(messages=folders.messages, study=folders.study, outside=texts, limit=options.limit)
    show_error = _to_terminal if options.show_errors else None
    guard = nullcontext(given.guard) if given.guard is not None else open_guard(options.triton)
    with guard as used, _progress("judging") as on_progress:
        return evaluate_safety(sets, used, on_progress=on_progress, show_error=show_error)


def _run_answers(options: EvaluateOptions, given: _Given) -> SuiteResult:
    if options.suite is SuiteName.ANSWERS and options.texts:
        raise ConfigurationError("--text: the answers suite has no sets of other hands")
    sets = read_answer_sets(given.answers, limit=options.limit)
    assistant = nullcontext(given.assistant) if given.assistant is not None else open_assistant(options.triton)
    with assistant as used, _progress("asking") as on_progress:
        return evaluate_answers(sets, used, on_progress=on_progress)


def _run_choices(options: EvaluateOptions) -> SuiteResult:
    if not options.texts:
        raise ConfigurationError("--text: the choices suite needs a file of questions")
    with open_chooser() as (choose, version), _progress("choosing") as on_progress:
        return evaluate_choices(options.texts, choose, version=version, limit=options.limit, on_progress=on_progress)


def _texts_of(name: SuiteName, options: EvaluateOptions) -> tuple[Path, ...]:
    """Return the outside sets of a suite: all of them for a suite that was named, else those of its form."""
    if options.suite is not None:
        return options.texts
    return tuple(text for text in options.texts if _suite_of(text) is name)


def _suite_of(text: Path) -> SuiteName:
    """Spans belong to redaction, labels to safety; told by the first row, and each suite checks every row."""
    _, row = next(read_rows(text), (0, {}))
    return SuiteName.PHI if "spans" in row else SuiteName.SAFETY


@contextmanager
def _given_or_real(redactor: TextRedactor | None, mrn_pattern: str | None) -> Iterator[TextRedactor]:
    if redactor is not None:
        yield redactor
        return
    from portico_cli.redactor import command_redactor

    real = command_redactor(mrn_pattern)
    try:
        yield real
    finally:
        real.close()


@contextmanager
def _progress(title: str) -> Iterator[OnProgress]:
    """Show a bar on standard error, and only on a terminal."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        bar = progress.add_task(title, total=None)
        yield lambda done, of: progress.update(bar, completed=done, total=of)


def _to_terminal(line: str) -> None:
    sys.stderr.write(line + "\n")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise ConfigurationError(f"{folder} cannot be made a folder") from None


def _write(run: Run, folder: Path) -> None:
    from portico_evaluation.report import write_report

    try:
        write_json(run, folder / "results.json")
        write_report(run, folder / "report.html")
    except OSError:
        raise ConfigurationError(f"{folder} cannot be written to") from None


def _command(options: EvaluateOptions) -> str:
    """Return the command as it can be repeated; files by name only, because paths are of one machine."""
    words: Sequence[str] = [
        *(["--suite", options.suite.value] if options.suite else []),
        *(word for text in options.texts for word in ("--text", text.name)),
        *(["--mrn-pattern", options.mrn_pattern] if options.mrn_pattern else []),
        *(["--limit", str(options.limit)] if options.limit is not None else []),
    ]
    return shlex.join(["portico", "evaluate", *words])
