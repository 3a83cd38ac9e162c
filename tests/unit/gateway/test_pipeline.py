"""The spine: every route, and that nothing is answered when any part of it fails.

ADR 2 (the hash is that of the delivered bytes), ADR 3 (the window grows on answers only) and ADR 5 (red flags when
redaction fails) are held here.
"""

import dataclasses
import hashlib
import itertools
import json
from typing import Any

import pytest

from portico_core.errors import Conflict
from portico_core.labels import AuditPhase, Author, Label, Route, Stage, Urgency
from portico_core.turn import Turn
from portico_gateway.pipeline import Delivery, answer_turn
from portico_state.effects import Effects
from unit.gateway.fakes import (
    CRISIS,
    EMERGENCY,
    FAULTS,
    NAME,
    QUESTION,
    WORDING,
    FakeVault,
    World,
    make_request,
    make_verdict,
)

URGENT = {EMERGENCY: Route.EMERGENCY, CRISIS: Route.CRISIS}
NUMBERS = ("911", "988")
# What becomes of a plain question when one part fails.
ROUTE_WITHOUT = {
    "accepted": Route.UNAVAILABLE,
    "window": Route.UNAVAILABLE,
    "vault": Route.UNAVAILABLE,
    "redactor": Route.UNAVAILABLE,
    "classifier": Route.UNAVAILABLE,
    "encoder": Route.ESCALATE,  # It was judged; a person can take it on.
    "responder": Route.ESCALATE,
    "decided": Route.UNAVAILABLE,
}
# The audit log itself, or what lies in the same store: it is not asked again in that turn, and the spool takes over.
NOT_STORED = {"accepted", "window", "vault", "decided"}
MODELS = {"classifier", "encoder", "search", "responder"}


async def take(world: World, text: str = QUESTION, **changes: Any) -> Delivery:
    return await answer_turn(make_request(text, **changes), world.parts())


def everything_stored(world: World) -> str:
    """All that left for the audit log and the spool, as text."""
    kept = [*world.audit.records, *world.spool.waiting]
    return json.dumps([[dataclasses.asdict(entry), _plain(effects)] for entry, effects in kept], default=str)


def _plain(effects: Effects) -> list[Any]:
    messages = [message.to_json() for message in effects.messages]
    return [messages, effects.window, effects.ticket, [event.data for event in effects.events]]


# Every route


@pytest.mark.parametrize(
    ("label", "confidence", "route", "urgency"),
    [
        (Label.INFORMATIONAL, 0.95, Route.ANSWER, None),
        (Label.INFORMATIONAL, 0.69, Route.ESCALATE, Urgency.ROUTINE),  # Below the threshold.
        (Label.CLINICIAN, 0.95, Route.ESCALATE, Urgency.ROUTINE),
        (Label.CLINICIAN, 0.3, Route.ESCALATE, Urgency.ROUTINE),
        (Label.EMERGENCY, 0.3, Route.EMERGENCY, Urgency.URGENT),
        (Label.CRISIS, 0.3, Route.CRISIS, Urgency.IMMEDIATE),
        (Label.ATTACK, 0.95, Route.DECLINE, None),
        (Label.ATTACK, 0.4, Route.ESCALATE, Urgency.ROUTINE),
        (Label.OUT_OF_SCOPE, 0.95, Route.DECLINE, None),
        (Label.OUT_OF_SCOPE, 0.4, Route.ESCALATE, Urgency.ROUTINE),
    ],
)
async def test_every_route(label: Label, confidence: float, route: Route, urgency: Urgency | None) -> None:
    world = World()
    world.classifier.default = make_verdict(label, confidence)
    turn = (await take(world)).turn

    assert turn.route is route
    assert turn.verdict is not None and turn.verdict.label is label
    assert turn.degraded is False
    assert (turn.answer is not None) == (route is Route.ANSWER)
    assert (turn.message is None) == (route is Route.ANSWER)
    if turn.message is not None:
        assert all(number in turn.message for number in NUMBERS)
    assert {contact.uri for contact in turn.contacts} >= {"tel:911", "tel:988"}
    ticket = world.audit.effects().ticket
    if urgency is None:
        assert turn.escalation is None and ticket is None
    else:
        assert turn.escalation is not None and ticket is not None
        assert turn.escalation.urgency is ticket.urgency is urgency
        assert turn.escalation.reply_by == ticket.reply_by
        assert turn.escalation.id == "esc-t1"
    assert [entry.phase for entry in world.audit.entries()] == [AuditPhase.ACCEPTED, AuditPhase.DECIDED]
    assert world.audit.entries()[1].route == route.value
    assert world.count("portico_turns_total", route=route.value) == 1


