"""The commands on the audit log, each run as an operator runs it, on a real Valkey."""

import fcntl
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from integration.archived_days import write_three_days
from integration.audit_site import Site, prepare, sources
from portico_cli.command_store import operator
from portico_cli.main import app
from portico_core.errors import ConfigurationError, Conflict, InvalidRequest, NotFound
from portico_state.archive.desk import LOCK_NAME
from portico_state.conversations import Conversations
from portico_state.keyring import Keyring
from portico_state.vault import Vault
from unit.state.rig import PATIENT, TENANT, StateRig


@pytest.fixture
def site(url: str, tmp_path: Path) -> Site:
    return prepare(url, tmp_path, write_three_days)


def test_a_dry_run_says_what_the_run_then_does(site: Site) -> None:
    before, lines = site.records(), (site.state / "checkpoints" / "checkpoints.jsonl").read_bytes()
    plan = site.json("audit", "archive", "--dry-run", "--live-days", "1")
    assert site.records() == before
    assert (site.state / "checkpoints" / "checkpoints.jsonl").read_bytes() == lines
    assert not (site.state / "archive").exists()
    done = site.json("audit", "archive", "--live-days", "1")
    assert (tuple(plan["archive"]), tuple(plan["trim"])) == (tuple(done["archived"]), tuple(done["trimmed"]))
    assert (done["archived_records"], done["trimmed_records"]) == (40, 20)
    assert {actor for actor, source in sources(site) if source.startswith("archive.")} == {"operator:root"}
    again = site.run("audit", "archive", "--live-days", "1").stdout
    assert again.startswith("archived 0 days (0 records)")


def test_archive_and_stream_verify_as_one_and_alone(site: Site) -> None:
    site.run("audit", "archive", "--live-days", "1")
    archive = str(site.state / "archive")
    whole = site.json("audit", "verify", "--archive", archive)
    assert (whole["ok"], whole["archived"], whole["records"]) == (True, 2, 60 + 3)
    alone = site.run("audit", "verify").stdout
    assert "the chains hold: 43 records" in alone
    assert "not walked: give --archive" in alone
    with pytest.raises(ConfigurationError, match="there is no archive in"):
        site.run("audit", "verify", "--archive", archive + "s")


def test_two_archive_commands_never_work_at_once(site: Site) -> None:
    with (site.state / "checkpoints" / LOCK_NAME).open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Conflict, match="another archive command"):
            site.run("audit", "archive")
    assert not (site.state / "archive").exists()
    site.run("audit", "archive")


def test_what_is_over_is_deleted_but_for_a_hold(site: Site) -> None:
    first, second = site.json("audit", "archive", "--live-days", "1", "--retention-days", "1")["archived"]
    site.run("audit", "hold", "add", "case-17", "--reason", "litigation, call 503-555-0142", "--to", first)
    held = site.json("audit", "hold", "list")["holds"]
    assert [(hold["name"], hold["last_day"], hold["placed_by"]) for hold in held] == [
        ("case-17", first, "operator:root")
    ]
    assert held[0]["reason"] == "litigation, call [PHONE]"
    assert site.json("audit", "delete-expired", "--dry-run") == {"dry_run": True, "deleted": [], "held": "case-17"}
    with pytest.raises(ConfigurationError, match="in force already"):
        site.run("audit", "hold", "add", "case-17", "--reason", "again")
    site.run("audit", "hold", "release", "case-17")
    with pytest.raises(NotFound, match="there is no hold"):
        site.run("audit", "hold", "release", "case-17")
    assert site.json("audit", "delete-expired", "--dry-run")["deleted"] == [first]  # The second is still in the stream.
    assert site.json("audit", "delete-expired")["deleted"] == [first]
    assert second not in site.run("audit", "delete-expired").stdout
    assert site.json("audit", "verify", "--archive", str(site.state / "archive"))["findings"] == []


