"""Whatever fails in redaction refuses the turn: every recogniser, every way of failing, and a thread that hangs.

The control is Presidio's own PatternRecognizer, which logs a pattern that ran out of time and goes on without it.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from presidio_analyzer import Pattern, PatternRecognizer
from presidio_analyzer import pattern_recognizer as presidio_patterns

from portico_core.errors import RedactionFailed
from portico_core.labels import PhiType
from portico_core.text import PatientText, RedactedText
from portico_redaction import engine, workers
from portico_redaction.engine import Redactor
from portico_redaction.recognisers import all_recognisers, base
from portico_redaction.recognisers.base import Form, FormRecogniser

SECRET = "Quibbleton"
TEXT = f"My name is Wilhelmina {SECRET} and my SSN is 123-45-6789."
DEADLINE_S = 0.15
NAMES = [str(recogniser.name) for recogniser in all_recognisers()]


class Faults:
    """Ways to fail. A hanging one is let go at the end of a test."""

    def __init__(self) -> None:
        self.released = threading.Event()

    def raises(self, text: str, *_: Any, **__: Any) -> Any:
        raise ValueError(f"cannot read {text}")

    def times_out(self, text: str, *_: Any, **__: Any) -> Any:
        raise TimeoutError(text)

    def ends(self, text: str, *_: Any, **__: Any) -> Any:
        raise SystemExit(text)

    def hangs(self, *_: Any, **__: Any) -> Any:
        self.released.wait(10)
        return iter(())


@pytest.fixture
def faults() -> Iterator[Faults]:
    made = Faults()
    yield made
    made.released.set()


@pytest.fixture(scope="module")
def redactor() -> Iterator[Redactor]:
    built = Redactor(recognisers=all_recognisers(), deadline_s=DEADLINE_S)
    yield built
    built.close()


def recogniser_of(redactor: Redactor, name: str) -> Any:
    """Return a recogniser in force, as Presidio runs it."""
    running = redactor._analyzer._engine.get_recognizers("en")
    return next(recogniser for recogniser in running if recogniser.name == name)


def break_recogniser(monkeypatch: pytest.MonkeyPatch, redactor: Redactor, name: str, fault: Callable[..., Any]) -> None:
    recogniser = recogniser_of(redactor, name)
    monkeypatch.setattr(recogniser, "find" if hasattr(recogniser, "find") else "analyze", fault)


async def assert_refused(redactor: Redactor, *, within_s: float = DEADLINE_S + 0.35) -> None:
    """RedactionFailed in time, without a word of the patient, and no partial result."""
    begun = time.monotonic()
    with pytest.raises(RedactionFailed) as caught:
        await redactor.redact_turn(PatientText(TEXT))
    assert time.monotonic() - begun < within_s
    assert SECRET not in f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


async def until_free(redactor: Redactor) -> None:
    """Wait until the hanging job has ended: one that began late is not overdue yet, and still hangs."""

    def wait() -> None:
        deadline = time.monotonic() + 30
        while redactor._workers._started and time.monotonic() < deadline:
            time.sleep(0.005)

    await asyncio.to_thread(wait)
    assert not redactor._workers.is_stuck()


def test_every_recogniser_in_force_is_broken_below(redactor: Redactor) -> None:
    assert sorted(str(r.name) for r in redactor._analyzer._engine.get_recognizers("en")) == sorted(NAMES)


@pytest.mark.parametrize("fault", ["raises", "times_out"])
@pytest.mark.parametrize("name", NAMES)
async def test_a_recogniser_that_raises_refuses_the_turn(
    redactor: Redactor, monkeypatch: pytest.MonkeyPatch, faults: Faults, name: str, fault: str
) -> None:
    with monkeypatch.context() as patch:
        break_recogniser(patch, redactor, name, getattr(faults, fault))
        await assert_refused(redactor)
        with pytest.raises(RedactionFailed):
            redactor.redact(TEXT)
        with pytest.raises(RedactionFailed):
            redactor.find_spans_in_time(TEXT)
    assert redactor.redact(TEXT).counts() == {"NAME": 1, "SSN": 1}  # The control: mended, it passes.


@pytest.mark.parametrize("name", NAMES)
async def test_a_recogniser_that_hangs_refuses_the_turn(
    redactor: Redactor, monkeypatch: pytest.MonkeyPatch, faults: Faults, name: str
) -> None:
    with monkeypatch.context() as patch:
        break_recogniser(patch, redactor, name, faults.hangs)
        await assert_refused(redactor)
        faults.released.set()
        await until_free(redactor)
    assert (await redactor.redact_turn(TEXT)).counts() == {"NAME": 1, "SSN": 1}


@pytest.mark.parametrize(
    "place", ["normalise", "names_beside", "repeated_names", "join_addresses", "tidy_edges", "settle_overlaps"]
)
@pytest.mark.parametrize("fault", ["raises", "times_out", "hangs"])
async def test_every_other_step_fails_closed_too(
    redactor: Redactor, monkeypatch: pytest.MonkeyPatch, faults: Faults, place: str, fault: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(engine, place, getattr(faults, fault))
        await assert_refused(redactor)
        faults.released.set()
        await until_free(redactor)


async def test_what_ends_a_thread_refuses_the_turn_and_the_thread_lives_on(
    redactor: Redactor, monkeypatch: pytest.MonkeyPatch, faults: Faults
) -> None:
    with monkeypatch.context() as patch:
        break_recogniser(patch, redactor, NAMES[0], faults.ends)
        for _ in range(2 * engine.WORKERS):
            await assert_refused(redactor)
    assert (await redactor.redact_turn(TEXT)).counts() == {"NAME": 1, "SSN": 1}


async def test_after_a_hang_the_next_turns_are_refused_at_once_and_not_queued(
    monkeypatch: pytest.MonkeyPatch, faults: Faults
) -> None:
    redactor = Redactor(recognisers=all_recognisers(), deadline_s=DEADLINE_S)
    break_recogniser(monkeypatch, redactor, "EmailRecogniser", faults.hangs)
    await assert_refused(redactor)
    begun = time.monotonic()
    for _ in range(50):
        await assert_refused(redactor)
    assert time.monotonic() - begun < 50 * DEADLINE_S / 2  # Together: one may come late on a busy machine.
    with pytest.raises(RedactionFailed):
        redactor.find_spans_in_time(TEXT)
    assert redactor._workers._jobs.qsize() == 0
    faults.released.set()
    await until_free(redactor)
    assert (await redactor.redact_turn(TEXT)).redacted == RedactedText("My name is [NAME_1] and my SSN is [SSN_1].")
    redactor.close()


async def test_without_the_look_at_overdue_jobs_the_next_turns_would_wait(
    monkeypatch: pytest.MonkeyPatch, faults: Faults
) -> None:
    """The control: a plain pool accepts every turn and lets it wait for its whole deadline."""
    redactor = Redactor(recognisers=all_recognisers(), deadline_s=DEADLINE_S)
    monkeypatch.setattr(workers.Workers, "is_stuck", lambda self: False)
    break_recogniser(monkeypatch, redactor, "EmailRecogniser", faults.hangs)
    for _ in range(3):
        begun = time.monotonic()
        with pytest.raises(RedactionFailed):
            await redactor.redact_turn(TEXT)
        assert time.monotonic() - begun >= DEADLINE_S
    redactor.close()


def test_a_thread_holds_no_words_after_its_job() -> None:
    redactor = Redactor(recognisers=all_recognisers())
    assert redactor.find_spans_in_time(TEXT)
    local_values = [repr(value) for frame in _frames_of("redaction-") for value in frame.f_locals.values()]
    redactor.close()
    assert local_values
    assert not any(SECRET in value for value in local_values)


def test_presidios_own_recogniser_would_skip_and_go_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The hazard that `recognisers.base` exists for: no result, no error, one warning in the log."""
    monkeypatch.setattr(presidio_patterns, "REGEX_TIMEOUT_SECONDS", 0.05)
    explosive = Pattern("explosive", r"(?:a|a|aa)+b|\d{3}-\d{2}-\d{4}", 0.9)
    skipping = PatternRecognizer(supported_entity="SSN", patterns=[explosive])
    assert skipping.analyze("123-45-6789", ["SSN"]) != []
    with caplog.at_level(logging.WARNING, logger="presidio-analyzer"):
        assert skipping.analyze("a" * 60 + " 123-45-6789", ["SSN"]) == []
    assert "timed out" in caplog.text


class ExplosiveRecogniser(FormRecogniser):
    """A form that takes exponential time."""

    phi_type = PhiType.SSN
    forms = (Form("explosive", r"(?:a|a|aa)+b", 0.9),)


def test_our_forms_raise_where_presidio_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "PATTERN_TIMEOUT_S", 0.05)
    with pytest.raises(TimeoutError):
        ExplosiveRecogniser().analyze("a" * 60, ["SSN"])


def _frames_of(prefix: str) -> Iterator[Any]:
    import sys

    frames = sys._current_frames()
    for thread in threading.enumerate():
        frame = frames.get(thread.ident or 0) if thread.name.startswith(prefix) else None
        while frame is not None:
            yield frame
            frame = frame.f_back
