"""Any order of steps in the inbox, on a real Valkey, against a model: who holds a ticket, with which fence, until when.

Two tickets, three people, claims (also over, also with a lease that is over at once), replies, releases, hand-overs
and closings with every fence that was ever given. The model says which of them count; the store must say the same.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from examples import examples
from portico_core.errors import Conflict
from portico_core.labels import AuditPhase, Route, TicketState, Urgency
from portico_core.text import RedactedText
from portico_state.effects import Effects, NewTicket, ticket_id
from portico_state.escalations import Escalations, TakeOverReason
from portico_state.identifiers import new_id, now_utc
from portico_state.tickets import Ticket
from portico_state.verify import verify_audit
from unit.state.rig import StateRig, entry, open_rig

PEOPLE = ("clinician:ana", "clinician:bo", "clinician:cy")
WORDS = RedactedText("Please call us.")
STEPS = ("reply", "release", "hand_over", "close")
tickets, people = st.integers(0, 1), st.sampled_from(PEOPLE)


@dataclass(slots=True)
class Expected:
    """What a ticket must be."""

    id: str
    conversation: str
    state: TicketState = TicketState.OPEN
    holder: str = ""
    held: bool = False
    fence: int = 0
    replies: int = 0
    fences: list[int] = field(default_factory=lambda: [0])


class Queue(RuleBasedStateMachine):
    """Two tickets of two conversations, and what may become of them."""

    def __init__(self, runner: "asyncio.Runner", rig: StateRig, make: type[Escalations]) -> None:
        super().__init__()
        self._runner, self._rig = runner, rig
        self._inbox = make(rig.store, rig.audit)
        self._tickets = [self._run(_open(rig)) for _ in range(2)]

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)

    @rule(which=tickets, actor=people, lease_s=st.sampled_from([0, 900]), over=st.booleans())
    def claim(self, which: int, actor: str, lease_s: int, over: bool) -> None:
        expected = self._tickets[which]
        reason = TakeOverReason.ASKED_TO if over else None
        is_free = not expected.held or expected.holder == actor or over
        work = self._inbox.claim(expected.id, actor=actor, lease_s=lease_s, take_over=reason)
        claim = self._outcome(work, counts=expected.state is not TicketState.CLOSED and is_free)
        if claim is not None:
            expected.fence += 1
            assert claim.fence == expected.fence
            expected.state, expected.holder, expected.held = TicketState.CLAIMED, actor, lease_s > 0
            expected.fences.append(claim.fence)

    @rule(which=tickets, actor=people, step=st.sampled_from(STEPS), choice=st.integers(0, 99))
    def act(self, which: int, actor: str, step: str, choice: int) -> None:
        expected = self._tickets[which]
        fence = expected.fences[-1 - choice % len(expected.fences)]
        counts = expected.held and expected.holder == actor and expected.fence == fence
        if self._outcome(self._step(expected.id, step, actor, fence), counts=counts) is None:
            return
        expected.replies += step == "reply"
        if step in {"release", "hand_over"}:
            expected.state, expected.holder, expected.held = TicketState.OPEN, "", False
        if step == "close":
            expected.state, expected.held = TicketState.CLOSED, False

    def _step(self, ticket: str, step: str, actor: str, fence: int) -> Coroutine[Any, Any, Ticket]:
        match step:
            case "reply":
                return self._inbox.reply(ticket, actor=actor, fence=fence, text=WORDS)
            case "release":
                return self._inbox.release(ticket, actor=actor, fence=fence)
            case "hand_over":
                return self._inbox.hand_over(ticket, actor=actor, fence=fence, pool="cardiology")
            case _:
                return self._inbox.close(ticket, actor=actor, fence=fence, disposition="advised", guard_right=True)

    def _outcome(self, work: Coroutine[Any, Any, Any], *, counts: bool) -> Any:
        """Return what a step gave; None where it was refused, as the model says it must be."""
        try:
            done = self._run(work)
        except Conflict:
            assert not counts, "a step that counts was refused"
            return None
        assert counts, "a step that does not count was taken"
        return done

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        for expected in self._tickets:
            found = self._run(self._inbox.get(expected.id))
            assert (found.state, found.is_held()) == (expected.state, expected.held)
            assert not expected.held or found.holder == expected.holder
            said = self._run(_length(self._rig, expected.conversation))
            assert said == expected.replies
        listed = {ticket.id for ticket in self._run(self._inbox.list())}
        for expected in self._tickets:
            assert (expected.id in listed) == (expected.state is not TicketState.CLOSED)


class Unfenced(Escalations):
    """The sabotaged queue: a reply counts with whatever fence and from whomever, as long as somebody holds it."""

    async def reply(self, ticket: str, *, actor: str, fence: int, **more: Any) -> Ticket:
        found = await self.get(ticket)
        return await super().reply(ticket, actor=found.holder, fence=int(found.fence), **more)


async def _open(rig: StateRig) -> Expected:
    turn, conversation = new_id(), new_id()
    due = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    ticket = NewTicket(Urgency.ROUTINE, due, now_utc(), (RedactedText("should I double it?"),))
    made = entry(AuditPhase.DECIDED, turn, conversation=conversation, route=Route.ESCALATE, label="clinician")
    await rig.audit.append(made, effects=Effects(ticket=ticket))
    return Expected(ticket_id(turn), conversation)


async def _length(rig: StateRig, conversation: str) -> int:
    return len(await rig.store.call(rig.store.redis.lrange(rig.store.keys.messages(conversation), 0, -1)))


@pytest.fixture
def play(url: str, tmp_path: Path) -> Iterator[Callable[..., None]]:
    with asyncio.Runner() as runner:
        opened = open_rig(url, tmp_path)
        rig = runner.run(opened.__aenter__())

        def run(make: type[Escalations], *, games: int, shrink: bool) -> None:
            limits = examples(games, steps=25, shrink=shrink)
            run_state_machine_as_test(lambda: Queue(runner, rig, make), settings=limits)
            assert runner.run(verify_audit(rig.store, keyring=rig.keyring, checkpoints=None)).ok

        yield run
        runner.run(opened.__aexit__(None, None, None))


def test_only_who_holds_a_ticket_now_moves_it(play: Callable[..., None]) -> None:
    play(Escalations, games=8, shrink=True)


def test_a_queue_without_fences_is_found_out(play: Callable[..., None]) -> None:
    with pytest.raises(AssertionError, match="a step that does not count was taken"):
        play(Unfenced, games=200, shrink=False)