async def test_an_answer_carries_its_citation() -> None:
    answer = (await take(World())).turn.answer
    assert answer is not None
    assert [(s.text, s.citations) for s in answer.sentences] == [("Metformin lowers blood sugar.", [1])]
    assert [c.passage_id for c in answer.citations] == ["medicine.metformin#uses"]


@pytest.mark.parametrize(
    ("urgency_route", "reply_by"),
    [
        (Label.CLINICIAN, "2026-11-24T10:00:00.000Z"),  # 24 hours
        (Label.EMERGENCY, "2026-11-23T11:00:00.000Z"),  # 1 hour
        (Label.CRISIS, "2026-11-23T10:15:00.000Z"),  # 15 minutes
    ],
)
async def test_a_ticket_says_when_a_person_replies(urgency_route: Label, reply_by: str) -> None:
    world = World()
    world.classifier.default = make_verdict(urgency_route)
    escalation = (await take(world)).turn.escalation
    assert escalation is not None and escalation.reply_by == reply_by


async def test_encoder_and_responder_read_the_question_in_the_topics_words_and_the_search_as_it_was_put() -> None:
    world = World()
    await take(world)
    worded = f"{QUESTION} {WORDING}"
    assert world.knowledge.asked == [QUESTION, worded, QUESTION, worded]


async def test_what_is_not_answered_asks_no_responder() -> None:
    world = World()
    world.classifier.default = make_verdict(Label.CLINICIAN)
    await take(world)
    assert {"encoder", "search", "responder"}.isdisjoint(world.journal)


@pytest.mark.parametrize("found", ["nothing", "nothing good enough"])
async def test_a_question_without_passages_is_escalated(found: str) -> None:
    world = World()
    hits = () if found == "nothing" else tuple(dataclasses.replace(hit, score=0.49) for hit in world.knowledge.found)
    world.knowledge.found = hits
    turn = (await take(world)).turn
    assert (turn.route, turn.answer, turn.degraded) == (Route.ESCALATE, None, False)
    assert "responder" not in world.journal


async def test_drafts_that_fail_a_validator_twice_are_escalated() -> None:
    world = World()
    world.validator.passes = False
    turn = (await take(world)).turn
    assert (turn.route, turn.answer) == (Route.ESCALATE, None)
    entry = world.audit.entries(AuditPhase.DECIDED)[0]
    assert entry.validators == {"schema": "pass", "grounding": "fail"}
    assert entry.passages == ("medicine.metformin#uses",)
    assert world.journal.count("responder") == 2
    assert world.count("portico_validation_failures_total", validator="grounding") == 2
    assert world.count("portico_validation_failures_total", validator="schema") == 0


# Order: recorded, redacted, judged, recorded, delivered


async def test_accepted_is_recorded_before_anything_reads_the_text_and_decided_after_everything() -> None:
    world = World()
    await take(world)
    steps = [step for step in world.journal if step != "vault"]
    assert steps == [
        "accepted", "window", "redactor", "classifier", "encoder", "search", "responder", "validator", "decided",
    ]  # fmt: skip


async def test_stages_are_shown_in_order() -> None:
    shown: list[Stage] = []
    await answer_turn(make_request(), World().parts(), show=shown.append)
    assert shown == list(Stage)


@pytest.mark.parametrize("text", [QUESTION, EMERGENCY, CRISIS, f"I am {NAME}. {QUESTION}"])
async def test_the_hash_in_the_record_is_that_of_the_delivered_bytes(text: str) -> None:
    world = World()
    delivery = await take(world, text)
    recorded = world.audit.entries(AuditPhase.DECIDED)[0].bytes_sha256
    assert recorded == hashlib.sha256(delivery.body).hexdigest()
    assert Turn.model_validate_json(delivery.body).turn_id == "t1"


async def test_a_receipt_of_other_bytes_is_a_conflict() -> None:
    world = World()
    await take(world)
    world.classifier.default = make_verdict(Label.CLINICIAN)  # The same turn again, and now it would end otherwise.
    with pytest.raises(Conflict):
        await take(world)
    assert world.spool.waiting == []


