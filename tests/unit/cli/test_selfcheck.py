"""The self-check: a broken guard turns it red, a working one green, and what it prints holds no secret."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from authority import Authority
from portico_cli.selfcheck import configuration, faults, guards, service
from portico_cli.selfcheck.findings import Finding, Grade, as_json, as_table, grade_of, run_probe, tally
from portico_core.labels import Label
from portico_gateway.adapters.triton import TritonModels
from portico_gateway.guards.red_flags import RedFlag
from portico_gateway.pipeline import Parts
from portico_gateway.settings import GatewaySettings
from portico_state.keyring import Keyring
from unit.gateway.fakes import World

SECRET = "hunter2-of-the-store"


def finding(grade: Grade) -> Finding:
    return Finding("group", "name", grade, "detail")


@pytest.mark.parametrize(
    ("grades", "worst"),
    [
        ([], Grade.FAIL),  # Nothing tried proves nothing.
        ([Grade.PASS], Grade.PASS),
        ([Grade.PASS, Grade.WARN], Grade.WARN),
        ([Grade.WARN, Grade.FAIL, Grade.PASS], Grade.FAIL),
    ],
)
def test_the_worst_finding_is_the_grade(grades: list[Grade], worst: Grade) -> None:
    assert grade_of([finding(grade) for grade in grades]) is worst


def test_no_cases_fail_and_one_wrong_case_fails() -> None:
    assert tally("g", "n", [], what="right").grade is Grade.FAIL
    assert tally("g", "n", [True, False], what="right").grade is Grade.FAIL
    assert tally("g", "n", [True, True], what="right").grade is Grade.PASS


async def test_a_probe_that_raises_fails_without_the_words_of_its_error() -> None:
    async def raising() -> Finding:
        raise RuntimeError(SECRET)

    found = await run_probe("group", "name", raising)
    assert found.grade is Grade.FAIL
    assert "RuntimeError" in found.detail
    assert SECRET not in as_json([found], {})


def site(state: Path, /, **changes: object) -> GatewaySettings:
    settings = GatewaySettings(state=state, clinic_phone="+1-503-555-0111", redis_url=SecretStr("rediss://store/0"))
    return settings.model_copy(update=changes)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    Keyring.create(tmp_path / "keys.json")
    return tmp_path


def test_a_sound_configuration_passes(state: Path) -> None:
    assert [f for f in configuration.review(site(state)) if f.grade is not Grade.PASS] == []


@pytest.mark.parametrize(
    ("changes", "name", "grade"),
    [
        ({"demo": True}, "demo mode", Grade.WARN),
        ({"issuer": "http://sso.example.org"}, "identity provider", Grade.FAIL),
        ({"jwks_url": "http://sso.example.org/jwks"}, "identity provider", Grade.FAIL),
        ({"issuer": "http://localhost.example.org"}, "identity provider", Grade.FAIL),  # Only begins like loopback.
        ({"issuer": "http://127.0.0.1@sso.example.org"}, "identity provider", Grade.FAIL),  # A name before the host.
        ({"redis_url": SecretStr(f"redis://portico:{SECRET}@store:6379/0")}, "store transport", Grade.WARN),
        ({"triton_url": "triton:8001"}, "model transport", Grade.WARN),
        ({"triton_url": "grpc://triton:8001"}, "model transport", Grade.WARN),
        ({"triton_url": "grpcs://triton:8001"}, "model transport", Grade.PASS),
        ({"redis_ca_file": Path("nowhere.pem")}, "certificates", Grade.FAIL),
        ({"clinic_phone": "+1-555-0100"}, "clinic's number", Grade.FAIL),
        ({"answer_threshold": 0.1}, "thresholds", Grade.WARN),
        ({"state": Path("nowhere")}, "keys", Grade.FAIL),
        ({"model_repository": Path("nowhere")}, "model files", Grade.FAIL),
    ],
)
def test_an_unsound_setting_is_named(state: Path, changes: dict[str, object], name: str, grade: Grade) -> None:
    findings = configuration.review(site(state, **changes))
    assert {f.name: f.grade for f in findings}[name] is grade
    assert SECRET not in as_json(findings, {})


@pytest.mark.parametrize(("days", "grade"), [(-1, Grade.FAIL), (10, Grade.WARN), (30, Grade.PASS)])
def test_a_certificate_is_looked_at_before_it_ends(state: Path, days: int, grade: Grade) -> None:
    shown = Authority(state, "hospital", days=90).issue("gateway", days=days)
    named = site(state, triton_cert_file=shown.certificate, triton_key_file=shown.key)
    assert {f.name: f.grade for f in configuration.review(named)}["certificates"] is grade


def test_the_clinic_of_a_site_file_counts_and_a_broken_one_fails(state: Path, tmp_path: Path) -> None:
    file = tmp_path / "site.json"
    clinic = {"name": "Elm Clinic", "phone": "+1-503-555-0111"}
    numbers = {"emergency": "112", "crisis": {"call": "116 123", "text": ""}, "violence": ""}
    file.write_text(json.dumps(numbers | {"clinic": clinic}), encoding="utf-8")
    named = site(state, clinic_phone="+1-555-0100", site=file)
    assert {f.name: f.grade for f in configuration.review(named)}["clinic's number"] is Grade.PASS
    file.write_text("{}", encoding="utf-8")
    assert {f.name: f.grade for f in configuration.review(named)}["clinic's number"] is Grade.FAIL


def test_loopback_needs_no_tls(state: Path) -> None:
    local = site(state, issuer="http://127.0.0.1:8082", redis_url=SecretStr("redis://:word@localhost:6379/0"))
    assert [f for f in configuration.review(local) if f.grade is not Grade.PASS] == []


def test_keys_that_others_may_read_fail(state: Path) -> None:
    (state / "keys.json").chmod(0o644)
    assert {f.name: f.grade for f in configuration.review(site(state))}["keys"] is Grade.FAIL


async def test_red_flags_pass_and_a_rule_that_never_fires_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await guards.try_red_flags()).grade is Grade.PASS

    def deaf(text: str) -> RedFlag | None:
        return None

    monkeypatch.setattr(guards, "find_red_flag", deaf)
    assert (await guards.try_red_flags()).grade is Grade.FAIL


async def test_every_fault_ends_in_fixed_text() -> None:
    found = await faults.try_faults(World().parts())
    assert (found.grade, found.right, found.tried) == (Grade.PASS, 5, 5)


async def test_a_pipeline_that_answers_in_spite_of_a_fault_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_broken(parts: Parts, models: TritonModels) -> dict[str, Parts]:
        return {"a fault that is overlooked": parts}

    monkeypatch.setattr(faults, "broken_parts", nothing_broken)
    assert (await faults.try_faults(World().parts())).grade is Grade.FAIL


async def test_where_nothing_is_answered_no_fault_is_proved() -> None:
    world = World()
    world.policy = replace(world.policy, thresholds={**world.policy.thresholds, Label.INFORMATIONAL: 1.0})
    found = await faults.try_faults(world.parts())
    assert found.grade is Grade.FAIL
    assert "unbroken" in found.detail


async def test_tokens_are_not_tried_where_the_issuers_keys_cannot_be_read(state: Path) -> None:
    found = await service.try_tokens(site(state, jwks_url="http://127.0.0.1:9/jwks"))
    assert found.grade is Grade.FAIL


def test_forged_tokens_are_seven_different_ones(state: Path) -> None:
    assert len(set(service.forged_tokens(site(state)))) == 7


def test_a_person_reads_a_line_a_finding_and_the_grade() -> None:
    lines = as_table([finding(Grade.WARN), finding(Grade.PASS)]).splitlines()
    assert lines == ["warn  group  name: detail (0.00 s)", "pass  group  name: detail (0.00 s)", "overall: warn"]


def test_the_report_reads_back() -> None:
    report = json.loads(as_json([finding(Grade.WARN)], {"policy": "1"}))
    assert (report["grade"], report["versions"], len(report["checks"])) == ("warn", {"policy": "1"}, 1)


def test_an_llm_is_told_apart_from_a_built_model(state: Path, tmp_path: Path) -> None:
    """Its manifest names no files: they are checked with the bundle (ADR 25). One that is neither fails."""
    built = Path(__file__).parents[3] / "model_repository"
    for name in ("safety_classifier", "passage_encoder", "responder"):
        (tmp_path / "repository" / name).mkdir(parents=True)
    (tmp_path / "repository" / "passage_encoder" / "1").symlink_to(built / "passage_encoder" / "1")
    for name in ("safety_classifier", "responder"):
        version = tmp_path / "repository" / name / "1"
        version.mkdir()
        about = {"version": "1", "llm": "x", "thresholds": {"answer": 0.7, "decline": 0.8}}
        (version / "manifest.json").write_text(json.dumps(about), encoding="utf-8")
    graded = {f.name: f for f in configuration.review(site(state, model_repository=tmp_path / "repository"))}
    assert graded["model files"].detail == "1 models, every SHA-256 as built; 2 LLMs, checked with the bundle"
    assert graded["thresholds"].grade is Grade.PASS
    (version / "manifest.json").write_text(json.dumps({"version": "1"}), encoding="utf-8")
    graded = {f.name: f for f in configuration.review(site(state, model_repository=tmp_path / "repository"))}
    assert graded["model files"].grade is Grade.FAIL
