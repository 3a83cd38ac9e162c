"""Identifiers that patients split over turns, through the real pipeline and the real redactor.

What a model or a clinician gets to see of the last part is nothing, whatever became of the turns before: one that was
escalated is not in the classifier's window (ADR 3), but it was said all the same.
"""

import random
from collections.abc import Iterator
from typing import Any, cast

import pytest
import regex

from portico_core.known import KnownValue
from portico_core.labels import Author, Label, PhiType, Route
from portico_core.text import PatientText
from portico_gateway.pipeline import answer_turn
from portico_redaction.engine import Redactor
from portico_redaction.placeholders import restore, spellings_of
from portico_redaction.recognisers import all_recognisers
from unit.gateway.fakes import FakeRedactor, World, make_request, make_verdict
from unit.redaction.split_identifiers import Split, make_splits
from unit.state.rig import say

SEED = 20_261_125
SPLITS = 204


@pytest.fixture(scope="module")
def redactor() -> Iterator[Redactor]:
    built = Redactor(recognisers=all_recognisers())
    yield built
    built.close()


def make_world(redactor: Redactor, *, label: Label = Label.INFORMATIONAL) -> World:
    world = World()
    world.redactor = cast("FakeRedactor", redactor)
    world.classifier.default = make_verdict(label)
    return world


async def speak(world: World, *messages: str, **changes: Any) -> None:
    for number, message in enumerate(messages):
        await answer_turn(make_request(message, turn=f"t{number}", **changes), world.parts())


def seen_of(world: World, split: Split) -> set[str]:
    """Return the pieces of the last part that stand in anything that left the gateway."""
    judged = [text for texts in world.classifier.judged for text in texts]
    messages = [message for _, effects in world.audit.records for message in effects.messages]
    stored = [message.text.text for message in messages if message.author is Author.PATIENT]
    last = set(regex.findall(r"\w+", split.parts[-1])) - {"at", "dot"}
    others = {piece for part in split.parts[:-1] for piece in regex.findall(r"\w+", part)}
    return (last - others) & set(regex.findall(r"\w+", "\n".join([*judged, *stored, *world.knowledge.asked])))


async def leaks(redactor: Redactor, splits: list[Split], *, label: Label, window: bool = True) -> list[str]:
    found = []
    for split in splits:
        world = make_world(redactor, label=label)
        if not window:
            world.window.recent = _nothing  # type: ignore[method-assign]
        await speak(world, *split.messages)
        if seen_of(world, split):
            found.append(split.kind)
    return found


async def _nothing(conversation: str) -> tuple[()]:
    return ()


@pytest.mark.parametrize("label", [Label.INFORMATIONAL, Label.CLINICIAN])
async def test_the_last_part_reaches_no_model_and_no_record(redactor: Redactor, label: Label) -> None:
    splits = list(make_splits(random.Random(SEED), SPLITS if label is Label.CLINICIAN else 34))
    found = await leaks(redactor, splits, label=label)
    say(f"seed {SEED}: {len(splits)} identifiers over 2 and 3 turns, {label.value}: last part seen {len(found)} times")
    assert found == []


async def test_without_the_recent_messages_it_does(redactor: Redactor) -> None:
    """The negative control."""
    splits = list(make_splits(random.Random(SEED), 34))
    found = await leaks(redactor, splits, label=Label.CLINICIAN, window=False)
    say(f"seed {SEED}: without the recent messages {len(found)} of {len(splits)} seen")
    assert len(found) > len(splits) / 4


async def test_the_patient_reads_every_turn_as_they_wrote_it(redactor: Redactor) -> None:
    world = make_world(redactor)
    known = (KnownValue(PhiType.NAME, "Maria Elena Lopez"),)
    messages = ("I am Maria Lopez", "maria again, MARIA LOPEZ", "my ssn is 123-45", "6789", "Mrs. Lopez here")
    await speak(world, *messages, known_values=known)
    kept = world.vault.placeholders
    stored = [effects.messages[0] for _, effects in world.audit.records if effects.messages]
    shown = [restore(m.text.text, kept, spellings_of(kept, turn=m.turn_id)) for m in stored]
    assert shown == list(messages)
    assert stored[0].text.text == "I am [NAME_1]"
    assert stored[1].text.text == "[NAME_1] again, [NAME_1]"
    assert stored[4].text.text == "[NAME_1] here"


async def test_what_the_token_says_is_taken_from_the_question(redactor: Redactor) -> None:
    world = make_world(redactor)
    known = (KnownValue(PhiType.NAME, "Zarela Quibbleton"), KnownValue(PhiType.MRN, "QZ448213"))
    delivery = await answer_turn(
        make_request("zarelas chart qz-448 213: what is metformin?", known_values=known), world.parts()
    )
    assert delivery.turn.route is Route.ANSWER
    assert world.classifier.judged == [("[NAME_1] chart [MRN_1]: what is metformin?",)]


async def test_a_conversation_about_numbers_is_answered_as_it_stands(redactor: Redactor) -> None:
    world = make_world(redactor)
    await speak(world, "What does a pressure of 120", "over 80 mean?")
    assert world.classifier.judged[-1][0] == "over 80 mean?"


def test_a_known_value_does_not_show() -> None:
    request = make_request(known_values=(KnownValue(PhiType.NAME, "Zarela Quibbleton"),), text=PatientText("Zarela"))
    assert "Zarela" not in repr(request)
