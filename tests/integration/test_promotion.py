"""Promotion and rollback with real models: the gate, real Triton, the real audit log, and the gateway's own adapter."""

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from prometheus_client import generate_latest
from typer.testing import CliRunner

from portico_cli.main import app
from portico_core.errors import ClassifierUnavailable, ConfigurationError
from portico_core.labels import Label
from portico_core.model_versions import InForce
from portico_core.text import RedactedText
from portico_gateway.adapters.triton import Deadlines, TritonModels
from portico_gateway.bootstrap import MODELS as GATEWAY_MODELS
from portico_gateway.bootstrap import _in_force, _manifest
from portico_gateway.metrics import Metrics
from portico_models import promote
from portico_models.artefacts import MANIFEST, REFERENCE, sha256_of
from portico_models.check import CLASSIFIER, MODELS, check_models
from portico_models.errors import ModelBuildError, ModelCheckError
from portico_models.promote import promoting
from portico_models.triton_server import start_triton
from portico_models.versions import list_versions, read_in_force
from portico_state.keyring import Keyring
from portico_state.verify import verify_audit
from unit.state.rig import TENANT, StateRig

REPOSITORY = Path(__file__).parents[2] / "model_repository"
ENVIRONMENT = REPOSITORY.parent / ".venv-triton"
LABELS = [label.value for label in Label]
QUESTION = RedactedText("What is metformin used for?")
Edit = Callable[[Path], None]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The repository as it was built; big files are shared by a link, and never written to here."""
    target = tmp_path / "site" / "model_repository"
    shutil.copytree(REPOSITORY, target, copy_function=os.link, ignore=shutil.ignore_patterns("__pycache__", ".built"))
    return target


def make_candidate(folder: Path, edit: Edit, *, release: str = "9.9.9+int8.test") -> Path:
    """Make a candidate of the classifier alone from the one that was built, changed by `edit`, with its manifest."""
    version = folder / "candidate" / CLASSIFIER / "1"
    shutil.copytree(REPOSITORY / CLASSIFIER / "1", version, ignore=shutil.ignore_patterns("__pycache__"))
    edit(version)
    manifest = json.loads((version / MANIFEST).read_text("utf-8"))
    manifest["files"] = {name: sha256_of((version / name).read_bytes()) for name in manifest["files"]}
    named = {} if manifest.pop("keep_name", False) else {"version": release}
    (version / MANIFEST).write_text(json.dumps(manifest | named), encoding="utf-8")
    return folder / "candidate"


def change_head(version: Path, changes: dict[str, float]) -> None:
    """Add numbers to labels' biases: a different model, in a way whose effect is known."""
    model = onnx.load(version / "model.onnx")
    bias = next(t for t in model.graph.initializer if t.name == "logits.bias")
    values = numpy_helper.to_array(bias).copy()
    for label, by in changes.items():
        values[LABELS.index(label)] += by
    bias.CopyFrom(numpy_helper.from_array(values, "logits.bias"))
    (version / "model.onnx").unlink()  # It may be a link.
    (version / "model.onnx").write_bytes(model.SerializeToString())


def sound(version: Path) -> None:
    change_head(version, {"emergency": 0.05})


def blind_as_trained(version: Path) -> None:
    """A model whose float original is as blind: int8 agrees with it, so parity has nothing to say.

    One that is blind by quantisation alone is refused in test_triton_build.py.
    """
    change_head(version, {"crisis": -100})
    reference = np.load(version / REFERENCE)
    reference[:, LABELS.index("crisis")] -= 100
    np.save(version / REFERENCE, reference)


def damaged(version: Path) -> None:
    with (version / "model.onnx").open("r+b") as file:
        file.truncate(1_000_000)


def with_other_labels(version: Path) -> None:
    manifest = json.loads((version / MANIFEST).read_text("utf-8"))
    (version / MANIFEST).write_text(json.dumps(manifest | {"labels": LABELS[::-1]}), encoding="utf-8")


def with_other_thresholds(version: Path) -> None:
    """Calibration alone, under the name of what is in force: the audit log could not tell the two apart."""
    manifest = json.loads((version / MANIFEST).read_text("utf-8")) | {"keep_name": True}
    manifest["thresholds"] |= {"informational": 0.1}
    (version / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def with_a_foreign_file(version: Path) -> None:
    (version / "weights.pt").write_bytes(b"pickle")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (blind_as_trained, "the candidate recognises 0 of 20 crisis, the version in force"),
        (damaged, "cannot be opened"),
        (with_other_labels, "are not those of labels.txt"),
        (with_a_foreign_file, "holds weights.pt"),
        (with_other_thresholds, "is not what is in force and has its release name"),
    ],
)
def test_an_artefact_that_fails_is_refused_and_nothing_changes(
    repository: Path, tmp_path: Path, edit: Edit, said: str
) -> None:
    before = tree(repository)
    candidate = make_candidate(tmp_path, edit)
    with pytest.raises((ModelCheckError, ModelBuildError), match=said), promoting(candidate, repository):
        raise AssertionError("the gate let it through")
    assert tree(repository) == before
    assert [path.name for path in repository.parent.iterdir()] == ["model_repository"]


def tree(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_ino for path in folder.rglob("*")}


