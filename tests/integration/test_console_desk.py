"""The console's desk on a real Valkey, with the real redactor: what a clinician sees, sends and leaves on record."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portico_cli import key_changes
from portico_cli.command_store import operator
from portico_cli.key_changes import KeyPlace
from portico_cli.places import TAGGER
from portico_cli.reviews import export
from portico_console.ports import Choice, Disposition, GuardReview
from portico_console.redis_desk import RedisDesk
from portico_core.errors import AuditUnavailable, Conflict, Forbidden, NotFound
from portico_core.labels import AuditPhase, Author, Label, Route, TicketState, Urgency, VerdictSource
from portico_core.text import RedactedText
from portico_core.turn import Disclosure, Turn, VerdictView
from portico_redaction.engine import Redactor, restore
from portico_redaction.opening import open_redactor
from portico_state.break_glass import GlassReason, open_grant, read_grants
from portico_state.conversations import Conversations
from portico_state.effects import Effects, NewTicket, StoredMessage, holder_key, ticket_id
from portico_state.escalations import Escalations
from portico_state.identifiers import new_id, now_utc
from portico_state.keyring import Keyring
from portico_state.redis_audit import RedisAudit
from portico_state.reviews import DraftFit, DraftReview, read_reviews, summarise
from portico_state.vault import Vault
from portico_state.verify import verify_audit
from portico_training.messages import parse_row
from unit.state.rig import PATIENT, StateRig, entry

DANA, SAM = "clinician:dana", "clinician:sam"
RIGHT = GuardReview(Label.CLINICIAN, Route.ESCALATE)


@pytest.fixture(scope="module")
def redactor() -> Iterator[Redactor]:
    made = open_redactor(TAGGER)
    yield made
    made.close()


@pytest.fixture
def desk(rig: StateRig, redactor: Redactor) -> RedisDesk:
    vault = Vault(rig.store, rig.keyring)
    return RedisDesk(Escalations(rig.store, rig.audit), Conversations(rig.store), vault, redactor)


async def escalate(rig: StateRig, desk: RedisDesk, *, patient: str = PATIENT) -> str:
    """Open a ticket as a turn of the gateway does; the patient's own name is [NAME_1]."""
    conversation = (await desk.conversations.create(patient)).id
    await desk.vault.save(conversation, {"[NAME_1]": "Jordan Rivera"}, version=0)
    turn = new_id()
    verdict = VerdictView(
        label=Label.CLINICIAN,
        confidence=0.91,
        scores={"clinician": 0.91, "informational": 0.09},
        source=VerdictSource.MODEL,
        model="safety_classifier/3",
    )
    told = Turn(
        turn_id=turn,
        conversation_id=conversation,
        route=Route.ESCALATE,
        verdict=verdict,
        answer=None,
        message="Passed on to a person.",
        escalation=None,
        contacts=[],
        disclosure=Disclosure(text="AI", human_contact="Call us"),
        redactions={},
        degraded=False,
    )
    asked = RedactedText("I am [NAME_1]. Should I double it?")
    effects = Effects(
        messages=(
            StoredMessage(Author.PATIENT, asked, now_utc(), turn_id=turn),
            StoredMessage(Author.ASSISTANT, RedactedText("Passed on to a person."), now_utc(), turn_id=turn, turn=told),
        ),
        ticket=NewTicket(Urgency.ROUTINE, (datetime.now(UTC) + timedelta(hours=4)).isoformat(), now_utc(), (asked,)),
    )
    made = entry(
        AuditPhase.DECIDED, turn, conversation=conversation, patient=patient, route=Route.ESCALATE, label="clinician"
    )
    await rig.audit.append(made, effects=effects)
    return ticket_id(turn)


async def access_records(rig: StateRig) -> list[str]:
    return [f"{r['source']} by {r['actor']}" for r in await rig.records() if r["phase"] == "access"]


