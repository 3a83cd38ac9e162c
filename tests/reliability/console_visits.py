"""Visits to the real console for the canary run: a nurse answers with identifiers, others look at what she wrote."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from portico_cli.issuer import demo_issuer
from portico_core.labels import Role

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_FENCE = re.compile(r'name="fence" value="(\d+)"')
MOST_TICKETS = 20
PATIENCE_S = 60
_TICKET = re.compile(r'href="(/tickets/[^"]+)"')


def reply_and_look(console: str, state: Path, *, words: list[str]) -> bytes:
    """Answer a ticket for each of some words, and return every page that others than the patient see."""
    pages, answered = bytearray(), 0
    with signed_in_staff(console, state, Role.CLINICIAN) as nurse:
        inbox = _inbox(nurse)
        tickets = _TICKET.findall(inbox.text)[: min(MOST_TICKETS, len(words))]
        assert tickets, f"no ticket in the inbox: {inbox.status_code} {inbox.url.path}"
        for ticket, text in zip(tickets, words, strict=False):
            form = {**claim_ticket(nurse, ticket), "text": f"Dear patient, you wrote: {text}"}
            sent = nurse.post(f"{ticket}/reply", data=form)
            answered += sent.status_code == 200  # 409 where the patient has ended the conversation.
            nurse.post(f"{ticket}/reply", data={**form, "csrf": text})  # A form that is refused.
            pages += nurse.get(ticket).content
        assert answered and b"Dear patient" in pages  # The replies are there to be looked at.
        pages += nurse.get("/inbox").content
    for role in (Role.CLINICIAN, Role.COMPLIANCE):
        with signed_in_staff(console, state, role) as other:
            pages += b"".join(other.get(ticket).content for ticket in tickets)
    return bytes(pages)


def claim_ticket(nurse: httpx2.Client, ticket: str) -> dict[str, str]:
    """Claim a ticket; return what every form of the claim carries."""
    nurse.post(f"{ticket}/claim", data={"csrf": _one(_CSRF, nurse.get(ticket).text)})
    page = nurse.get(ticket).text
    return {"csrf": _one(_CSRF, page), "fence": _one(_FENCE, page)}


def newest_ticket(nurse: httpx2.Client) -> str:
    """Return the address of the ticket that stands last in the inbox."""
    return str(_TICKET.findall(_inbox(nurse).text)[-1])


@contextmanager
def signed_in_staff(console: str, state: Path, role: Role) -> Iterator[httpx2.Client]:
    """Sign somebody of a role in with a token of the demo's issuer."""
    with httpx2.Client(base_url=console, timeout=20, trust_env=False, follow_redirects=True) as client:
        page = client.get("/sign-in").text
        client.post("/sign-in", data={"csrf": _one(_CSRF, page), "token": demo_issuer(state).sign(role, patient=None)})
        yield client


def _inbox(client: httpx2.Client) -> httpx2.Response:
    """Return the inbox. With hundreds of tickets on a crowded machine the store may be late, which is a 503."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        inbox = client.get("/inbox")
        if inbox.status_code == 200 or time.monotonic() > deadline:
            return inbox
        time.sleep(0.5)


def _one(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    assert found is not None, f"the page lacks {pattern.pattern}"
    return found[1]
