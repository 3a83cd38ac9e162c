"""The commands of `portico models`. Each imports what it needs when it runs, so that help is quick."""

import asyncio
from pathlib import Path
from typing import Annotated, Optional

import typer

from portico_cli.options import DEFAULT_STATE, Reason, Site, State, Tenant

models_app = typer.Typer(no_args_is_help=True, help="Model repository: build, check, promote, roll back, list.")

MODELS_FOLDER = Path("model_repository")
Repository = Annotated[Path, typer.Option(help="Model repository that is changed or listed.")]
Unrecorded = Annotated[
    bool, typer.Option("--unrecorded", help="No audit record: for a bundle that is prepared where no store is near.")
]


@models_app.command()
def build(
    base: Annotated[Optional[Path], typer.Option(help="Folder of the base weights.")] = None,  # noqa: UP045
    out: Annotated[Optional[Path], typer.Option(help="Build a candidate for `promote` into this empty folder.")] = None,  # noqa: UP045
) -> None:
    """Base weights and adapters to quantised models in model_repository/, checked; with --out a candidate instead."""
    from portico_models.__main__ import main as models_main

    given = [word for name, value in (("--base", base), ("--out", out)) if value for word in (name, str(value))]
    raise typer.Exit(models_main(["build", *given]))


@models_app.command()
def check() -> None:
    """Checksums, parity with the float model, the safety gate, and the paraphrase checker's files."""
    from portico_core.errors import ConfigurationError
    from portico_gateway.guards.paraphrase import open_checker
    from portico_models.__main__ import main as models_main

    status = models_main(["check"])
    try:
        typer.echo(f"paraphrase_checker {open_checker().version}: checksums and evidence as trained")
    except ConfigurationError as error:
        typer.echo(f"error: {error}", err=True)
        status = 1
    raise typer.Exit(status)


@models_app.command()
def promote(
    candidate: Annotated[Path, typer.Argument(help="Folder that `portico models build --out` made.")],
    *,
    reason: Reason,
    repository: Repository = MODELS_FOLDER,
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
    unrecorded: Unrecorded = False,
) -> None:
    """Put a candidate in force if parity and safety gate hold; what was in force is kept, for a rollback."""
    from portico_cli import model_versions

    record = model_versions.Record(state, redis, tenant, reason, unrecorded)
    asyncio.run(model_versions.promote(candidate, repository, record))


@models_app.command()
def rollback(
    *,
    reason: Reason,
    repository: Repository = MODELS_FOLDER,
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
    unrecorded: Unrecorded = False,
) -> None:
    """Put the versions before in force again; a second rollback undoes it."""
    from portico_cli import model_versions

    asyncio.run(model_versions.roll_back(repository, model_versions.Record(state, redis, tenant, reason, unrecorded)))


@models_app.command("list")
def list_kept(repository: Repository = MODELS_FOLDER) -> None:
    """Print the versions that are kept, as JSON lines, and which are in force."""
    from portico_cli import model_versions

    model_versions.show(repository)
