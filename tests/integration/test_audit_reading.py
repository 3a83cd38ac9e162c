"""Search, report and export over archive and stream: on record first, nothing lost at the seam, nothing forged."""

import asyncio
import csv
import hashlib
import io
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from integration.archived_days import spread_over_days
from integration.audit_site import Site, prepare, sources
from portico_cli.audit.exporting import COLUMNS
from portico_cli.main import app
from portico_core.errors import AuditUnavailable, ConfigurationError, InvalidRequest
from portico_core.labels import AuditPhase
from portico_state.client import open_store
from portico_state.conversations import Conversations
from portico_state.identifiers import new_id
from portico_state.redis_audit import RedisAudit
from portico_state.vault import Vault
from unit.state.rig import TENANT, StateRig, entry

ME, OTHER = "MRN 4711", "MRN 4712"
NAME = "Jordan Rivera"


async def write_visits(rig: StateRig) -> None:
    """Two patients and their staff on three days; kim of the staff signs in as the second one."""
    me, other = (rig.keyring.patient_hash(patient, tenant=TENANT) for patient in (ME, OTHER))
    conversation = (await Conversations(rig.store).create(me)).id
    await Vault(rig.store, rig.keyring).save(conversation, {"[NAME_1]": NAME}, version=0)
    kim = rig.keyring.patient_hash("kim", tenant=TENANT)
    for _ in range(3):
        for patient, actor in ((me, "patient:x"), (other, f"patient:{kim}")):
            turn = new_id()
            for phase in (AuditPhase.ACCEPTED, AuditPhase.DECIDED):
                await rig.audit.append(entry(phase, turn, conversation=conversation, patient=patient, actor=actor))
        for actor, patient in (("clinician:dana", me), ("clinician:kim", other)):
            seen = entry(AuditPhase.ACCESS, turn, patient=patient, actor=actor, source="escalation.view")
            await rig.audit.append(seen)
    await rig.audit.checkpoint()
    await spread_over_days(rig, lambda place: 2 - place // 6)


@pytest.fixture
def site(url: str, tmp_path: Path) -> Site:
    return prepare(url, tmp_path, write_visits)


def ids(found: list[dict[str, str]]) -> list[str]:
    return [record["id"] for record in found]


def test_a_search_finds_the_same_before_and_behind_the_seam_and_is_on_record(site: Site) -> None:
    before = site.json("audit", "search", "--patient", ME)
    assert [(record["phase"], record["actor"]) for record in before["records"]] == [
        *[("accepted", "patient:x"), ("decided", "patient:x"), ("access", "clinician:dana")] * 3,
        ("access", "operator:root"),
    ]
    site.run("audit", "archive", "--live-days", "1")
    after = site.json("audit", "search", "--patient", ME)
    assert ids(after["records"])[:-1] == ids(before["records"])  # And the second search itself.
    assert (after["verification"]["intact"], after["verification"]["archived_days"]) == (True, 2)
    assert sources(site)[-1] == ("operator:root", "audit.search")
    assert ME not in json.dumps(site.records())
    table = site.run("audit", "search", "--patient", "-", given=ME + "\n").stdout
    assert table.splitlines()[0].split()[:4] == ["time", "phase", "route", "label"]
    assert "12 records; the chains hold" in table


def test_days_before_the_first_wanted_one_are_not_read_and_the_rest_still_verifies(site: Site) -> None:
    whole = site.json("audit", "search", "--actor", "clinician:dana")
    archived = site.json("audit", "archive", "--live-days", "1")["archived"]
    first = next((site.state / "archive").rglob(f"*{archived[0]}.parquet"))
    first.rename(first.with_suffix(".away"))
    found = site.json("audit", "search", "--actor", "clinician:dana", "--since", "2100-01-01")
    assert (found["records"], found["verification"]["findings"]) == ([], [])
    today = site.json("audit", "search", "--actor", "clinician:dana", "--since", f"{datetime.now(UTC):%Y-%m-%d}")
    assert ids(today["records"]) == ids(whole["records"])[1:]  # By the store's clock the first was two days ago.
    assert today["verification"]["intact"]
    missed = site.json("audit", "search", "--actor", "clinician:dana", status=1)
    assert len(missed["records"]) < len(whole["records"])
    assert "is missing, and no signed decision deleted it" in missed["verification"]["findings"][0]["detail"]


def test_what_lies_in_the_archive_alone_is_never_passed_over(site: Site) -> None:
    site.run("audit", "archive", "--live-days", "1")
    (site.state / "archive").rename(site.state / "elsewhere")
    with pytest.raises(ConfigurationError, match="in the archive alone: give --archive"):
        site.run("audit", "search", "--patient", ME)
    found = site.json("audit", "search", "--patient", ME, "--archive", str(site.state / "elsewhere"))
    assert len(found["records"]) == 10


def test_an_edited_record_is_not_shown_as_one(site: Site) -> None:
    async def edit() -> None:
        store = open_store(site.url, tenant=TENANT)
        stored = await store.redis.xrange(store.keys.audit)
        await store.redis.delete(store.keys.audit)
        for stream_id, fields in stored:
            text = fields["record"].replace("clinician:dana", "clinician:none")
            await store.redis.xadd(store.keys.audit, {"record": text}, id=stream_id)
        await store.close()

    asyncio.run(edit())
    result = site.run("audit", "search", "--patient", ME, status=1)
    assert "clinician:none" not in result.stdout
    assert "THE EVIDENCE DOES NOT HOLD (3 findings)" in result.stderr
    assert "its hash does not fit" in result.stderr


def test_an_accounting_names_everybody_but_the_patient(site: Site, tmp_path: Path) -> None:
    site.run("audit", "export", "--out", str(tmp_path / "all.jsonl"))
    site.run("audit", "export", "--patient", OTHER, "--out", str(tmp_path / "other.jsonl"))
    lines = site.json("audit", "report", "--patient", ME)["accounting"]
    assert [(line["actor"], line["what"]) for line in lines] == [
        *[("clinician:dana", "read the redacted conversation")] * 3,
        *[("operator:root", "exported audit records of all patients")] * 2,  # Begun, and done with its hash.
        ("operator:root", "made an accounting report for this patient"),
    ]


def test_a_review_names_who_looked_at_their_own_record(site: Site) -> None:
    site.run("audit", "archive", "--live-days", "1")
    found = site.json("audit", "report")
    assert [(each["kind"], each["actor"], each["count"]) for each in found["unusual"]] == [
        ("own_record", "clinician:kim", 3)
    ]
    assert found["actors"]["clinician:dana"] == {"accesses": 3, "patients": 1, "acts": {"escalation.view": 3}}
    closed = (datetime.now(UTC).hour + 12) % 24
    review = site.run("audit", "report", "--hours", f"mon-sun {closed:02}:00-{closed:02}:01").stdout
    assert review.count("out_of_hours") == 6  # Two people on three days.
    assert site.run("audit", "report", "--hours", "mon-sun 00:00-23:59:59").stdout.count("out_of_hours") == 0


def test_an_export_holds_the_listed_columns_and_no_words(site: Site, tmp_path: Path) -> None:
    site.run("audit", "archive", "--live-days", "1")
    for form in ("jsonl", "csv"):
        out = tmp_path / f"records.{form}"
        site.run("audit", "export", "--format", form, "--out", str(out))
        text = out.read_bytes().decode()
        rows = list(csv.DictReader(io.StringIO(text))) if form == "csv" else list(map(json.loads, text.splitlines()))
        assert list(rows[0]) == list(COLUMNS)
        assert len({row["id"] for row in rows}) == len(rows) >= 18
        assert NAME not in text and ME not in text
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        last = site.records()[-1]
        assert (last["source"], last["bytes_sha256"]) == (
            "audit.export:done",
            hashlib.sha256(text.encode()).hexdigest(),
        )
    assert site.run("audit", "export", "--patient", ME).stdout.count("\n") == 10
    with pytest.raises(ConfigurationError, match="was not written: No such file"):
        site.run("audit", "export", "--out", str(tmp_path / "nowhere" / "x.csv"))


def test_identifiers_come_on_request_for_one_patient_with_a_record_first(site: Site, tmp_path: Path) -> None:
    out, words = tmp_path / "mine.jsonl", ["audit", "export", "--identifiers", "--reason", "subpoena 12"]
    for missing in (["--out", str(out)], ["--patient", ME]):
        with pytest.raises(InvalidRequest, match="one --patient and into a file"):
            site.run(*words, *missing)
    with pytest.raises(InvalidRequest, match="--reason needs"):
        site.run("audit", "export", "--identifiers", "--patient", ME, "--out", str(out))
    assert not out.exists()
    site.run(*words, "--patient", ME, "--out", str(out))
    shown = [json.loads(line)["identifiers"] for line in out.read_text().splitlines()]
    assert {"[NAME_1]": NAME} in shown
    reveals = [record for record in site.records() if record["source"] == "audit.reveal"]
    assert {(record["policy"], record["actor"]) for record in reveals} == {("subpoena 12", "operator:root")}
    assert len(reveals) == len({record["conversation"] for record in reveals})
    assert NAME not in json.dumps(site.records())


@pytest.mark.parametrize("allowed", [0, 1, 2])
def test_without_its_record_nothing_is_read(
    allowed: int, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store takes so many records and then no more: no file, no line, no identifier comes out."""
    left, genuine = allowed, RedisAudit.append

    async def append(self: RedisAudit, *given: object, **more: object) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            raise AuditUnavailable
        return await genuine(self, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(RedisAudit, "append", append)
    out = tmp_path / "mine.jsonl"
    words = ["audit", "export", "--identifiers", "--reason", "subpoena 12", "--patient", ME, "--out", str(out)]
    with pytest.raises(AuditUnavailable):
        site.run(*words)
    assert not out.exists()
    with pytest.raises(AuditUnavailable):
        site.run("audit", "search", "--patient", ME)


@pytest.mark.parametrize("words", [["search"], ["search", "--patient", ""], ["export", "--patient", " "]])
def test_an_empty_question_is_not_one_about_everybody(words: list[str]) -> None:
    result = CliRunner().invoke(app, ["audit", *words])
    assert result.exit_code == 2
    assert result.stdout == ""
