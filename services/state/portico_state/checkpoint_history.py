"""Read checkpoint files back and say whether anything in them was changed, taken out or shown again."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portico_core.errors import ConfigurationError
from portico_state.checkpoints import GENESIS_MAC, Checkpoint, CheckpointKind, checkpoint_mac, parse_checkpoint
from portico_state.findings import Finding, FindingKind
from portico_state.keyring import Keyring


@dataclass(slots=True)
class CheckpointHistory:
    """The valid checkpoints of one tenant, by chain, and what is wrong with the files."""

    count: int = 0
    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    heads: dict[str, dict[int, str]] = field(default_factory=dict)
    opened: dict[str, Checkpoint] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    newest: Checkpoint | None = None
    macs: dict[str, dict[int, str]] = field(default_factory=dict)

    def add(self, checkpoint: Checkpoint) -> None:
        """Take a checkpoint whose signature and place were found right."""
        self.count += 1
        self.newest = checkpoint
        self.macs.setdefault(checkpoint.log, {})[checkpoint.number] = checkpoint.mac
        heads = self.heads.setdefault(checkpoint.chain, {})
        if heads.setdefault(checkpoint.seq, checkpoint.head) != checkpoint.head:
            self.report(f"line {checkpoint.number}", "names another hash for a record than an earlier line did")
        if checkpoint.kind == CheckpointKind.OPEN:
            self.opened[checkpoint.chain] = checkpoint
        elif checkpoint.kind in (CheckpointKind.CLOSE, CheckpointKind.ABANDONED):
            self.ended.add(checkpoint.chain)

    def report(self, where: str, detail: str) -> None:
        """Note that a file was changed."""
        self.findings.append(Finding(FindingKind.CHECKPOINT, f"checkpoints {where}", detail))

    def check_witness(self, witness: Mapping[str, str]) -> None:
        """Compare with what the store remembers: a file that is older than that was rolled back."""
        for log, seen in witness.items():
            number, _, mac = seen.partition(":")
            found = self.macs.get(log, {}).get(int(number) if number.isdigit() else -1)
            if found is None:
                self.report(
                    f"{log}:{number}", "the store remembers this line; no file holds it (rolled back or removed)"
                )
            elif found != mac:
                self.report(f"{log}:{number}", "the store remembers another signature for this line")

    def check_expected(self, expected_head: str) -> None:
        """Compare with a head an auditor kept."""
        log, _, rest = expected_head.partition(":")
        number, _, mac = rest.partition(":")
        if not number.isdigit():
            raise ConfigurationError("an expected head reads log:number:signature")
        if self.macs.get(log, {}).get(int(number)) != mac:
            self.report(
                f"{log}:{number}", "the expected checkpoint is missing: everything after an older state is gone"
            )


def read_checkpoint_files(directory: Path) -> list[list[bytes]]:
    """Return the lines of every checkpoint file in a folder and below; raise ConfigurationError when unreadable."""
    try:
        return [path.read_bytes().splitlines() for path in sorted(directory.rglob("checkpoints*.jsonl"))]
    except OSError as error:
        raise ConfigurationError(f"the checkpoints in {directory} cannot be read: {error.strerror}") from None


def read_history(files: Iterable[list[bytes]], *, keyring: Keyring, tenant: str) -> CheckpointHistory:
    """Check every line's signature, number and predecessor."""
    history = CheckpointHistory()
    for lines in files:
        _read_file(lines, history, keyring, tenant)
    return history


def _read_file(lines: list[bytes], history: CheckpointHistory, keyring: Keyring, tenant: str) -> None:
    last: Checkpoint | None = None
    for row, line in enumerate(lines, start=1):
        checkpoint = parse_checkpoint(line)
        if checkpoint is None:
            # A crash leaves half a line; the next one then follows the one before it, else a number is missing below.
            history.warnings.append(Finding(FindingKind.UNREADABLE, f"checkpoints row {row}", "half a line"))
            continue
        wrong = _wrong_with(checkpoint, last, keyring, tenant)
        if wrong:
            history.report(f"row {row} (number {checkpoint.number})", wrong)
        else:
            history.add(checkpoint)
        last = checkpoint


def _wrong_with(checkpoint: Checkpoint, last: Checkpoint | None, keyring: Keyring, tenant: str) -> str | None:
    key = keyring.audit.keys.get(checkpoint.key)
    number, prev, log = (last.number + 1, last.mac, last.log) if last else (1, GENESIS_MAC, checkpoint.log)
    checks = {
        f"is signed with the key {checkpoint.key}, which is not in the keyring": key is not None,
        "its signature is wrong: it was edited or is a forgery": key is not None
        and hmac.compare_digest(checkpoint_mac(checkpoint, key), checkpoint.mac),
        f"is of the tenant {checkpoint.tenant}": checkpoint.tenant == tenant,
        f"should be number {number}: lines were removed, reordered or shown again": checkpoint.number == number,
        "does not follow the line before it": checkpoint.prev == prev and checkpoint.log == log,
    }
    return next((text for text, holds in checks.items() if not holds), None)
