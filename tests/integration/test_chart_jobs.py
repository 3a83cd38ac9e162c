"""The audit jobs exactly as the chart renders them, on a real Valkey: arguments, environment, and where volumes lie.

The container's mounts become folders of a test: the claim of all pods' state, an empty one for the job, the archive.
"""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from chart.rendering import containers, pods, template
from integration.archived_days import QUIET, write_three_days
from portico_cli.main import app
from portico_state.client import open_store
from unit.state.rig import TENANT, StateRig, open_rig

VALUES = "audit: {archive: {liveDays: 1}, deleteExpired: {enabled: true}}"
STATE = Path("/var/lib/portico")


@pytest.fixture(scope="module")
def jobs() -> dict[str, Mapping[str, Any]]:
    text = template("minimal", VALUES).stdout
    return {name: containers(spec)[0] for name, _, spec in pods(text) if name.startswith("portico-audit-")}


def lay_out(job: Mapping[str, Any], claims: Mapping[str, Path], keys: Path, place: Path) -> None:
    """Put the volumes where the container has them, below `place`; `keys.json` is mounted alone."""
    for mount in sorted(job["volumeMounts"], key=lambda mount: len(mount["mountPath"])):
        path = place / Path(mount["mountPath"]).relative_to("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        match mount["name"]:
            case "state" | "archive":
                assert "subPathExpr" not in mount
                path.symlink_to(claims[mount["name"]])
            case "keys":
                path.symlink_to(keys)
            case _:
                path.mkdir(parents=True, exist_ok=True)


def run(job: Mapping[str, Any], url: str, place: Path) -> Result:
    """Run a job's command with its environment; the store's address comes from the secret."""
    given = {e["name"]: e.get("value", url) for e in job["env"]} | {"PORTICO_TENANT": TENANT}
    state = str(place / STATE.relative_to("/"))
    return CliRunner().invoke(app, [state if word == str(STATE) else word for word in job["args"]], env=given)


async def records_of(url: str) -> list[dict[str, Any]]:
    store = open_store(url, tenant=TENANT)
    found = await store.redis.xrange(store.keys.audit)
    await store.close()
    return [json.loads(fields["record"]) for _, fields in found]


@pytest.fixture
def claims(tmp_path: Path) -> dict[str, Path]:
    found = {name: tmp_path / name for name in ("state", "archive")}
    for folder in found.values():
        folder.mkdir()
    return found


async def test_the_jobs_archive_verify_and_delete_what_all_pods_wrote(
    jobs: dict[str, Mapping[str, Any]], url: str, claims: dict[str, Path], tmp_path: Path
) -> None:
    assert set(jobs) == {"portico-audit-archive", "portico-audit-verify", "portico-audit-delete-expired"}
    async with open_rig(url, claims["state"] / "gateway" / "portico-gateway-0", audit_limits=QUIET) as rig:
        await write_three_days(rig)
        before = len(await rig.stream())
    keys = keys_of(rig, tmp_path)
    said = {}
    for name in ("archive", "verify", "delete-expired", "verify"):
        place = tmp_path / f"pod-{len(said)}-{name}"
        lay_out(jobs[f"portico-audit-{name}"], claims, keys, place)
        done = run_in_thread(jobs[f"portico-audit-{name}"], url, place)
        assert done.exit_code == 0, done.output
        said[len(said)] = done.stdout
    report = json.loads(said[0])
    assert (len(report["archived"]), report["archived_records"]) == (2, 40)
    assert report["trimmed_records"] > 0 and "the chains hold" in said[1] and "the chains hold" in said[3]
    assert f"{before} records" not in said[1], "the archive's decisions are records too, and all are walked"
    assert list(claims["archive"].rglob("*.parquet")) and (claims["state"] / "checkpoints.jsonl").is_file()
    actors = {r["actor"] for r in await records_of(url) if str(r.get("source")).startswith("archive.")}
    assert actors == {"operator:audit-archive"}


async def test_without_the_claim_of_all_pods_the_chains_do_not_hold(
    jobs: dict[str, Mapping[str, Any]], url: str, claims: dict[str, Path], tmp_path: Path
) -> None:
    """The control: a job that saw another folder than the pods write to would say so."""
    async with open_rig(url, tmp_path / "elsewhere", audit_limits=QUIET) as rig:
        await write_three_days(rig)
    lay_out(jobs["portico-audit-verify"], claims, keys_of(rig, tmp_path), tmp_path / "pod")
    done = run_in_thread(jobs["portico-audit-verify"], url, tmp_path / "pod")
    assert done.exit_code == 1 and "TAMPERED OR INCOMPLETE" in done.stdout


def keys_of(rig: StateRig, folder: Path) -> Path:
    rig.keyring.save(folder / "keys.json")
    return folder / "keys.json"


def run_in_thread(job: Mapping[str, Any], url: str, place: Path) -> Result:
    """Commands run a loop of their own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run, job, url, place).result()
