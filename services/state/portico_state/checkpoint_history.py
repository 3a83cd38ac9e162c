"""Read checkpoint files back and say whether anything in them was changed, taken out or shown again."""

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from portico_core.errors import ConfigurationError
from portico_state.checkpoints import (
    DECISIONS,
    GENESIS_MAC,
    Checkpoint,
    CheckpointKind,
    checkpoint_mac,
    parse_checkpoint,
)
from portico_state.findings import Finding, FindingKind
from portico_state.identifiers import parse_time
from portico_state.keyring import Keyring

SILENT = timedelta(seconds=300)
"""Ten missed checkpoints."""


@dataclass(slots=True)
class CheckpointHistory:
    """The valid checkpoints of one tenant, by chain, and what is wrong with the files.

    `covered` (log → line number) says up to which line everything signed lies in an archive that is not walked;
    `expected` (chain → number) is how far a walk must come because of the other lines. `decisions` are the archive's:
    what was archived, trimmed, deleted, held. `newest_of` is the last line of a writer in each file.
    """

    covered: Mapping[str, int] = field(default_factory=dict)
    wanted: Mapping[str, set[int]] = field(default_factory=dict)
    count: int = 0
    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    heads: dict[str, dict[int, str]] = field(default_factory=dict)
    expected: dict[str, int] = field(default_factory=dict)
    opened: dict[str, Checkpoint] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    decisions: list[Checkpoint] = field(default_factory=list)
    newest: Checkpoint | None = None
    newest_of: dict[str, Checkpoint] = field(default_factory=dict)
    macs: dict[tuple[str, int], str] = field(default_factory=dict)

    def add(self, checkpoint: Checkpoint) -> None:
        """Take a checkpoint whose signature and place were found right."""
        self.count += 1
        self.newest = checkpoint
        if checkpoint.number in self.wanted.get(checkpoint.log, ()):
            self.macs[checkpoint.log, checkpoint.number] = checkpoint.mac
        if checkpoint.kind in DECISIONS:
            self.decisions.append(checkpoint)
            return
        self.newest_of[checkpoint.log] = checkpoint
        heads = self.heads.setdefault(checkpoint.chain, {})
        if heads.setdefault(checkpoint.seq, checkpoint.head) != checkpoint.head:
            self.report(f"line {checkpoint.number}", "names another hash for a record than an earlier line did")
        if checkpoint.number > self.covered.get(checkpoint.log, 0):
            self.expected[checkpoint.chain] = max(self.expected.get(checkpoint.chain, 0), checkpoint.seq)
        if checkpoint.kind == CheckpointKind.OPEN:
            self.opened[checkpoint.chain] = checkpoint
        elif checkpoint.kind in (CheckpointKind.CLOSE, CheckpointKind.ABANDONED):
            self.ended.add(checkpoint.chain)

    def is_covered(self, chain: str) -> bool:
        """Say whether all that was signed of a chain lies in an archive that is not walked."""
        return chain in self.heads and chain not in self.expected

    def signed_number(self, chain: str, head: str) -> int | None:
        """Return the number of the record of a chain that was signed with this hash."""
        return next((seq for seq, signed in self.heads.get(chain, {}).items() if signed == head), None)

    def report(self, where: str, detail: str) -> None:
        """Note that a file was changed."""
        self.findings.append(Finding(FindingKind.CHECKPOINT, f"checkpoints {where}", detail))

    def check_witness(self, witness: Mapping[str, str]) -> None:
        """Compare with what the store remembers: a file that is older than that was rolled back."""
        for log, seen in witness.items():
            number, _, mac = seen.partition(":")
            found = self.macs.get((log, _number(number)))
            if found is None:
                self.report(
                    f"{log}:{number}", "the store remembers this line; no file holds it (rolled back or removed)"
                )
            elif found != mac:
                self.report(f"{log}:{number}", "the store remembers another signature for this line")

    def check_expected(self, expected_head: str) -> None:
        """Compare with a head an auditor kept."""
        log, number, mac = _split_head(expected_head)
        if self.macs.get((log, number)) != mac:
            self.report(
                f"{log}:{number}", "the expected checkpoint is missing: everything after an older state is gone"
            )


def checkpoint_files(directory: Path) -> Iterator[Iterator[bytes]]:
    """Give the lines of every checkpoint file in a folder and below; raise ConfigurationError when unreadable."""
    for path in sorted(directory.rglob("checkpoints*.jsonl")):
        yield _lines(path)


