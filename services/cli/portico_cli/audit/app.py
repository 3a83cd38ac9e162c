"""The commands of `portico audit`. Each imports what it needs when it runs, so that help is quick."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from portico_cli.audit.forms import ExportForm
from portico_cli.options import DEFAULT_STATE, AsJson, Reason, Site, State, Tenant

if TYPE_CHECKING:
    from portico_cli.audit.place import AuditPlace

audit_app = typer.Typer(no_args_is_help=True, help="Audit log: verify, archive, hold, search, export, report.")
hold_app = typer.Typer(no_args_is_help=True, help="Legal holds on archived days.")
audit_app.add_typer(hold_app, name="hold")

Archive = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        envvar="PORTICO_AUDIT_ARCHIVE",
        help="Folder or s3://bucket/prefix of the archive; without it `archive` in --state.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
HoldName = Annotated[str, typer.Argument(help="1 to 63 of a-z 0-9 -; name no patient.")]
DAY = ["%Y-%m-%d"]


Since = Annotated[
    Optional[datetime],  # noqa: UP045
    typer.Option(formats=DAY, help="First day, UTC; archived days before it are not read."),
]
Until = Annotated[Optional[datetime], typer.Option(formats=DAY, help="First day that is not wanted, UTC.")]  # noqa: UP045
Patient = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="The patient's id at this site; - reads it from standard input, so that no history has it."),
]


def _place(state: Path, redis: str | None, tenant: str, archive: str | None) -> "AuditPlace":
    from portico_cli.audit.place import AuditPlace

    return AuditPlace(state, redis, tenant, archive)


@audit_app.command()
def verify(
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
    archive: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            envvar="PORTICO_AUDIT_ARCHIVE",
            help="Folder or s3://bucket/prefix of the archive, to walk it as well; without it the live stream alone.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Walk every chain; exit 0 only if nothing was edited, removed, inserted, reordered, truncated or rolled back."""
    from portico_cli.audit import verifying

    place = _place(state, redis, tenant, archive)
    raise typer.Exit(asyncio.run(verifying.verify(place, as_json=as_json)))


