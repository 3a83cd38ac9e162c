"""The redactor as a whole: stable placeholders, the way back, offsets, disguises, failures, and no network."""

import asyncio
import socket
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from portico_core.errors import ConfigurationError, InvalidRequest, RedactionFailed, TextTooLong, UnsupportedText
from portico_core.known import KnownValue
from portico_core.labels import PhiType
from portico_core.text import PatientText
from portico_redaction.engine import Redactor, restore, scrub_line
from portico_redaction.lines import redact_line
from portico_redaction.recognisers import all_recognisers
from portico_redaction.recognisers.base import Found, ReadingRecogniser


@pytest.fixture(scope="module")
def redactor() -> Iterator[Redactor]:
    built = Redactor(recognisers=all_recognisers())
    yield built
    built.close()


class BrokenRecogniser(ReadingRecogniser):
    """Fails with patient text in its message, as a third-party library might."""

    phi_type = PhiType.NAME

    def find(self, text: str) -> Iterator[Found]:
        raise ValueError(f"cannot read {text}")


class SlowRecogniser(ReadingRecogniser):
    """Takes far longer than the deadline."""

    phi_type = PhiType.NAME

    def find(self, text: str) -> Iterator[Found]:
        time.sleep(1.0)
        return iter(())


def test_a_value_keeps_its_placeholder_over_two_messages(redactor: Redactor) -> None:
    first = redactor.redact("My name is Maria Lopez and my SSN is 123-45-6789.")
    second = redactor.redact("This is maria lopez again, and my name is Ana Ruiz.", known=first.placeholders)
    assert first.redacted.text == "My name is [NAME_1] and my SSN is [SSN_1]."
    assert second.redacted.text == "This is [NAME_1] again, and my name is [NAME_2]."
    assert second.placeholders == {"[NAME_1]": "Maria Lopez", "[NAME_2]": "Ana Ruiz"}


@pytest.mark.parametrize(
    "text",
    [
        "My name is Maria Lopez, born 3/9/1980, MRN: 00123456.",  # several classes
        "Ana told Ana to write ana@example.org or ana@example.org",  # repeated values
        "I take 5 mg daily.",  # nothing to redact
        "línea uno\nDr. Núñez, 555-123-4567 🙂",  # accents, a line break, an emoji
    ],
)
def test_restoring_gives_back_what_was_typed(redactor: Redactor, text: str) -> None:
    redaction = redactor.redact(text)
    assert restore(redaction.redacted.text, redaction.placeholders) == text
    assert Redactor.restore(redaction.redacted.text, redaction.placeholders) == text


def test_unknown_placeholders_stay(redactor: Redactor) -> None:
    assert restore("[NAME_7] and [SSN_1]", {"[SSN_1]": "[NAME_7]"}) == "[NAME_7] and [NAME_7]"


def test_a_placeholder_typed_by_the_patient_never_becomes_a_value(redactor: Redactor) -> None:
    known = {"[NAME_1]": "Maria Lopez"}
    redaction = redactor.redact("What is [NAME_1] called?", known=known)
    assert "[NAME_1]" not in redaction.redacted.text
    assert restore(redaction.redacted.text, {**known, **redaction.placeholders}) == "What is [NAME_1] called?"


def test_spans_do_not_overlap_and_come_in_order(redactor: Redactor) -> None:
    text = "Dr. Maria Lopez, 742 Evergreen Terrace, Springfield, IL 62704, maria.lopez@example.org, DOB 03/09/1980"
    spans = redactor.find_spans(text)
    assert len(spans) >= 4
    assert all(left.end <= right.start for left, right in pairwise(spans))


def test_offsets_are_into_the_given_text(redactor: Redactor) -> None:
    text = "é🙂 my ssn is １２３-４５\u200b-６７８９, ok"
    (span,) = redactor.find_spans(text)
    assert text[span.start : span.end] == "１２３-４５\u200b-６７８９"
    assert redactor.redact(text).redacted.text == "é🙂 my ssn is [SSN_1], ok"


STRUCTURED = [
    ("My SSN is {}.", "123-45-6789", "SSN"),
    ("Call me at {}.", "555-123-4567", "PHONE"),
    ("My MRN: {}.", "00-123-456", "MRN"),
    ("Write to {} please.", "maria7@example.org", "EMAIL"),
    ("I was born on {}.", "03-09-1980", "DATE"),
]