def read_history(
    files: Iterable[Iterable[bytes]],
    *,
    keyring: Keyring,
    tenant: str,
    witness: Mapping[str, str] | None = None,
    expected_head: str | None = None,
    covered: Mapping[str, int] | None = None,
) -> CheckpointHistory:
    """Check every line's signature, number and predecessor, and compare with what store and auditor remember."""
    history = CheckpointHistory(covered or {}, _wanted(witness or {}, expected_head))
    for lines in files:
        _read_file(lines, history, keyring, tenant)
    history.check_witness(witness or {})
    if expected_head is not None:
        history.check_expected(expected_head)
    return history


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            for line in file:
                yield line.rstrip(b"\n")
    except OSError as error:
        raise ConfigurationError(f"the checkpoints in {path} cannot be read: {error.strerror}") from None


def _wanted(witness: Mapping[str, str], expected_head: str | None) -> dict[str, set[int]]:
    """Say which lines' signatures are asked for later, so that the others need not be kept."""
    wanted: dict[str, set[int]] = {log: {_number(seen.partition(":")[0])} for log, seen in witness.items()}
    if expected_head is not None:
        log, number, _ = _split_head(expected_head)
        wanted.setdefault(log, set()).add(number)
    return wanted


def _split_head(expected_head: str) -> tuple[str, int, str]:
    log, _, rest = expected_head.partition(":")
    number, _, mac = rest.partition(":")
    if not number.isdigit():
        raise ConfigurationError("an expected head reads log:number:signature")
    return log, int(number), mac


def _number(text: str) -> int:
    return int(text) if text.isdigit() else -1


def _read_file(lines: Iterable[bytes], history: CheckpointHistory, keyring: Keyring, tenant: str) -> None:
    last: Checkpoint | None = None
    unknown_keys, times = set[str](), dict[str, str]()
    for row, line in enumerate(lines, start=1):
        checkpoint = parse_checkpoint(line)
        if checkpoint is None:
            # A crash leaves half a line; the next one then follows the one before it, else a number is missing below.
            history.warnings.append(Finding(FindingKind.UNREADABLE, f"checkpoints row {row}", "half a line"))
            continue
        wrong = _wrong_with(checkpoint, last, keyring, tenant)
        if wrong is None:
            _tell_clock(checkpoint, times, history)
            history.add(checkpoint)
        elif checkpoint.key in keyring.audit.keys or checkpoint.key not in unknown_keys:
            history.report(f"row {row} (number {checkpoint.number})", wrong)
        if checkpoint.key not in keyring.audit.keys:
            unknown_keys.add(checkpoint.key)
        last = checkpoint


def _tell_clock(checkpoint: Checkpoint, times: dict[str, str], history: CheckpointHistory) -> None:
    """Tell of a clock that went back, and of a chain that was silent: an open one is signed every 30 s."""
    last = times.pop(checkpoint.chain, None)
    if checkpoint.kind not in (*DECISIONS, CheckpointKind.CLOSE, CheckpointKind.ABANDONED):
        times[checkpoint.chain] = checkpoint.time
    if last is None:
        return
    where, span = f"checkpoints number {checkpoint.number}", f"from {last} to {checkpoint.time}"
    if checkpoint.time < last:
        history.warnings.append(Finding(FindingKind.CLOCK, where, f"the writer's clock went back {span}"))
    elif parse_time(checkpoint.time) - parse_time(last) > SILENT:
        detail = f"no checkpoint {span}: the writer stood still, or its clock jumped"
        history.warnings.append(Finding(FindingKind.CLOCK, where, detail))


def _wrong_with(checkpoint: Checkpoint, last: Checkpoint | None, keyring: Keyring, tenant: str) -> str | None:
    key = keyring.audit.keys.get(checkpoint.key)
    number, prev, log = (last.number + 1, last.mac, last.log) if last else (1, GENESIS_MAC, checkpoint.log)
    checks = {
        f"is signed with the audit key {checkpoint.key}, which is not in the keyring": key is not None,
        "its signature is wrong: it was edited or is a forgery": key is not None
        and hmac.compare_digest(checkpoint_mac(checkpoint, key), checkpoint.mac),
        f"is of the tenant {checkpoint.tenant}": checkpoint.tenant == tenant,
        f"should be number {number}: lines were removed, reordered or shown again": checkpoint.number == number,
        "does not follow the line before it": checkpoint.prev == prev and checkpoint.log == log,
    }
    return next((text for text, holds in checks.items() if not holds), None)
