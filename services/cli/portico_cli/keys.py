"""`portico keys`: make, list and rotate the keys of a site. A key itself is never printed.

A change is an audit record first. Where no store is at hand (a key file that is prepared before it becomes a secret)
`--unrecorded` says that the operator writes it down otherwise.
"""

import asyncio
from pathlib import Path
from typing import Annotated, Optional

import typer

from portico_cli.options import DEFAULT_STATE, AsJson, Site, State, Tenant

keys_app = typer.Typer(no_args_is_help=True, help="Keys of the audit log, the vault and patient hashes: list, rotate.")

PurposeName = Annotated[str, typer.Argument(help="audit, vault or patient")]
KeyFile = Annotated[Optional[Path], typer.Option("--file", help="Key file; without it keys.json in --state.")]  # noqa: UP045
Unrecorded = Annotated[bool, typer.Option("--unrecorded", help="Change the file without an audit record.")]


@keys_app.command()
def create(file: Annotated[Path, typer.Argument(help="The new file; only its owner may read it.")]) -> None:
    """Make a new key file; one that exists is left alone."""
    from portico_state.keyring import Keyring

    Keyring.create(file)
    typer.echo(f"new keys in {file}: keep a copy where backups of the store are not")


@keys_app.command("list")
def list_keys(
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
    file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Print the ids of the keys, which are active, and how many conversations are wrapped with each vault key."""
    from portico_cli import key_changes

    asyncio.run(key_changes.show(key_changes.KeyPlace(state, redis, tenant, file), as_json=as_json))


@keys_app.command()
def stage(
    purpose: PurposeName,
    *,
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
    file: KeyFile = None,
    unrecorded: Unrecorded = False,
) -> None:
    """Add a key to read with. Give the file to every process before you activate it."""
    from portico_cli import key_changes

    place = key_changes.KeyPlace(state, redis, tenant, file)
    asyncio.run(key_changes.stage(place, purpose, unrecorded=unrecorded))


@keys_app.command()
def activate(
    purpose: PurposeName,
    *,
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
    file: KeyFile = None,
    unrecorded: Unrecorded = False,
) -> None:
    """Use the newest key for new work; the old ones stay readable."""
    from portico_cli import key_changes

    place = key_changes.KeyPlace(state, redis, tenant, file)
    asyncio.run(key_changes.activate(place, purpose, unrecorded=unrecorded))


@keys_app.command()
def rewrap(state: State = DEFAULT_STATE, redis: Site = None, tenant: Tenant = "demo", file: KeyFile = None) -> None:
    """Wrap every conversation's key with the active vault key, so that the old one can be retired."""
    from portico_cli import key_changes

    asyncio.run(key_changes.rewrap(key_changes.KeyPlace(state, redis, tenant, file)))


@keys_app.command()
def retire(
    purpose: PurposeName,
    name: Annotated[str, typer.Argument(help="Id of the key, such as v1.")],
    *,
    state: State = DEFAULT_STATE,
    redis: Site = None,
    tenant: Tenant = "demo",
    file: KeyFile = None,
) -> None:
    """Remove an old key; refused while anything still needs it."""
    from portico_cli import key_changes

    asyncio.run(key_changes.retire(key_changes.KeyPlace(state, redis, tenant, file), purpose, name))
