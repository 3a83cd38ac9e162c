"""Nothing is archived, trimmed or planned on evidence that does not hold."""

from collections.abc import Callable
from pathlib import Path

from portico_core.errors import ConfigurationError
from portico_state.archive.evidence import ArchiveEvidence
from portico_state.client import Store
from portico_state.findings import FindingKind
from portico_state.keyring import Keyring
from portico_state.verify import verify_audit

Step = Callable[[str, int, int], None]
"""What is being done, how many records are done, and of how many: 0 where nobody knows."""


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Show nothing."""


async def require_sound(
    store: Store, evidence: ArchiveEvidence, *, keyring: Keyring, checkpoints: Path, progress: Step = no_progress
) -> None:
    """Verify the live stream; raise ConfigurationError that names the first thing wrong with it or the manifests."""
    report = await verify_audit(
        store, keyring=keyring, checkpoints=checkpoints,
        progress=lambda done, total: progress("verifying", done, total),
    )  # fmt: skip
    wrong = [*evidence.findings, *(f for f in report.findings if f.kind is not FindingKind.UNFINISHED)]
    if wrong:
        raise ConfigurationError(
            f"nothing was archived or trimmed, because the evidence does not hold: {wrong[0].where}: "
            f"{wrong[0].detail} ({len(wrong)} finding(s): portico audit verify --archive)"
        )
