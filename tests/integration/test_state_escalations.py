"""The inbox on a real Valkey: order, one winner per claim, fencing, and a record of every step."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from portico_core.errors import Conflict, NotFound
from portico_core.labels import AuditPhase, Author, Route, TicketState, Urgency
from portico_core.text import RedactedText
from portico_state.conversations import Conversations
from portico_state.effects import Effects, NewTicket, ticket_id
from portico_state.escalations import Escalations
from portico_state.events import FIRST, read_events
from portico_state.identifiers import new_id, now_utc
from portico_state.verify import verify_audit
from unit.state.rig import PATIENT, StateRig, entry, say

NURSE, DOCTOR = "clinician:nurse-1", "clinician:doctor-2"
REPLY = RedactedText("Please keep your dose and call us, [NAME_1].")


async def _open(
    rig: StateRig, urgency: Urgency = Urgency.ROUTINE, *, due_in_h: float = 1, conversation: str = "c1"
) -> str:
    turn, due = new_id(), (datetime.now(UTC) + timedelta(hours=due_in_h)).isoformat()
    ticket = NewTicket(urgency, due, now_utc(), (RedactedText("should I double it?"),))
    made = entry(AuditPhase.DECIDED, turn, conversation=conversation, route=Route.ESCALATE, label="clinician")
    await rig.audit.append(made, effects=Effects(ticket=ticket))
    return ticket_id(turn)


async def _sources(rig: StateRig) -> list[str]:
    found = await rig.records()
    return [f"{record['source']} by {record['actor']}" for record in found if record["phase"] == "access"]


async def test_the_most_urgent_and_then_the_first_due_come_first(rig: StateRig) -> None:
    inbox = Escalations(rig.store, rig.audit)
    routine_late, routine_soon = await _open(rig, due_in_h=9), await _open(rig, due_in_h=1)
    urgent = await _open(rig, Urgency.URGENT, due_in_h=5)
    immediate = await _open(rig, Urgency.IMMEDIATE, due_in_h=100)
    overdue = await _open(rig, due_in_h=-5)
    assert [ticket.id for ticket in await inbox.list()] == [immediate, urgent, overdue, routine_soon, routine_late]
    assert [ticket.id for ticket in await inbox.list(limit=2)] == [immediate, urgent]
    assert await inbox.count_open() == {Urgency.IMMEDIATE: 1, Urgency.URGENT: 1, Urgency.ROUTINE: 3}


async def test_of_fifty_claims_at_once_one_wins(rig: StateRig) -> None:
    inbox, ticket = Escalations(rig.store, rig.audit), await _open(rig)
    results = await asyncio.gather(
        *(inbox.claim(ticket, actor=f"clinician:{number}") for number in range(50)), return_exceptions=True
    )
    won = [result for result in results if not isinstance(result, BaseException)]
    assert len(won) == 1
    assert all(isinstance(result, Conflict) for result in results if isinstance(result, BaseException))
    assert (won[0].fence, won[0].ticket.state, won[0].ticket.is_held()) == (1, TicketState.CLAIMED, True)
    assert await _sources(rig) == [f"escalation.claim by {won[0].ticket.holder}"]
    assert (await verify_audit(rig.store, keyring=rig.keyring, checkpoints=None)).ok
    say("50 claims at once: 1 winner")


async def test_a_reply_reaches_transcript_page_and_audit_and_closing_ends_it(rig: StateRig) -> None:
    conversations, inbox = Conversations(rig.store), Escalations(rig.store, rig.audit)
    conversation = await conversations.create(PATIENT)
    ticket = await _open(rig, conversation=conversation.id)
    seen = await inbox.view(ticket, actor=NURSE)
    assert seen.context == (RedactedText("should I double it?"),)
    claim = await inbox.claim(ticket, actor=NURSE)
    replied = await inbox.reply(ticket, actor=NURSE, fence=claim.fence, text=REPLY, role="nurse")
    closed = await inbox.close(ticket, actor=NURSE, fence=claim.fence, disposition="advised", guard_right=True)
    assert (replied.replied_at is not None, closed.state, closed.guard_right) == (True, TicketState.CLOSED, True)
    message = (await conversations.transcript(conversation.id))[-1]
    assert (message.author, message.text, message.role) == (Author.CLINICIAN, REPLY.text, "nurse")
    events = await read_events(rig.store, conversation.id, after_id=FIRST)
    assert [event.type for event in events] == ["escalation", "reply", "escalation"]
    assert (events[1].data["text"], events[2].data["state"]) == (REPLY.text, "completed")
    steps = ("view", "claim", "reply", "close")
    assert await _sources(rig) == [f"escalation.{step} by {NURSE}" for step in steps]
    assert await inbox.list() == ()
    assert [found.id for found in await inbox.list(state=TicketState.CLOSED)] == [ticket]
    for refused in (inbox.claim(ticket, actor=DOCTOR), inbox.reply(ticket, actor=NURSE, fence=claim.fence, text=REPLY)):
        with pytest.raises(Conflict):
            await refused


async def test_a_lost_lease_cannot_reply(rig: StateRig) -> None:
    inbox, ticket = Escalations(rig.store, rig.audit), await _open(rig)
    lost = await inbox.claim(ticket, actor=NURSE, lease_s=0)
    assert not lost.ticket.is_held()
    taken = await inbox.claim(ticket, actor=DOCTOR)
    assert taken.fence == lost.fence + 1
    for actor, fence in ((NURSE, lost.fence), (NURSE, taken.fence), (DOCTOR, lost.fence)):
        with pytest.raises(Conflict):
            await inbox.reply(ticket, actor=actor, fence=fence, text=REPLY)
    await inbox.reply(ticket, actor=DOCTOR, fence=taken.fence, text=REPLY)
    assert len(await rig.store.redis.lrange(rig.store.keys.messages("c1"), 0, -1)) == 1


async def test_a_released_ticket_can_be_claimed(rig: StateRig) -> None:
    inbox, ticket = Escalations(rig.store, rig.audit), await _open(rig)
    claim = await inbox.claim(ticket, actor=NURSE)
    assert [found.id for found in await inbox.list(state=TicketState.CLAIMED)] == [ticket]
    released = await inbox.release(ticket, actor=NURSE, fence=claim.fence)
    assert (released.state, released.holder) == (TicketState.OPEN, "")
    assert (await inbox.claim(ticket, actor=DOCTOR)).fence == 2


async def test_an_unknown_ticket_is_not_found_and_leaves_no_record(rig: StateRig) -> None:
    inbox = Escalations(rig.store, rig.audit)
    for attempt in (inbox.get("esc-none"), inbox.view("esc-none", actor=NURSE), inbox.claim("a:b", actor=NURSE)):
        with pytest.raises(NotFound):
            await attempt
    assert await _sources(rig) == []
