"""Promotion and rollback of models. Each is an audit record with the operator's name before it comes into force."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from portico_cli.command_store import checked_reason, command_audit, open_command_store, operator
from portico_core.audit import AuditEntry
from portico_core.labels import AuditPhase
from portico_models.check import MODELS
from portico_models.promote import Change, promoting, rolling_back
from portico_models.versions import list_versions
from portico_state.redis_audit import RedisAudit


@dataclass(frozen=True, slots=True)
class Record:
    """Where a change is recorded and why it is made; `is_unrecorded` where no store can be reached."""

    state: Path
    redis_url: str | None
    tenant: str
    reason: str
    is_unrecorded: bool = False


async def promote(candidate: Path, repository: Path, record: Record) -> None:
    """Run the gate, keep what is in force, put the candidate in force; raise ModelError or PorticoError."""
    reason = checked_reason(record.reason)
    async with _opened(record) as audit:
        with promoting(candidate, repository) as change:
            await _note(audit, "models.promote", change, record.tenant, reason)
    _say(change, repository)


async def roll_back(repository: Path, record: Record) -> None:
    """Put the versions before in force again; raise ModelError or PorticoError."""
    reason = checked_reason(record.reason)
    async with _opened(record) as audit:
        with rolling_back(repository) as change:
            await _note(audit, "models.rollback", change, record.tenant, reason)
    _say(change, repository)


def show(repository: Path) -> None:
    """Print every version that is kept, one JSON line each."""
    for kept in list_versions(repository, MODELS):
        sys.stdout.write(json.dumps(asdict(kept)) + "\n")


@asynccontextmanager
async def _opened(record: Record) -> AsyncIterator[RedisAudit | None]:
    """Open the audit log before anything is measured: without it nothing will change."""
    if record.is_unrecorded:
        yield None
        return
    async with (
        open_command_store(record.state, redis_url=record.redis_url, tenant=record.tenant) as store,
        command_audit(record.state, store) as audit,
    ):
        yield audit


async def _note(audit: RedisAudit | None, source: str, change: Change, tenant: str, reason: str) -> None:
    if audit is None:
        return
    await audit.append(
        AuditEntry(
            phase=AuditPhase.ACCESS, tenant=tenant, patient="", conversation="", turn="", actor=operator(),
            source=source, models=dict(change.releases), policy=reason,
        )
    )  # fmt: skip


def _say(change: Change, repository: Path) -> None:
    for name, release in change.releases.items():
        sys.stdout.write(f"{name} {release}: version {change.wanted.number_of(name)} of {repository} is in force\n")
    sys.stdout.write(
        "Triton serves it after a restart, and the gateways ask for it after theirs (docs/how-to/promote-a-model.md)\n"
    )