def test_a_hold_whose_document_was_removed_is_named(site: Site) -> None:
    site.run("audit", "archive", "--live-days", "1", "--retention-days", "1")
    site.run("audit", "hold", "add", "case-18", "--reason", "litigation")
    (site.state / "archive" / TENANT / "holds" / "case-18.json").unlink()
    assert site.json("audit", "hold", "list", status=1) == {"holds": [], "lost": ["case-18"]}
    with pytest.raises(ConfigurationError, match="the hold case-18 is in force"):
        site.run("audit", "delete-expired")


def test_the_drill_restores_and_sees_a_changed_byte(site: Site) -> None:
    site.run("audit", "archive")
    good = site.json("audit", "restore-drill")
    assert (good["ok"], good["records"], good["stretches"]) == (True, 40, 2)
    file = next((site.state / "archive").rglob("*.parquet"))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    said = site.run("audit", "restore-drill", status=1).stdout
    assert file.name in said
    assert "bytes were changed" in said
    assert "THE ARCHIVE DOES NOT COME BACK" in said
    assert file.name in site.run("audit", "verify", "--archive", str(site.state / "archive"), status=1).stdout


def test_keys_rotate_in_steps_each_on_record(url: str, tmp_path: Path) -> None:
    async def work(rig: StateRig) -> None:
        await write_three_days(rig)
        for number in range(3):
            made = await Conversations(rig.store).create(PATIENT)
            await Vault(rig.store, rig.keyring).save(made.id, {"[NAME_1]": f"Name {number}"}, version=0)

    site = prepare(url, tmp_path, work)
    for purpose in ("vault", "audit"):
        site.run("keys", "stage", purpose)
        assert Keyring.load(tmp_path / "keys.json").vault.active == ("v1" if purpose == "vault" else "v2")
        site.run("keys", "activate", purpose)
    counts = {row["key"]: row["conversations"] for row in site.json("keys", "list") if row["purpose"] == "vault"}
    assert counts == {"v1": 3, "v2": 0}
    with pytest.raises(ConfigurationError, match="3 conversations are wrapped with v1"):
        site.run("keys", "retire", "vault", "v1")
    assert "3 conversations wrapped anew with v2" in site.run("keys", "rewrap").stdout
    site.run("keys", "retire", "vault", "v1")
    with pytest.raises(ConfigurationError, match="signed with a1"):
        site.run("keys", "retire", "audit", "a1")
    with pytest.raises(ConfigurationError, match="never retired"):
        site.run("keys", "retire", "patient", "p1")
    with pytest.raises(InvalidRequest, match="audit, vault, patient"):
        site.run("keys", "stage", "webhook")
    assert [source for actor, source in sources(site) if actor == "operator:root"] == [
        "keys.stage:vault", "keys.activate:vault", "keys.stage:audit", "keys.activate:audit", "keys.rewrap",
        "keys.rewrapped", "keys.retire:vault",
    ]  # fmt: skip
    assert site.json("audit", "verify")["ok"]  # What a1 signed and what a2 signs, in one walk.
    shown = site.run("keys", "list").stdout
    secret = next(iter(Keyring.load(tmp_path / "keys.json").vault.keys.values()))
    assert secret.hex() not in shown
    assert len(shown.splitlines()) == 1 + 4


def test_without_a_store_a_key_changes_only_when_said_so(tmp_path: Path) -> None:
    words = ["--state", str(tmp_path)]
    assert CliRunner().invoke(app, ["keys", "create", str(tmp_path / "keys.json")]).exit_code == 0
    before = (tmp_path / "keys.json").read_bytes()
    refused = CliRunner().invoke(app, ["keys", "stage", "vault", *words])
    assert isinstance(refused.exception, ConfigurationError)
    assert (tmp_path / "keys.json").read_bytes() == before
    assert CliRunner().invoke(app, ["keys", "stage", "vault", *words, "--unrecorded"]).exit_code == 0
    assert list(Keyring.load(tmp_path / "keys.json").vault.keys) == ["v1", "v2"]
    assert isinstance(CliRunner().invoke(app, ["keys", "create", str(tmp_path / "keys.json")]).exception, Conflict)


def test_a_user_without_a_name_stands_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 10001")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert operator() == f"operator:uid-{os.getuid()}"