async def test_a_ticket_shows_the_redacted_conversation_and_the_verdict(rig: StateRig, desk: RedisDesk) -> None:
    ticket = await escalate(rig, desk)
    view = await desk.get(ticket, actor=DANA)
    assert [line.text for line in view.lines] == ["I am [NAME_1]. Should I double it?", "Passed on to a person."]
    assert [line.opened_ticket for line in view.lines] == [True, False]
    assert view.judgement is not None
    assert (view.judgement.decider, view.judgement.scores[Label.CLINICIAN]) == ("safety_classifier/3", 0.91)
    assert [row.id for row in (await desk.inbox(1, only=Choice(), actor=DANA)).rows] == [ticket]
    assert await access_records(rig) == [f"escalation.view by {DANA}", f"inbox.list by {DANA}"]


async def test_lines_of_the_patients_other_conversations_are_on_record_beside_the_ticket(
    rig: StateRig, desk: RedisDesk
) -> None:
    first, second = [await escalate(rig, desk) for _ in range(2)]
    view = await desk.get(first, actor=DANA)
    assert [row.id for row in view.joined] == [second]
    assert await access_records(rig) == [f"escalation.view by {DANA}", f"inbox.list by {DANA}"]
    listed = next(record for record in await rig.records() if record["source"] == "inbox.list")
    assert ticket_id(listed["turn"]) == second


async def test_each_person_who_reads_the_list_is_on_record_once_an_hour_for_each_ticket(
    rig: StateRig, desk: RedisDesk
) -> None:
    for _ in range(3):
        await escalate(rig, desk, patient=new_id())
    for actor in (DANA, DANA, SAM, DANA):
        assert len((await desk.inbox(1, only=Choice(), actor=actor)).rows) == 3
    await escalate(rig, desk, patient=new_id())
    await desk.inbox(1, only=Choice(), actor=DANA)
    listed = [record for record in await rig.records() if record["source"] == "inbox.list"]
    assert [record["actor"] for record in listed] == [DANA] * 3 + [SAM] * 3 + [DANA]
    assert len({record["patient"] for record in listed}) == 4
    await rig.store.redis.expire(rig.store.keys.listed(holder_key(DANA)), 0)  # The hour is over.
    await desk.inbox(1, only=Choice(), actor=DANA)
    assert (await access_records(rig)).count(f"inbox.list by {DANA}") == 8


