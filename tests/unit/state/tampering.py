"""The eight ways to change the evidence that a verifier must see, each at a seeded random place.

Each changes a copy of the evidence and returns where that must be told: a finding has to name one of the words.
"""

import json
import random
from collections.abc import Callable
from typing import Any

from portico_core.audit import ChainPosition, seal_record
from portico_core.labels import AuditPhase
from portico_state.audit_script import stored_form
from unit.state.rig import Evidence, entry

Tampering = Callable[[Evidence, random.Random], tuple[str, ...]]
_FIELDS = ("route", "patient", "turn", "time", "label", "bytes_sha256", "seq", "confidence", "actor")


def record_at(evidence: Evidence, place: int) -> dict[str, Any]:
    """Return the record at a place."""
    record: dict[str, Any] = json.loads(evidence.records[place][1]["record"])
    return record


def edit(evidence: Evidence, rng: random.Random) -> tuple[str, ...]:
    """Change one field of a record."""
    place = _any_place(evidence, rng)
    record, field, stream_id = record_at(evidence, place), rng.choice(_FIELDS), evidence.records[place][0]
    record[field] = record["seq"] + 1 if field == "seq" else "changed"
    evidence.records[place] = (stream_id, {"record": stored_form(record)})
    return (stream_id,)


def delete(evidence: Evidence, rng: random.Random) -> tuple[str, ...]:
    """Take a record out."""
    place = _any_place(evidence, rng)
    record = record_at(evidence, place)
    del evidence.records[place]
    return f"missing from seq {record['seq']}", f"ends at seq {record['seq'] - 1}", f"all {record['seq']} record(s)"


def insert(evidence: Evidence, rng: random.Random) -> tuple[str, ...]:
    """Put in a copy of a genuine record, or one sealed with a key of the intruder's own.

    Of two equal records either may be called the copy.
    """
    place, words = _any_place(evidence, rng), list[str]()
    if rng.random() < 0.5:
        original, fields = evidence.records[_any_place(evidence, rng)]
        words.append(original)
    else:
        at = ChainPosition(record_at(evidence, place)["chain"], 1 + rng.randrange(20), "0" * 64)
        forged = entry(AuditPhase.DECIDED, "forged", tenant=evidence.tenant)
        time = record_at(evidence, place)["time"]
        fields = {"record": stored_form(seal_record(forged, at=at, record_id="x", time=time, key=b"guess" * 7))}
    place, stream_id = _free_place(evidence, place)
    evidence.records.insert(place, (stream_id, fields))
    return (stream_id, *words)


def swap(evidence: Evidence, rng: random.Random) -> tuple[str, ...]:
    """Exchange two records of one chain."""
    first = _any_place(evidence, rng)
    chain = record_at(evidence, first)["chain"]
    same = [n for n in range(len(evidence.records)) if n != first and record_at(evidence, n)["chain"] == chain]
    second = rng.choice(same)
    records = evidence.records
    records[first], records[second] = (records[first][0], records[second][1]), (records[second][0], records[first][1])
    return records[first][0], records[second][0]


def truncate(evidence: Evidence, rng: random.Random) -> tuple[str, ...]:
    """Cut off the end of the stream."""
    return _cut(evidence, _any_place(evidence, rng))


def roll_back(evidence: Evidence, rng: random.Random) -> tuple[str, ...]:
    """Restore the whole store, its memory of heads and checkpoints included, to an earlier moment; the file stays."""
    moment = rng.choice(evidence.moments)
    evidence.witness, evidence.stored_heads = dict(moment.witness), dict(moment.stored_heads)
    return _cut(evidence, moment.records)


def splice(evidence: Evidence, rng: random.Random) -> tuple[str, ...]:
    """Put a genuine stretch of another chain, renamed to this one or not, where a stretch of this one was."""
    place = _any_place(evidence, rng)
    record = record_at(evidence, place)
    foreign = [n for n in range(len(evidence.records)) if record_at(evidence, n)["chain"] != record["chain"]]
    start, ids = rng.choice(foreign), list[str]()
    rename = rng.random() < 0.5
    for offset in range(rng.randrange(1, 4)):
        if max(place, start) + offset >= len(evidence.records):
            break
        other = record_at(evidence, start + offset)
        if rename:
            other |= {"chain": record["chain"], "seq": record["seq"] + offset}
        stream_id = evidence.records[place + offset][0]
        ids.append(stream_id)
        evidence.records[place + offset] = (stream_id, {"record": stored_form(other)})
    return (*ids, record["chain"])


def old_checkpoint(evidence: Evidence, rng: random.Random) -> tuple[str, ...]:
    """Show an old checkpoint as the newest: cut the file there, repeat its line, or cut file and stream."""
    number, how = rng.randrange(1, len(evidence.lines)), rng.randrange(3)
    if how == 1:
        evidence.lines.append(evidence.lines[number - 1])
    else:
        del evidence.lines[number:]
    if how == 2:
        _cut(evidence, _any_place(evidence, rng))
    return ("checkpoints ",)


TAMPERINGS: tuple[Tampering, ...] = (edit, delete, insert, swap, truncate, roll_back, splice, old_checkpoint)


def _any_place(evidence: Evidence, rng: random.Random) -> int:
    return rng.randrange(len(evidence.records))


def _cut(evidence: Evidence, place: int) -> tuple[str, ...]:
    lost = {record_at(evidence, n)["chain"] for n in range(place, len(evidence.records))}
    del evidence.records[place:]
    return tuple(lost)


def _free_place(evidence: Evidence, place: int) -> tuple[int, str]:
    """Return the next place between two stream ids that leave one free; after the last there always is."""
    while place < len(evidence.records):
        free, following = _after(evidence.records[place - 1][0]) if place else "0-1", evidence.records[place][0]
        if _order(free) < _order(following):
            return place, free
        place += 1
    return place, _after(evidence.records[-1][0])


def _after(stream_id: str) -> str:
    milliseconds, _, number = stream_id.partition("-")
    return f"{milliseconds}-{int(number) + 1}"


def _order(stream_id: str) -> tuple[int, int]:
    milliseconds, _, number = stream_id.partition("-")
    return int(milliseconds), int(number)
