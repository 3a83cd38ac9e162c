"""Walk audit records in the order of the stream and say what was changed, and where. Pure: no network, no clock.

Each chain is followed on its own: the hash tells an edit, the sequence number a removal or insertion, the previous
hash a splice, and the signed checkpoints an end that was cut off. After a finding the walk goes on from the record
at hand, so that one change is told once. Memory does not grow with the records: a chain is a position, and the turns
that ended lie in a temporary file (`ended_turns.py`).
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portico_core.audit import GENESIS, record_hash
from portico_core.labels import AuditPhase
from portico_state.checkpoint_history import CheckpointHistory
from portico_state.ended_turns import EndedTurns
from portico_state.findings import Finding, FindingKind, FindingList
from portico_state.keyring import Keyring
from portico_state.record_reading import parse_record

_TERMINAL = frozenset({AuditPhase.DECIDED, AuditPhase.REFUSED, AuditPhase.ABANDONED})
CLOCK_S = 60.0
"""A writer's clock this far from the store's is told: more than any append may last, less than any useful forgery."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a chain has come; also where a walk may begin, when what lies before is archived."""

    seq: int
    hash: str
    time: str


@dataclass(slots=True)
class _Chain:
    """How far the walk has come in one chain; `missing` are the numbers that were skipped."""

    seq: int = 0
    hash: str = ""
    first_prev: str = ""
    time: str = ""
    clock_off_s: float = 0.0
    missing: list[range] = field(default_factory=list)
    unknown_key: int = 0


@dataclass(slots=True)
class OpenTurn:
    """A turn whose end was not met yet: where and when it was accepted."""

    where: str
    time: str


Visit = Callable[[str, Mapping[str, Any]], None]


def visit_nothing(_stream_id: str, _record: Mapping[str, Any]) -> None:
    """Look at no record."""