async def test_the_same_turn_with_the_same_bytes_is_delivered_again() -> None:
    world = World()
    first = await take(world)
    assert (await take(world)).body == first.body
    assert len(world.audit.records) == 2


async def test_the_record_names_versions_policy_and_latencies() -> None:
    world = World()
    await take(world, f"I am {NAME}. {QUESTION}")
    entry = world.audit.entries(AuditPhase.DECIDED)[0]
    assert entry.models == {"safety_classifier": "0.1.0"} and entry.policy == "policy-of-the-test"
    assert (entry.label, entry.source, entry.confidence) == ("informational", "model", 0.95)
    assert entry.redactions == {"NAME": 1}
    assert {"accept", "redact", "classify", "retrieve", "respond", "validate"} <= set(entry.latency_ms)


# Fail closed


def test_every_part_that_may_fail_is_in_the_table() -> None:
    assert set(ROUTE_WITHOUT) == set(FAULTS)


@pytest.mark.parametrize("part", ROUTE_WITHOUT)
async def test_a_question_with_one_part_down_is_never_answered(part: str) -> None:
    world = World().break_(part)
    delivery = await take(world)
    turn = delivery.turn

    assert turn.route is ROUTE_WITHOUT[part]
    assert turn.answer is None and b"Metformin lowers" not in delivery.body
    assert turn.degraded is True
    assert turn.message is not None and all(number in turn.message for number in NUMBERS)
    assert world.count("portico_turns_total", route=turn.route.value) == 1
    if part in NOT_STORED:
        ((entry, effects),) = world.spool.waiting
        assert entry.phase is AuditPhase.REFUSED
        assert entry.bytes_sha256 == hashlib.sha256(delivery.body).hexdigest()
        assert effects.ticket is None and turn.escalation is None
    else:
        assert world.spool.waiting == []
        end = world.audit.entries()[-1]
        assert end.phase is (AuditPhase.REFUSED if turn.route is Route.UNAVAILABLE else AuditPhase.DECIDED)
        assert end.bytes_sha256 == hashlib.sha256(delivery.body).hexdigest()


async def test_with_every_part_up_the_same_question_is_answered() -> None:
    """The negative control of the table above."""
    assert (await take(World())).turn.route is Route.ANSWER


@pytest.mark.parametrize("parts", list(itertools.combinations(ROUTE_WITHOUT, 2)), ids="+".join)
async def test_a_question_with_two_parts_down_is_never_answered(parts: tuple[str, str]) -> None:
    turn = (await take(World().break_(*parts))).turn
    assert turn.route in {Route.UNAVAILABLE, Route.ESCALATE}
    assert turn.answer is None and turn.degraded


@pytest.mark.parametrize(("text", "part"), itertools.product(URGENT, [*ROUTE_WITHOUT, "spool", "everything"]))
async def test_an_urgent_message_gets_its_text_whatever_is_down(text: str, part: str) -> None:
    world = World().break_(*([*ROUTE_WITHOUT, "spool", "search"] if part == "everything" else [part]))
    turn = (await take(world, text)).turn
    assert turn.route is URGENT[text]
    assert turn.message is not None
    assert ("Call 911 now" if turn.route is Route.EMERGENCY else "Call or text 988 now") in turn.message
    assert {"tel:911", "tel:988"} <= {contact.uri for contact in turn.contacts}


@pytest.mark.parametrize("text", URGENT)
async def test_an_urgent_message_needs_no_classifier(text: str) -> None:
    world = World()
    turn = (await take(world, text)).turn
    assert turn.verdict is not None and turn.verdict.source == "rule"
    assert "classifier" not in world.journal


@pytest.mark.parametrize(("text", "part"), itertools.product(URGENT, sorted(NOT_STORED)))
async def test_the_ticket_of_an_urgent_message_waits_in_the_spool(text: str, part: str) -> None:
    world = World().break_(part)
    turn = (await take(world, text)).turn
    ((entry, effects),) = world.spool.waiting
    assert entry.route == turn.route.value
    assert effects.ticket is not None and turn.escalation is not None
    assert effects.ticket.urgency is turn.escalation.urgency
    assert turn.degraded is True


@pytest.mark.parametrize("text", [QUESTION, *URGENT])
async def test_a_full_disk_is_counted_and_the_patient_still_gets_text(text: str) -> None:
    world = World().break_("accepted", "spool")
    turn = (await take(world, text)).turn
    assert turn.message is not None and all(number in turn.message for number in NUMBERS)
    assert world.count("portico_audit_failures_total", sink="spool") == 1
    assert world.count("portico_audit_failures_total", sink="redis") == 1


