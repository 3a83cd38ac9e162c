"""Who may come in, and which forms are taken: sessions, cookies, forged and foreign forms."""

import pytest
from starlette.testclient import TestClient

from unit.console.memory_desk import MemoryDesk, MemoryJournal
from unit.console.visits import browser, csrf_of, sign_in


@pytest.mark.parametrize("path", ["/inbox", "/tickets/t-dose"])
def test_who_is_not_signed_in_is_sent_to_sign_in(desk: MemoryDesk, path: str) -> None:
    with browser(desk) as client:
        answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert desk.access == []


def test_polling_after_the_session_ended_goes_to_sign_in(desk: MemoryDesk) -> None:
    with browser(desk) as client:
        answer = client.get("/inbox/rows", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/sign-in")


@pytest.mark.parametrize("token", ["", "junk", "token-patient"])
def test_a_token_that_is_no_staff_token_does_not_sign_in(desk: MemoryDesk, token: str) -> None:
    with browser(desk) as client:
        assert sign_in(client, token) == 401
        assert client.get("/inbox").status_code == 303


def test_who_is_refused_is_on_record_and_by_name_where_the_token_says_who(desk: MemoryDesk) -> None:
    journal = MemoryJournal()
    with browser(desk, journal=journal) as client:
        for token in ("junk", "token-patient", "token-dana"):
            sign_in(client, token)
    assert journal.noted == ["refused not_proven", "refused no_role pat-1", "opened clinician:dana"]


def test_a_sign_in_that_cannot_be_put_on_record_is_refused(desk: MemoryDesk) -> None:
    with browser(desk, journal=MemoryJournal(fails=True)) as client:
        assert [sign_in(client, token) for token in ("token-dana", "junk")] == [503, 503]
        assert client.get("/inbox").status_code == 303


def test_signing_in_gives_a_fresh_session_in_a_pinned_cookie(desk: MemoryDesk) -> None:
    with browser(desk) as client:
        before = client.get("/sign-in").headers["set-cookie"]
        csrf = csrf_of(client.get("/sign-in").text)
        after = client.post("/sign-in", data={"csrf": csrf, "token": "token-dana"}).headers["set-cookie"]
    assert before.split(";")[0] != after.split(";")[0]
    assert after.startswith("__Host-portico_session=")
    for attribute in ("HttpOnly", "SameSite=strict", "Secure", "Path=/"):
        assert attribute in after


def test_the_demo_offers_a_made_up_clinician(desk: MemoryDesk) -> None:
    with browser(desk, https=False, demo=True) as client:
        csrf = csrf_of(client.get("/sign-in").text)
        assert client.post("/sign-in/demo", data={"csrf": csrf}).headers["location"] == "/inbox"
        assert "Dana Whitfield" in client.get("/inbox").text


def test_outside_the_demo_there_is_no_made_up_clinician(desk: MemoryDesk) -> None:
    with browser(desk) as client:
        page = client.get("/sign-in").text
        assert "demo clinician" not in page
        assert client.post("/sign-in/demo", data={"csrf": csrf_of(page)}).status_code == 404


def test_signing_out_ends_the_session_also_for_a_kept_cookie(dana: TestClient) -> None:
    kept = dict(dana.cookies)
    csrf = csrf_of(dana.get("/inbox").text)
    assert dana.post("/sign-out", data={"csrf": csrf}).headers["location"] == "/sign-in"
    dana.cookies.update(kept)
    assert dana.get("/inbox").status_code == 303


STEPS = ("claim", "reveal", "break-glass", "reply", "close", "review", "note", "release", "hand-over", "writing")
POSTS = ["/sign-out", *(f"/tickets/t-dose/{step}" for step in STEPS)]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("form", [{}, {"csrf": "junk"}, {"csrf": "é"}])
def test_a_form_without_the_sessions_own_token_is_refused(
    dana: TestClient, desk: MemoryDesk, path: str, form: dict[str, str]
) -> None:
    assert dana.post(path, data={"other": "1", **form}).status_code == 403
    assert desk.access == []


@pytest.mark.parametrize("path", POSTS)
def test_a_form_that_another_site_posted_is_refused(dana: TestClient, desk: MemoryDesk, path: str) -> None:
    csrf = csrf_of(dana.get("/inbox").text)
    answer = dana.post(path, data={"csrf": csrf}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert desk.access == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"x=" + b"a" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=1" for _ in range(50)), "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
    ],
)
def test_a_form_of_another_size_or_kind_is_refused(dana: TestClient, content: bytes, kind: str, status: int) -> None:
    answer = dana.post("/tickets/t-dose/claim", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
