"""The console's pages over a desk in memory: what each step does, and what is refused."""

import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from portico_console.ports import Choice, GuardReview, InboxView
from portico_core.errors import StateUnavailable
from portico_core.labels import Label, Route, TicketState, Urgency
from portico_state.reviews import DraftFit, DraftReview
from unit.console.memory_desk import (
    DANA,
    LEE,
    LETTER,
    MemoryDesk,
    row,
)
from unit.console.visits import browser, claim, csrf_of, sign_in


def test_the_inbox_pins_what_cannot_wait(dana: TestClient) -> None:
    page = dana.get("/inbox").text
    order = [page.index(f"/tickets/{ticket}") for ticket in ("t-crisis", "t-stroke", "t-late", "t-dose")]
    assert order == sorted(order)
    assert "4 open, 2 of them immediate or urgent" in page
    assert "1 h 2 min late" in page


def test_the_inbox_holds_nothing_that_a_patient_wrote(dana: TestClient) -> None:
    page = dana.get("/inbox").text
    assert "lisinopril" not in page
    assert "pills" not in page


def test_an_empty_inbox_says_so() -> None:
    with browser(MemoryDesk()) as client:
        sign_in(client, "token-dana")
        assert "Nothing is waiting." in client.get("/inbox").text


def test_a_ticket_shows_the_redacted_words_and_who_decided(dana: TestClient, desk: MemoryDesk) -> None:
    page = dana.get("/tickets/t-dose").text
    for words in ("Should I double my lisinopril", "[NAME_1]", "87 %", "safety_classifier/3", "opened this ticket"):
        assert words in page
    assert desk.access == [("t-dose", DANA.actor, "view")]


def test_titles_hold_neither_names_nor_words(dana: TestClient) -> None:
    for path in ("/inbox", "/tickets/t-dose", "/tickets/none"):
        title = re.search(r"<title>(.*?)</title>", dana.get(path).text)
        assert title is not None
        assert title.group(1) in {"Inbox · Riverbend Clinic", "Ticket · Riverbend Clinic", "404 · Riverbend Clinic"}


def test_a_reply_reaches_the_patient_under_the_clinicians_profession(dana: TestClient, desk: MemoryDesk) -> None:
    forms = claim(dana, "t-dose")
    answer = dana.post("/tickets/t-dose/reply", data={**forms, "text": "Please do not.\r\nTake your usual dose."})
    assert answer.headers["location"] == "/tickets/t-dose"
    sent = desk.tickets["t-dose"].lines[-1]
    assert (sent.text, sent.profession) == ("Please do not.\nTake your usual dose.", "nurse")
    assert "Your reply was sent." in dana.get("/tickets/t-dose").text


def test_a_reply_after_the_claim_was_lost_is_not_sent_and_its_words_are_kept(
    dana: TestClient, desk: MemoryDesk
) -> None:
    forms = claim(dana, "t-dose")
    desk.lose_claim("t-dose")
    answer = dana.post("/tickets/t-dose/reply", data={**forms, "text": "Words worth keeping"})
    assert answer.status_code == 409
    assert "Words worth keeping" in answer.text
    assert all(line.text != "Words worth keeping" for line in desk.tickets["t-dose"].lines)


@pytest.mark.parametrize("text", ["", "  \r\n ", "x" * 4_001])
def test_an_empty_or_endless_reply_is_not_sent(dana: TestClient, desk: MemoryDesk, text: str) -> None:
    forms = claim(dana, "t-dose")
    before = desk.tickets["t-dose"].lines
    assert dana.post("/tickets/t-dose/reply", data={**forms, "text": text}).status_code == 422
    assert desk.tickets["t-dose"].lines == before


def test_a_ticket_that_somebody_holds_cannot_be_claimed(dana: TestClient, desk: MemoryDesk) -> None:
    csrf = csrf_of(dana.get("/tickets/t-dose").text)
    desk.lose_claim("t-dose")
    answer = dana.post("/tickets/t-dose/claim", data={"csrf": csrf})
    assert answer.status_code == 409
    assert "Somebody else holds this ticket" in answer.text