async def test_a_list_that_cannot_be_put_on_record_is_not_shown(
    rig: StateRig, desk: RedisDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await escalate(rig, desk)

    async def fail(*_: object, **__: object) -> None:
        raise AuditUnavailable

    monkeypatch.setattr(RedisAudit, "append_operations", fail)
    with pytest.raises(AuditUnavailable):
        await desk.inbox(1, only=Choice(), actor=DANA)
    with pytest.raises(AuditUnavailable):  # And the failed attempt does not count as a look.
        await desk.inbox(1, only=Choice(), actor=DANA)


async def test_a_reply_is_stored_redacted_and_restored_for_the_patient(rig: StateRig, desk: RedisDesk) -> None:
    ticket = await escalate(rig, desk)
    await desk.claim(ticket, actor=DANA)
    view = await desk.get(ticket, actor=DANA)
    written = "Hello Jordan Rivera, please call me at 555-201-3344 and do not double it."
    await desk.reply(ticket, actor=DANA, fence=view.fence, text=written, profession="nurse")
    conversation = (await desk.escalations.get(ticket)).conversation
    stored = (await desk.conversations.transcript(conversation))[-1]
    assert "555-201-3344" not in stored.text
    assert "[NAME_1]" in stored.text
    placeholders = (await desk.vault.load(conversation)).placeholders
    assert restore(stored.text, placeholders) == written
    assert stored.role == "nurse"
    assert (await verify_audit(rig.store, keyring=rig.keyring, checkpoints=None)).ok


async def test_every_step_leaves_a_record_and_a_lost_claim_changes_nothing(rig: StateRig, desk: RedisDesk) -> None:
    ticket = await escalate(rig, desk)
    await desk.claim(ticket, actor=DANA)
    fence = (await desk.get(ticket, actor=DANA)).fence
    with pytest.raises(Conflict):
        await desk.claim(ticket, actor=SAM)
    with pytest.raises(Conflict):
        await desk.reply(ticket, actor=SAM, fence=fence, text="Not mine.", profession="physician")
    await desk.reply(ticket, actor=DANA, fence=fence, text="Keep your dose.", profession="nurse")
    await desk.close(ticket, actor=DANA, fence=fence, disposition=Disposition.ANSWERED, review=RIGHT)
    assert (await desk.inbox(1, only=Choice(), actor=DANA)).rows == ()
    view = await desk.get(ticket, actor=SAM)
    assert (view.row.state, view.disposition) == (TicketState.CLOSED, "answered")
    steps = ["claim", "view", "reply", "close"]
    assert await access_records(rig) == [*(f"escalation.{s} by {DANA}" for s in steps), f"escalation.view by {SAM}"]


async def test_identifiers_are_revealed_on_record_and_gone_with_the_conversation(
    rig: StateRig, desk: RedisDesk
) -> None:
    ticket = await escalate(rig, desk)
    await desk.claim(ticket, actor=DANA)
    assert await desk.show_identifiers(ticket, actor=DANA) == {"[NAME_1]": "Jordan Rivera"}
    assert await access_records(rig) == [f"escalation.claim by {DANA}", f"escalation.reveal by {DANA}"]
    await desk.conversations.close((await desk.escalations.get(ticket)).conversation)
    assert await desk.show_identifiers(ticket, actor=DANA) == {}


async def test_the_glass_is_broken_for_one_person_one_ticket_and_a_time_on_record(
    rig: StateRig, desk: RedisDesk
) -> None:
    # Given a ticket that Dana holds, and Sam, who does not
    ticket, another = [await escalate(rig, desk, patient=new_id()) for _ in range(2)]
    await desk.claim(ticket, actor=DANA)
    with pytest.raises(Forbidden):
        await desk.show_identifiers(ticket, actor=SAM)
    # When Sam breaks the glass of it
    said = "Jordan Rivera took all of them, 555-201-3344 does not answer"
    await desk.break_glass(ticket, actor=SAM, reason=GlassReason.LIFE_AT_RISK, text=said)
    # Then Sam sees its identifiers, and both steps are on record
    assert await desk.show_identifiers(ticket, actor=SAM) != {}
    steps = [f"escalation.claim by {DANA}", f"break_glass.grant:life_at_risk by {SAM}", f"break_glass.use by {SAM}"]
    assert await access_records(rig) == steps
    # And the words are redacted where they stand
    (grant,) = await read_grants(rig.store)
    (note,) = (await desk.get(ticket, actor=SAM)).notes
    assert (grant.actor, grant.ticket, grant.reason, grant.text) == (SAM, ticket, note.reason, note.text)
    assert grant.text == "[NAME_1] took all of them, [PHONE_1] does not answer"
    # And nobody else, nor Sam at another ticket or later, sees any
    with pytest.raises(Forbidden):
        await desk.show_identifiers(another, actor=SAM)
    with pytest.raises(Forbidden):
        await desk.show_identifiers(ticket, actor="supervisor:mira")
    assert await open_grant(rig.store, ticket, actor=SAM, now=datetime.now(UTC) + timedelta(minutes=16)) is None
    await replace(desk, glass_minutes=0).break_glass(ticket, actor=SAM, reason=GlassReason.LIFE_AT_RISK, text=said)
    with pytest.raises(Forbidden):
        await desk.show_identifiers(ticket, actor=SAM)
    assert (await verify_audit(rig.store, keyring=rig.keyring, checkpoints=None)).ok


async def test_a_glass_that_cannot_be_put_on_record_is_not_broken(rig: StateRig, desk: RedisDesk) -> None:
    ticket = await escalate(rig, desk)
    await rig.audit.close()
    with pytest.raises(AuditUnavailable):
        await desk.break_glass(ticket, actor=SAM, reason=GlassReason.PATIENT_IN_NEED, text="She is here.")
    assert await read_grants(rig.store) == ()
    with pytest.raises(Forbidden):
        await desk.show_identifiers(ticket, actor=SAM)


async def test_reviews_are_stored_without_whom_they_are_of_and_exported(
    rig: StateRig, desk: RedisDesk, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ticket = await escalate(rig, desk)
    await desk.claim(ticket, actor=DANA)
    fence = (await desk.get(ticket, actor=DANA)).fence
    wrong = GuardReview(Label.INFORMATIONAL, Route.ANSWER)
    await desk.close(ticket, actor=DANA, fence=fence, disposition=Disposition.ANSWERED, review=wrong)
    changed = DraftReview(
        "Take it once a day.", DraftFit.AFTER_CHANGES, "Jordan Rivera takes it once a day, in the morning."
    )
    await desk.review(ticket, actor=SAM, review=replace(wrong, draft=changed))
    found = await desk.escalations.get(ticket)
    stored = json.dumps(await rig.store.redis.hgetall(rig.store.keys.reviews))
    for secret in (found.patient, found.conversation, found.turn, ticket, "dana", "sam", "NAME_1"):
        assert secret not in stored
    assert "I am [NAME]. Should I double it?" in stored
    assert "Rivera" not in stored
    rig.keyring.save(tmp_path / "keys.json")
    await export(tmp_path / "out", tmp_path, redis_url=url, tenant=rig.store.keys.tenant)
    summary = json.loads(capsys.readouterr().out)
    assert (summary["reviews"], summary["cases_reviewed_twice"], summary["same_label"]) == (2, 1, 1.0)
    line = (tmp_path / "out" / "messages.jsonl").read_text(encoding="utf-8")
    message = parse_row(line, where="export")  # The training's own reader takes it.
    assert (message.label, message.tempting) == ("informational", "clinician")
    pair = json.loads((tmp_path / "out" / "preferences.jsonl").read_text(encoding="utf-8"))
    assert (pair["chosen"], pair["rejected"]) == ("informational", "clinician")
    better = json.loads((tmp_path / "out" / "drafts.jsonl").read_text(encoding="utf-8"))
    assert better["chosen"] == "[NAME] takes it once a day, in the morning."
    records = await access_records(rig)
    assert "escalation.review by clinician:sam" in records
    assert records[-1] == f"reviews.export by {operator()}"


async def test_reviews_of_one_case_around_a_rotation_of_keys_are_of_one_case(
    rig: StateRig, desk: RedisDesk, url: str, tmp_path: Path
) -> None:
    # Given a case that Dana reviewed, and a patient key that was rotated as an operator does it
    tickets = [await escalate(rig, desk, patient=new_id()) for _ in range(2)]
    for ticket in tickets:
        await desk.review(ticket, actor=DANA, review=RIGHT)
    rig.keyring.save(tmp_path / "keys.json")
    place = KeyPlace(tmp_path, url, rig.store.keys.tenant)
    await key_changes.stage(place, "patient", unrecorded=False)
    await key_changes.activate(place, "patient", unrecorded=False)
    rotated = Keyring.load(place.path)
    assert rotated.patient.active != rig.keyring.patient.active
    # When Sam reviews one of them at a console that has the new key, and Dana thinks again there
    after = replace(desk, vault=Vault(rig.store, rotated))
    await after.review(tickets[0], actor=SAM, review=RIGHT)
    await after.review(tickets[0], actor=DANA, review=replace(RIGHT, label=Label.EMERGENCY))
    # Then both are of one case, and Dana's later word has taken the place of the first
    reviews = await read_reviews(rig.store)
    assert (len(reviews), len({review.case for review in reviews})) == (3, 2)
    found = summarise(reviews).agreement
    assert (found.cases, found.share) == (1, 0.0)


async def test_an_export_that_cannot_be_put_on_record_writes_nothing(
    rig: StateRig, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.keyring.save(tmp_path / "keys.json")

    async def fail(*_: object, **__: object) -> None:
        raise AuditUnavailable

    monkeypatch.setattr(RedisAudit, "append", fail)
    with pytest.raises(AuditUnavailable):
        await export(tmp_path / "out", tmp_path, redis_url=url, tenant=rig.store.keys.tenant)
    assert not (tmp_path / "out").exists()


async def test_an_unknown_ticket_is_not_found(desk: RedisDesk) -> None:
    with pytest.raises(NotFound):
        await desk.get("none", actor=DANA)
