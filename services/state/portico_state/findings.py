"""What a verification can find, and the report it gives."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class FindingKind(StrEnum):
    """What is wrong with the evidence. Every kind but the last means that somebody or something changed it."""

    UNREADABLE = "unreadable"
    UNKNOWN_KEY = "unknown_key"
    EDITED = "edited"
    FOREIGN = "foreign"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    SPLICED = "spliced"
    TRUNCATED = "truncated"
    ROLLED_BACK = "rolled_back"
    UNWITNESSED = "unwitnessed"
    CHECKPOINT = "checkpoint"
    ARCHIVE = "archive"
    CLOCK = "clock"
    ENDED_TWICE = "ended_twice"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold; `where` names chain, sequence number, stream id or checkpoint."""

    kind: FindingKind
    where: str
    detail: str


MOST_LISTED = 10_000


@dataclass(slots=True)
class FindingList:
    """Findings in the order they were made. Beyond 10,000 they are only counted: a store may be damaged throughout."""

    listed: list[Finding] = field(default_factory=list)
    unlisted: int = 0

    def append(self, finding: Finding) -> None:
        """Take a finding."""
        if len(self.listed) < MOST_LISTED:
            self.listed.append(finding)
        else:
            self.unlisted += 1

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.listed)

    def __len__(self) -> int:
        return len(self.listed) + self.unlisted


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a walk over all chains gave.

    `findings` say that the evidence was changed, or that a turn is overdue (kind `unfinished`). `unfinished` lists the
    turns in flight, `warnings` what is odd but proves nothing, `unlisted` how many findings there are beyond those that
    are listed, `archived` the stretches of the archive. `head` is the newest checkpoint: an auditor who keeps it can
    prove later that nothing was rolled back.
    """

    records: int
    chains: int
    checkpoints: int
    head: str | None
    findings: tuple[Finding, ...] = ()
    unfinished: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    unlisted: int = 0
    archived: int = 0

    @property
    def intact(self) -> bool:
        """Say whether nothing was changed."""
        return all(finding.kind is FindingKind.UNFINISHED for finding in self.findings)

    @property
    def ok(self) -> bool:
        """Say whether nothing was changed and no turn is overdue."""
        return not self.findings

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {"ok": self.ok, "intact": self.intact, **asdict(self)}