def test_closing_stores_the_disposition_and_the_guards_mark(dana: TestClient, desk: MemoryDesk) -> None:
    forms = claim(dana, "t-dose")
    answer = dana.post("/tickets/t-dose/close", data={**forms, "disposition": "called", "guard_right": "yes"})
    assert answer.headers["location"] == "/inbox"
    assert desk.tickets["t-dose"].row.state is TicketState.CLOSED
    assert (desk.tickets["t-dose"].disposition, desk.tickets["t-dose"].guard_right) == ("called", True)
    assert "/tickets/t-dose" not in dana.get("/inbox").text
    assert "The guard was right" in dana.get("/tickets/t-dose").text


def test_a_reviewer_says_what_the_guard_should_have_said(dana: TestClient, desk: MemoryDesk) -> None:
    forms = claim(dana, "t-dose")
    right = {"guard_right": "no", "label": "informational", "route": "answer"}
    dana.post("/tickets/t-dose/close", data={**forms, "disposition": "called", **right})
    assert desk.reviews["t-dose"] == GuardReview(Label.INFORMATIONAL, Route.ANSWER)
    assert desk.tickets["t-dose"].guard_right is False


def test_a_reviewer_ranks_the_draft_or_writes_it_better(dana: TestClient, desk: MemoryDesk) -> None:
    forms = claim(dana, "t-dose")
    draft = desk.tickets["t-dose"].draft
    close = {**forms, "disposition": "answered", "guard_right": "yes", "draft_fit": "after_changes"}
    for words in ("", draft):  # Changed into nothing, and not changed.
        assert dana.post("/tickets/t-dose/close", data={**close, "edited": words}).status_code == 422
    lost = dana.post("/tickets/t-dose/close", data={**close, "edited": "Better words.", "disposition": "eaten"})
    assert lost.status_code == 422 and ">Better words.</textarea>" in lost.text
    dana.post("/tickets/t-dose/close", data={**close, "edited": "Better words."})
    kept = DraftReview(draft, DraftFit.AFTER_CHANGES, "Better words.")
    assert desk.reviews["t-dose"] == GuardReview(Label.CLINICIAN, Route.ESCALATE, kept)
    assert desk.tickets["t-dose"].guard_right is True
    dana.post("/tickets/t-dose/review", data={**forms, "guard_right": "yes", "draft_fit": "not_fit"})
    assert desk.reviews[f"t-dose {DANA.actor}"].draft == DraftReview(draft, DraftFit.NOT_FIT)


def test_a_ticket_without_a_draft_asks_nothing_of_one(dana: TestClient) -> None:
    forms = claim(dana, "t-crisis")
    assert "Was the draft fit" not in dana.get("/tickets/t-crisis").text
    said = {"disposition": "called", "guard_right": "yes", "draft_fit": "not_fit"}
    assert dana.post("/tickets/t-crisis/close", data={**forms, **said}).status_code == 422


SAME = {"guard_right": "no", "label": "clinician", "route": "escalate"}


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"disposition": "called"},
        {"disposition": "eaten", "guard_right": "yes"},
        {"disposition": "called", **SAME},  # "It was wrong" and then what it said.
        {"disposition": "called", **SAME, "label": "nonsense"},
        {"disposition": "called", **SAME, "route": "unavailable"},
    ],
)
def test_closing_needs_answers_that_agree(dana: TestClient, desk: MemoryDesk, form: dict[str, str]) -> None:
    forms = claim(dana, "t-dose")
    assert dana.post("/tickets/t-dose/close", data={**forms, **form}).status_code == 422
    assert desk.tickets["t-dose"].row.state is TicketState.CLAIMED


def test_a_second_reviewer_gives_an_opinion_on_a_closed_ticket(dana: TestClient, desk: MemoryDesk) -> None:
    forms = claim(dana, "t-dose")
    dana.post("/tickets/t-dose/close", data={**forms, "disposition": "called", "guard_right": "yes"})
    assert "A further opinion" in dana.get("/tickets/t-dose").text
    assert dana.post("/tickets/t-dose/review", data={**forms, "guard_right": "no"}).status_code == 422
    right = {"guard_right": "no", "label": "informational", "route": "answer"}
    assert dana.post("/tickets/t-dose/review", data={**forms, **right}).status_code == 303
    assert desk.reviews[f"t-dose {DANA.actor}"] == GuardReview(Label.INFORMATIONAL, Route.ANSWER)