DISGUISES = {
    "full-width": str.maketrans({str(n): chr(0xFF10 + n) for n in range(10)}),
    "Arabic-Indic digits": str.maketrans({str(n): chr(0x660 + n) for n in range(10)}),
    "zero-width spaces": str.maketrans({character: f"{character}\u200b" for character in "0123456789@e-"}),
    "soft hyphens": str.maketrans({character: f"{character}\u00ad" for character in "0123456789@e-"}),
    "en dashes": str.maketrans({"-": "–"}),
    "Cyrillic look-alikes": str.maketrans("aeopcxM", "аеорсхМ"),
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize(("frame", "value", "kind"), STRUCTURED)
def test_a_disguised_identifier_is_taken_whole(
    redactor: Redactor, frame: str, value: str, kind: str, disguise: str
) -> None:
    hidden = value.translate(DISGUISES[disguise])
    redaction = redactor.redact(frame.format(hidden))
    assert redaction.counts() == {kind: 1}
    assert redaction.redacted.text.replace("\u200b", "").replace("\u00ad", "") == frame.format(f"[{kind}_1]")


@pytest.mark.parametrize("broken", [BrokenRecogniser(), SlowRecogniser()])
async def test_a_recogniser_that_fails_or_is_late_refuses_the_turn(broken: ReadingRecogniser) -> None:
    failing = Redactor(recognisers=[*all_recognisers(), broken], deadline_s=0.3)
    begin = time.perf_counter()
    with pytest.raises(RedactionFailed) as caught:
        await failing.redact_turn(PatientText("Nothing secret here."))
    failing.close()
    assert time.perf_counter() - begin < 0.9
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_without_the_failing_recogniser_the_turn_passes() -> None:
    sound = Redactor(recognisers=all_recognisers(), deadline_s=2.0)
    redaction = await sound.redact_turn(PatientText("Nothing secret here."))
    sound.close()
    assert redaction.redacted.text == "Nothing secret here."


def test_no_recognisers_is_refused_at_start_up() -> None:
    with pytest.raises(ConfigurationError):
        Redactor(recognisers=[])


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a\0b", UnsupportedText),  # NUL
        ("a\ud800b", UnsupportedText),  # lone surrogate
        ("a" * 100_001, TextTooLong),  # over the limit
    ],
)
def test_unreadable_text_is_a_clear_error(redactor: Redactor, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        redactor.redact(text)


SESSION = ((PhiType.NAME, "Wilhelmina Quibbleton"), (PhiType.MRN, "QZ-4471"), (PhiType.DATE, "1980-03-09"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ask wilhelmina quibbleton", "wilhelmina quibbleton"),  # lower case
        ("ask WILHELMINA QUIBBLETON", "WILHELMINA QUIBBLETON"),  # capitals
        ("quibbleton, wilhelmina", "quibbleton, wilhelmina"),  # family name first
        ("wilhelmina said so", "wilhelmina"),  # given name alone
        ("the quibbletons came", "quibbletons"),  # plural
        ("quibbleton's chart", "quibbleton"),  # possessive
        ("chart qz4471 here", "qz4471"),  # number without its hyphen
        ("chart QZ 4471 here", "QZ 4471"),  # number with a space
        ("it was 9 march 80", "9 march 80"),  # birth date, day first
        ("it was 03091980", "03091980"),  # birth date, digits only
    ],
)
def test_what_the_session_vouches_for_is_found(redactor: Redactor, text: str, value: str) -> None:
    spans = redactor.find_spans(text, known_values=SESSION)
    assert value in {text[span.start : span.end] for span in spans}


def test_nothing_opens_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    offline = Redactor(recognisers=all_recognisers())
    assert offline.redact("write to ana@example.co.uk").counts() == {"EMAIL": 1}
    offline.close()


def test_the_event_loop_is_free_while_a_turn_is_redacted() -> None:
    async def race() -> int:
        busy = Redactor(recognisers=[SlowRecogniser()], deadline_s=0.3)
        turn = asyncio.create_task(busy.redact_turn("hello"))
        ticks = 0
        while not turn.done():
            await asyncio.sleep(0.01)
            ticks += 1
        busy.close()
        assert isinstance(turn.exception(), RedactionFailed)
        return ticks

    assert asyncio.run(race()) > 5


def test_a_batch_row_keeps_its_other_keys(redactor: Redactor) -> None:
    row = redact_line({"id": 7, "text": "My SSN is 123-45-6789"}, redactor=redactor)
    assert (row["id"], row["text"]) == (7, "My SSN is [SSN_1]")
    assert row["spans"] == [{"start": 10, "end": 21, "type": "SSN", "score": row["spans"][0]["score"]}]
    with pytest.raises(InvalidRequest):
        redact_line({"text": 5}, redactor=redactor)


def test_a_batch_row_of_messages_is_a_conversation(redactor: Redactor) -> None:
    row = redact_line({"id": 8, "messages": ["My SSN is 123-45", "6789", "Thanks"]}, redactor=redactor)
    assert (row["id"], row["messages"]) == (8, ["My SSN is [SSN_1]", "[SSN_2]", "Thanks"])
    assert [len(spans) for spans in row["spans"]] == [1, 1, 0]
    for messages in ([], ["a", 5], "a"):
        with pytest.raises(InvalidRequest):
            redact_line({"messages": messages}, redactor=redactor)


def test_a_log_line_is_scrubbed_and_never_raises() -> None:
    assert scrub_line("failed for ana@example.org") == "failed for [EMAIL]"
    assert "withheld" in scrub_line("a\0b 123-45-6789")


HOSTILE = [
    "1-" * 2000,
    "1 " * 2000,
    "123-45-" * 571,
    "12.34/" * 666,
    "9" * 4000,
    "A1-" * 1333,
    "Ab " * 1333,
    "a@" * 2000,
]
HOSTILE += ["a.a." * 1000, "Dr. " * 1000, "Mar 1 " * 666, "my son " * 571, "1 Aa " * 800, "patient:" * 500, "- " * 2000]


@pytest.mark.parametrize("recogniser", all_recognisers(), ids=lambda recogniser: str(recogniser.name))
def test_hostile_text_takes_no_recogniser_longer_than_a_quarter_second(recogniser: ReadingRecogniser) -> None:
    for text in HOSTILE:
        begin = time.process_time()
        list(recogniser.find(text[:4000]))
        assert time.process_time() - begin < 0.25, text[:12]


def test_a_placeholder_in_the_middle_hides_nothing_beside_it(redactor: Redactor) -> None:
    """Negative control of the whole: without cutting, the span that runs over the placeholder would be dropped."""
    text = "My SSN is 123-45-[SSN_1] no, my name is Maria [NAME_9] Lopez"
    redacted = redactor.redact(text, known_values=(KnownValue(PhiType.NAME, "Maria Lopez"),)).redacted.text
    assert "Maria" not in redacted
    assert "Lopez" not in redacted
