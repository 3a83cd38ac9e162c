"""For the compliance staff: the records of a patient, a turn's trail, who looked, the chains, and files to take along.

A patient's id is typed into a form and comes back as keyed hashes only: it stands in no address, no title, no page. A
search is kept under a random id for this session, so that the way back from a trail leads to it; each look at it is on
record.
"""

import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico_console.audit_desk import KeptSearch
from portico_console.console import Console, checked_form
from portico_console.ports import Member
from portico_console.sessions import Session
from portico_core import errors
from portico_core.labels import AccessPurpose, AuditPhase
from portico_state.accounting import account_for, describe_access, to_csv, to_json
from portico_state.audit_search import FoundRecords, RecordQuery
from portico_state.identifiers import parse_time

_HASHES = re.compile(r"[0-9a-f]{32}(,[0-9a-f]{32}){0,15}")
_TURN = re.compile(r"[A-Za-z0-9-]{1,64}")
_LONGEST = 200
_ID_BYTES = 16
GLASS_DAYS = 7
_NO_ID = f"Please give the patient's id, up to {_LONGEST} characters."
_OVER = "That search is over. Please search again."
_FILES = {"csv": ("text/csv; charset=utf-8", to_csv), "json": ("application/json", to_json)}
_ACCESS = RecordQuery(phases=frozenset({AuditPhase.ACCESS}), staff_only=True)


async def show_compliance(console: Console, request: Request, session: Session, member: Member) -> Response:
    """GET /compliance: the state of the chains, and where to search."""
    return await _overview(console, request, session, member)


async def search_patient(console: Console, request: Request, session: Session, member: Member) -> Response:
    """POST /compliance/patient: keep what is asked for, and go where it is answered."""
    form = await checked_form(request, session)
    query = _asked(console, form)
    if not query.patients:
        return await _overview(console, request, session, member, status=422, wrong=_NO_ID)
    search = secrets.token_urlsafe(_ID_BYTES)
    asked = KeptSearch(query.patients, form.get("since", ""), form.get("until", ""))
    await console.audit.keep_search(session.name_of(search), asked)
    return RedirectResponse(f"/compliance/searches/{search}", 303)


async def show_search(console: Console, request: Request, session: Session, member: Member) -> Response:
    """GET /compliance/searches/{search}: the records of one patient, and who looked at them."""
    kept = await console.audit.kept_search(session.name_of(request.path_params["search"]))
    if kept is None:
        return await _overview(console, request, session, member, status=404, wrong=_OVER)
    form = {"hashes": ",".join(kept.patients), "since": kept.since, "until": kept.until}
    query = RecordQuery(patients=kept.patients, **_times(form))
    found = await console.audit.find(query, purpose=AccessPurpose.AUDIT_SEARCH, actor=member.actor)
    lines = account_for(found.records)
    return console.page(
        request, "patient_records.html", session, found=found, turns=_turns(found), lines=lines, form=form
    )


async def show_trail(console: Console, request: Request, session: Session, member: Member) -> Response:
    """GET /compliance/turns/{turn}: every record of one turn, the oldest first."""
    turn = request.path_params["turn"]
    if not _TURN.fullmatch(turn):
        raise errors.NotFound
    found = await console.audit.find(RecordQuery(turn=turn), purpose=AccessPurpose.AUDIT_TRAIL, actor=member.actor)
    records = [record for record in reversed(found.records) if record["phase"] != AuditPhase.ACCESS]
    if not records:
        raise errors.NotFound
    looked = [record for record in found.records if record["phase"] == AuditPhase.ACCESS]
    return console.page(
        request, "trail.html", session, turn=turn, records=records, looked=looked, describe=describe_access
    )


async def show_access(console: Console, request: Request, session: Session, member: Member) -> Response:
    """GET /compliance/access?actor=&since=&until=: who of the staff looked at what; no patient stands in it."""
    asked = {name: request.query_params.get(name, "")[:_LONGEST] for name in ("actor", "since", "until")}
    query = replace(_ACCESS, actor=asked["actor"], **_times(asked))
    found = await console.audit.find(query, purpose=AccessPurpose.AUDIT_LOG, actor=member.actor)
    return console.page(request, "access_log.html", session, found=found, asked=asked, describe=describe_access)


async def export(console: Console, request: Request, session: Session, member: Member) -> Response:
    """POST /compliance/export: records, access log or accounting as a file. Its name says nothing of the patient."""
    form = await checked_form(request, session)
    kind, (media, render) = form.get("kind", ""), _FILES.get(form.get("format", ""), (None, to_csv))
    query = _asked(console, form)
    if media is None or kind not in {"records", "access", "accounting"} or (kind != "access" and not query.patients):
        raise errors.InvalidRequest
    if kind == "access":
        query = replace(query, phases=_ACCESS.phases, staff_only=True, patients=())
    purpose = AccessPurpose.AUDIT_REPORT if kind == "accounting" else AccessPurpose.AUDIT_EXPORT
    found = await console.audit.find(query, purpose=purpose, actor=member.actor)
    body = render(account_for(found.records) if kind == "accounting" else found.records)
    name = f"portico-{kind}-{console.now():%Y%m%d-%H%M}.{form['format']}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Portico-Whole": str(found.whole).lower()}
    return Response(body, media_type=media, headers=headers)


async def _overview(
    console: Console, request: Request, session: Session, member: Member, *, status: int = 200, wrong: str = ""
) -> Response:
    now, chain = console.now(), await console.audit.chain(actor=member.actor)
    glass = await console.audit.broken_glass()
    recent = sum(parse_time(grant.given_at) > now - timedelta(days=GLASS_DAYS) for grant in glass)
    return console.page(
        request, "compliance.html", session, status=status, chain=chain, now=now, wrong=wrong,
        glass=glass, recent=recent, glass_days=GLASS_DAYS,
    )  # fmt: skip


def _asked(console: Console, form: dict[str, str]) -> RecordQuery:
    """Return what a form asks for: a patient by id, or by the hashes that an earlier page gave back."""
    patient, hashes = form.get("patient", "").strip(), form.get("hashes", "")
    patients: tuple[str, ...] = ()
    if 0 < len(patient) <= _LONGEST:
        patients = console.audit.hashes_of(patient)
    elif _HASHES.fullmatch(hashes):
        patients = tuple(hashes.split(","))
    return RecordQuery(patients=patients, actor=form.get("actor", "")[:_LONGEST], **_times(form))


def _times(asked: dict[str, str]) -> dict[str, Any]:
    """Return the days asked for as moments: from the first one's beginning to the last one's end, UTC."""
    since, until = _day(asked.get("since", "")), _day(asked.get("until", ""))
    return {"since": since, "until": until + timedelta(days=1) if until else None}


def _day(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) if text else None
    except ValueError:
        raise errors.InvalidRequest from None


def _turns(found: FoundRecords) -> list[dict[str, Any]]:
    """Return one line a turn, newest first: what ended it, or that it was accepted."""
    turns: dict[str, dict[str, Any]] = {}
    for record in found.records:
        if record["phase"] != AuditPhase.ACCESS:
            turns.setdefault(record["turn"], dict(record))
    return list(turns.values())
