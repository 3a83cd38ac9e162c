"""The inbox on a real Valkey: pages, filters that hide no emergency, floods on one line, three clocks, hand-overs."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from portico_core.errors import Conflict, DependencyUnavailable, NotFound
from portico_core.labels import AuditPhase, Route, TicketState, Urgency
from portico_core.switches import EVERYTHING_OFF, Switch
from portico_core.text import RedactedText
from portico_state.effects import Effects, NewTicket, ticket_id
from portico_state.escalations import Escalations, NoteKind, TakeOverReason
from portico_state.events import FIRST, read_events
from portico_state.identifiers import new_id, now_utc
from portico_state.inbox import PAGE_ROWS, InboxFilter, adopt_earlier_tickets
from portico_state.presence import read_presence, show_presence
from portico_state.switches import Switches
from portico_state.verify import verify_audit
from reliability.inbox_latency import fill
from unit.state.rig import PATIENT, StateRig, entry, say

NURSE, DOCTOR = "clinician:nurse-1", "clinician:doctor-2"
OTHER_PATIENT = "6" * 32


@pytest.fixture
def inbox(rig: StateRig) -> Escalations:
    return Escalations(rig.store, rig.audit)


async def ask(
    rig: StateRig, *, urgency: Urgency = Urgency.ROUTINE, due_h: float = 1, to: str = "c1", patient: str = PATIENT
) -> str:
    """Open a ticket as a turn does; it is to be resolved a day after its reply is due."""
    turn, due = new_id(), datetime.now(UTC) + timedelta(hours=due_h)
    resolve_by = (due + timedelta(days=1)).isoformat()
    ticket = NewTicket(urgency, due.isoformat(), now_utc(), (RedactedText("should I?"),), resolve_by)
    made = entry(AuditPhase.DECIDED, turn, conversation=to, patient=patient, route=Route.ESCALATE, label="clinician")
    await rig.audit.append(made, effects=Effects(ticket=ticket))
    await asyncio.sleep(0.002)  # What is due in one millisecond has no order.
    return ticket_id(turn)


async def shown(inbox: Escalations, **only: str) -> list[str]:
    return [ticket.id for ticket in (await inbox.page(only=InboxFilter(**only))).tickets]


async def test_pages_hold_every_ticket_once_and_in_order(rig: StateRig, inbox: Escalations) -> None:
    await fill(rig, 3 * PAGE_ROWS + 20)
    pages = [await inbox.page(number) for number in range(1, 5)]
    everything = [ticket.id for ticket in await inbox.list(limit=1_000)]
    assert [ticket.id for page in pages for ticket in page.tickets] == everything
    assert {page.pages for page in pages} == {4}
    assert pages[0].pinned + pages[0].routine == len(everything)
    assert (await inbox.page(99)).page == 4
    assert (await inbox.page(-1)).tickets == pages[0].tickets
    assert pages[0].tickets[0].context == ()  # The words are not read for a list.


async def test_no_filter_hides_what_is_urgent(rig: StateRig, inbox: Escalations) -> None:
    crisis = await ask(rig, urgency=Urgency.IMMEDIATE)
    emergency = await ask(rig, urgency=Urgency.URGENT)
    mine, free = await ask(rig, to="c2", patient=OTHER_PATIENT), await ask(rig)
    await inbox.claim(mine, actor=NURSE)
    assert await shown(inbox) == [crisis, emergency, mine, free]
    assert await shown(inbox, holder=NURSE) == [crisis, emergency, mine]
    assert await shown(inbox, holder=DOCTOR) == [crisis, emergency]
    assert await shown(inbox, pool="pharmacists") == [crisis, emergency]


async def test_a_flood_of_one_patient_is_one_line_with_a_count(rig: StateRig, inbox: Escalations) -> None:
    first = await ask(rig)
    more = [await ask(rig, due_h=2) for _ in range(40)]
    alone = await ask(rig, patient=OTHER_PATIENT, to="c9")
    page = await inbox.page()
    assert [(ticket.id, ticket.folded) for ticket in page.tickets] == [(first, 40), (alone, 0)]
    assert sorted(ticket.id for ticket in await inbox.folded(first)) == sorted(more)
    assert (await inbox.count_open())[Urgency.ROUTINE] == 42  # Nothing is dropped, only folded.
    assert len(await inbox.list(limit=100)) == 42


async def test_emergencies_and_crises_of_one_patient_are_never_folded(rig: StateRig, inbox: Escalations) -> None:
    await ask(rig)
    grave = [await ask(rig, urgency=urgency) for urgency in (Urgency.IMMEDIATE, Urgency.URGENT) for _ in range(5)]
    page = await inbox.page()
    assert [ticket.id for ticket in page.tickets[:10]] == grave
    assert (page.pinned, page.routine) == (10, 1)


async def test_closing_ends_what_joined_in_the_conversation_and_the_rest_stands_for_itself(
    rig: StateRig, inbox: Escalations
) -> None:
    first, same = await ask(rig), await ask(rig)
    elsewhere, there_too = await ask(rig, to="c2"), await ask(rig, to="c2")
    fence = (await inbox.claim(first, actor=NURSE)).fence
    await inbox.close(first, actor=NURSE, fence=fence, disposition="called", guard_right=True)
    states = [(await inbox.get(ticket)).state for ticket in (first, same, elsewhere)]
    assert states == [TicketState.CLOSED, TicketState.CLOSED, TicketState.OPEN]
    assert [(ticket.id, ticket.folded) for ticket in (await inbox.page()).tickets] == [(elsewhere, 1)]
    told = [(event.data["escalation_id"], event.data["state"]) for event in await events(rig, "c1")]
    assert told[-2:] == [(first, "completed"), (same, "completed")]
    announced = await rig.store.redis.xrange(rig.store.keys.ticket_stream)
    assert [fields["ticket"] for _, fields in announced] == [first, same, elsewhere, there_too, elsewhere]
    fence = (await inbox.claim(elsewhere, actor=NURSE)).fence
    await inbox.close(elsewhere, actor=NURSE, fence=fence, disposition="called", guard_right=True)
    assert await inbox.list() == ()
    assert await shown(inbox) == []
    assert [ticket.folded for ticket in (await inbox.page()).tickets] == []
    again = await ask(rig)
    assert await shown(inbox) == [again]  # The flood is over: the next message stands for itself.


async def events(rig: StateRig, conversation: str) -> list[object]:
    return list(await read_events(rig.store, conversation, after_id=FIRST))


async def test_a_reply_starts_the_resolution_clock_and_the_patients_next_words_the_reply_clock(
    rig: StateRig, inbox: Escalations
) -> None:
    answered, waiting = await ask(rig, due_h=1), await ask(rig, due_h=3, patient=OTHER_PATIENT, to="c9")
    fence = (await inbox.claim(answered, actor=NURSE)).fence
    await inbox.reply(answered, actor=NURSE, fence=fence, text=RedactedText("Yes."))
    assert await shown(inbox) == [waiting, answered]  # By its resolution clock it has time.
    await ask(rig, due_h=2)
    assert (await inbox.get(answered)).next_reply_by is not None
    assert await shown(inbox) == [answered, waiting]
    await inbox.reply(answered, actor=NURSE, fence=fence, text=RedactedText("Still yes."))
    assert (await inbox.get(answered)).next_reply_by is None
    assert await shown(inbox) == [waiting, answered]


async def test_a_take_over_needs_a_reason_and_makes_the_first_claim_worthless(
    rig: StateRig, inbox: Escalations
) -> None:
    ticket = await ask(rig)
    lost = (await inbox.claim(ticket, actor=NURSE)).fence
    with pytest.raises(Conflict):
        await inbox.claim(ticket, actor=DOCTOR)
    taken = await inbox.claim(ticket, actor=DOCTOR, take_over=TakeOverReason.COLLEAGUE_AWAY)
    with pytest.raises(Conflict):
        await inbox.reply(ticket, actor=NURSE, fence=lost, text=RedactedText("Late."))
    assert (await shown(inbox, holder=DOCTOR), await shown(inbox, holder=NURSE)) == ([ticket], [])
    (note,) = await inbox.notes(ticket)
    assert (note.actor, note.kind, note.reason) == (DOCTOR, NoteKind.TAKE_OVER, "colleague_away")
    sources = [record["source"] for record in await rig.records() if record["phase"] == "access"]
    assert sources == ["escalation.claim", "escalation.take_over:colleague_away"]
    assert taken.fence == lost + 1


async def test_a_ticket_goes_to_another_pool_with_a_note(rig: StateRig, inbox: Escalations) -> None:
    ticket = await ask(rig)
    fence = (await inbox.claim(ticket, actor=NURSE)).fence
    with pytest.raises(NotFound):
        await inbox.hand_over(ticket, actor=NURSE, fence=fence, pool="a:b")
    handed = await inbox.hand_over(ticket, actor=NURSE, fence=fence, pool="pharmacists", text=RedactedText("Dose?"))
    assert (handed.pool, handed.state, handed.holder) == ("pharmacists", TicketState.OPEN, "")
    assert await shown(inbox, pool="pharmacists") == [ticket] == await shown(inbox)
    await inbox.add_note(ticket, actor=DOCTOR, text=RedactedText("I look."))
    assert [(note.text, note.kind) for note in await inbox.notes(ticket)] == [
        ("Dose?", "hand_over"),
        ("I look.", "words"),
    ]
    assert (
        len(await rig.store.redis.lrange(rig.store.keys.messages("c1"), 0, -1)) == 0
    )  # The patient sees nothing of it.
    assert (await verify_audit(rig.store, keyring=rig.keyring, checkpoints=None)).ok


async def test_of_five_hundred_claims_at_once_one_wins(rig: StateRig, inbox: Escalations) -> None:
    """On a crowded machine some are told that the store is late; they try again, as a person would."""
    ticket = await ask(rig)

    async def insist(who: str) -> bool:
        for _ in range(100):
            try:
                await inbox.claim(ticket, actor=who)
                return True
            except Conflict:
                return False
            except DependencyUnavailable:
                await asyncio.sleep(0.1)
        raise AssertionError("the store never answered")

    won = await asyncio.gather(*(insist(f"clinician:{number}") for number in range(500)))
    winner = f"clinician:{won.index(True)}"
    recorded = [record["actor"] for record in await rig.records() if record["source"] == "escalation.claim"]
    assert (won.count(True), set(recorded)) == (1, {winner})
    assert await shown(inbox, holder=winner) == [ticket]
    say("500 claims of one ticket at once: double claims 0")


async def test_tickets_of_an_earlier_release_come_into_the_inbox(rig: StateRig, inbox: Escalations) -> None:
    ticket = await ask(rig)
    await rig.store.redis.delete(rig.store.keys.inbox)
    await rig.store.redis.hdel(rig.store.keys.ticket(ticket), "score", "pool", "resolve_by")
    assert await shown(inbox) == []
    for _ in range(2):
        await adopt_earlier_tickets(rig.store)
        assert await shown(inbox) == [ticket]


async def test_others_see_who_is_here_and_who_writes(rig: StateRig) -> None:
    await show_presence(rig.store, "esc-1", actor=NURSE, name="Dana", writing=False)
    await show_presence(rig.store, "esc-1", actor=DOCTOR, name="Sam", writing=True)
    await show_presence(rig.store, "esc-1", actor=DOCTOR, name="Sam", writing=False)
    here = [(present.name, present.writing) for present in await read_presence(rig.store, "esc-1")]
    assert here == [("Dana", False), ("Sam", True)]
    assert await read_presence(rig.store, "esc-2") == ()


async def test_a_switch_is_turned_with_a_record_of_who_and_why(rig: StateRig) -> None:
    switches = Switches(rig.store)
    assert await switches.off() == frozenset()
    await switches.turn(Switch.ANSWER, off=True, actor="operator:rae", reason="wrong dose", audit=rig.audit)
    assert await switches.off() == {Switch.ANSWER}
    (seen,) = await switches.details()
    assert (seen.switch, seen.actor, seen.reason) == ("route=answer", "operator:rae", "wrong dose")
    await switches.turn(Switch.ANSWER, off=False, actor="operator:kim", reason="corrected", audit=rig.audit)
    assert await switches.off() == frozenset()
    records = [(record["actor"], record["source"], record["policy"]) for record in await rig.records()]
    assert records == [
        ("operator:rae", "switch.off", "route=answer: wrong dose"),
        ("operator:kim", "switch.on", "route=answer: corrected"),
    ]
    assert (await verify_audit(rig.store, keyring=rig.keyring, checkpoints=None)).ok
    await rig.store.redis.hset(rig.store.keys.switches, "route=telepathy", "{}")
    assert await switches.off() == EVERYTHING_OFF  # What nobody knows may have been meant to stop anything.
