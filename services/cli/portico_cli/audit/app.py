"""The commands of `portico audit`. Each imports what it needs when it runs, so that help is quick."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

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