@dataclass(slots=True)
class ChainWalk:
    """Feed every record in stream order, then call `finish`. A chain names its key: `<uuid>.<key id>`.

    `visit` is told the stream id and every record that is genuine: what was edited or is foreign is a finding alone.
    """

    keyring: Keyring
    tenant: str
    history: CheckpointHistory
    visit: Visit = visit_nothing
    records: int = 0
    findings: FindingList = field(default_factory=FindingList)
    warnings: FindingList = field(default_factory=FindingList)
    open_turns: dict[str, OpenTurn] = field(default_factory=dict)
    _chains: dict[str, _Chain] = field(default_factory=dict)
    _ended: EndedTurns = field(default_factory=EndedTurns)

    @property
    def chains(self) -> int:
        """Count the chains met so far."""
        return len(self._chains)

    @property
    def positions(self) -> dict[str, Position]:
        """Return how far every chain has come."""
        return {name: Position(chain.seq, chain.hash, chain.time) for name, chain in self._chains.items() if chain.seq}

    def resume(self, positions: Mapping[str, Position], open_turns: Mapping[str, OpenTurn]) -> None:
        """Begin behind records that are not walked here; whoever calls has their positions from a signed manifest."""
        for name, at in positions.items():
            known = self._chains.setdefault(name, _Chain())
            if known.seq <= at.seq:
                known.seq, known.hash, known.time = at.seq, at.hash, at.time
        self.open_turns.update(open_turns)

    def feed(self, stream_id: str, fields: Mapping[str, str]) -> dict[str, Any] | None:
        """Take the next record of the stream; return it if it can be read, whatever was found about it."""
        self.records += 1
        record = parse_record(fields)
        if record is None:
            self._find(FindingKind.UNREADABLE, stream_id, "is not a record in its one spelling")
            return None
        where = f"chain {record['chain']} seq {record['seq']} ({stream_id})"
        if self._check_hash(record, where):
            self._follow(record, where)
            self._check_clock(record, stream_id, where)
            self._follow_turn(record, where)
            self.visit(stream_id, record)
        return record

    def finish(self, stored_heads: Mapping[str, str]) -> None:
        """Compare the ends of the chains with the checkpoints, and the starts with the chains before them.

        `stored_heads` (chain → `seq:hash`, read before the walk) is what the store itself says. It proves nothing, but
        who only cuts the stream forgets it, also after the last checkpoint.
        """
        for chain, signed in self.history.expected.items():
            self._check_end(chain, signed)
        for chain, walked in self._chains.items():
            self._check_start(chain, walked)
        for chain, head in stored_heads.items():
            self._check_stored_head(chain, head)
        self._ended.close()

    def _find(self, kind: FindingKind, where: str, detail: str) -> None:
        self.findings.append(Finding(kind, where, detail))

    def _check_hash(self, record: dict[str, Any], where: str) -> bool:
        """Say whether the record is genuine; only then may it move the walk."""
        key_id = record["chain"].rpartition(".")[2]
        key = self.keyring.audit.keys.get(key_id)
        if key is None:
            self._find_unknown_key(record, key_id, where)
            self._step_over(record)
        elif not hmac.compare_digest(record_hash(record, key=key), record["hash"]):
            self._find(FindingKind.EDITED, where, "its hash does not fit: edited, or made without the key")
            self._step_over(record)
        elif record["tenant"] != self.tenant:
            self._find(FindingKind.FOREIGN, where, f"belongs to the tenant {record['tenant']}")
        else:
            return True
        return False

    def _find_unknown_key(self, record: dict[str, Any], key_id: str, where: str) -> None:
        """Tell it once a chain: a keyring without an old key would else give a finding for every record."""
        chain = self._chains.setdefault(record["chain"], _Chain())
        chain.unknown_key += 1
        if chain.unknown_key == 1:
            detail = f"is signed with the audit key {key_id}, which is not in the keyring: this chain is not proven"
            self._find(FindingKind.UNKNOWN_KEY, where, detail)

    def _step_over(self, record: dict[str, Any]) -> None:
        """Go on behind a record that was edited in its place, so that it is told once and not as a gap as well."""
        chain = self._chains.get(record["chain"], _Chain())
        if record["seq"] == chain.seq + 1 and (record["prev"] == chain.hash or chain.seq == 0):
            chain.first_prev = chain.first_prev or record["prev"]
            chain.seq, chain.hash = record["seq"], record["hash"]
            self._chains[record["chain"]] = chain

    def _follow(self, record: dict[str, Any], where: str) -> None:
        chain = self._chains.setdefault(record["chain"], _Chain())
        seq, expected = record["seq"], chain.seq + 1
        if seq < expected:
            self._tell_late(chain, seq, where)
            return
        if seq > expected:
            chain.missing.append(range(expected, seq))
            detail = f"{seq - expected} record(s) before it are missing from seq {expected}"
            self._find(FindingKind.REMOVED, where, detail)
        elif expected == 1:
            chain.first_prev = record["prev"]
        elif record["prev"] != chain.hash:
            self._find(FindingKind.SPLICED, where, "does not follow the record before it")
        if record["time"] < chain.time:
            detail = f"the writer's clock went back from {chain.time} to {record['time']}"
            self.warnings.append(Finding(FindingKind.CLOCK, where, detail))
        chain.seq, chain.hash, chain.time = seq, record["hash"], record["time"]
        self._check_head(record, where)

    def _tell_late(self, chain: _Chain, seq: int, where: str) -> None:
        """A number that was skipped comes late; one that was met before is a copy."""
        gap = next((gap for gap in chain.missing if seq in gap), None)
        if gap is None:
            self._find(FindingKind.INSERTED, where, "is a second record of this number")
            return
        chain.missing.remove(gap)
        chain.missing += [part for part in (range(gap.start, seq), range(seq + 1, gap.stop)) if part]
        self._find(FindingKind.REORDERED, where, f"comes after seq {chain.seq}")

    def _check_head(self, record: dict[str, Any], where: str) -> None:
        signed = self.history.heads.get(record["chain"], {}).get(record["seq"])
        if signed is not None and signed != record["hash"]:
            self._find(FindingKind.SPLICED, where, "a signed checkpoint names another hash")

    def _check_clock(self, record: dict[str, Any], stream_id: str, where: str) -> None:
        """Compare the writer's clock with the store's, which stands in the stream id; tell every jump once."""
        chain, off_s = self._chains[record["chain"]], _clock_off_s(record["time"], stream_id)
        if off_s is None:
            self.warnings.append(Finding(FindingKind.CLOCK, where, "its time cannot be read"))
        elif abs(off_s - chain.clock_off_s) > CLOCK_S:
            chain.clock_off_s = off_s
            detail = f"the writer's clock and the store's differ by {off_s:+.0f} s"
            self.warnings.append(Finding(FindingKind.CLOCK, where, detail))

    def _follow_turn(self, record: dict[str, Any], where: str) -> None:
        turn, phase = record["turn"], record["phase"]
        if phase == AuditPhase.ACCEPTED and turn not in self._ended:
            self.open_turns[turn] = OpenTurn(where, record["time"])
        elif phase in _TERMINAL:
            if not self._ended.add(turn):
                self._find(FindingKind.ENDED_TWICE, where, f"the turn {turn} had ended before")
            self.open_turns.pop(turn, None)

    def _check_end(self, chain: str, signed: int) -> None:
        walked = self._chains.get(chain)
        if walked is None and signed > 0:
            self._find(
                FindingKind.ROLLED_BACK, f"chain {chain}", f"all {signed} record(s) that were signed are missing"
            )
        elif walked is not None and walked.seq < signed:
            detail = f"ends at seq {walked.seq}, but seq {signed} was signed: the end is cut off or rolled back"
            self._find(FindingKind.TRUNCATED, f"chain {chain}", detail)

    def _check_stored_head(self, chain: str, head: str) -> None:
        stored, walked = head.partition(":")[0], self._chains.get(chain, _Chain()).seq
        if not stored.isdigit() or walked >= int(stored) or walked < self.history.expected.get(chain, 0):
            return  # Where the checkpoints have seen it already, it is told once.
        if walked == 0 and self.history.is_covered(chain):
            return  # It lies whole in an archive that is not walked here.
        detail = f"ends at seq {walked}, but the store counted {stored}: the end is cut off"
        self._find(FindingKind.TRUNCATED, f"chain {chain}", detail)

    def _check_start(self, chain: str, walked: _Chain) -> None:
        opened = self.history.opened.get(chain)
        if self.history.count and opened is None:
            self._find(FindingKind.UNWITNESSED, f"chain {chain}", "no checkpoint opens this chain")
        if not walked.first_prev or opened is None:
            return
        if walked.first_prev != opened.head:
            self._find(FindingKind.SPLICED, f"chain {chain} seq 1", "does not start where its checkpoint says")
        elif not self._has_its_start(chain):
            self._find(FindingKind.REMOVED, f"chain {chain} seq 1", "continues from a record that is missing")

    def _has_its_start(self, chain: str) -> bool:
        """Say whether the record that a chain continues from was walked, or lies in an archive before the walk."""
        opened = self.history.opened.get(chain)
        while opened is not None and opened.head != GENESIS:
            old = opened.continues
            signed = self.history.signed_number(old, opened.head)
            if signed is None:
                return False
            if signed > 0:
                walked = self._chains.get(old)
                return self.history.is_covered(old) or (walked is not None and walked.seq >= signed)
            opened = self.history.opened.get(old)  # The old chain wrote nothing: look where it started.
        return opened is not None


def _clock_off_s(time: str, stream_id: str) -> float | None:
    milliseconds = stream_id.partition("-")[0]
    try:
        return datetime.fromisoformat(time).timestamp() - int(milliseconds) / 1000
    except (ValueError, OverflowError):
        return None
