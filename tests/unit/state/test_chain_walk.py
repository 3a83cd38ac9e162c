"""Tampering is seen: eight ways to change the evidence, each at seeded random places, and what is left alone."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from portico_core.audit import AuditEntry, ChainPosition, seal_record
from portico_core.labels import AuditPhase
from portico_state.checkpoints import GENESIS_MAC
from portico_state.findings import FindingKind
from portico_state.keyring import Keyring, KeySet
from unit.state.rig import Evidence, entry, make_evidence, say

SEED = 20261123
PLACES = 25
CLEAN_CHAINS = 25


def _chain_of(evidence: Evidence, place: int) -> str:
    return str(json.loads(evidence.records[place][1]["record"])["chain"])


def _any_place(evidence: Evidence, rng: random.Random) -> int:
    return rng.randrange(len(evidence.records))


def edit(evidence: Evidence, rng: random.Random) -> None:
    place = _any_place(evidence, rng)
    record = json.loads(evidence.records[place][1]["record"])
    field = rng.choice(["route", "patient", "turn", "time", "label", "bytes_sha256", "seq", "confidence", "actor"])
    record[field] = record["seq"] + 1 if field == "seq" else "changed"
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    evidence.records[place] = (evidence.records[place][0], {"record": text})


def delete(evidence: Evidence, rng: random.Random) -> None:
    del evidence.records[_any_place(evidence, rng)]


def insert(evidence: Evidence, rng: random.Random) -> None:
    """Put in a copy of a genuine record, or one sealed with a key of the intruder's own."""
    place = _any_place(evidence, rng)
    if rng.random() < 0.5:
        fields = dict(evidence.records[_any_place(evidence, rng)][1])
    else:
        at = ChainPosition(_chain_of(evidence, place), 1 + rng.randrange(20), "0" * 64)
        forged: AuditEntry = entry(AuditPhase.DECIDED, "forged")
        record = seal_record(forged, at=at, record_id="x", time="2026-11-23T00:00:00Z", key=b"guess" * 7)
        fields = {"record": json.dumps(record, sort_keys=True, separators=(",", ":"))}
    evidence.records.insert(place, ("5-5", fields))


def swap(evidence: Evidence, rng: random.Random) -> None:
    """Exchange two records of one chain."""
    first = _any_place(evidence, rng)
    same = [n for n in range(len(evidence.records)) if _chain_of(evidence, n) == _chain_of(evidence, first)]
    second = rng.choice([place for place in same if place != first])
    records = evidence.records
    records[first], records[second] = (records[first][0], records[second][1]), (records[second][0], records[first][1])


def truncate(evidence: Evidence, rng: random.Random) -> None:
    """Cut off the end of the stream."""
    del evidence.records[_any_place(evidence, rng) :]


def roll_back(evidence: Evidence, rng: random.Random) -> None:
    """Restore the whole store, its memory of the checkpoints included, to an earlier moment; the file stays."""
    del evidence.records[_any_place(evidence, rng) :]
    number = rng.randrange(len(evidence.lines))
    _remember_line(evidence, number)


def splice(evidence: Evidence, rng: random.Random) -> None:
    """Put a genuine stretch of another chain, renamed or not, where a stretch of this one was."""
    place = rng.randrange(len(evidence.records) - 3)
    chain = _chain_of(evidence, place)
    other = next(_chain_of(evidence, n) for n in range(len(evidence.records)) if _chain_of(evidence, n) != chain)
    text = evidence.records[place][1]["record"].replace(chain, other)
    evidence.records[place] = (evidence.records[place][0], {"record": text})


def old_checkpoint(evidence: Evidence, rng: random.Random) -> None:
    """Show an old checkpoint as the newest: cut the file there, repeat its line, or cut file and stream."""
    number = rng.randrange(1, len(evidence.lines))
    how = rng.randrange(3)
    if how == 0:
        del evidence.lines[number:]
    elif how == 1:
        evidence.lines.append(evidence.lines[number - 1])
    else:
        del evidence.lines[number:]
        del evidence.records[_any_place(evidence, rng) :]


