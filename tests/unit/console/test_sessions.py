"""Sessions end when idle, when old, and when signed out."""

from portico_console.sessions import IDLE_S, LONGEST_S, SessionCookie, Sessions
from unit.console.memory_desk import DANA


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_session_is_found_again_and_only_by_its_own_id() -> None:
    sessions = Sessions()
    session = sessions.start(DANA)
    assert sessions.find(session.id) is not None
    assert sessions.find(session.id + "x") is None
    assert sessions.find("") is None


def test_a_session_ends_after_idle_minutes_but_not_while_in_use() -> None:
    clock = Clock()
    sessions = Sessions(clock=clock)
    session = sessions.start(DANA)
    for _ in range(3):
        clock.now += IDLE_S - 1
        assert sessions.find(session.id) is not None
    clock.now += IDLE_S + 1
    assert sessions.find(session.id) is None


def test_polling_does_not_keep_a_session_alive() -> None:
    clock = Clock()
    sessions = Sessions(clock=clock)
    session = sessions.start(DANA)
    for _ in range(4):
        clock.now += IDLE_S / 3.5
        found = sessions.find(session.id, active=False)
    assert found is None


def test_a_session_in_use_ends_after_a_working_day() -> None:
    clock = Clock()
    sessions = Sessions(clock=clock)
    session = sessions.start(DANA)
    while clock.now < 1_000 + LONGEST_S:
        clock.now += IDLE_S / 2
        found = sessions.find(session.id)
    clock.now += 1
    assert found is None or sessions.find(session.id) is None


def test_signing_out_ends_a_session_at_once() -> None:
    sessions = Sessions()
    session = sessions.start(DANA)
    sessions.end(session.id)
    sessions.end(session.id)
    assert sessions.find(session.id) is None


def test_a_notice_is_seen_once() -> None:
    sessions = Sessions()
    session = sessions.start(DANA)
    sessions.leave_notice(session, "sent")
    found = sessions.find(session.id)
    assert found is not None
    assert sessions.take_notice(found) == "sent"
    again = sessions.find(session.id)
    assert again is not None
    assert sessions.take_notice(again) == ""


def test_the_cookie_is_pinned_to_its_host_wherever_there_is_tls() -> None:
    assert SessionCookie(secure=True).name == "__Host-portico_session"
    assert SessionCookie(secure=False).name == "portico_session"


def test_a_session_shows_neither_id_nor_token() -> None:
    session = Sessions().start(DANA)
    assert session.id not in repr(session)
    assert session.csrf not in repr(session)