@pytest.mark.parametrize("text", [QUESTION, *URGENT])
async def test_a_defect_of_the_spool_does_not_keep_the_text_back(text: str) -> None:
    world = World(faults={"spool": OSError("disk")}).break_("accepted")
    assert (await take(world, text)).turn.message is not None
    assert world.count("portico_audit_failures_total", sink="spool") == 1


@pytest.mark.parametrize("text", [QUESTION, *URGENT])
async def test_a_store_known_to_be_down_is_not_asked(text: str) -> None:
    """The conversation could not be read: everything goes the refusal's way at once."""
    world = World()
    turn = (await take(world, text, state_reachable=False)).turn
    assert turn.route is URGENT.get(text, Route.UNAVAILABLE)
    assert turn.degraded and len(world.spool.waiting) == 1
    assert world.audit.records == []
    assert set(world.journal) == {"redactor", "spool"}


@pytest.mark.parametrize("part", ["accepted", "decided"])
async def test_a_failure_of_the_audit_log_is_counted(part: str) -> None:
    world = World().break_(part)
    await take(world)
    assert world.count("portico_audit_failures_total", sink="redis") == 1


@pytest.mark.parametrize("part", ["accepted", "window", "redactor", "vault"])
async def test_no_model_sees_a_text_that_is_not_recorded_and_redacted(part: str) -> None:
    world = World().break_(part)
    await take(world, f"I am {NAME}. {QUESTION}")
    assert MODELS.isdisjoint(world.journal)
    assert world.classifier.judged == [] and world.knowledge.asked == []


@pytest.mark.parametrize("given", [0, 1])
async def test_a_verdict_is_needed_for_the_whole_input(given: int) -> None:
    """A classifier that answers for less than it was asked has not judged the turn."""
    world = World()
    await take(world)  # An answered message, so that the conversation is judged as well.
    world.classifier.gives = given
    turn = (await take(world, "And how is it taken?", turn="t2")).turn
    assert (turn.route, turn.answer) == (Route.UNAVAILABLE, None)


@pytest.mark.parametrize("part", [*ROUTE_WITHOUT, "search", "validator"])
async def test_an_error_that_nobody_expected_is_a_route_too(part: str) -> None:
    """A defect in a part is as good as its outage: nothing is answered, and the turn ends in a terminal record."""
    world = World(faults={part: RuntimeError(f"a defect that quotes {NAME}")})
    delivery = await take(world, f"I am {NAME}. {QUESTION}")
    assert delivery.turn.route is ROUTE_WITHOUT.get(part, Route.ESCALATE)
    assert delivery.turn.answer is None and delivery.turn.degraded
    ends = [
        entry for entry, _ in [*world.audit.records, *world.spool.waiting] if entry.phase is not AuditPhase.ACCEPTED
    ]
    assert [end.bytes_sha256 for end in ends] == [hashlib.sha256(delivery.body).hexdigest()]


@pytest.mark.parametrize("text", URGENT)
async def test_a_defect_of_the_redactor_does_not_hide_a_red_flag(text: str) -> None:
    world = World(faults={"redactor": RuntimeError("a defect")})
    assert (await take(world, text)).turn.route is URGENT[text]


# What is judged


async def test_no_stage_after_redaction_sees_an_identifier() -> None:
    world = World()
    await take(world, f"I am {NAME}. {QUESTION}")
    seen = json.dumps([world.classifier.judged, world.knowledge.asked])
    assert NAME not in seen
    assert "[NAME_1]" in seen


@pytest.mark.parametrize("part", ["redactor", "vault"])
async def test_without_redaction_only_red_flags_read_the_raw_text(part: str) -> None:
    """ADR 5: the outcome is a rule and a label; nothing else of the text is used, stored or shown."""
    world = World().break_(part)
    delivery = await take(world, f"I am {NAME}. {CRISIS}")
    assert delivery.turn.route is Route.CRISIS
    assert delivery.turn.redactions == {}
    assert NAME not in everything_stored(world) + delivery.body.decode()
    ends = [effects for entry, effects in [*world.audit.records, *world.spool.waiting] if entry.route == "crisis"]
    ((messages, ticket),) = [(effects.messages, effects.ticket) for effects in ends]
    assert ticket is not None and ticket.context == ()
    assert messages == ()