def _remember_line(evidence: Evidence, number: int) -> None:
    line = json.loads(evidence.lines[number])
    evidence.witness = {line["log"]: f"{line['number']}:{line['mac']}"}


TAMPERINGS: list[Callable[[Evidence, random.Random], None]] = [
    edit, delete, insert, swap, truncate, roll_back, splice, old_checkpoint,
]  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_tampering_is_found(tamper: Callable[[Evidence, random.Random], None], tmp_path: Path) -> None:
    rng = random.Random(f"{SEED}{tamper.__name__}")
    genuine, missed = make_evidence(tmp_path, rng), []
    for place in range(PLACES):
        changed = genuine.copy()
        tamper(changed, rng)
        report = changed.verify()
        if report.intact:
            missed.append(place)
        assert all(finding.where and finding.detail for finding in report.findings)
    say(f"{tamper.__name__}: found {PLACES - len(missed)} of {PLACES}, seed {SEED}")
    assert not missed


def test_clean_chains_are_accepted(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    for number in range(CLEAN_CHAINS):
        evidence = make_evidence(tmp_path / str(number), rng, chains=1 + number % 3, turns=4)
        report = evidence.verify()
        assert report.ok, report.findings
        assert not report.warnings
    say(f"clean: accepted {CLEAN_CHAINS} of {CLEAN_CHAINS}, seed {SEED}")


def test_control_without_checkpoints_a_cut_end_is_not_seen(tmp_path: Path) -> None:
    """Shows that the test above can fail: it is the checkpoints that see a truncation, and the key an edit."""
    evidence = make_evidence(tmp_path, random.Random(SEED), chains=1)
    del evidence.records[-4:]
    evidence.lines, evidence.witness = [], {}
    assert evidence.verify().intact


@pytest.mark.parametrize(
    ("tamper", "kind"),
    [
        (edit, FindingKind.EDITED),
        (delete, FindingKind.REMOVED),
        (swap, FindingKind.REORDERED),
        (truncate, FindingKind.TRUNCATED),
    ],
)
def test_the_finding_names_what_was_done(
    tamper: Callable[[Evidence, random.Random], None], kind: FindingKind, tmp_path: Path
) -> None:
    evidence = make_evidence(tmp_path, random.Random(SEED), chains=1)
    place = len(evidence.records) // 2
    tamper(evidence, _Always(place))
    assert kind in {finding.kind for finding in evidence.verify().findings}


class _Always(random.Random):
    """Choose one place and the first of every list."""

    def __init__(self, place: int) -> None:
        super().__init__(SEED)
        self._place = place

    def randrange(self, *_: object) -> int:
        return self._place


def test_everything_rolled_back_together_is_seen_by_an_auditors_note_only(tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path, random.Random(SEED), chains=1)
    note = evidence.verify().head
    lines = [number for number, line in enumerate(evidence.lines) if b'"periodic"' in line]
    kept = json.loads(evidence.lines[lines[0]])
    evidence.lines, evidence.records = evidence.lines[: lines[0] + 1], evidence.records[: kept["seq"]]
    evidence.witness = {kept["log"]: f"{kept['number']}:{kept['mac']}"}
    assert evidence.verify().intact
    assert not evidence.verify(expected_head=note).intact


def test_a_cut_after_the_last_checkpoint_is_seen_unless_the_stored_head_was_changed_too(tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path, random.Random(SEED), chains=1)
    last = json.loads(evidence.records[-1][1]["record"])
    evidence.lines, evidence.witness = evidence.lines[:-4], {}
    signed = max(json.loads(line)["seq"] for line in evidence.lines)
    del evidence.records[signed:]
    assert evidence.verify().intact
    evidence.stored_heads = {last["chain"]: f"{last['seq']}:{last['hash']}"}
    assert [finding.kind for finding in evidence.verify().findings] == [FindingKind.TRUNCATED]


def test_an_edit_is_told_once(tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path, random.Random(SEED), chains=1)
    place = len(evidence.records) // 2
    text = evidence.records[place][1]["record"].replace('"actor":"gateway"', '"actor":"nobody"')
    evidence.records[place] = (evidence.records[place][0], {"record": text})
    kinds = [finding.kind for finding in evidence.verify().findings]
    assert kinds == [FindingKind.EDITED]


def test_unknown_key_and_foreign_tenant_are_named(tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path, random.Random(SEED))
    stranger = evidence.copy()
    stranger.keyring = Keyring.generate().rotate("audit")
    newest = KeySet("a2", {"a2": stranger.keyring.audit.active_key})
    stranger.keyring = Keyring(newest, stranger.keyring.vault, stranger.keyring.patient)
    assert {finding.kind for finding in stranger.verify().findings} >= {
        FindingKind.UNKNOWN_KEY,
        FindingKind.CHECKPOINT,
    }
    foreign = make_evidence(tmp_path / "b", random.Random(SEED), chains=1)
    record = json.loads(foreign.records[-1][1]["record"])
    other = seal_record(
        entry(AuditPhase.ACCESS, "t", tenant="other"),
        at=ChainPosition(record["chain"], record["seq"] + 1, record["hash"]),
        record_id="x",
        time=record["time"],
        key=foreign.keyring.audit.active_key,
    )
    foreign.records.append(("999-0", {"record": json.dumps(other, sort_keys=True, separators=(",", ":"))}))
    assert [finding.kind for finding in foreign.verify().findings] == [FindingKind.FOREIGN]


def test_old_records_verify_after_a_rotation(tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path, random.Random(SEED))
    evidence.keyring = evidence.keyring.rotate("audit")
    assert evidence.keyring.audit.active == "a2"
    assert evidence.verify().ok


def test_a_missing_chain_is_named_even_when_nothing_else_is_wrong(tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path, random.Random(SEED))
    chain = _chain_of(evidence, 0)
    evidence.records = [pair for pair in evidence.records if chain not in pair[1]["record"]]
    findings = evidence.verify().findings
    assert [finding.kind for finding in findings] == [FindingKind.ROLLED_BACK]
    assert chain in findings[0].where


def test_a_chain_without_a_checkpoint_is_named(tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path, random.Random(SEED))
    stranger = f"01a20a54-0000-7000-8000-000000000000.{evidence.keyring.audit.active}"
    record = seal_record(
        entry(AuditPhase.ACCESS, "t"),
        at=ChainPosition(stranger, 1, GENESIS_MAC),
        record_id="x",
        time="2026-11-23T00:00:00Z",
        key=evidence.keyring.audit.active_key,
    )
    evidence.records.append(("9999-0", {"record": json.dumps(record, sort_keys=True, separators=(",", ":"))}))
    assert [finding.kind for finding in evidence.verify().findings] == [FindingKind.UNWITNESSED]


@pytest.mark.parametrize(
    "fields",
    [
        {},  # no record at all
        {"record": "{"},  # not JSON
        {"record": "[]"},  # not an object
        {"record": '{"v": 1}'},  # another spelling
        {"record": '{"v":1}'},  # fields are missing
        {"record": "[" * 100_000},  # deep nesting
        {"record": '{"v":NaN}'},  # no JSON number
    ],
)
def test_what_is_no_record_is_named_and_does_not_stop_the_walk(fields: dict[str, str], tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path, random.Random(SEED))
    evidence.records.insert(5, ("5-5", fields))
    assert [finding.kind for finding in evidence.verify().findings] == [FindingKind.UNREADABLE]


def test_an_accepted_turn_without_an_end_is_reported_apart(tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path, random.Random(SEED), chains=1)
    evidence.lines, evidence.witness = [], {}
    last = json.loads(evidence.records[-1][1]["record"])
    del evidence.records[-1]
    report = evidence.verify()
    assert report.ok
    assert [finding.kind for finding in report.unfinished] == [FindingKind.UNFINISHED]
    assert last["turn"] in report.unfinished[0].detail