def test_identifiers_are_shown_once_to_who_holds_the_ticket_and_on_record(dana: TestClient, desk: MemoryDesk) -> None:
    form = claim(dana, "t-dose")
    assert "Jordan Rivera" not in dana.get("/tickets/t-dose").text
    shown = dana.post("/tickets/t-dose/reveal", data=form)
    assert "Jordan Rivera" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert ("t-dose", DANA.actor, "reveal") in desk.access
    assert "Jordan Rivera" not in dana.get("/tickets/t-dose").text


def test_a_held_ticket_is_taken_over_with_a_reason_only(dana: TestClient, desk: MemoryDesk) -> None:
    csrf = claim(dana, "t-dose")["csrf"]
    desk.lose_claim("t-dose")
    assert "Why you take it over" in dana.get("/tickets/t-dose").text
    assert dana.post("/tickets/t-dose/claim", data={"csrf": csrf}).status_code == 409
    assert dana.post("/tickets/t-dose/claim", data={"csrf": csrf, "reason": "because"}).status_code == 422
    assert desk.tickets["t-dose"].row.holder != DANA.actor
    assert dana.post("/tickets/t-dose/claim", data={"csrf": csrf, "reason": "colleague_away"}).status_code == 303
    assert desk.tickets["t-dose"].row.holder == DANA.actor
    assert "Took the ticket over: my colleague is away" in dana.get("/tickets/t-dose").text


def test_a_note_stands_apart_from_the_replies(dana: TestClient, desk: MemoryDesk) -> None:
    csrf = csrf_of(dana.get("/tickets/t-dose").text)
    before = desk.tickets["t-dose"].lines
    assert dana.post("/tickets/t-dose/note", data={"csrf": csrf, "text": "Knows her pharmacist."}).status_code == 303
    assert "Knows her pharmacist." in dana.get("/tickets/t-dose").text
    assert desk.tickets["t-dose"].lines == before
    assert dana.post("/tickets/t-dose/note", data={"csrf": csrf, "text": " "}).status_code == 422


def test_a_ticket_is_handed_to_another_pool_and_given_back(dana: TestClient, desk: MemoryDesk) -> None:
    forms = claim(dana, "t-dose")
    assert dana.post("/tickets/t-dose/hand-over", data={**forms, "pool": "nowhere"}).status_code == 422
    dana.post("/tickets/t-dose/hand-over", data={**forms, "pool": "pharmacists", "text": "Please check the dose."})
    handed = desk.tickets["t-dose"].row
    assert (handed.pool, handed.state, handed.holder) == ("pharmacists", TicketState.OPEN, "")
    assert "Please check the dose." in dana.get("/tickets/t-dose").text
    dana.post("/tickets/t-dose/release", data=claim(dana, "t-dose"))
    assert desk.tickets["t-dose"].row.state is TicketState.OPEN


def test_others_see_who_writes(dana: TestClient, desk: MemoryDesk) -> None:
    csrf = csrf_of(dana.get("/tickets/t-dose").text)
    assert dana.post("/tickets/t-dose/writing", data={"csrf": csrf}).status_code == 204
    assert desk.here[DANA.actor].writing
    assert "Dana" not in dana.get("/tickets/t-dose/presence").text


def test_a_filter_narrows_the_routine_part_and_never_hides_what_is_urgent(dana: TestClient) -> None:
    for query in ("?pool=pharmacists", "?mine=yes", "?pool=pharmacists&mine=yes", "?pool=nowhere&mine=yes"):
        page = dana.get(f"/inbox{query}").text
        assert "/tickets/t-crisis" in page and "/tickets/t-stroke" in page, query
        assert "/tickets/t-dose" not in page, query
    claim(dana, "t-dose")
    assert "/tickets/t-dose" in dana.get("/inbox?mine=yes").text


def test_a_long_inbox_has_pages(dana: TestClient, desk: MemoryDesk) -> None:
    view = desk.tickets["t-dose"]
    for number in range(120):
        each = row(f"t-{number}", Urgency.ROUTINE, Label.CLINICIAN, opened_min=1, due_min=2_000 + number)
        desk.tickets[each.id] = replace(view, row=each)
    first, last = dana.get("/inbox").text, dana.get("/inbox?page=99").text
    assert "124 open" in first and "Page 1 of 3" in first and 'href="/inbox?page=2"' in first
    assert "Page 3 of 3" in last and "/tickets/t-119" in last and "/tickets/t-crisis" not in last
    assert dana.get("/inbox?page=x").text.count("Page 1 of 3") == 1