async def test_the_first_message_is_judged_alone() -> None:
    world = World()
    await take(world)
    assert world.classifier.judged == [(QUESTION,)]


async def test_the_conversation_is_judged_as_well_as_the_last_message() -> None:
    world = World()
    await take(world)
    await take(world, "And how is it taken?", turn="t2")
    assert world.classifier.judged[1] == ("And how is it taken?", f"{QUESTION}\nAnd how is it taken?")


@pytest.mark.parametrize(
    ("last", "whole", "route"),
    [
        (Label.INFORMATIONAL, Label.INFORMATIONAL, Route.ANSWER),
        (Label.INFORMATIONAL, Label.CRISIS, Route.CRISIS),  # Told in two halves.
        (Label.INFORMATIONAL, Label.CLINICIAN, Route.ESCALATE),
        (Label.INFORMATIONAL, Label.ATTACK, Route.DECLINE),  # Crescendo.
        (Label.CRISIS, Label.INFORMATIONAL, Route.CRISIS),
        (Label.CLINICIAN, Label.EMERGENCY, Route.EMERGENCY),
    ],
)
async def test_the_more_severe_of_message_and_conversation_wins(last: Label, whole: Label, route: Route) -> None:
    world = World()
    await take(world)
    world.classifier.by_phrase = {f"{QUESTION}\n": make_verdict(whole), "the last one": make_verdict(last)}
    assert (await take(world, "the last one", turn="t2")).turn.route is route


@pytest.mark.parametrize(("label", "grows"), [(label, label is Label.INFORMATIONAL) for label in Label])
async def test_the_window_grows_on_answers_only(label: Label, grows: bool) -> None:
    world = World()
    world.classifier.default = make_verdict(label)
    await take(world)
    assert [text.text for text in await world.window.window("c1")] == ([QUESTION] if grows else [])


@pytest.mark.parametrize("part", ROUTE_WITHOUT)
async def test_the_window_does_not_grow_on_a_failure(part: str) -> None:
    world = World().break_(part)
    await take(world)
    world.faults.clear()
    assert await world.window.window("c1") == ()


async def test_the_window_of_another_conversation_is_not_judged() -> None:
    world = World()
    await take(world)
    await take(world, "And how is it taken?", turn="t2", conversation="c2")
    assert world.classifier.judged[1] == ("And how is it taken?",)


# Identifiers


async def test_identifiers_are_restored_in_the_delivered_bytes_only() -> None:
    world = World()
    world.knowledge.sentence = "[NAME_1], metformin lowers blood sugar."
    delivery = await take(world, f"I am {NAME}. {QUESTION}")
    shown = json.loads(delivery.body)["answer"]["sentences"][0]["text"]
    assert shown == f"{NAME}, metformin lowers blood sugar."
    assert NAME not in everything_stored(world)
    assert "[NAME_1], metformin" in everything_stored(world)


async def test_the_transcript_holds_both_sides_redacted() -> None:
    world = World()
    await take(world, f"I am {NAME}. {QUESTION}")
    asked, said = world.audit.effects().messages
    assert (asked.author, asked.text.text) == (Author.PATIENT, f"I am [NAME_1]. {QUESTION}")
    assert (said.author, said.text.text) == (Author.ASSISTANT, "Metformin lowers blood sugar.")
    assert asked.turn_id == said.turn_id == "t1"
    assert said.turn is not None and said.turn.turn_id == "t1"


async def test_the_vault_holds_what_the_placeholder_stands_for() -> None:
    world = World()
    await take(world, f"I am {NAME}.")
    assert (world.vault.placeholders, world.vault.version) == ({"[NAME_1]": NAME}, 1)
    await take(world, f"{NAME} again", turn="t2")
    assert world.vault.version == 1  # Nothing new, nothing saved.


@pytest.mark.parametrize(("conflicts", "route"), [(1, Route.ANSWER), (2, Route.ANSWER), (3, Route.UNAVAILABLE)])
async def test_turns_at_once_never_share_a_placeholder(conflicts: int, route: Route) -> None:
    world = World()
    world.vault.conflicts = conflicts
    assert (await take(world, f"I am {NAME}. {QUESTION}")).turn.route is route
    values = list(world.vault.placeholders.values())
    assert len(values) == len(set(values))
    assert (NAME in values) == (route is Route.ANSWER)


async def test_redactions_are_counted_by_class_and_shown() -> None:
    world = World()
    turn = (await take(world, f"{NAME} and {NAME}: {QUESTION}")).turn
    assert turn.redactions == {"NAME": 2}
    assert world.count("portico_redactions_total", type="NAME", direction="in") == 2


