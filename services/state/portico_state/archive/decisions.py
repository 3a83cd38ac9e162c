"""What was decided about the archive, as signed lines of the checkpoint file: archived, trimmed, deleted, held.

A line stands in the numbered, signed and witnessed checkpoint file, so a decision can neither be forged nor taken
back unseen; `seq` is the number of the manifest and `head` its SHA-256. A hold has the name in `chain` instead.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from portico_state.checkpoints import ChainHead, Checkpoint, CheckpointKind, parse_checkpoint

ARCHIVE = "archive"
_HOLD = "hold:"
_ARCHIVE_MARK = b'"chain":"archive"'
_HOLD_MARK = b'"chain":"hold:'


@dataclass(slots=True)
class Decisions:
    """The decisions in force. Numbers are those of manifests; `holds` maps a hold's name to its document's SHA-256."""

    archived: dict[int, str] = field(default_factory=dict)
    trimmed: dict[int, str] = field(default_factory=dict)
    deleted: dict[int, str] = field(default_factory=dict)
    holds: dict[str, str] = field(default_factory=dict)

    @property
    def last_trimmed(self) -> tuple[int, str] | None:
        """Return number and digest of the newest stretch that was trimmed from the stream."""
        return max(self.trimmed.items(), default=None)


def peek_decisions(files: Iterable[Iterable[bytes]]) -> Decisions:
    """Read decisions quickly, without a look at signatures: to know where to begin a walk that will check them."""
    lines = (line for file in files for line in file if _ARCHIVE_MARK in line or _HOLD_MARK in line)
    return read_decisions(checkpoint for line in lines if (checkpoint := parse_checkpoint(line)) is not None)


def read_decisions(lines: Iterable[Checkpoint]) -> Decisions:
    """Replay the decisions of a checkpoint history."""
    found = Decisions()
    for line in lines:
        match line.kind:
            case CheckpointKind.ARCHIVED:
                found.archived[line.seq] = line.head
            case CheckpointKind.TRIMMED:
                found.trimmed[line.seq] = line.head
            case CheckpointKind.DELETED:
                found.deleted[line.seq] = line.head
            case CheckpointKind.HELD:
                found.holds[line.chain.removeprefix(_HOLD)] = line.head
            case CheckpointKind.RELEASED:
                found.holds.pop(line.chain.removeprefix(_HOLD), None)
            case _:
                continue
    return found


def decision_on(number: int, digest: str) -> ChainHead:
    """Return what a line about a manifest names."""
    return ChainHead(ARCHIVE, number, digest)


def decision_on_hold(name: str, digest: str) -> ChainHead:
    """Return what a line about a hold names."""
    return ChainHead(f"{_HOLD}{name}", 0, digest)
