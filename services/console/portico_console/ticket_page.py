"""One ticket: the redacted conversation, why it is here, and every step that a clinician may take."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico_console import wording
from portico_console.console import Console, acting_form
from portico_console.ports import Disposition, GuardReview, Member, TicketView
from portico_console.sessions import Session
from portico_core import errors
from portico_core.labels import Label, Route, TicketState
from portico_state.break_glass import GlassReason
from portico_state.escalations import TakeOverReason
from portico_state.reviews import DraftFit, DraftReview

LONGEST_TEXT = 4_000
POLL_S = 5


@dataclass(frozen=True, slots=True)
class _Refused:
    """Why a step was not done, and the words that must not be lost over it."""

    notice: str
    status: int = 409
    draft: str = ""
    note: str = ""
    edited: str = ""
    emergency: str = ""


async def show_ticket(console: Console, request: Request, session: Session, member: Member) -> Response:
    """GET /tickets/{id}."""
    view = await console.desk.get(request.path_params["id"], actor=member.actor)
    notice = await console.sessions.take_notice(session)
    return _page(console, request, session, member, view, notice=notice)


async def show_presence(console: Console, request: Request, session: Session, member: Member) -> Response:
    """GET /tickets/{id}/presence: who else has it open; whoever asks has it open too."""
    ticket = request.path_params["id"]
    await console.desk.show_presence(ticket, member=member, writing=False)
    return console.page(request, "_presence.html", session, others=await console.desk.others(ticket, member=member))


async def tell_writing(console: Console, request: Request, session: Session, member: Member) -> Response:
    """POST /tickets/{id}/writing: others see that a reply is being written, and nothing of it."""
    await acting_form(request, session, member)
    await console.desk.show_presence(request.path_params["id"], member=member, writing=True)
    return Response(status_code=204)


async def reveal(console: Console, request: Request, session: Session, member: Member) -> Response:
    """POST /tickets/{id}/reveal: the identifiers, on this one answer only; they are in no address and not kept."""
    await acting_form(request, session, member)
    ticket = request.path_params["id"]
    try:
        revealed = await console.desk.show_identifiers(ticket, actor=member.actor)
    except errors.Forbidden:
        return await _not_done(console, request, session, member, _Refused("not_held"))
    view = await console.desk.get(ticket, actor=member.actor)
    return _page(console, request, session, member, view, notice="revealed", revealed=revealed)


async def break_glass(console: Console, request: Request, session: Session, member: Member) -> Response:
    """POST /tickets/{id}/break-glass: the identifiers for who does not hold the ticket, in an emergency, for a time."""
    form = await acting_form(request, session, member)
    reason, text = form.get("emergency", ""), _words(form)
    if reason not in set(GlassReason) or not text or len(text) > LONGEST_TEXT:
        return await _not_done(console, request, session, member, _Refused("no_emergency", 422, emergency=text))
    ticket = request.path_params["id"]
    await console.desk.break_glass(ticket, actor=member.actor, reason=GlassReason(reason), text=text)
    return await _done(console, request, session, "glass_broken")


async def claim(console: Console, request: Request, session: Session, member: Member) -> Response:
    """POST /tickets/{id}/claim, with `reason` to take it over from somebody else."""
    form = await acting_form(request, session, member)
    reason, draft = form.get("reason", ""), form.get("text", "")
    if reason and reason not in set(TakeOverReason):
        return await _not_done(console, request, session, member, _Refused("no_reason", 422, draft))
    try:
        take_over = TakeOverReason(reason) if reason else None
        await console.desk.claim(request.path_params["id"], actor=member.actor, take_over=take_over)
    except errors.Conflict:
        return await _not_done(console, request, session, member, _Refused("taken", draft=draft))
    return await _done(console, request, session, "claimed")


async def reply(console: Console, request: Request, session: Session, member: Member) -> Response:
    """POST /tickets/{id}/reply."""
    form = await acting_form(request, session, member)
    text = _words(form)
    if not text or len(text) > LONGEST_TEXT:
        return await _not_done(console, request, session, member, _Refused("empty_reply", 422, text))
    try:
        await console.desk.reply(
            request.path_params["id"],
            actor=member.actor,
            fence=_fence(form),
            text=text,
            profession=member.profession,
        )
    except errors.Conflict:
        return await _not_done(console, request, session, member, _Refused("claim_lost", draft=text))
    return await _done(console, request, session, "sent")


async def note(console: Console, request: Request, session: Session, member: Member) -> Response:
    """POST /tickets/{id}/note: for the staff only; no claim is needed."""
    form = await acting_form(request, session, member)
    text = _words(form)
    if not text or len(text) > LONGEST_TEXT:
        return await _not_done(console, request, session, member, _Refused("empty_note", 422, note=text))
    await console.desk.note(request.path_params["id"], actor=member.actor, text=text)
    return await _done(console, request, session, "noted")


async def release(console: Console, request: Request, session: Session, member: Member) -> Response:
    """POST /tickets/{id}/release: back to the queue."""
    form = await acting_form(request, session, member)
    try:
        await console.desk.release(request.path_params["id"], actor=member.actor, fence=_fence(form))
    except errors.Conflict:
        return await _not_done(console, request, session, member, _Refused("claim_lost"))
    return await _to_inbox(console, session, "released")


async def hand_over(console: Console, request: Request, session: Session, member: Member) -> Response:
    """POST /tickets/{id}/hand-over: to another pool, with a note."""
    form = await acting_form(request, session, member)
    pool, text = form.get("pool", ""), _words(form)
    if pool not in console.site.pools or len(text) > LONGEST_TEXT:
        return await _not_done(console, request, session, member, _Refused("no_pool", 422, note=text))
    try:
        await console.desk.hand_over(
            request.path_params["id"], actor=member.actor, fence=_fence(form), pool=pool, text=text
        )
    except errors.Conflict:
        return await _not_done(console, request, session, member, _Refused("claim_lost", note=text))
    return await _to_inbox(console, session, "handed_over")


async def close(console: Console, request: Request, session: Session, member: Member) -> Response:
    """POST /tickets/{id}/close: what became of it, and whether the guard was right."""
    form = await acting_form(request, session, member)
    ticket, disposition = request.path_params["id"], form.get("disposition", "")
    view = await console.desk.get(ticket, actor=member.actor)
    review = _review(form, view)
    if disposition not in set(Disposition) or review is None:
        return await _not_done(console, request, session, member, _incomplete(form))
    try:
        await console.desk.close(
            ticket, actor=member.actor, fence=_fence(form), disposition=Disposition(disposition), review=review
        )
    except errors.Conflict:
        return await _not_done(console, request, session, member, _Refused("claim_lost", edited=form.get("edited", "")))
    return await _to_inbox(console, session, "closed")


async def review(console: Console, request: Request, session: Session, member: Member) -> Response:
    """POST /tickets/{id}/review: a further opinion on the guard, also when the ticket is closed."""
    form = await acting_form(request, session, member)
    ticket = request.path_params["id"]
    said = _review(form, await console.desk.get(ticket, actor=member.actor))
    if said is None:
        return await _not_done(console, request, session, member, _incomplete(form))
    await console.desk.review(ticket, actor=member.actor, review=said)
    return await _done(console, request, session, "reviewed")


def _review(form: dict[str, str], view: TicketView) -> GuardReview | None:
    """Return what the guard should have said; None where the form contradicts itself."""
    said, label, route = form.get("guard_right", ""), form.get("label", ""), form.get("route", "")
    draft = _draft_review(form, view)
    if form.get("draft_fit") and draft is None:
        return None
    if said == "yes":
        return GuardReview(view.row.label, view.route, draft)
    if said != "no" or label not in set(Label) or route not in wording.REVIEWED_ROUTES:
        return None
    right = GuardReview(Label(label), Route(route), draft)
    return None if right.says_as(view.row.label, view.route) else right


def _draft_review(form: dict[str, str], view: TicketView) -> DraftReview | None:
    """Return what the reviewer says of the suggested draft; None where nothing, or nothing that can be."""
    fit, edited = form.get("draft_fit", ""), form.get("edited", "").replace("\r\n", "\n").strip()
    if not view.draft or fit not in set(DraftFit):
        return None
    if fit != DraftFit.AFTER_CHANGES:
        return DraftReview(view.draft, DraftFit(fit))
    changed = 0 < len(edited) <= LONGEST_TEXT and edited != view.draft
    return DraftReview(view.draft, DraftFit.AFTER_CHANGES, edited) if changed else None


def _incomplete(form: dict[str, str]) -> _Refused:
    """Refuse a form of the guard's question, and keep what was written in it."""
    return _Refused("incomplete_close", 422, edited=form.get("edited", ""))


