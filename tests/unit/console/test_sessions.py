"""Sessions end when idle, when old, and when signed out; before signing in nothing of one is stored."""

import pytest

from portico_console.sessions import IDLE_S, LONGEST_S, SessionCookie, Sessions
from portico_core.errors import AuditUnavailable
from unit.console.memory_desk import DANA, SAM, MemoryJournal, MemorySessions


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_a_session_is_found_again_and_only_by_its_own_id() -> None:
    sessions = Sessions(MemorySessions(), MemoryJournal())
    session = await sessions.start(DANA)
    assert await sessions.find(session.id) is not None
    assert await sessions.find(session.id + "x") is None
    assert await sessions.find("") is None


async def test_a_session_ends_after_idle_minutes_but_not_while_in_use() -> None:
    clock = Clock()
    sessions = Sessions(MemorySessions(), MemoryJournal(), clock=clock)
    session = await sessions.start(DANA)
    for _ in range(3):
        clock.now += IDLE_S - 1
        assert await sessions.find(session.id) is not None
    clock.now += IDLE_S + 1
    assert await sessions.find(session.id) is None


async def test_polling_does_not_keep_a_session_alive() -> None:
    clock = Clock()
    sessions = Sessions(MemorySessions(), MemoryJournal(), clock=clock)
    session = await sessions.start(DANA)
    for _ in range(4):
        clock.now += IDLE_S / 3.5
        found = await sessions.find(session.id, active=False)
    assert found is None


async def test_a_session_in_use_ends_after_a_working_day() -> None:
    clock = Clock()
    sessions = Sessions(MemorySessions(), MemoryJournal(), clock=clock)
    session = await sessions.start(DANA)
    while clock.now < 1_000 + LONGEST_S:
        clock.now += IDLE_S / 2
        found = await sessions.find(session.id)
    clock.now += 1
    assert found is None or await sessions.find(session.id) is None


async def test_signing_out_ends_a_session_at_once() -> None:
    sessions = Sessions(MemorySessions(), MemoryJournal())
    session = await sessions.start(DANA)
    await sessions.end(session.id)
    await sessions.end(session.id)
    assert await sessions.find(session.id) is None


async def test_a_notice_is_seen_once() -> None:
    sessions = Sessions(MemorySessions(), MemoryJournal())
    session = await sessions.start(DANA)
    await sessions.leave_notice(session, "sent")
    found = await sessions.find(session.id)
    assert found is not None
    assert await sessions.take_notice(found) == "sent"
    again = await sessions.find(session.id)
    assert again is not None
    assert await sessions.take_notice(again) == ""


def test_the_cookie_is_pinned_to_its_host_wherever_there_is_tls() -> None:
    assert SessionCookie(secure=True).name == "__Host-portico_session"
    assert SessionCookie(secure=False).name == "portico_session"


async def test_a_session_shows_neither_id_nor_token() -> None:
    session = await Sessions(MemorySessions(), MemoryJournal()).start(DANA)
    assert session.id not in repr(session)
    assert session.csrf not in repr(session)


async def test_a_visitor_fills_no_store_and_cannot_choose_the_id_they_sign_in_under() -> None:
    store = MemorySessions()
    sessions = Sessions(store, MemoryJournal())
    visit = sessions.visit()
    assert store.kept == {}
    assert sessions.visit(visit.id).accepts(visit.csrf)
    assert not sessions.visit("short").accepts(sessions.visit("short").csrf)  # A made-up id gets a fresh one each time.
    assert (await sessions.start(DANA)).id != visit.id
    assert visit.id not in "".join(store.kept)


async def test_a_late_request_does_not_bring_a_signed_out_session_back() -> None:
    sessions = Sessions(MemorySessions(), MemoryJournal())
    session = await sessions.start(DANA)
    await sessions.end(session.id)
    await sessions.leave_notice(session, "sent")
    assert await sessions.find(session.id) is None


async def test_two_consoles_share_their_sessions() -> None:
    store = MemorySessions()
    session = await Sessions(store, MemoryJournal()).start(DANA)
    found = await Sessions(store, MemoryJournal()).find(session.id)
    assert found is not None
    assert (found.member, found.csrf) == (DANA, session.csrf)


async def test_who_came_and_how_it_ended_is_on_record() -> None:
    clock, journal = Clock(), MemoryJournal()
    sessions = Sessions(MemorySessions(), journal, clock=clock, idle_s=100, longest_s=250)
    signed_out, idle, old = [await sessions.start(DANA) for _ in range(3)]
    await sessions.end(signed_out.id)
    await sessions.end(signed_out.id)  # Again: it is over already.
    for _ in range(3):
        clock.now += 90
        await sessions.find(old.id)
    assert await sessions.find(idle.id) is None
    noted = [line.partition(" ")[0] for line in journal.noted]
    assert noted == ["opened", "opened", "opened", "signed_out", "longest", "idle"]
    assert all(line.endswith(DANA.actor) for line in journal.noted)


async def test_a_session_that_nobody_comes_back_to_is_ended_by_one_console() -> None:
    clock, store, journal = Clock(), MemorySessions(), MemoryJournal()
    consoles = [Sessions(store, journal, clock=clock) for _ in range(2)]
    await consoles[0].start(DANA)
    in_use = await consoles[1].start(SAM)
    clock.now += IDLE_S - 1
    assert await consoles[1].find(in_use.id) is not None
    clock.now += 2
    for console in consoles:
        await console.sweep()
    assert journal.noted[2:] == [f"idle {DANA.actor}"]
    assert await consoles[0].find(in_use.id) is not None


async def test_without_a_record_there_is_no_session_but_one_ends_all_the_same() -> None:
    store, journal = MemorySessions(), MemoryJournal()
    sessions = Sessions(store, journal)
    session = await sessions.start(DANA)
    journal.fails = True
    with pytest.raises(AuditUnavailable):
        await sessions.start(SAM)
    await sessions.end(session.id)
    assert store.kept == {}
