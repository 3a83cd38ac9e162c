"""Walk audit records in the order of the stream and say what was changed, and where. Pure: no I/O, no clock.

Each chain is followed on its own: the hash tells an edit, the sequence number a removal or insertion, the previous
hash a splice, and the signed checkpoints an end that was cut off. After a finding the walk goes on from the record
at hand, so that one change is told once.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portico_core.audit import GENESIS, record_hash
from portico_core.labels import AuditPhase
from portico_state.checkpoint_history import CheckpointHistory
from portico_state.findings import Finding, FindingKind
from portico_state.keyring import Keyring

_TERMINAL = frozenset({AuditPhase.DECIDED, AuditPhase.REFUSED, AuditPhase.ABANDONED})
_FIELDS = frozenset((
    "v", "id", "chain", "seq", "prev", "time", "tenant", "patient", "conversation", "turn", "phase", "route", "label",
    "confidence", "source", "models", "policy", "passages", "validators", "redactions", "latency_ms", "bytes_sha256",
    "actor", "hash",
))  # fmt: skip


@dataclass(slots=True)
class _Chain:
    """How far the walk has come in one chain."""

    seq: int = 0
    hash: str = ""
    first_prev: str = ""
    time: str = ""
    seen: set[int] = field(default_factory=set)


@dataclass(slots=True)
class OpenTurn:
    """A turn whose end was not met yet: where and when it was accepted."""

    where: str
    time: str


@dataclass(slots=True)
class ChainWalk:
    """Feed every record in stream order, then call `finish`. A chain names its key: `<uuid>.<key id>`."""

    keyring: Keyring
    tenant: str
    history: CheckpointHistory
    records: int = 0
    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    open_turns: dict[str, OpenTurn] = field(default_factory=dict)
    _chains: dict[str, _Chain] = field(default_factory=dict)
    _ended: set[str] = field(default_factory=set)

    @property
    def chains(self) -> int:
        """Count the chains met so far."""
        return len(self._chains)

    def feed(self, stream_id: str, fields: Mapping[str, str]) -> None:
        """Take the next record of the stream."""
        self.records += 1
        record = _parse(fields)
        if record is None:
            self._find(FindingKind.UNREADABLE, stream_id, "is not a record in its one spelling")
            return
        where = f"chain {record['chain']} seq {record['seq']} ({stream_id})"
        if self._check_hash(record, where):
            self._follow(record, where)
            self._follow_turn(record, where)

    def finish(self, stored_heads: Mapping[str, str]) -> None:
        """Compare the ends of the chains with the checkpoints, and the starts with the chains before them.

        `stored_heads` (chain → `seq:hash`, read before the walk) is what the store itself says. It proves nothing, but
        who only cuts the stream forgets it, also after the last checkpoint.
        """
        for chain, heads in self.history.heads.items():
            self._check_end(chain, heads)
        for chain, walked in self._chains.items():
            self._check_start(chain, walked)
        for chain, head in stored_heads.items():
            self._check_stored_head(chain, head)

    def _find(self, kind: FindingKind, where: str, detail: str) -> None:
        self.findings.append(Finding(kind, where, detail))

    def _check_hash(self, record: dict[str, Any], where: str) -> bool:
        """Say whether the record is genuine; only then may it move the walk."""
        key = self.keyring.audit.keys.get(record["chain"].rpartition(".")[2])
        if key is None:
            self._find(FindingKind.UNKNOWN_KEY, where, "is signed with a key that is not in the keyring")
        elif not hmac.compare_digest(record_hash(record, key=key), record["hash"]):
            self._find(FindingKind.EDITED, where, "its hash does not fit: edited, or made without the key")
            self._step_over(record)
        elif record["tenant"] != self.tenant:
            self._find(FindingKind.FOREIGN, where, "belongs to another tenant")
        else:
            return True
        return False

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
        if _short(record["hash"]) in chain.seen:
            self._find(FindingKind.INSERTED, where, "is a second copy of a record")
            return
        chain.seen.add(_short(record["hash"]))
        if seq < expected:
            self._find(FindingKind.REORDERED, where, f"comes after seq {chain.seq}")
            return
        if seq > expected:
            self._find(
                FindingKind.REMOVED, where, f"{seq - expected} record(s) before it are missing from seq {expected}"
            )
        elif expected == 1:
            chain.first_prev = record["prev"]
        elif record["prev"] != chain.hash:
            self._find(FindingKind.SPLICED, where, "does not follow the record before it")
        if record["time"] < chain.time:
            self.warnings.append(Finding(FindingKind.REORDERED, where, "the writer's clock went back"))
        chain.seq, chain.hash, chain.time = seq, record["hash"], record["time"]
        self._check_head(record, where)

    def _check_head(self, record: dict[str, Any], where: str) -> None:
        signed = self.history.heads.get(record["chain"], {}).get(record["seq"])
        if signed is not None and signed != record["hash"]:
            self._find(FindingKind.SPLICED, where, "a signed checkpoint names another hash")

    def _follow_turn(self, record: dict[str, Any], where: str) -> None:
        turn, phase = record["turn"], record["phase"]
        if phase == AuditPhase.ACCEPTED and turn not in self._ended:
            self.open_turns[turn] = OpenTurn(where, record["time"])
        elif phase in _TERMINAL:
            if turn in self._ended:
                self._find(FindingKind.ENDED_TWICE, where, f"the turn {turn} had ended before")
            self._ended.add(turn)
            self.open_turns.pop(turn, None)

    def _check_end(self, chain: str, heads: Mapping[int, str]) -> None:
        signed, walked = max(heads), self._chains.get(chain)
        if walked is None and signed > 0:
            self._find(
                FindingKind.ROLLED_BACK, f"chain {chain}", f"all {signed} record(s) that were signed are missing"
            )
        elif walked is not None and walked.seq < signed:
            detail = f"ends at seq {walked.seq}, but seq {signed} was signed: the end is cut off or rolled back"
            self._find(FindingKind.TRUNCATED, f"chain {chain}", detail)

    def _check_stored_head(self, chain: str, head: str) -> None:
        stored, walked = head.partition(":")[0], self._chains.get(chain, _Chain()).seq
        signed = max(self.history.heads.get(chain, {}), default=0)
        if not stored.isdigit() or walked >= int(stored) or walked < signed:
            return  # Where the checkpoints have seen it already, it is told once.
        detail = f"ends at seq {walked}, but the store counted {stored}: the end is cut off"
        self._find(FindingKind.TRUNCATED, f"chain {chain}", detail)

    def _check_start(self, chain: str, walked: _Chain) -> None:
        opened = self.history.opened.get(chain)
        if self.history.count and opened is None:
            self._find(FindingKind.UNWITNESSED, f"chain {chain}", "no checkpoint opens this chain")
        if not walked.first_prev:
            return
        start = opened.head if opened else GENESIS
        if opened and walked.first_prev != start:
            self._find(FindingKind.SPLICED, f"chain {chain} seq 1", "does not start where its checkpoint says")
        if walked.first_prev != GENESIS and not self._is_known(walked.first_prev):
            self._find(FindingKind.REMOVED, f"chain {chain} seq 1", "continues from a record that is missing")

    def _is_known(self, wanted: str) -> bool:
        starts = (checkpoint.head for checkpoint in self.history.opened.values() if checkpoint.seq == 0)
        return any(_short(wanted) in chain.seen for chain in self._chains.values()) or wanted in set(starts)


def _short(text: str) -> int:
    """Return the first 64 bits of a hash: enough to know it again, and small for millions of records."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:16], 16)


def _parse(fields: Mapping[str, str]) -> dict[str, Any] | None:
    """Read a record; None unless it is spelled exactly as the writer spells it."""
    text = fields.get("record", "")
    try:
        record = json.loads(text)
        canonical = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    if len(fields) != 1 or not isinstance(record, dict) or canonical != text or not record.keys() >= _FIELDS:
        return None
    texts = ("chain", "hash", "prev", "time", "tenant", "turn", "phase")
    fits = all(isinstance(record[name], str) for name in texts) and type(record["seq"]) is int
    return record if fits else None
