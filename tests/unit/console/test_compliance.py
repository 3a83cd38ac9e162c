"""Compliance and supervisor pages: who may, what they show, what is recorded, and what leaves as a file."""

import json
import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from portico_core.labels import ChainState
from unit.console.memory_audit_desk import PATIENT, PATIENT_HASHES, TURN, MemoryAuditDesk, audit_desk
from unit.console.memory_desk import LEE, MIRA, desk_with_tickets
from unit.console.visits import browser, csrf_of, sign_in

TRAIL = f"/compliance/turns/{TURN}"


@pytest.fixture
def audit() -> MemoryAuditDesk:
    return audit_desk()


@pytest.fixture
def lee(audit: MemoryAuditDesk) -> Iterator[TestClient]:
    with browser(desk_with_tickets(), audit=audit) as client:
        sign_in(client, "token-lee")
        yield client


def ask(client: TestClient, **asked: str) -> str:
    """Send the form; return where it is answered."""
    csrf = csrf_of(client.get("/compliance").text)
    answer = client.post("/compliance/patient", data={"csrf": csrf, "patient": PATIENT, **asked})
    assert answer.status_code == 303
    return answer.headers["location"]


def search(client: TestClient, **asked: str) -> str:
    answer = client.get(ask(client, **asked))
    assert answer.status_code == 200
    return answer.text


def export(client: TestClient, **asked: str) -> tuple[int, str, str]:
    csrf = csrf_of(client.get("/compliance").text)
    answer = client.post("/compliance/export", data={"csrf": csrf, **asked})
    return answer.status_code, answer.headers.get("content-disposition", ""), answer.text


@pytest.mark.parametrize(
    ("token", "allowed"),
    [
        ("token-dana", set()),
        ("token-mira", {"/workload"}),
        ("token-lee", {"/compliance", TRAIL, "/compliance/access", "/compliance/patient", "/compliance/export"}),
    ],
)
def test_every_role_opens_its_own_pages_and_no_other(token: str, allowed: set[str]) -> None:
    audit = audit_desk()
    with browser(desk_with_tickets(), audit=audit) as client:
        sign_in(client, token)
        csrf = csrf_of(client.get("/inbox").text)
        opened = {path for path in ("/workload", "/compliance", TRAIL, "/compliance/access")
                  if client.get(path).status_code != 403}  # fmt: skip
        form = {"csrf": csrf, "patient": PATIENT, "kind": "records", "format": "csv"}
        opened |= {path for path in ("/compliance/patient", "/compliance/export")
                   if client.post(path, data=form).status_code != 403}  # fmt: skip
    assert opened == allowed
    assert bool(audit.looked) is bool(allowed)  # Who may not leaves no trace of having read.


def test_a_patient_is_found_by_keyed_hash_and_stands_on_no_page(lee: TestClient, audit: MemoryAuditDesk) -> None:
    page = search(lee)
    assert PATIENT not in page
    assert f'value="{",".join(PATIENT_HASHES)}"' in page
    assert f"/compliance/turns/{TURN}" in page
    for words in ("dana, clinician", "saw the identifiers of the conversation", "took the ticket over"):
        assert words in page
    actor, purpose, query = audit.looked[-1]
    assert (actor, purpose) == (LEE.actor, "audit.search")
    assert query is not None and query.patients == PATIENT_HASHES


def test_a_search_has_an_address_that_says_nothing_and_each_look_is_on_record(
    lee: TestClient, audit: MemoryAuditDesk
) -> None:
    place = ask(lee, since="2026-11-23")
    assert re.fullmatch(r"/compliance/searches/[A-Za-z0-9_-]{22}", place)
    assert ask(lee, since="2026-11-23") != place
    assert PATIENT not in str(audit.searches)
    assert place.rpartition("/")[2] not in str(audit.searches)  # Who reads the store cannot open it either.
    before = [purpose for _, purpose, query in audit.looked if query]
    assert before == []  # The form alone shows nothing.
    pages = [lee.get(place).text for _ in range(2)]
    assert pages[0] == pages[1] and f"/compliance/turns/{TURN}" in pages[0]
    assert 'name="since" value="2026-11-23"' in pages[0]
    assert [purpose for _, purpose, query in audit.looked if query] == ["audit.search"] * 2


def test_a_search_is_found_by_its_own_session_alone(audit: MemoryAuditDesk) -> None:
    desk = desk_with_tickets()
    with browser(desk, audit=audit) as lee:
        sign_in(lee, "token-lee")
        place = ask(lee)
        assert lee.get(place).status_code == 200
        lee.cookies.clear()
        assert lee.get(place).status_code == 303  # To the sign-in.
        sign_in(lee, "token-lee")  # The same person again, in another session.
        looked = len(audit.looked)
        answer = lee.get(place)
        assert (answer.status_code, "That search is over" in answer.text) == (404, True)
        assert lee.get("/compliance/searches/none").status_code == 404
    assert "audit.search" not in [purpose for _, purpose, _ in audit.looked[looked:]]