class Site:
    """A site with a store: the commands as an operator runs them."""

    def __init__(self, repository: Path, state: Path, url: str) -> None:
        self.repository, self.state, self.url = repository, state, url

    def run(self, *words: str, status: int = 0) -> str:
        where = ["--repository", str(self.repository)]
        store = ["--state", str(self.state), "--redis", self.url, "--tenant", TENANT, "--reason", "release 9.9.9"]
        done = CliRunner().invoke(app, ["models", *words, *where, *([] if "list" in words else store)])
        assert (done.exit_code != 0) == (status != 0), f"{done.output} {done.exception}"
        return done.output

    def models(self, triton: str) -> tuple[TritonModels, str]:
        """Return the gateway's adapter as the gateway opens it, and the version that it would record."""
        in_force = _in_force(self.repository)
        manifests = {name: _manifest(self.repository, name, in_force) for name in GATEWAY_MODELS}
        version = f"{CLASSIFIER}/{manifests[CLASSIFIER]['version']}"
        return opened(triton, in_force, version), version

    async def verdict(self, triton: str) -> tuple[float, str]:
        """Return the emergency score of a question, and the version that stands in the record."""
        models, _ = self.models(triton)
        async with models:
            (verdict,) = await models.classify([QUESTION])
        return verdict.scores[Label.EMERGENCY], verdict.model


def opened(triton: str, in_force: InForce, version: str = "x") -> TritonModels:
    return TritonModels(triton, deadlines=Deadlines(5, 5, 5), classifier_version=version, in_force=in_force)


@pytest.fixture
def site(repository: Path, rig: StateRig, url: str, tmp_path: Path) -> Site:
    rig.keyring.save(tmp_path / "keys.json")
    return Site(repository, tmp_path, url)


@pytest.fixture
def triton(site: Site, tmp_path: Path) -> Iterator[str]:
    """Triton on the classifier alone, started after a promotion: it serves both versions."""
    candidate = make_candidate(tmp_path, sound)
    said = asyncio.run(_in_thread(site.run, "promote", str(candidate)))
    assert f"{CLASSIFIER} 9.9.9+int8.test: version 2" in said
    served = tmp_path / "served"
    shutil.copytree(site.repository / CLASSIFIER, served / CLASSIFIER, copy_function=os.link)
    with start_triton(served, tmp_path / "triton", ready_s=90, environment=ENVIRONMENT) as server:
        yield server.grpc_url


async def _in_thread(work: Callable[..., Any], *given: Any) -> Any:
    return await asyncio.to_thread(work, *given)


async def test_a_promotion_is_asked_for_by_number_and_a_rollback_needs_no_new_triton(
    site: Site, triton: str, rig: StateRig
) -> None:
    promoted = await site.verdict(triton)
    await _in_thread(site.run, "rollback")
    returned = await site.verdict(triton)
    built = json.loads((REPOSITORY / CLASSIFIER / "1" / MANIFEST).read_text("utf-8"))["version"]
    assert (promoted[1], returned[1]) == (f"{CLASSIFIER}/9.9.9+int8.test", f"{CLASSIFIER}/{built}")
    assert promoted[0] > returned[0] > 0, "the head was moved towards emergency, and another model answered"
    async with opened(triton, InForce({CLASSIFIER: 7})) as missing:
        with pytest.raises(ClassifierUnavailable):  # A server without the version in force is no answer.
            await missing.classify([QUESTION])
    await _audited(rig, built)


async def _audited(rig: StateRig, built: str) -> None:
    records = [json.loads(fields["record"]) for _, fields in await rig.stream()]
    changes = [record for record in records if str(record.get("source")).startswith("models.")]
    assert [(r["source"], r["models"][CLASSIFIER], r["policy"]) for r in changes] == [
        ("models.promote", "9.9.9+int8.test", "release 9.9.9"),
        ("models.rollback", built, "release 9.9.9"),
    ]
    assert all(r["actor"].startswith("operator:") and set(r["models"]) == set(MODELS) for r in changes)
    report = await verify_audit(rig.store, keyring=rig.keyring, checkpoints=rig.checkpoints.directory)
    assert report.ok, report.findings


@pytest.fixture
def no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what the tests above measure."""
    monkeypatch.setattr(promote, "_gate", lambda *_, **__: None)


@pytest.mark.usefixtures("no_gate")
def test_the_version_in_force_is_what_checks_lists_and_metrics_show(repository: Path, tmp_path: Path) -> None:
    site = Site(repository, tmp_path, "")
    candidate = make_candidate(tmp_path, sound)
    with promoting(candidate, repository):
        pass
    assert check_models(repository).versions[CLASSIFIER] == "9.9.9+int8.test"
    listed = [json.loads(line) for line in site.run("list").splitlines()]
    assert {(k["number"], k["is_in_force"]) for k in listed if k["model"] == CLASSIFIER} == {(1, False), (2, True)}
    assert {k["number"] for k in listed if k["model"] != CLASSIFIER} == {1}
    metrics = Metrics()
    manifest = _manifest(repository, CLASSIFIER, _in_force(repository))
    metrics.model_info.labels(CLASSIFIER, str(manifest["version"])).set(1)
    shown = generate_latest(metrics.registry).decode()
    assert f'portico_model_info{{model="{CLASSIFIER}",version="9.9.9+int8.test"}} 1.0' in shown
    (repository / "in_force.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"in_force\.json"):  # The gateway does not guess.
        _in_force(repository)


@pytest.mark.usefixtures("no_gate")
def test_without_a_store_nothing_is_promoted(repository: Path, tmp_path: Path) -> None:
    Keyring.create(tmp_path / "keys.json")
    unreachable = Site(repository, tmp_path, "redis://127.0.0.1:1/0")
    unreachable.run("promote", str(make_candidate(tmp_path, sound)), status=1)
    assert read_in_force(repository) == InForce()
    assert [kept.number for kept in list_versions(repository, MODELS)] == [1, 1, 1]