@audit_app.command()
def archive(
    *,
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
    archive: Archive = None,
    live_days: Annotated[int, typer.Option(min=1, help="Days that stay in the stream as well.")] = 35,
    retention_days: Annotated[int, typer.Option(min=1, help="Days an archived day is kept; six years.")] = 2_192,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Move closed days into signed Parquet files, prove them, and trim what is older from the stream.

    Run it daily. One that was interrupted is run again: it goes on where it stood.
    """
    from portico_cli.audit import archiving

    place = _place(state, redis, tenant, archive)
    asyncio.run(
        archiving.archive(place, live_days=live_days, retention_days=retention_days, dry_run=dry_run, as_json=as_json)
    )


@audit_app.command("delete-expired")
def delete_expired(
    *,
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
    archive: Archive = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Delete archived days whose retention is over, the oldest first, up to a legal hold; manifests stay."""
    from portico_cli.audit import archiving

    asyncio.run(archiving.delete_expired(_place(state, redis, tenant, archive), dry_run=dry_run, as_json=as_json))


@audit_app.command("restore-drill")
def restore_drill(
    state: State = DEFAULT_STATE, tenant: Tenant = "demo", archive: Archive = None, as_json: AsJson = False
) -> None:
    """Restore the archive into a private, empty Valkey and prove that every record came back."""
    from portico_cli.audit import verifying

    raise typer.Exit(asyncio.run(verifying.drill(_place(state, None, tenant, archive), as_json=as_json)))


@hold_app.command("add")
def hold_add(
    name: HoldName,
    *,
    reason: Reason,
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
    archive: Archive = None,
    first: Annotated[
        Optional[datetime],  # noqa: UP045
        typer.Option("--from", formats=DAY, help="First day held; without it the first of all."),
    ] = None,
    last: Annotated[
        Optional[datetime],  # noqa: UP045
        typer.Option("--to", formats=DAY, help="Last day held; without it every later one."),
    ] = None,
) -> None:
    """Put a legal hold in force: nothing of its days is deleted until it is released."""
    from portico_cli.audit import archiving

    days = [moment.replace(tzinfo=UTC).date() if moment else None for moment in (first, last)]
    place = _place(state, redis, tenant, archive)
    asyncio.run(archiving.add_hold(place, name, reason=reason, first=days[0], last=days[1]))


@hold_app.command("release")
def hold_release(
    name: HoldName,
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
    archive: Archive = None,
) -> None:
    """Take a legal hold out of force."""
    from portico_cli.audit import archiving

    asyncio.run(archiving.release_hold(_place(state, redis, tenant, archive), name))


@hold_app.command("list")
def hold_list(
    state: State = DEFAULT_STATE, tenant: Tenant = "demo", archive: Archive = None, as_json: AsJson = False
) -> None:
    """Print the legal holds in force."""
    from portico_cli.audit import archiving

    raise typer.Exit(archiving.list_holds(_place(state, None, tenant, archive), as_json=as_json))


@audit_app.command()
def search(
    *,
    patient: Patient = None,
    turn: Annotated[str, typer.Option(help="Id of a turn.")] = "",
    actor: Annotated[str, typer.Option(help="Who, such as clinician:dana.")] = "",
    since: Since = None,
    until: Until = None,
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
    archive: Archive = None,
    as_json: AsJson = False,
) -> None:
    """Find the records of a patient, a turn or a person, in stream and archive; leaves an access record."""
    from portico_cli.audit import searching
    from portico_cli.audit.reading import Wanted

    if not (patient is not None or turn or actor):
        raise typer.BadParameter("give --patient, --turn or --actor")
    wanted = Wanted(_patient(patient), turn, actor, _utc(since), _utc(until))
    raise typer.Exit(asyncio.run(searching.search(_place(state, redis, tenant, archive), wanted, as_json=as_json)))


@audit_app.command()
def export(
    *,
    form: Annotated[ExportForm, typer.Option("--format")] = ExportForm.JSONL,
    out: Annotated[Optional[Path], typer.Option(help="File; without it standard output.")] = None,  # noqa: UP045
    patient: Patient = None,
    since: Since = None,
    until: Until = None,
    identifiers: Annotated[
        bool,
        typer.Option("--identifiers", help="Add what one patient's placeholders stand for; needs --reason."),
    ] = False,
    reason: Annotated[str, typer.Option(help="Why identifiers are needed, without anybody's name.")] = "",
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
    archive: Archive = None,
) -> None:
    """Write records of stream and archive as CSV or JSON lines, without any patient's words; on record before."""
    from portico_cli.audit import exporting
    from portico_cli.audit.reading import Wanted
    from portico_cli.command_store import checked_reason

    wanted = Wanted(_patient(patient), since=_utc(since), until=_utc(until))
    place, reveal = _place(state, redis, tenant, archive), checked_reason(reason) if identifiers else ""
    raise typer.Exit(asyncio.run(exporting.export(place, wanted, form=form, out=out, reveal=reveal)))


@audit_app.command()
def report(
    *,
    patient: Patient = None,
    since: Since = None,
    until: Until = None,
    hours: Annotated[str, typer.Option(envvar="PORTICO_BUSINESS_HOURS", help="Such as `mon-fri 08:00-17:00`.")] = "",
    zone: Annotated[str, typer.Option(envvar="PORTICO_TIME_ZONE", help="Time zone of the hours.")] = "UTC",
    many: Annotated[int, typer.Option(min=2, help="So many different patients are unusual …")] = 20,
    within: Annotated[int, typer.Option(min=1, help="… within so many minutes.")] = 10,
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
    archive: Archive = None,
    as_json: AsJson = False,
) -> None:
    """With --patient: who looked at their conversations. Without: what staff did, and what of it is unusual.

    Unusual: out of hours, many patients in a short time, one's own record, a ticket taken over, identifiers shown.
    """
    from portico_cli.audit import searching
    from portico_cli.audit.reading import Wanted
    from portico_core.clocks import parse_business_hours
    from portico_state.activity import ActivityRules

    wanted, place = (
        Wanted(_patient(patient), since=_utc(since), until=_utc(until)),
        _place(state, redis, tenant, archive),
    )
    if wanted.patient:
        raise typer.Exit(asyncio.run(searching.account(place, wanted, as_json=as_json)))
    rules = ActivityRules(parse_business_hours(hours, zone=zone, holidays=""), many, timedelta(minutes=within))
    raise typer.Exit(asyncio.run(searching.review(place, wanted, rules, as_json=as_json)))


def _patient(given: str | None) -> str:
    """An empty id must not become a question about everybody."""
    if given is None:
        return ""
    patient = sys.stdin.readline().strip() if given == "-" else given.strip()
    if not patient:
        raise typer.BadParameter("--patient is empty")
    return patient


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
