"""The notifier's process, and the commands for what it gave up."""

import json
import sys
from pathlib import Path

from portico_cli.command_store import command_audit, open_command_store, operator
from portico_state.deliveries import Deliveries


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
