"""`portico audit archive`, `delete-expired` and `hold`: what leaves the stream, and what may be deleted."""

import sys
from dataclasses import asdict
from datetime import date

from portico_cli.audit.place import AuditPlace
from portico_cli.command_store import checked_reason
from portico_cli.showing import print_json, progress_bar, table
from portico_state.archive.archiver import Archiver
from portico_state.archive.decisions import read_decisions
from portico_state.archive.evidence import open_evidence
from portico_state.archive.holds import read_holds
from portico_state.archive.plan import plan_archive
from portico_state.archive.retention import Retention, RetentionReport, find_expired
from portico_state.archive.store_days import store_day
from portico_state.checkpoint_history import checkpoint_files, read_history


async def archive(place: AuditPlace, *, live_days: int, retention_days: int, dry_run: bool, as_json: bool) -> None:
    """Move closed days into the archive and trim old ones from the stream; a dry run only says what would be done."""
    if dry_run:
        await _plan(place, live_days=live_days, as_json=as_json)
        return
    async with place.desk(must_exist=False) as desk:
        with progress_bar() as show:
            report = await Archiver(desk, retention_days, live_days, show).run()
    if as_json:
        print_json(asdict(report))
        return
    sys.stdout.write(
        f"archived {len(report.archived)} days ({report.archived_records} records) to {desk.shelf.place}, "
        f"trimmed {len(report.trimmed)} days ({report.trimmed_records} records) from the stream\n"
    )


async def _plan(place: AuditPlace, *, live_days: int, as_json: bool) -> None:
    keyring, shelf = place.keyring(), place.shelf(must_exist=False)
    async with place.store() as store:
        with progress_bar() as show:
            plan = await plan_archive(
                store, shelf, keyring=keyring, checkpoints=place.checkpoints, live_days=live_days, progress=show
            )
    if as_json:
        print_json({"dry_run": True, **asdict(plan)})
        return
    rows = [(day, plan.archive.get(day, 0), plan.trim.get(day, 0)) for day in sorted({*plan.archive, *plan.trim})]
    sys.stdout.write(table(("day", "to archive", "to trim"), rows))
    sys.stdout.write("dry run: nothing was written, archived or trimmed\n")


async def delete_expired(place: AuditPlace, *, dry_run: bool, as_json: bool) -> None:
    """Delete the archived days whose time is over, the oldest first, up to a legal hold."""
    if dry_run:
        report = await _plan_deletion(place)
    else:
        async with place.desk() as desk:
            report = await Retention(desk).delete_expired(await store_day(desk.store))
    if as_json:
        print_json({"dry_run": dry_run, **asdict(report)})
        return
    held = f"; the hold {report.held} keeps what follows" if report.held else ""
    said = "would delete" if dry_run else "deleted"
    sys.stdout.write(f"{said} {len(report.deleted)} days: {', '.join(report.deleted) or 'none'}{held}\n")


async def _plan_deletion(place: AuditPlace) -> RetentionReport:
    keyring, shelf = place.keyring(), place.shelf()
    history = read_history(checkpoint_files(place.checkpoints), keyring=keyring, tenant=place.tenant)
    evidence = open_evidence(shelf, keyring=keyring, tenant=place.tenant)
    holds = read_holds(shelf, keys=keyring.audit, tenant=place.tenant)
    async with place.store() as store:
        today = await store_day(store)
    expired = find_expired(evidence, read_decisions(history.decisions), holds=holds, today=today)
    return RetentionReport(tuple(manifest.day for manifest in expired.stretches), expired.held)


async def add_hold(place: AuditPlace, name: str, *, reason: str, first: date | None, last: date | None) -> None:
    """Put a legal hold in force. Its reason stays for years: identifiers are scrubbed out of it."""
    why, days = checked_reason(reason), [day.isoformat() if day else "" for day in (first, last)]
    async with place.desk() as desk:
        hold = await Retention(desk).place_hold(name, reason=why, first_day=days[0], last_day=days[1])
    said = f"from {hold.first_day or 'the first day'} to {hold.last_day or 'any later day'}"
    sys.stdout.write(f"the hold {hold.name} is in force {said}\n")


async def release_hold(place: AuditPlace, name: str) -> None:
    """Take a legal hold out of force."""
    async with place.desk() as desk:
        await Retention(desk).release_hold(name)
    sys.stdout.write(f"the hold {name} is released\n")


def list_holds(place: AuditPlace, *, as_json: bool) -> int:
    """Print the holds; one whose document the archive has lost is named, and makes the exit status 1."""
    keyring = place.keyring()
    holds = read_holds(place.shelf(), keys=keyring.audit, tenant=place.tenant)
    history = read_history(checkpoint_files(place.checkpoints), keyring=keyring, tenant=place.tenant)
    lost = sorted(read_decisions(history.decisions).holds.keys() - {hold.name for hold in holds})
    if as_json:
        shown = [{key: value for key, value in asdict(hold).items() if key not in ("key", "mac")} for hold in holds]
        print_json({"holds": shown, "lost": lost})
        return 1 if lost else 0
    rows = [(h.name, h.first_day or "-", h.last_day or "-", h.placed_at, h.placed_by, h.reason) for h in holds]
    sys.stdout.write(table(("hold", "from", "to", "placed", "by", "reason"), rows))
    for name in lost:
        sys.stdout.write(f"the hold {name} is in force, and its document is missing from the archive\n")
    return 1 if lost else 0
