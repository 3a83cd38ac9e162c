"""Identifiers that are split over messages are taken where they go on; conversations about numbers are left alone."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
import regex

from portico_core.text import RedactedText
from portico_redaction.begun import find_begun, without_promise
from portico_redaction.engine import Redactor
from portico_redaction.placeholders import keep, restore, spellings_of
from portico_redaction.recognisers import all_recognisers
from portico_redaction.window import Window
from unit.redaction.split_identifiers import FOLLOW_UPS, Split, make_splits
from unit.state.rig import say

SEED = 20_261_125
SPLITS = 340
ANNOUNCED = {
    "SSN with a cue", "telephone with a cue", "e-mail, host later", "birth date", "birth year", "record number", "card",
    "family name", "member id", "address",
}  # fmt: skip


@pytest.fixture(scope="module")
def redactor() -> Iterator[Redactor]:
    built = Redactor(recognisers=all_recognisers())
    yield built
    built.close()


def talk(redactor: Redactor, messages: Sequence[str], *, in_window: bool = True) -> list[str]:
    """Return a conversation as redacted; every message must come back as it was typed."""
    known: dict[str, str] = {}
    earlier: list[RedactedText] = []
    for turn, message in enumerate(messages):
        redaction = redactor.redact(message, known=known, earlier=earlier if in_window else (), as_people=True)
        known = keep(known, redaction, turn=str(turn))
        assert restore(redaction.redacted.text, known, spellings_of(known, turn=str(turn))) == message
        earlier.append(redaction.redacted)
    return [message.text for message in earlier]


def left_of(part: str, redacted: str) -> set[str]:
    """Return the pieces of an identifier that still stand in a redacted message."""
    return set(regex.findall(r"\w+", part)) & set(regex.findall(r"\w+", redacted)) - {"at", "dot"}


def missed(redactor: Redactor, splits: Sequence[Split], *, in_window: bool = True) -> list[str]:
    said = [(split, talk(redactor, split.messages, in_window=in_window)) for split in splits]
    return [split.kind for split, redacted in said if left_of(split.parts[-1], redacted[-1])]


def test_what_goes_on_in_the_next_message_is_taken(redactor: Redactor) -> None:
    splits = list(make_splits(random.Random(SEED), SPLITS))
    left = missed(redactor, splits)
    kinds = Counter(split.kind for split in splits)
    say(f"seed {SEED}: {len(splits)} identifiers over 2 and 3 messages, {len(kinds)} kinds, missed {len(left)}")
    assert len(splits) >= 200
    assert left == []


def test_without_the_window_it_is_missed(redactor: Redactor) -> None:
    """The negative control: the same messages, each looked at alone."""
    splits = list(make_splits(random.Random(SEED), SPLITS))
    left = missed(redactor, splits, in_window=False)
    say(f"seed {SEED}: without the window {len(left)} of {len(splits)} missed")
    assert len(left) > len(splits) / 3


def test_a_first_part_that_is_announced_goes_at_once(redactor: Redactor) -> None:
    """What can already have gone out: first parts that nothing announces. Those with a cue never."""
    out, all_of = Counter[str](), Counter[str]()
    for split in make_splits(random.Random(SEED), SPLITS):
        redacted = talk(redactor, split.messages)
        for part, text, message in zip(split.parts, redacted[:-1], split.messages, strict=False):
            kind = "announced" if message[:1].isalpha() and split.kind in ANNOUNCED else "bare"
            all_of[kind] += bool(part)
            out[kind] += bool(part and left_of(part, text))
    gone = {kind: f"{out[kind]} of {all_of[kind]}" for kind in all_of}
    say(f"seed {SEED}: first parts gone out: {gone}")
    assert all_of["announced"] >= 100
    assert out["announced"] == 0


@pytest.mark.parametrize("messages", FOLLOW_UPS, ids=" | ".join)
def test_a_follow_up_about_numbers_stays(redactor: Redactor, messages: tuple[str, ...]) -> None:
    """What the window takes beyond each message alone is nothing."""
    assert talk(redactor, messages) == talk(redactor, messages, in_window=False)


def test_there_are_enough_follow_ups() -> None:
    assert len(FOLLOW_UPS) >= 60


@pytest.mark.parametrize(
    ("messages", "last"),
    [
        (("my name is", "Maria"), "[NAME_1]"),  # the introduction, then the name
        (("my name is", "maria lopez. I need help"), "[NAME_1]. I need help"),  # in lower case
        (("Maria", "Lopez"), "[NAME_2]"),  # given name, then family name
        (("I'm", "Zarela Quispe"), "[NAME_1]"),  # a weaker introduction, a capital
        (("I am", "tired"), "tired"),  # no name
        (("my ssn is 123-45", "6789, and can I walk?"), "[SSN_2], and can I walk?"),  # more after the rest
        (("my social is 123-45", "and ends in 6789"), "and ends in [SSN_2]"),  # told by a verb alone
        (("my phone number is 503 555", "followed by 0187"), "followed by [PHONE_2]"),
        (("my pressure was 120", "and ends in 80 at night"), "and ends in 80 at night"),  # a measurement goes on, too
        (("the dose went from 20", "ending with 40 mg"), "ending with 40 mg"),
        (("my social worker told me 12 things", "it finishes with 40 of them"), "it finishes with 40 of them"),
        (("123", "45", "6789"), "[SSN_1]"),  # in three
        (("my phone is 555", "what is metformin?", "123 4567"), "[PHONE_2]"),  # something between
        (("maria.lopez", "@gmail.com"), "[EMAIL_2]"),  # user, then host
        (("my email is mlopez82", "gmail.com"), "[EMAIL_2]"),  # without the sign
        (("mi correo es zquispe", "arroba gmail punto com"), "[EMAIL_2]"),  # spoken Spanish
        (("I was born on March 9", "1984"), "[DATE_2]"),  # the year that completes a day
        (("since then", "1984"), "1984"),  # a bare year stays
        (("mail ana@example.org", "Again: it is new"), "Again: it is new"),  # an address that was whole
        (("see example.org", "What is it?"), "What is it?"),  # as above
        (("my ssn is 123-45-6789", "12 pills"), "12 pills"),  # as above
        (("my mrn is", "4471-QZ"), "[MRN_1]"),  # the cue in one, the number in the other
        (("I live at 742", "Evergreen Terrace"), "[GEOGRAPHIC_2]"),  # house number, then street
    ],
)  # fmt: skip
def test_conversations(redactor: Redactor, messages: tuple[str, ...], last: str) -> None:
    assert talk(redactor, messages)[-1] == last


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("my SSN is 123-45", ["123-45"]),  # announced
        ("my ssn is 123-45, the rest in the next message", ["123-45"]),  # and more promised
        ("my email is maria.lopez", ["maria.lopez"]),  # a user name
        ("my email is down", []),  # a word
        ("DOB 3/9/", ["3/9/"]),  # an unfinished date
        ("12345", ["12345"]),  # five digits and nothing else
        ("15000", []),  # a round count
        ("120 80", []),  # reads as a pressure
        ("974 50", ["974 50"]),  # does not
        ("555", []),  # nothing says what it is: this one goes out
        ("my phone does not work", []),  # a cue without a number
        ("my pressure is 120", []),  # no cue of ours
        ("I take metformin 500", []),  # a dose
    ],
)
def test_first_parts(text: str, taken: list[str]) -> None:
    assert [text[span.start : span.end] for span in find_begun(text)] == taken


def test_a_promise_of_more_is_no_part_of_an_identifier() -> None:
    assert without_promise("123-45 (more coming)") == "123-45"
    assert without_promise("what is the rest of my dose?") == "what is the rest of my dose?"


def test_looking_back_costs_little() -> None:
    window = Window(all_recognisers())
    text = (
        "I have been taking lisinopril 10 mg every day and my pressure is still 150/95. Can I take ibuprofen with it?"
    )
    begin = time.process_time()
    for _ in range(20):
        window.find(text, ["What is metformin used for?", "and for how long?", "is it safe?"])
    assert (time.process_time() - begin) / 20 < 0.005


HOSTILE = [
    "1-",
    "1 ",
    "a@",
    "my phone is ",
    "ssn 1 ",
    "maria.",
    "(555)",
    "the rest is ",
    "member id A1",
    "123-45 ",
    "born 1/",
    "hold on ",
]
HOSTILE += ["email is a.", "at ", "dot ", ".", "name is ", "[NAME_1]", "and "]


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_costs_a_quarter_second_at_most(unit: str) -> None:
    window = Window(all_recognisers())
    text = (unit * 8_000)[:8_000]
    begin = time.process_time()
    window.find(text, [text] * 3)
    list(find_begun(text))
    assert time.process_time() - begin < 0.25
