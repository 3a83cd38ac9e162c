"""One person, one placeholder, where it is certain; and every message comes back as it was written."""

import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest

from portico_core.known import KnownValue
from portico_core.labels import PhiType
from portico_core.text import RedactedText
from portico_redaction.engine import Redactor
from portico_redaction.placeholders import keep, restore, spellings_of, values_of
from portico_redaction.recognisers import all_recognisers

MARIA, ANA, LUIS = (
    KnownValue(PhiType.NAME, "Maria Elena Lopez"), KnownValue(PhiType.NAME, "Ana Ruiz", 1),
    KnownValue(PhiType.NAME, "Luis Lopez", 2),
)  # fmt: skip


@pytest.fixture(scope="module")
def redactor() -> Iterator[Redactor]:
    built = Redactor(recognisers=all_recognisers())
    yield built
    built.close()


def talk(redactor: Redactor, messages: Sequence[str], known_values: Sequence[KnownValue] = ()) -> list[str]:
    """Return a conversation as redacted; afterwards each message must read as it was typed."""
    known: dict[str, str] = {}
    said: list[RedactedText] = []
    for turn, message in enumerate(messages):
        redaction = redactor.redact(message, known=known, known_values=known_values, earlier=said, as_people=True)
        known = keep(known, redaction, turn=f"t{turn}")
        said.append(redaction.redacted)
    shown = [restore(text.text, known, spellings_of(known, turn=f"t{turn}")) for turn, text in enumerate(said)]
    assert shown == list(messages)
    return [text.text for text in said]


def test_every_form_of_the_patients_name_is_one_placeholder(redactor: Redactor) -> None:
    messages = [
        "I am Maria Lopez",
        "MARIA LOPEZ again",
        "call me maria",
        "Mrs. Lopez",
        "M. Lopez",
        "Lopez, Maria",
        "marai lopez",
    ]
    for text in talk(redactor, messages, [MARIA, ANA]):
        assert "[NAME_1]" in text and "[NAME_2]" not in text


def test_a_short_form_first_is_the_same_person_later(redactor: Redactor) -> None:
    assert talk(redactor, ["it's Maria", "Maria Elena Lopez"], [MARIA]) == ["it's [NAME_1]", "[NAME_1]"]


def test_spellings_within_one_message_come_back_each_as_written(redactor: Redactor) -> None:
    assert talk(redactor, ["Maria Lopez here, maria to friends, MARIA to foes"], [MARIA]) == [
        "[NAME_1] here, [NAME_1] to friends, [NAME_1] to foes"
    ]


def test_patient_and_proxy_are_two(redactor: Redactor) -> None:
    texts = talk(redactor, ["Maria Lopez writes for Ana Ruiz", "Ana is well, Maria is not"], [MARIA, ANA])
    assert texts == ["[NAME_1] writes for [NAME_2]", "[NAME_2] is well, [NAME_1] is not"]


@pytest.mark.parametrize(
    ("messages", "known", "texts"),
    [
        # A doctor of the same family name is somebody else.
        (["I am Maria Lopez", "Dr. Lopez said so"], [MARIA], ["I am [NAME_1]", "[NAME_2] said so"]),
        (["Dr. Lopez came", "Lopez, I am Maria Lopez"], [MARIA], ["[NAME_1] came", "[NAME_2], I am [NAME_3]"]),
        # So is a relative.
        (["I am Maria Lopez", "my brother Lopez came"], [MARIA], ["I am [NAME_1]", "my brother [NAME_2] came"]),
        # A family name that two people of the session bear says nothing.
        (["I am Maria Lopez", "Mr. Lopez"], [MARIA, LUIS], ["I am [NAME_1]", "[NAME_2]"]),
        # Nor one that somebody else of the conversation bears.
        (["Juan Lopez and I, Maria Lopez", "Mr. Lopez"], [MARIA], ["[NAME_1] and I, [NAME_2]", "[NAME_3]"]),
        # Without a session: a part of the one full name.
        (["My friend is John Smith", "John came"], [], ["My friend is [NAME_1]", "[NAME_1] came"]),
        # Two of that name, or a part before the whole, are not certain.
        (["Ask John Smith and John Brown", "John came"], [], ["Ask [NAME_1] and [NAME_2]", "[NAME_3] came"]),
        (["Ana came", "Ana Ruiz came"], [], ["[NAME_1] came", "[NAME_2] came"]),
        (["My friend is John Smith", "Dr. Smith came"], [], ["My friend is [NAME_1]", "[NAME_2] came"]),
        # One number in two writings is one value.
        (["call 555-123-4567", "again (555) 123-4567"], [], ["call [PHONE_1]", "again [PHONE_1]"]),
    ],
)  # fmt: skip
def test_nobody_is_taken_for_somebody_else(
    redactor: Redactor, messages: list[str], known: list[KnownValue], texts: list[str]
) -> None:
    assert talk(redactor, messages, known) == texts


def test_without_people_only_equal_values_share(redactor: Redactor) -> None:
    """Where spellings are not kept (a clinician's reply), a name restores to exactly what was written."""
    first = redactor.redact("I am Maria Lopez", known_values=[MARIA])
    second = redactor.redact("call me Maria", known=first.placeholders, known_values=[MARIA])
    assert second.redacted.text == "call me [NAME_2]"
    assert not second.spellings and not second.people


def test_what_is_kept_beside_the_placeholders_is_never_restored() -> None:
    known = {"[NAME_1]": "Maria", "person:maria lopez": "[NAME_1]", "spelled:t1": '{"[NAME_1]": ["MARIA"]}'}
    assert restore("[NAME_1] person:maria lopez spelled:t1", known) == "Maria person:maria lopez spelled:t1"
    assert restore("[NAME_1] and [NAME_1]", known, spellings_of(known, turn="t1")) == "MARIA and Maria"
    assert spellings_of(known, turn="t2") == {} == spellings_of(known, turn=None)
    assert values_of(known) == {"[NAME_1]": "Maria"}  # What a clinician is shown: nothing of how it is kept.


@pytest.mark.parametrize("module", ["placeholders", "known.lists", "recognisers"])
def test_a_module_can_be_the_first_that_is_asked_for(module: str) -> None:
    alone = [sys.executable, "-c", f"import portico_redaction.{module}"]
    assert subprocess.run(alone, capture_output=True, timeout=60, check=False).returncode == 0
