"""Raw patient words never show themselves; only `reveal` gives them out."""

import copy
import json
import pickle
import string
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from portico_core.labels import PhiType
from portico_core.text import PatientText, PhiSpan, RedactedText, Redaction

CANARY = "Zebulon Quartermain has a rash"


@dataclass(frozen=True, slots=True)
class Holder:
    """Something that holds patient words, as TurnRequest does."""

    text: PatientText


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        "{}".format,
        "{!r}".format,
        "{!s}".format,
        "{!a}".format,
        lambda text: f"{text}",
        lambda text: "%s" % text,  # noqa: UP031  The old way of formatting is a way, too.
        lambda text: string.Template("$text").substitute(text=text),
        lambda text: str([text]),
        lambda text: str({"text": text}),
        lambda text: repr(Holder(text)),
        lambda text: json.dumps(text, default=str),
        lambda text: str(ValueError(text)),
    ],
)
def test_patient_words_are_not_shown(show: Callable[[PatientText], str]) -> None:
    shown = show(PatientText(CANARY))
    assert "Zebulon" not in shown and "rash" not in shown
    assert "30 characters" in shown


def test_only_reveal_gives_the_words() -> None:
    assert PatientText(CANARY).reveal() == CANARY
    assert len(PatientText(CANARY)) == len(CANARY)


def test_other_format_specifications_are_refused() -> None:
    with pytest.raises(TypeError):
        format(PatientText(CANARY), ">40")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_patient_words_are_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="does not leave the process"):
        pickle.dumps(PatientText(CANARY), protocol)


def test_patient_words_are_not_pickled_inside_something_else() -> None:
    with pytest.raises(TypeError, match="does not leave the process"):
        pickle.dumps({"request": Holder(PatientText(CANARY))})


def test_patient_words_are_not_copied() -> None:
    with pytest.raises(TypeError):
        copy.deepcopy(PatientText(CANARY))


def test_a_plain_string_would_show_itself() -> None:
    """The negative control of this file: what the tests above look for is found where nobody hides it."""
    assert "Zebulon" in repr(Holder(CANARY))  # type: ignore[arg-type]


def test_patient_words_have_no_dictionary_to_look_into() -> None:
    with pytest.raises(AttributeError):
        _ = PatientText(CANARY).__dict__


def test_a_redaction_does_not_show_what_it_took_out() -> None:
    redaction = Redaction(RedactedText("[NAME_1] has a rash"), (), {"[NAME_1]": "Zebulon Quartermain"})
    assert "Zebulon" not in repr(redaction)


def test_a_redaction_counts_its_spans_by_class() -> None:
    spans = (PhiSpan(0, 1, PhiType.NAME, 1), PhiSpan(2, 3, PhiType.MRN, 1), PhiSpan(4, 5, PhiType.NAME, 1))
    assert Redaction(RedactedText(""), spans).counts() == {"NAME": 2, "MRN": 1}