def _words(form: dict[str, str]) -> str:
    return form.get("text", "").replace("\r\n", "\n").strip()


def _fence(form: dict[str, str]) -> int:
    fence = form.get("fence", "")
    if not (fence.isascii() and fence.isdigit() and len(fence) < 16):
        raise errors.InvalidRequest
    return int(fence)


async def _done(console: Console, request: Request, session: Session, notice: str) -> Response:
    await console.sessions.leave_notice(session, notice)
    return RedirectResponse(f"/tickets/{request.path_params['id']}", 303)


async def _to_inbox(console: Console, session: Session, notice: str) -> Response:
    await console.sessions.leave_notice(session, notice)
    return RedirectResponse("/inbox", 303)


async def _not_done(
    console: Console, request: Request, session: Session, member: Member, refused: _Refused
) -> Response:
    view = await console.desk.get(request.path_params["id"], actor=member.actor)
    return _page(console, request, session, member, view, notice=refused.notice, refused=refused)


def _page(
    console: Console,
    request: Request,
    session: Session,
    member: Member,
    view: TicketView,
    *,
    notice: str,
    refused: _Refused | None = None,
    revealed: Mapping[str, str] | None = None,
) -> Response:
    """One page for reading, and for a step that could not be done."""
    row = view.row
    held = row.state is TicketState.CLAIMED and bool(row.holder)
    closed = row.state is TicketState.CLOSED
    may_act = member.may_act() and not closed
    mine = may_act and held and row.holder == member.actor
    glass_open = view.glass_until is not None and view.glass_until > console.now()
    return console.page(
        request,
        "ticket.html",
        session,
        status=refused.status if refused else 200,
        view=view,
        row=row,
        mine=mine,
        held_by_other=may_act and held and row.holder != member.actor,
        may_act=may_act,
        may_review=member.may_act() and closed,
        labels=list(Label),
        reasons=list(TakeOverReason),
        revealed=revealed,
        may_reveal=member.may_act() and (mine or glass_open),
        may_break_glass=member.may_act(),
        emergency=refused.emergency if refused else "",
        notice=notice,
        wrong=refused is not None,
        draft=refused.draft if refused else "",
        note=refused.note if refused else "",
        edited=refused.edited if refused and refused.edited else view.draft,
        longest=LONGEST_TEXT,
        poll_s=POLL_S,
        now=console.now(),
        actor=member.actor,
    )
