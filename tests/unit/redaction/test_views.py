"""Views as a whole: what is found in another reading of a text is taken as it was written, and nothing else is."""

import base64
from collections.abc import Iterator

import pytest

from portico_core.errors import RedactionFailed
from portico_core.labels import PhiType
from portico_redaction.engine import Redactor
from portico_redaction.normalise import normalise
from portico_redaction.recognisers import all_recognisers
from portico_redaction.recognisers.base import Found, ReadingRecogniser
from portico_redaction.scrub import scrub_line
from portico_redaction.views import Views


@pytest.fixture(scope="module")
def redactor() -> Iterator[Redactor]:
    built = Redactor(recognisers=all_recognisers())
    yield built
    built.close()


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _tags(text: str) -> str:
    return "".join(chr(0xE0000 + ord(character)) for character in text)


WHOLE = [
    ("My SSN is {} ok", "one two three dash four five dash six seven eight nine"),  # spelled
    ("My SSN is {} ok", "1 2 3 - 4 5 - 6 7 8 9"),  # spread
    ("My SSN is {} ok", _b64("123-45-6789")),  # base64: the whole run
    ("see {} ok", _b64("my name is Zyx Qwert and I am well")),  # a name by its cue, inside an encoded run
    ("see {} ok", _b64(_b64("SSN 123-45-6789"))),  # two levels
    ("see {} ok", _b64("&#49;23-45-6789")),  # two levels of two kinds
    ("see {} ok", _b64('{"lastName":"Qwert"}')),  # a key in an encoded run
    ("see {} ok", _b64("SSN one two three four five six seven eight nine")),  # spelled in an encoded run
    ("SSN %31%32%33{}", "-45-6789"),  # partly encoded
    ("hi{} there", _tags("ssn 123-45-6789")),  # hidden in tag characters
    ("my ssn is \u202e{}\u202c ok", "9876-54-321"),  # written backwards under an override
    ("x{}y", "\u200b\u200c" * 20),  # a long run of what cannot be seen
    ('{{"lastName":"{}"}}', "Qwert"),  # a key
]


@pytest.mark.parametrize(("frame", "written"), WHOLE)
def test_the_writing_goes_whole(redactor: Redactor, frame: str, written: str) -> None:
    left = redactor.redact(frame.format(written)).redacted.text
    assert written not in left and written[:8] not in left and written[-6:] not in left
    assert left.startswith(frame.format("")[:1])


def test_a_log_line_is_read_in_every_view_too() -> None:
    encoded = _b64("SSN 123-45-6789")
    assert scrub_line(f"failed for {encoded} today") == "failed for [SSN] today"
    assert scrub_line("failed for SSN 1 2 3 - 4 5 - 6 7 8 9 today") == "failed for SSN [SSN] today"


@pytest.mark.parametrize("written", [_b64("ask zyx qwert about it"), "%7A%79%78 qwert", "&#122;yx qwert"])
def test_what_the_session_vouches_for_is_found_in_views(redactor: Redactor, written: str) -> None:
    known = ((PhiType.NAME, "Zyx Qwert"),)
    text = f"please {written} ok"
    assert redactor.find_spans(text, known_values=known) != ()
    assert redactor.find_spans(f"please {_b64('ask somebody about it')} ok", known_values=known) == ()


def test_three_levels_of_encoding_are_the_limit(redactor: Redactor) -> None:
    """The known limit, so that a change of it is seen: no third level is decoded."""
    thrice = _b64(_b64(_b64("a b c, SSN 123-45-6789")))
    assert redactor.redact(thrice).redacted.text == thrice


def test_variation_selectors_that_spell_a_message_are_read(redactor: Redactor) -> None:
    spelled = "".join(chr(0xE0100 + ord(character) - 16) for character in "ssn 123-45-6789")
    assert redactor.redact(f"hi{spelled}").counts() == {"SSN": 1}


def test_flags_and_families_are_not_hidden_text(redactor: Redactor) -> None:
    text = "👨‍👩‍👧‍👦 🏴" + _tags("gbeng") + "\U000e007f is fine"
    assert redactor.redact(text).redacted.text == text


def test_a_placeholder_in_a_record_stays_a_placeholder(redactor: Redactor) -> None:
    assert redactor.find_spans('{"lastName":"[NAME_1]"}') == ()


def test_only_surroundings_of_a_change_are_looked_at_again() -> None:
    seen: list[int] = []

    class Measure(ReadingRecogniser):
        phi_type = PhiType.SSN

        def find(self, text: str) -> Iterator[Found]:
            seen.append(len(text))
            return iter(())

    text = "word " * 4_000 + "SSN 1 2 3 - 4 5 - 6 7 8 9 " + "word " * 4_000
    Views([Measure()]).find_spans(text, normalise(text))
    assert seen and max(seen) < 500


def test_a_plain_text_is_not_looked_at_again() -> None:
    class Never(ReadingRecogniser):
        phi_type = PhiType.SSN

        def find(self, text: str) -> Iterator[Found]:
            raise AssertionError("there is nothing to look at")

    plain = "I take metformin 500 mg twice a day, call me at 555-123-4567."
    assert Views([Never()]).find_spans(plain, normalise(plain)) == []
    with pytest.raises(AssertionError):
        Views([Never()]).find_spans("SSN 1 2 3 4 5", normalise("SSN 1 2 3 4 5"))


def test_a_recogniser_that_fails_in_a_view_refuses_the_turn() -> None:
    class FailsOnce(ReadingRecogniser):
        phi_type = PhiType.SSN

        def find(self, text: str) -> Iterator[Found]:
            if "123-45-6789" in text:
                raise ValueError(text)
            return iter(())

    failing = Redactor(recognisers=[*all_recognisers(), FailsOnce()])
    with pytest.raises(RedactionFailed) as caught:
        failing.redact("SSN 1 2 3 - 4 5 - 6 7 8 9")
    failing.close()
    assert "123" not in str(caught.value)
