"""Tampering is seen: eight ways to change the evidence, each at seeded random places, and what is left alone."""

import json
import random
import time
import tracemalloc
from pathlib import Path

import pytest

from portico_core.audit import ChainPosition, seal_record
from portico_core.labels import AuditPhase
from portico_state.audit_script import stored_form
from portico_state.chain_walk import ChainWalk
from portico_state.checkpoint_history import CheckpointHistory
from portico_state.checkpoints import GENESIS_MAC
from portico_state.findings import FindingKind
from portico_state.identifiers import new_id, now_utc
from portico_state.keyring import Keyring, KeySet
from unit.state.rig import Evidence, entry, make_evidence, say
from unit.state.tampering import TAMPERINGS, Tampering, delete, edit, record_at, swap, truncate

SEED = 20261123
PLACES = 25
CLEAN_CHAINS = 25


def _chain_of(evidence: Evidence, place: int) -> str:
    return str(record_at(evidence, place)["chain"])


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_tampering_is_found_and_its_place_is_named(tamper: Tampering, tmp_path: Path) -> None:
    rng = random.Random(f"{SEED}{tamper.__name__}")
    genuine, missed = make_evidence(tmp_path, rng), []
    for place in range(PLACES):
        changed = genuine.copy()
        words = tamper(changed, rng)
        told = [f"{finding.where} {finding.detail}" for finding in changed.verify().findings]
        if not any(word in text for word in words for text in told):
            missed.append((place, words, told))
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
def test_the_finding_names_what_was_done(tamper: Tampering, kind: FindingKind, tmp_path: Path) -> None:
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


def _sealed_later(evidence: Evidence, time: str) -> None:
    """Append a genuine record whose writer's clock says `time`, and the checkpoint that signs nothing new."""
    record = record_at(evidence, len(evidence.records) - 1)
    at = ChainPosition(record["chain"], record["seq"] + 1, record["hash"])
    key = evidence.keyring.audit.active_key
    sealed = seal_record(entry(AuditPhase.ACCESS, "t"), at=at, record_id="x", time=time, key=key)
    milliseconds = int(evidence.records[-1][0].partition("-")[0])
    evidence.records.append((f"{milliseconds + 1}-0", {"record": stored_form(sealed)}))


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("2020-01-01T00:00:00.000000Z", ["went back from", "differ by -"]),
        ("2100-01-01T00:00:00.000000Z", ["differ by +"]),
        ("soon", ["cannot be read"]),
    ],
)
def test_a_clock_that_jumps_is_told_and_changes_nothing(time: str, words: list[str], tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path, random.Random(SEED), chains=1)
    _sealed_later(evidence, time)
    report = evidence.verify()
    assert report.ok
    told = [finding.detail for finding in report.warnings if finding.kind is FindingKind.CLOCK]
    assert len(told) == len(words)
    assert all(word in detail for word, detail in zip(words, told, strict=True))


def test_a_missing_key_is_named_once_a_chain_and_nothing_else_is_said_of_it(tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path, random.Random(SEED), chains=2)
    keys = evidence.keyring.rotate("audit").audit
    evidence.keyring = Keyring(keys.retire("a1"), evidence.keyring.vault, evidence.keyring.patient)
    evidence.lines, evidence.witness = [], {}
    findings = evidence.verify().findings
    assert [finding.kind for finding in findings] == [FindingKind.UNKNOWN_KEY] * 2
    assert all("the audit key a1, which is not in the keyring" in finding.detail for finding in findings)


def test_memory_of_a_walk_stays_flat(tmp_path: Path) -> None:
    """Ten times the records, and no more memory: what a walk keeps is a position a chain. The control keeps all."""

    def peak_kib(records: int, *, keep: bool) -> float:
        evidence = Evidence(Keyring.generate())
        key, at = evidence.keyring.audit.active_key, ChainPosition(f"{new_id()}.a1", 1, GENESIS_MAC)
        walk = ChainWalk(evidence.keyring, evidence.tenant, CheckpointHistory())
        kept = []
        tracemalloc.start()
        for number in range(records):
            made = entry(AuditPhase.DECIDED, f"turn-{number}")
            record = seal_record(made, at=at, record_id="x", time="2026-11-23T00:00:00Z", key=key)
            walk.feed(f"1763856000000-{number}", {"record": stored_form(record)})
            at = ChainPosition(at.chain, at.seq + 1, record["hash"])
            kept.append(record if keep else None)
        walk.finish({})
        peak = tracemalloc.get_traced_memory()[1] / 1024
        tracemalloc.stop()
        assert not walk.findings
        return peak

    small, large, control = peak_kib(200, keep=False), peak_kib(2_000, keep=False), peak_kib(2_000, keep=True)
    say(f"peak of a walk: {small:.0f} KiB at 200 records, {large:.0f} at 2,000; control {control:.0f}")
    assert large < small + 200
    assert control > small + 1_000


def test_a_genuine_record_that_does_not_follow_the_one_before_is_found(tmp_path: Path) -> None:
    """Made with the key and rightly numbered, behind the last checkpoint: only its link to the one before is wrong."""
    evidence = make_evidence(tmp_path, random.Random(7), chains=1)
    last = json.loads(evidence.records[-1][1]["record"])
    at = ChainPosition(last["chain"], last["seq"] + 1, "f" * 64)
    record = seal_record(
        entry(AuditPhase.ACCESS, "t"), at=at, record_id="r", time=now_utc(), key=evidence.keyring.audit.active_key
    )
    evidence.records.append((f"{time.time_ns() // 1_000_000}-0", {"record": stored_form(record)}))
    assert FindingKind.SPLICED in {finding.kind for finding in evidence.verify().findings}
