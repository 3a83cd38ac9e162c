"""The notifier's process, and the commands for what it gave up."""

import contextlib
import getpass
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from portico_cli.audit import running_store
from portico_core.errors import ConfigurationError
from portico_state.checkpoints import CheckpointLog
from portico_state.client import Store, open_store
from portico_state.deliveries import Deliveries
from portico_state.keyring import Keyring
from portico_state.redis_audit import RedisAudit


def run_notifier() -> None:
    """Announce escalations until SIGTERM."""
    from portico_console.notifier.bootstrap import run_from_environment
    from portico_gateway.logs import configure_logging

    configure_logging()
    run_from_environment()


async def list_dead(state: Path, *, redis_url: str | None, tenant: str) -> None:
    """Print the dead letters as JSON lines, and how many wait on standard error."""
    async with open_command_store(state, redis_url=redis_url, tenant=tenant) as store:
        counts = await Deliveries(store).counts()
        for letter in await Deliveries(store).dead():
            fields = {name: str(getattr(letter, name)) for name in ("id", "urgency", "opened_at", "said")}
            sys.stdout.write(json.dumps({**fields, "attempts": letter.attempts}) + "\n")
    sys.stderr.write(", ".join(f"{count} {name.value}" for name, count in counts.items()) + "\n")


async def resend(ids: tuple[str, ...], state: Path, *, redis_url: str | None, tenant: str) -> None:
    """Put dead letters back into the queue."""
    async with open_command_store(state, redis_url=redis_url, tenant=tenant) as store:
        deliveries = Deliveries(store)
        wanted = ids or tuple(letter.id for letter in await deliveries.dead())
        async with command_audit(state, store) as audit:
            for delivery in wanted:
                await deliveries.resend(delivery, actor=operator(), audit=audit)
    sys.stdout.write(f"{len(wanted)} sent again\n")


def operator() -> str:
    """Return the name under which whoever runs a command stands in the audit log."""
    return f"operator:{getpass.getuser()}"


@contextlib.asynccontextmanager
async def open_command_store(state: Path, *, redis_url: str | None, tenant: str) -> AsyncIterator[Store]:
    """Open the store of --redis, or of the demo that runs on a state folder."""
    url = redis_url or running_store(state)
    if url is None:
        raise ConfigurationError(f"no demo runs on {state}: give --redis, or start it")
    store = open_store(url, tenant=tenant)
    try:
        yield store
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def command_audit(state: Path, store: Store) -> AsyncIterator[RedisAudit]:
    """Open a chain of the audit for one command."""
    keyring = Keyring.load(state / "keys.json")
    checkpoints = CheckpointLog(state / "checkpoints", keyring=keyring, tenant=store.keys.tenant)
    audit = await RedisAudit.start(store, keyring=keyring, checkpoints=checkpoints)
    try:
        yield audit
    finally:
        await audit.close()
