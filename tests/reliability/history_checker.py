"""The offline checker: what clients were told against what the store kept. It shares no code with the writer.

It reads the raw JSON of the audit stream and the raw fields of the tickets, and asks only what a reader of the
contract could ask: is there a record of these bytes, does every turn end once, is there one ticket for each.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from reliability.client_history import History, Told
from reliability.rig_stack import TENANT, Rig

ENDS = frozenset({"decided", "refused", "abandoned"})


@dataclass(frozen=True, slots=True)
class Kept:
    """The store's side, raw: audit records in stream order, and ticket ids as often as they were opened."""

    records: tuple[dict[str, Any], ...]
    tickets: tuple[str, ...]

    @classmethod
    def read(cls, rig: Rig) -> "Kept":
        """Read both streams straight from Valkey."""
        name = f"portico:{{{TENANT}}}"
        with rig.raw() as store:
            records: Any = store.xrange(f"{name}:audit")
            tickets: Any = store.xrange(f"{name}:escalations")
        return cls(
            tuple(json.loads(fields["record"]) for _, fields in records),
            tuple(fields["ticket"] for _, fields in tickets),
        )


@dataclass(slots=True)
class Verdicts:
    """What is wrong, by kind; every kind that was looked for is there, with no entry where nothing was found."""

    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    kinds: tuple[str, ...] = (
        "answer_without_decided", "body_without_record", "ended_twice", "never_ended", "recorded_twice",
        "ticket_missing", "ticket_doubled", "two_answers_of_one_key",
    )  # fmt: skip

    def counts(self) -> dict[str, int]:
        """Return the number of faults of every kind."""
        return {kind: len(self.faults.get(kind, [])) for kind in self.kinds}

    def all(self) -> list[str]:
        """Return every fault as a line."""
        return [f"{kind}: {line}" for kind in self.kinds for line in self.faults.get(kind, [])]


def check_history(history: History, kept: Kept) -> Verdicts:
    """Compare both sides. Call it when nothing is in flight and nothing waits in the spool."""
    found = Verdicts()
    _check_bodies(history.told, kept, found)
    _check_turns(kept, found)
    _check_tickets(history.told, kept, found)
    _check_keys(history.told, found)
    return found


def _check_bodies(told: Iterable[Told], kept: Kept, found: Verdicts) -> None:
    by_turn: dict[str, dict[str, str]] = defaultdict(dict)
    for record in kept.records:
        if record["bytes_sha256"]:
            by_turn[record["turn"]][record["bytes_sha256"]] = record["phase"]
    for each in told:
        if each.sha256 is None:
            continue
        phase = by_turn[each.turn["turn_id"]].get(each.sha256)
        if each.turn["answer"] is not None and phase != "decided":
            found.faults["answer_without_decided"].append(_line(each))
        if phase is None:
            found.faults["body_without_record"].append(_line(each))


def _check_turns(kept: Kept, found: Verdicts) -> None:
    steps = Counter((record["turn"], record["phase"]) for record in kept.records if record["phase"] != "access")
    ids = Counter(record["id"] for record in kept.records)
    ends = Counter(record["turn"] for record in kept.records if record["phase"] in ENDS)
    accepted = {record["turn"] for record in kept.records if record["phase"] == "accepted"}
    found.faults["recorded_twice"] += [str(step) for step, count in steps.items() if count > 1]
    found.faults["recorded_twice"] += [name for name, count in ids.items() if count > 1]
    found.faults["ended_twice"] += [turn for turn, count in ends.items() if count > 1]
    found.faults["never_ended"] += sorted(accepted - ends.keys())


def _check_tickets(told: Iterable[Told], kept: Kept, found: Verdicts) -> None:
    opened = Counter(kept.tickets)
    by_key: dict[str, set[str]] = defaultdict(set)
    for each in told:
        escalation = each.turn.get("escalation")
        if escalation is None:
            continue
        if escalation["id"] not in opened:
            found.faults["ticket_missing"].append(_line(each))
        if each.key is not None:
            by_key[each.key].add(escalation["id"])
    found.faults["ticket_doubled"] += [name for name, count in opened.items() if count > 1]
    found.faults["ticket_doubled"] += [f"key {key}: {len(ids)} tickets" for key, ids in by_key.items() if len(ids) > 1]


def _check_keys(told: Iterable[Told], found: Verdicts) -> None:
    bodies: dict[str, set[str]] = defaultdict(set)
    for each in told:
        if each.key is not None and each.sha256 is not None and not each.turn["degraded"]:
            bodies[each.key].add(each.sha256)
    found.faults["two_answers_of_one_key"] += [key for key, seen in bodies.items() if len(seen) > 1]


def _line(told: Told) -> str:
    return f"{told.number} {told.route} turn {told.turn.get('turn_id')} after {told.seconds:.2f} s"