@pytest.mark.parametrize("fence", ["", "x", "-1", "9" * 40])
def test_a_fence_that_is_no_number_is_refused(dana: TestClient, fence: str) -> None:
    forms = claim(dana, "t-dose")
    answer = dana.post("/tickets/t-dose/reply", data={**forms, "fence": fence, "text": "Hello"})
    assert answer.status_code == 400


def test_compliance_staff_look_and_do_not_act(desk: MemoryDesk) -> None:
    with browser(desk) as client:
        sign_in(client, "token-lee")
        page = client.get("/tickets/t-dose").text
        assert "Claim" not in re.sub(r"<title>.*?</title>", "", page)
        csrf = csrf_of(page)
        assert client.post("/tickets/t-dose/claim", data={"csrf": csrf}).status_code == 403
    assert desk.access == [("t-dose", LEE.actor, "view")]


def test_what_was_given_up_is_listed_and_sent_again(dana: TestClient, desk: MemoryDesk) -> None:
    assert "Nothing was given up." in dana.get("/announcements").text
    desk.dead.append(LETTER)
    page = dana.get("/announcements").text
    assert "12 attempts, last answer: late" in page
    again = f"/announcements/{LETTER.id}/again"
    assert dana.post(again, data={"csrf": "junk"}).status_code == 403
    dana.post(again, data={"csrf": csrf_of(page)})
    assert (desk.dead, desk.access[-1]) == ([], (LETTER.id, DANA.actor, "announce"))
    assert "It is being sent again." in dana.get("/announcements").text
    dana.post(again, data={"csrf": csrf_of(page)})
    assert "sent already" in dana.get("/announcements").text


def test_an_unknown_ticket_and_an_unknown_page_look_alike(dana: TestClient) -> None:
    for path in ("/tickets/none", "/nowhere"):
        answer = dana.get(path)
        assert answer.status_code == 404
        assert "There is nothing here" in answer.text


def test_a_desk_that_does_not_answer_is_said_plainly(desk: MemoryDesk) -> None:
    class DownDesk(MemoryDesk):
        async def inbox(self, page: int, *, only: Choice, actor: str) -> InboxView:
            raise StateUnavailable

    with browser(DownDesk()) as client:
        sign_in(client, "token-dana")
        answer = client.get("/inbox")
    assert answer.status_code == 503
    assert "not available right now" in answer.text


def test_an_unexpected_failure_shows_nothing_of_itself() -> None:
    class BrokenDesk(MemoryDesk):
        async def inbox(self, page: int, *, only: Choice, actor: str) -> InboxView:
            raise RuntimeError("what the patient wrote")

    with browser(BrokenDesk()) as client:
        sign_in(client, "token-dana")
        answer = client.get("/inbox")
    assert answer.status_code == 500
    assert "what the patient wrote" not in answer.text


def test_every_page_has_a_strict_policy(dana: TestClient) -> None:
    for path in ("/inbox", "/nowhere", "/static/console.css", "/healthz"):
        headers = dana.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["strict-transport-security"]


def test_hostile_words_stay_words(desk: MemoryDesk) -> None:
    with browser(desk) as client:
        sign_in(client, "token-dana")
        forms = claim(client, "t-dose")
        client.post("/tickets/t-dose/reply", data={**forms, "text": "<script>alert(1)</script>"})
        page = client.get("/tickets/t-dose").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_suggested_draft_is_marked_and_says_what_is_signed(dana: TestClient) -> None:
    page = dana.get("/tickets/t-dose").text
    for words in (
        "AI draft, general education",
        "Lisinopril is usually taken once a day.",
        "medicine.lisinopril#taking",
        "Awaiting clinician review",
        "Signed by a clinician",
    ):
        assert words in page
    assert "Put into my reply" not in page  # Only whoever holds the ticket writes a reply.
    claim(dana, "t-dose")
    assert "Put into my reply" in dana.get("/tickets/t-dose").text
    assert "From approved material" not in dana.get("/tickets/t-crisis").text
