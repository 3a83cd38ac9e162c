"""Any text at all through the redactor: a clear error or a redaction that restores, and never for long."""

import base64
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clock import assert_within
from portico_core.errors import PorticoError, TextTooLong, UnsupportedText
from portico_core.text import Redaction
from portico_redaction.encodings import decoding_edits
from portico_redaction.engine import Redactor, restore
from portico_redaction.fields import keyed_spans
from portico_redaction.hidden import has_hidden_text, hidden_edits, invisible_runs
from portico_redaction.markup import markup_edits
from portico_redaction.normalise import MAX_CHARACTERS, normalise
from portico_redaction.recognisers import all_recognisers
from portico_redaction.segments import segment_spans
from portico_redaction.skeleton import skeleton_edits
from portico_redaction.spaced import spaced_edits
from portico_redaction.spoken_digits import spoken_digit_edits
from portico_redaction.views import Views

LIMIT_S = 0.25
ALL_VIEWS_LIMIT_S = 0.5  # The sum of six, each of which has the limit above.
REFUSED_LIMIT_S = 0.5
LONGEST_S = 2.0


@pytest.fixture(scope="module")
def redactor() -> Iterator[Redactor]:
    built = Redactor(recognisers=all_recognisers())
    yield built
    built.close()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("\0", UnsupportedText),  # NUL
        ("ssn 123-45-6789\0", UnsupportedText),  # NUL beside an identifier
        ("\ud83d", UnsupportedText),  # half an emoji
        ("\udcff\udcfe", UnsupportedText),  # bytes that were no UTF-8
        ("a" * 1_000_000, TextTooLong),  # one token of a megabyte
        ("\u0301" * (MAX_CHARACTERS + 1), TextTooLong),  # more marks than a text may have characters
    ],
)
def test_what_is_no_text_is_refused_at_once(redactor: Redactor, text: str, error: type[PorticoError]) -> None:
    with pytest.raises(error) as caught:
        redactor.redact(text)
    assert "123-45" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert_within(REFUSED_LIMIT_S, lambda: _redact_or_refuse(redactor, text))


@pytest.mark.parametrize(
    "text",
    [
        "e" + "\u0301" * (MAX_CHARACTERS - 1),  # 100,000 combining marks
        "x" * MAX_CHARACTERS,  # one token as long as a text may be
        "\u200b" * MAX_CHARACTERS,  # nothing but invisible characters
    ],
)
def test_the_longest_text_is_redacted_or_refused_in_bounded_time(redactor: Redactor, text: str) -> None:
    redaction = _redact_or_refuse(redactor, text)
    assert redaction is None or restore(redaction.redacted.text, redaction.placeholders) == text
    assert_within(2 * LONGEST_S, lambda: _redact_or_refuse(redactor, text))


def _redact_or_refuse(redactor: Redactor, text: str) -> Redaction | None:
    try:
        return redactor.redact(text)
    except PorticoError:
        return None


def test_an_identifier_under_many_marks_is_still_found(redactor: Redactor) -> None:
    text = "my ssn is " + "".join(c + "\u0336" * 500 for c in "123-45-6789")
    assert redactor.redact(text).counts() == {"SSN": 1}


PIECES = st.sampled_from(
    """123-45-6789 one two three 4 5 6 - @ . MTIz %31 &#49; \\u0031 =31 {"ssn":" "} PID| ^ | \n \r TEL: N: [NAME_1] é
    а аb \u200b \u202e \u202c \U000e0031 \u0336 1️⃣ ⓫ Maria Dr. ssn MRN: born 3/9/1980 5 mg""".split(" ")  # noqa: SIM905  a table reads better whole
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.one_of(
        st.text(max_size=120), st.lists(PIECES, max_size=25).map(" ".join), st.lists(PIECES, max_size=25).map("".join)
    )
)
def test_any_text_is_redacted_and_restored_or_refused(redactor: Redactor, text: str) -> None:
    try:
        redaction = redactor.redact(text)
    except UnsupportedText:
        assert any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)
        return
    assert restore(redaction.redacted.text, redaction.placeholders) == text
    assert all(0 <= span.start < span.end <= len(text) for span in redaction.spans)
    assert all(left.end <= right.start for left, right in pairwise(redaction.spans))


UNITS = """( a@ one 1 a 1- %31 %25 &#49; &amp; & \\u0031 \\ =31 = 31 0x31 MTIz {"ssn":" "ssn":"1",
<a> </ PID| | a=1& ' "
\\" A1 l1 O- 1_ 1🙂 а аa é \u202e1 \U000e0041 \ufe00 \u200b ﷺ double hundred twenty uno y A @ w h # aA1 -_ / a.b.
1.1.1.1 ssn http://a/ value=" ḿ Ⓐ 1st ten- -- AB12-
<b>1 **1** [11] 1** alfa alfa-1 .- .-/ ix x.i. A, N:a TEL:1 BEGIN:VCARD : ; + *""".split()  # noqa: SIM905
UNITS += [
    f"{unit} "
    for unit in ("one", "1", "a", "A one", "1 -", "31", "0x31", "one,", "1 ,", "w w w .", "<a", "N:a\n", "PID|1|\n")
]
UNITS += [base64.b64encode(b"123-45-6789 ").decode(), "a\n", "1\r\n", " ", "\n", "=\n"]


@pytest.mark.parametrize("unit", UNITS)
def test_hostile_text_holds_no_view_up(unit: str) -> None:
    text = (unit * 8_000)[:8_000]
    _in_time("normalise", lambda: normalise(text))
    folded = normalise(text)
    for find in (
        decoding_edits,
        spoken_digit_edits,
        spaced_edits,
        skeleton_edits,
        markup_edits,
        keyed_spans,
        segment_spans,
    ):
        _in_time(find.__name__, partial(_exhaust, find, folded.text))
    _in_time("hidden", lambda: (has_hidden_text(text), list(hidden_edits(text)), invisible_runs(text)))
    assert_within(ALL_VIEWS_LIMIT_S, lambda: Views(()).find_spans(text, folded), name="all views")


def _in_time(name: str, work: Callable[[], object]) -> None:
    assert_within(LIMIT_S, work, name=name)


def _exhaust(find: Callable[[str], Iterator[object]], text: str) -> None:
    for _ in find(text):
        pass


def test_a_slow_view_would_be_noticed() -> None:
    with pytest.raises(AssertionError, match="busy"):
        _in_time("busy", _busy)


def _busy() -> None:
    end = time.process_time() + LIMIT_S
    while time.process_time() < end:
        pass


def test_a_plain_message_pays_little_for_views() -> None:
    message = (
        "I take metformin 500 mg twice a day and my A1c was 7.2 last week. Is it safe to stop it one or two days before"
        " the scan, and should I drink more water on the day? Thank you for helping."
    )
    folded, views = normalise(message), Views(())
    views.find_spans(message, folded)

    def read_a_hundred_times() -> None:
        for _ in range(100):
            views.find_spans(message, folded)

    assert_within(0.1, read_a_hundred_times)
