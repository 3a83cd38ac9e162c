"""The store and the audit writer of a command: those of --redis, of the running demo, or of one that was stopped."""

import contextlib
import getpass
import os
from collections.abc import AsyncIterator
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from portico_core.errors import ConfigurationError, InvalidRequest
from portico_core.transport import StoreTls, TlsFiles
from portico_state.checkpoints import CheckpointLog
from portico_state.client import NO_FILES, Store, open_store
from portico_state.keyring import Keyring
from portico_state.redis_audit import RedisAudit
from portico_state.valkey_server import read_url, start_valkey

LONGEST_REASON = 200


class CommandTls(StoreTls, BaseSettings):
    """The TLS files of the store that a command is given, named as the services name them (PORTICO_REDIS_…)."""

    model_config = SettingsConfigDict(env_prefix="PORTICO_", frozen=True, hide_input_in_errors=True)


def operator() -> str:
    """Return the name under which whoever runs a command stands in the audit log; a pod's user may have none."""
    try:
        return f"operator:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"operator:uid-{os.getuid()}"


def checked_reason(reason: str) -> str:
    """Return a reason fit to be kept for years, scrubbed of identifiers; raise InvalidRequest."""
    from portico_redaction.scrub import scrub_line

    why = scrub_line(reason.strip())
    if not 0 < len(why) <= LONGEST_REASON or not why.isprintable():
        raise InvalidRequest(f"--reason needs 1 to {LONGEST_REASON} characters on one line")
    return why


def running_store(state: Path) -> str | None:
    """Return the address of the store of the demo that runs on a folder."""
    return read_url(state / "valkey") if (state / "demo.json").exists() else None


@contextlib.asynccontextmanager
async def open_command_store(state: Path, *, redis_url: str | None, tenant: str) -> AsyncIterator[Store]:
    """Open the store of --redis, or of the demo that runs on a state folder."""
    url = redis_url or running_store(state)
    if url is None:
        raise ConfigurationError(f"no demo runs on {state}: give --redis, or start it")
    async with _opened(url, tenant, _files(redis_url)) as store:
        yield store


@contextlib.asynccontextmanager
async def open_stored_evidence(state: Path, *, redis_url: str | None, tenant: str) -> AsyncIterator[Store]:
    """Open a store as above; that of a stopped demo is started meanwhile."""
    with contextlib.ExitStack() as stack:
        url = redis_url or running_store(state)
        if url is None and (state / "valkey").is_dir():
            url = stack.enter_context(start_valkey(state / "valkey")).url
        if url is None:
            raise ConfigurationError(f"no audit store in {state}")
        async with _opened(url, tenant, _files(redis_url)) as store:
            yield store


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


def _files(redis_url: str | None) -> TlsFiles:
    """Return the TLS files of a store that was given; a demo's is on loopback, without TLS."""
    return CommandTls().redis_tls() if redis_url else NO_FILES


@contextlib.asynccontextmanager
async def _opened(url: str, tenant: str, tls: TlsFiles) -> AsyncIterator[Store]:
    store = open_store(url, tenant=tenant, tls=tls)
    try:
        yield store
    finally:
        await store.close()