def test_a_stranger_and_another_time_find_nothing(lee: TestClient) -> None:
    assert "There are none in this time." in search(lee, patient="somebody-else")
    assert "There are none in this time." in search(lee, until="2026-11-22")
    assert "There are none in this time." not in search(lee, since="2026-11-23", until="2026-11-23")


def test_a_search_without_a_patient_or_with_a_bad_day_is_refused(lee: TestClient) -> None:
    csrf = csrf_of(lee.get("/compliance").text)
    assert lee.post("/compliance/patient", data={"csrf": csrf, "patient": " "}).status_code == 422
    bad_day = {"csrf": csrf, "patient": PATIENT, "since": "yesterday"}
    assert lee.post("/compliance/patient", data=bad_day).status_code == 400
    assert lee.post("/compliance/patient", data={"csrf": "x" * 64, "patient": PATIENT}).status_code == 403


def test_a_trail_shows_what_was_decided_and_on_what_grounds(lee: TestClient, audit: MemoryAuditDesk) -> None:
    page = lee.get(TRAIL).text
    order = [page.index(words) for words in ("Accepted", "Decided", "Who looked at it afterwards")]
    assert order == sorted(order)
    for words in ("87.1 %", "medicine.lisinopril#uses", "directives: fail", "safety_classifier 0.1.0", "d" * 64):
        assert words in page
    assert PATIENT_HASHES[0] not in page
    assert audit.looked[-1][:2] == (LEE.actor, "audit.trail")


@pytest.mark.parametrize("turn", ["none", "a b", "a" * 65, "%3Cscript%3E"])
def test_an_unknown_turn_is_not_found(lee: TestClient, turn: str) -> None:
    assert lee.get(f"/compliance/turns/{turn}").status_code == 404


def test_the_access_log_is_narrowed_by_person(lee: TestClient) -> None:
    assert "3 accesses" in lee.get("/compliance/access").text
    page = lee.get("/compliance/access?actor=clinician:sam").text
    assert "1 access," in page and "more_urgent" in page
    assert PATIENT_HASHES[0] not in page


def test_files_hold_what_the_page_shows_and_their_names_say_nothing(lee: TestClient, audit: MemoryAuditDesk) -> None:
    status, name, body = export(lee, patient=PATIENT, kind="accounting", format="csv")
    assert status == 200
    assert re.fullmatch(r'attachment; filename="portico-accounting-\d{8}-\d{4}\.csv"', name)
    assert len(body.splitlines()) == 4 and "escalation.reveal" in body
    status, _, body = export(lee, hashes=",".join(PATIENT_HASHES), kind="records", format="json")
    assert [record["phase"] for record in json.loads(body)].count("access") == 3
    status, _, body = export(lee, kind="access", format="json", actor="clinician:sam")
    assert len(json.loads(body)) == 1
    assert [purpose for _, purpose, query in audit.looked if query] == ["audit.report", "audit.export", "audit.export"]


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "records", "format": "csv"},  # Everybody's records are no question of a page.
        {"kind": "records", "format": "exe", "patient": PATIENT},
        {"kind": "secrets", "format": "csv", "patient": PATIENT},
        {"kind": "records", "format": "csv", "hashes": "' OR 1=1"},
    ],
)
def test_an_export_of_something_else_is_refused(lee: TestClient, asked: dict[str, str]) -> None:
    assert export(lee, **asked)[0] == 400


def test_the_state_of_the_chains_is_shown_as_it_is(lee: TestClient, audit: MemoryAuditDesk) -> None:
    assert "The chains hold" in lee.get("/compliance").text
    audit.state = ChainState.BROKEN
    page = lee.get("/compliance").text
    assert "Tampered or incomplete" in page and "The chains hold" not in page


def test_a_supervisor_sees_who_has_how_much_and_what_is_late(audit: MemoryAuditDesk) -> None:
    with browser(desk_with_tickets(), audit=audit) as client:
        sign_in(client, "token-mira")
        page = client.get("/workload").text
    for words in ("sam, clinician", "dana, clinician", "Pharmacists", "1 h 2 min late", "100 % in time"):
        assert words in page
    assert page.index("sam, clinician") < page.index("dana, clinician")  # Who is late stands first.
    assert audit.looked == [(MIRA.actor, "workload.view", None)]
