"""Breaking the glass (ADR 34): who does not hold a ticket sees identifiers in an emergency only, and not unseen."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from portico_core.text import RedactedText
from portico_state.break_glass import GlassReason, Grant, make_grant
from unit.console.memory_audit_desk import audit_desk
from unit.console.memory_desk import DANA, LEE, MIRA, NOW, MemoryDesk
from unit.console.visits import browser, claim, csrf_of, sign_in

TICKET, NAME = "/tickets/t-dose", "Jordan Rivera"
EMERGENCY = {"emergency": "life_at_risk", "text": "They wrote that they took all of them."}


def act(client: TestClient, step: str, **form: str) -> tuple[int, str]:
    csrf = csrf_of(client.get(TICKET).text)
    answer = client.post(f"{TICKET}/{step}", data={"csrf": csrf, **form})
    return answer.status_code, answer.text


@pytest.mark.parametrize("token", ["token-dana", "token-mira"])
def test_who_does_not_hold_the_ticket_sees_no_identifiers(desk: MemoryDesk, token: str) -> None:
    # Given a ticket that a colleague holds, and a clinician or a supervisor who looks at it
    desk.lose_claim("t-dose")
    with browser(desk) as client:
        sign_in(client, token)
        # Then the page offers them no identifiers, and asking for them is refused
        assert "Show the identifiers" not in client.get(TICKET).text
        status, page = act(client, "reveal")
        assert (status, NAME in page) == (409, False)
        # And the control: in an emergency they may
        assert act(client, "break-glass", **EMERGENCY)[0] == 303
        page = client.get(TICKET).text
        assert "Compliance staff are told of it." in page and "Somebody&#39;s life may be at risk" in page
        status, page = act(client, "reveal")
        assert (status, NAME in page) == (200, True)
    steps = [step for _, _, step in desk.access if step != "view"]
    assert steps == ["break glass: life_at_risk", "look through broken glass"]


def test_who_holds_the_ticket_breaks_nothing(dana: TestClient, desk: MemoryDesk) -> None:
    claim(dana, "t-dose")
    assert "Break the glass" not in dana.get(TICKET).text
    assert act(dana, "reveal")[0] == 200
    assert desk.glass == {}


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"emergency": "life_at_risk"},
        {"emergency": "life_at_risk", "text": "  \r\n"},
        {"emergency": "life_at_risk", "text": "x" * 4_001},
        {"emergency": "curious", "text": "I wonder who it is."},
    ],
)
def test_without_a_reason_of_the_list_and_words_nothing_breaks(
    dana: TestClient, desk: MemoryDesk, form: dict[str, str]
) -> None:
    status, page = act(dana, "break-glass", **form)
    assert (status, "Please choose what the emergency is" in page) == (422, True)
    assert form.get("text", "").strip() in page
    assert desk.glass == {} and act(dana, "reveal")[0] == 409


def test_it_ends_by_itself(dana: TestClient, desk: MemoryDesk) -> None:
    act(dana, "break-glass", **EMERGENCY)
    assert "Show the identifiers" in dana.get(TICKET).text
    desk.glass["t-dose", DANA.actor] = NOW - timedelta(seconds=1)
    page = dana.get(TICKET).text
    assert "Show the identifiers" not in page and "Break the glass" in page


def test_compliance_staff_break_no_glass(desk: MemoryDesk) -> None:
    with browser(desk) as client:
        sign_in(client, "token-lee")
        page = client.get(TICKET).text
        assert "Show the identifiers" not in page and "Break the glass" not in page
        assert [act(client, step, **EMERGENCY)[0] for step in ("break-glass", "reveal")] == [403, 403]
    assert {step for _, actor, step in desk.access if actor == LEE.actor} == {"view"}


def given(days_ago: int) -> Grant:
    words = RedactedText("They wrote that [NAME_1] took <b>all</b> of them.")
    at = NOW - timedelta(days=days_ago)
    return make_grant("t-dose", actor=MIRA.actor, reason=GlassReason.LIFE_AT_RISK, text=words, minutes=15, now=at)


@pytest.mark.parametrize(("days_ago", "told"), [((1, 3, 40), "broken 2 times in the last 7 days"), ((40,), "")])
def test_compliance_staff_are_told_and_see_who_and_why(desk: MemoryDesk, days_ago: tuple[int, ...], told: str) -> None:
    audit = audit_desk()
    audit.glass = [given(days) for days in sorted(days_ago, reverse=True)]
    with browser(desk, audit=audit) as client:
        sign_in(client, "token-lee")
        page = client.get("/compliance").text
    assert told in page and ("Please review each below" in page) is bool(told)
    assert page.count("mira, supervisor</strong>") == len(days_ago)
    assert "took &lt;b&gt;all&lt;/b&gt; of them" in page and "actor=supervisor%3Amira" in page