# Idempotency


@pytest.mark.parametrize("label", [Label.INFORMATIONAL, Label.CLINICIAN, Label.CRISIS, Label.ATTACK])
async def test_the_turn_is_kept_for_a_retry_sealed_and_byte_for_byte(label: Label) -> None:
    world = World()
    world.classifier.default = make_verdict(label)
    delivery = await take(world, f"I am {NAME}. {QUESTION}", idempotency_key="key-1")
    result = world.audit.effects().idempotency
    assert result is not None and result.key == "key-1"
    assert FakeVault.unseal(result.sealed) == ("c1", "idempotency:key-1", delivery.body.decode())


async def test_without_a_key_nothing_is_kept() -> None:
    world = World()
    await take(world)
    assert world.audit.effects().idempotency is None


@pytest.mark.parametrize("part", ["classifier", "redactor", "vault"])
async def test_unavailable_is_not_kept_for_a_retry(part: str) -> None:
    world = World().break_(part)
    assert (await take(world, idempotency_key="key-1")).turn.route is Route.UNAVAILABLE
    kept = [*world.audit.records, *world.spool.waiting]
    assert [effects.idempotency for entry, effects in kept if entry.phase is AuditPhase.REFUSED] == [None]


@pytest.mark.parametrize("text", [QUESTION, CRISIS])
async def test_a_conversation_that_ends_meanwhile_keeps_nothing_and_stops_nothing(text: str) -> None:
    world = World()
    world.vault.ended = True
    delivery = await take(world, text, idempotency_key="key-1")
    assert [entry.bytes_sha256 for entry in world.audit.entries(AuditPhase.DECIDED)] == [
        hashlib.sha256(delivery.body).hexdigest()
    ]
    assert world.audit.effects().idempotency is None


async def test_a_store_that_failed_once_is_not_asked_again_in_that_turn() -> None:
    world = World().break_("vault")
    await take(world, CRISIS)
    assert [part for part in world.journal if part in {"vault", "decided"}] == ["vault"]


@pytest.mark.parametrize("parts", [(), ("accepted",), ("decided",)], ids=["recorded", "not accepted", "not decided"])
async def test_a_message_sent_again_has_one_ticket_whatever_became_of_it(parts: tuple[str, ...]) -> None:
    world = World().break_(*parts)
    turn = (await take(world, CRISIS, ticket_subject="subject-1")).turn
    kept = [*world.audit.records, *world.spool.waiting]
    (ticket,) = [effects.ticket for _, effects in kept if effects.ticket]
    assert turn.escalation is not None and turn.escalation.id == "esc-subject-1"
    assert ticket.subject == "subject-1"


# Degraded, language, metrics


@pytest.mark.parametrize(
    ("part", "text", "degraded"),
    [
        ("encoder", QUESTION, True),
        ("responder", QUESTION, True),
        ("classifier", QUESTION, True),
        ("redactor", EMERGENCY, True),
        ("decided", EMERGENCY, True),
        ("classifier", EMERGENCY, False),  # A red flag needs none of these.
        ("encoder", EMERGENCY, False),
        ("responder", CRISIS, False),
    ],
)
async def test_a_turn_says_when_a_part_it_needed_was_down(part: str, text: str, degraded: bool) -> None:
    assert (await take(World().break_(part), text)).turn.degraded is degraded


async def test_the_fixed_text_is_in_the_patients_language() -> None:
    turn = (await take(World(), EMERGENCY, locale="es-MX")).turn
    assert turn.message is not None and "Llame al 911 ahora" in turn.message
    assert "IA" in turn.disclosure.text


async def test_verdicts_escalations_and_work_in_flight_are_counted() -> None:
    world = World()
    await take(world, CRISIS)
    assert world.count("portico_verdicts_total", label="crisis", source="rule") == 1
    assert world.count("portico_escalations_total", urgency="immediate") == 1
    assert world.count("portico_turn_seconds_count") == 1
    assert all(world.count("portico_inflight", stage=stage.value) == 0 for stage in Stage)


@pytest.mark.parametrize("part", ROUTE_WITHOUT)
async def test_nothing_stays_in_flight_after_a_failure(part: str) -> None:
    world = World().break_(part)
    await take(world)
    assert all(world.count("portico_inflight", stage=stage.value) == 0 for stage in Stage)
