"""The kill switches from the command line. Every change is an audit record with the operator's name."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from portico_cli.command_store import checked_reason, command_audit, open_command_store, operator
from portico_core.switches import parse_switch
from portico_state.switches import Switches


async def turn(name: str, state: Path, *, off: bool, reason: str, redis_url: str | None, tenant: str) -> None:
    """Turn a switch, and say what is off now. The reason is scrubbed: it stays in the audit log for years."""
    switch, why = parse_switch(name), checked_reason(reason)
    async with (
        open_command_store(state, redis_url=redis_url, tenant=tenant) as store,
        command_audit(state, store) as audit,
    ):
        await Switches(store).turn(switch, off=off, actor=operator(), reason=why, audit=audit)
    sys.stdout.write(f"{switch.value} is {'off' if off else 'on'}\n")


async def show(state: Path, *, redis_url: str | None, tenant: str) -> None:
    """Print what was turned off at run time; what the settings turn off stands in /readyz."""
    async with open_command_store(state, redis_url=redis_url, tenant=tenant) as store:
        for each in await Switches(store).details():
            sys.stdout.write(json.dumps(asdict(each)) + "\n")
