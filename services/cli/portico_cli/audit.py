"""The audit commands."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from portico_core.errors import ConfigurationError
from portico_state.client import open_store
from portico_state.findings import VerifyReport
from portico_state.keyring import Keyring
from portico_state.valkey_server import read_url, start_valkey
from portico_state.verification_note import note_verification
from portico_state.verify import verify_audit


async def verify(state: Path, *, redis_url: str | None, tenant: str) -> int:
    """Verify the chains of a running demo, of a stopped one (its store is started for the walk), or of --redis."""
    keyring = Keyring.load(state / "keys.json")
    if redis_url is None:
        redis_url = running_store(state)
    if redis_url is not None:
        report = await _walk(redis_url, tenant=tenant, keyring=keyring, state=state)
    elif (state / "valkey").is_dir():
        with start_valkey(state / "valkey") as server:
            report = await _walk(server.url, tenant=tenant, keyring=keyring, state=state)
    else:
        raise ConfigurationError(f"no audit store in {state}")
    return _print(report)


def running_store(state: Path) -> str | None:
    """Return the address of the store of the demo that runs on a folder."""
    return read_url(state / "valkey") if (state / "demo.json").exists() else None


async def _walk(url: str, *, tenant: str, keyring: Keyring, state: Path) -> VerifyReport:
    store = open_store(url, tenant=tenant)
    console = Console(stderr=True)
    try:
        with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
            bar = progress.add_task("walking the chains", total=None)
            report = await verify_audit(
                store,
                keyring=keyring,
                checkpoints=state / "checkpoints",
                progress=lambda done, of: progress.update(bar, completed=done, total=of),
            )
        await note_verification(store, report, keyring=keyring, now=datetime.now(UTC))
        return report
    finally:
        await store.close()


def _print(report: VerifyReport) -> int:
    for finding in report.findings:
        sys.stdout.write(f"{finding.kind.value}: {finding.where}: {finding.detail}\n")
    for warning in report.warnings:
        sys.stdout.write(f"note: {warning}\n")
    verdict = "the chains hold" if report.ok else "TAMPERED OR INCOMPLETE"
    sys.stdout.write(
        f"{verdict}: {report.records} records, {report.chains} chains, {report.checkpoints} checkpoints, "
        f"head {report.head}\n"
    )
    return 0 if report.ok else 1
