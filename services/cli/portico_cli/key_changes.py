"""What `portico keys` does: change the key file with an audit record first, and wrap conversations anew.

The record is made with the keys as they were: whoever reads it later has them, whatever became of the new ones.
"""

import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from portico_cli.command_store import command_audit, open_command_store, operator, running_store
from portico_cli.showing import print_json, progress_bar, table
from portico_core.audit import AuditEntry
from portico_core.errors import ConfigurationError, InvalidRequest
from portico_core.labels import AuditPhase
from portico_state.checkpoint_history import checkpoint_files
from portico_state.checkpoints import parse_checkpoint
from portico_state.client import Store
from portico_state.keyring import PURPOSES, Keyring, KeySet, Purpose
from portico_state.redis_audit import RedisAudit
from portico_state.vault import Vault


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a site's keys and its store are."""

    state: Path
    redis_url: str | None
    tenant: str
    file: Path | None = None

    @property
    def path(self) -> Path:
        """Return the key file."""
        return self.file or self.state / "keys.json"

    @contextlib.asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        """Open the store; ConfigurationError where none is at hand."""
        async with open_command_store(self.state, redis_url=self.redis_url, tenant=self.tenant) as store:
            yield store


async def show(place: KeyPlace, *, as_json: bool) -> None:
    """Print key ids and their use; without a store the use is not known."""
    keyring, wrapped = Keyring.load(place.path), None
    if place.redis_url or running_store(place.state):
        async with place.store() as store:
            wrapped = await Vault(store, keyring).count_wrapped()
    rows = [
        {"purpose": purpose, "key": name, "active": name == keys.active,
         "conversations": wrapped[name] if purpose == "vault" and wrapped is not None else None}
        for purpose in PURPOSES for keys in (_keys(keyring, purpose),) for name in keys.keys
    ]  # fmt: skip
    if as_json:
        print_json(rows)
        return
    shown = [(row["purpose"], row["key"], "active" if row["active"] else "", row["conversations"]) for row in rows]
    cells = [tuple("" if cell is None else cell for cell in row) for row in shown]
    sys.stdout.write(table(("purpose", "key", "", "conversations"), cells))


async def stage(place: KeyPlace, purpose: str, *, unrecorded: bool) -> None:
    """Add a key that is not active yet."""
    keyring, known = Keyring.load(place.path), _purpose(purpose)
    changed = keyring.stage(known)
    fresh = next(iter(_keys(changed, known).keys.keys() - _keys(keyring, known).keys.keys()))
    await _change(place, changed, f"keys.stage:{known}", fresh, unrecorded=unrecorded)
    sys.stdout.write(f"{known} key {fresh} is staged: give the file to every process, then activate it\n")


async def activate(place: KeyPlace, purpose: str, *, unrecorded: bool) -> None:
    """Make the newest key the active one."""
    known = _purpose(purpose)
    changed = Keyring.load(place.path).activate(known)
    active = _keys(changed, known).active
    await _change(place, changed, f"keys.activate:{known}", active, unrecorded=unrecorded)
    sys.stdout.write(f"{known} key {active} is active\n")


async def rewrap(place: KeyPlace) -> None:
    """Wrap every conversation with the active vault key, on record before and with the count after."""
    keyring = Keyring.load(place.path)
    async with place.store() as store, command_audit(place.state, store) as audit:
        await _record(audit, store, "keys.rewrap", keyring.vault.active)
        with progress_bar() as bar:
            count = await Vault(store, keyring).rewrap_all(lambda done: bar("wrapping anew", done, 0))
        await _record(audit, store, "keys.rewrapped", f"{keyring.vault.active}: {count}")
    sys.stdout.write(f"{count} conversations wrapped anew with {keyring.vault.active}\n")


async def retire(place: KeyPlace, purpose: str, name: str) -> None:
    """Remove a key that nothing needs any more; raise ConfigurationError that says what needs it."""
    keyring, known = Keyring.load(place.path), _purpose(purpose)
    if known == "patient":
        raise ConfigurationError("a patient key is never retired: records hashed with it could not be found")
    changed = keyring.retire(known, name)
    async with place.store() as store, command_audit(place.state, store) as audit:
        if known == "audit":
            _refuse_used(place.state / "checkpoints", name)
        elif needed := (await Vault(store, keyring).count_wrapped())[name]:
            raise ConfigurationError(f"{needed} conversations are wrapped with {name}: portico keys rewrap")
        await _record(audit, store, f"keys.retire:{known}", name)
        changed.save(place.path)
    sys.stdout.write(f"{known} key {name} is retired\n")


async def _change(place: KeyPlace, changed: Keyring, source: str, name: str, *, unrecorded: bool) -> None:
    if unrecorded:
        changed.save(place.path)
        return
    async with place.store() as store, command_audit(place.state, store) as audit:
        await _record(audit, store, source, name)
        changed.save(place.path)


async def _record(audit: RedisAudit, store: Store, source: str, said: str) -> None:
    await audit.append(
        AuditEntry(
            phase=AuditPhase.ACCESS, tenant=store.keys.tenant, patient="", conversation="", turn="",
            actor=operator(), source=source, policy=said,
        )
    )  # fmt: skip


def _refuse_used(checkpoints: Path, name: str) -> None:
    """Every chain begins with a checkpoint that its own key signs, and checkpoint files are kept for good."""
    for lines in checkpoint_files(checkpoints):
        for line in lines:
            checkpoint = parse_checkpoint(line)
            if checkpoint is not None and checkpoint.key == name:
                raise ConfigurationError(
                    f"records and checkpoints are signed with {name}: without it they could not be verified"
                )


def _purpose(name: str) -> Purpose:
    for purpose in PURPOSES:
        if name == purpose:
            return purpose
    raise InvalidRequest(f"a key is for one of: {', '.join(PURPOSES)}")


def _keys(keyring: Keyring, purpose: Purpose) -> KeySet:
    keys: KeySet = getattr(keyring, purpose)
    return keys
