"""`portico audit verify` and `restore-drill`: is it all there, and does it come back."""

import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from portico_cli.audit.place import AuditPlace
from portico_cli.showing import print_json, progress_bar, verdict_of
from portico_core.errors import ConfigurationError
from portico_state.archive.drill import restore_archive
from portico_state.client import open_store
from portico_state.findings import Finding, VerifyReport
from portico_state.valkey_server import start_valkey
from portico_state.verification_note import note_verification
from portico_state.verify import verify_audit


async def verify(place: AuditPlace, *, as_json: bool) -> int:
    """Verify the chains of a running demo, of a stopped one (its store is started for the walk), or of --redis."""
    keyring = place.keyring()
    archive = place.shelf() if place.archive is not None else None
    async with place.store() as store:
        with progress_bar() as show:
            report = await verify_audit(
                store, keyring=keyring, checkpoints=place.checkpoints, archive=archive,
                progress=lambda done, total: show("walking the chains", done, total),
            )  # fmt: skip
        await note_verification(store, report, keyring=keyring, now=datetime.now(UTC))
    if as_json:
        print_json(report.to_json())
    else:
        _print(report)
    return 0 if report.ok else 1


async def drill(place: AuditPlace, *, as_json: bool) -> int:
    """Restore the archive into a private, empty Valkey and verify it there; nothing of it is kept."""
    keyring, shelf = place.keyring(), place.shelf()
    with tempfile.TemporaryDirectory() as folder, start_valkey(Path(folder), appendfsync="no") as server:
        store = open_store(server.url, tenant=place.tenant)
        try:
            with progress_bar() as show:
                report = await restore_archive(
                    shelf, store, keyring=keyring, checkpoints=place.checkpoints,
                    progress=lambda done, total: show("restoring", done, total),
                )  # fmt: skip
        finally:
            await store.close()
    if not report.stretches:
        raise ConfigurationError(f"{shelf.place} holds no archived day of the tenant {place.tenant}: nothing is proven")
    if as_json:
        print_json(report.to_json())
    else:
        print_findings(report.findings)
        verdict = "every record came back" if report.ok else "THE ARCHIVE DOES NOT COME BACK"
        said = f"{verdict}: {report.records} records of {report.stretches} days in {report.seconds} s"
        sys.stdout.write(f"{said} from {shelf.place}\n")
    return 0 if report.ok else 1


def print_findings(findings: Iterable[Finding]) -> None:
    """Print what does not hold, one line each: kind, place, what."""
    for finding in findings:
        sys.stdout.write(f"{finding.kind.value}: {finding.where}: {finding.detail}\n")


def _print(report: VerifyReport) -> None:
    print_findings(report.findings)
    for warning in report.warnings:
        sys.stdout.write(f"note: {warning.where}: {warning.detail}\n")
    sys.stdout.write(verdict_of(report) + "\n")
