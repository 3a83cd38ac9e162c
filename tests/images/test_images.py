"""The images' files: linted, pinned, not root, and made of the same requirement files and make steps as a checkout."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from chart.opening import open_console_with
from portico_console.settings import ConsoleSettings
from portico_core.errors import ConfigurationError
from portico_gateway.settings import GatewaySettings

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILES = sorted((ROOT / "deploy" / "images").glob("*.Dockerfile"))
HADOLINT = ROOT / ".venv-chart" / "bin" / "hadolint"
VERIFY = ROOT / "helm" / "portico" / "files" / "verify_bundle.py"
TRAINING_ONLY = {"torch", "transformers", "trl", "peft", "datasets", "accelerate", "vllm", "triton"}


def instructions(text: str, name: str) -> list[str]:
    """Return the arguments of one kind of instruction, continuation lines joined."""
    joined = re.sub(r"\\\n\s*", " ", text)
    return [line.removeprefix(name).strip() for line in joined.splitlines() if line.startswith(f"{name} ")]


def faults(text: str) -> list[str]:
    """Return what breaks the house's rules for an image."""
    bases = [base.split(" ")[0] for base in instructions(text, "FROM")]
    users = instructions(text, "USER")
    rules = {
        "a base that is neither a required argument nor scratch": all(
            base == "scratch" or re.fullmatch(r"\$\{[A-Z]+_BASE\}", base) for base in bases
        ),
        "an unpinned default of a base": not re.search(r"^ARG [A-Z]+_BASE=", text, re.M),
        "root": bool(users) and users[-1] == "10001:10001",
        "no health check": bool(instructions(text, "HEALTHCHECK")),
        "no labels": "org.opencontainers.image.version" in text and "org.opencontainers.image.licenses" in text,
        "something fetched by hand": not re.search(r"\b(curl|wget)\b|^ADD ", text, re.M),
    }
    return [rule for rule, holds in rules.items() if not holds]


def test_there_are_the_images_of_the_issue_and_the_audit_jobs() -> None:
    names = [path.name.removesuffix(".Dockerfile") for path in DOCKERFILES]
    assert names == ["audit", "builder", "console", "gateway", "triton-cpu", "triton-gpu"]


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda path: path.stem)
def test_hadolint_finds_nothing(file: Path) -> None:
    done = subprocess.run([HADOLINT, file], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_hadolint_finds_a_planted_fault(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python\nRUN pip install x\n", encoding="utf-8")
    done = subprocess.run([HADOLINT, tmp_path / "Dockerfile"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0 and "DL3006" in done.stdout


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda path: path.stem)
def test_an_image_keeps_the_rules(file: Path) -> None:
    assert faults(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("sound", "broken", "rule"),
    [
        ("USER 10001:10001", "USER root", "root"),
        ("ARG PYTHON_BASE", "ARG PYTHON_BASE=python:3.11", "an unpinned default of a base"),
        ("FROM ${PYTHON_BASE} AS build", "FROM python:3.11 AS build", "a base that is neither"),
        ("HEALTHCHECK", "# HEALTHCHECK", "no health check"),
        ("COPY services services", "RUN curl https://example.org", "something fetched by hand"),
    ],
)
def test_a_broken_rule_is_found(sound: str, broken: str, rule: str) -> None:
    text = (ROOT / "deploy/images/gateway.Dockerfile").read_text(encoding="utf-8")
    assert sound in text
    assert any(fault.startswith(rule) for fault in faults(text.replace(sound, broken)))


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda path: path.stem)
def test_what_is_copied_is_in_the_repository(file: Path) -> None:
    copied = [c.split()[:-1] for c in instructions(file.read_text("utf-8"), "COPY") if not c.startswith("--from")]
    assert [source for sources in copied for source in sources if not (ROOT / source).exists()] == []


def test_the_services_are_installed_as_make_installs_them() -> None:
    """The same two steps as the Makefile's `.venv/.runtime`, without the base weights, which only the builder needs."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "install --no-input" in makefile
    archive = {"audit": " -r requirements/archive.txt"}
    for name in ("gateway", "console", "audit"):
        requirements = f"--require-hashes -r requirements/runtime.txt{archive.get(name, '')} -r requirements/build.txt"
        text = (ROOT / f"deploy/images/{name}.Dockerfile").read_text(encoding="utf-8")
        installs = re.findall(r"pip install (?:--no-cache-dir |--no-input )*(.+?)(?: \\|$)", text, re.M)
        assert installs[:2] == [requirements, "--no-deps --no-build-isolation -e ."]
        engine = ["--require-hashes -r requirements/engine.txt"] if name == "gateway" else []
        assert installs[2:] == engine
        steps = ("$(HASHED) -r requirements/runtime.txt", "$(PIP) --no-deps --no-build-isolation -e .")
        assert all(step in makefile for step in steps)
    builder = (ROOT / "deploy/images/builder.Dockerfile").read_text(encoding="utf-8")
    assert "RUN make bundle" in builder and re.search(r"^bundle: ", makefile, re.M)


@pytest.mark.parametrize(("given", "done"), [("", ""), ("yes", "installed")])
def test_the_driver_of_a_search_engine_is_in_the_image_only_where_it_was_asked_for(given: str, done: str) -> None:
    text = (ROOT / "deploy/images/gateway.Dockerfile").read_text(encoding="utf-8")
    step = next(run for run in instructions(text, "RUN") if run.endswith("-r requirements/engine.txt"))
    asked = re.sub(r"\.venv/bin/python -m pip install .*", "echo installed", step)
    ran = subprocess.run(["bash", "-c", asked], env={"ENGINE": given}, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == done
    assert "asyncpg" not in packages((ROOT / "requirements/runtime.txt").read_text(encoding="utf-8"))


def pins(text: str) -> set[str]:
    """Return the pins in a requirement file, without their hashes."""
    return {line.split(" \\")[0].lower() for line in text.splitlines() if "==" in line and not line.startswith("#")}


def packages(text: str) -> set[str]:
    """Return the names in a requirement file."""
    return {pin.split("==")[0] for pin in pins(text)}


def test_no_training_in_what_serves() -> None:
    serving = packages((ROOT / "requirements/runtime.txt").read_text(encoding="utf-8"))
    assert len(serving) > 50
    assert serving & TRAINING_ONLY == set()
    assert packages((ROOT / "training/requirements.txt").read_text("utf-8")) & TRAINING_ONLY >= {"torch", "trl", "peft"}
    for name in ("gateway", "console", "audit"):
        copied = instructions((ROOT / f"deploy/images/{name}.Dockerfile").read_text(encoding="utf-8"), "COPY")
        assert [c for c in copied if c.startswith((".", "training"))] == []


def test_triton_takes_its_versions_from_the_tested_file() -> None:
    tested = pins((ROOT / "deploy/triton/requirements.txt").read_text(encoding="utf-8"))
    for name, wanted in {"cpu": {"numpy", "onnxruntime", "tokenizers"}, "gpu": {"onnxruntime"}}.items():
        text = (ROOT / f"deploy/images/triton-{name}.Dockerfile").read_text(encoding="utf-8")
        assert f"deploy/triton/{name}-image.txt /opt/portico/requirements.txt" in instructions(text, "COPY")
        run = next(step for step in instructions(text, "RUN") if "pip install" in step)
        assert run.split()[-4:] == ["--no-deps", "--require-hashes", "-r", "/opt/portico/requirements.txt"]
        added = pins((ROOT / f"deploy/triton/{name}-image.txt").read_text(encoding="utf-8"))
        assert wanted <= {pin.partition("==")[0] for pin in added}
        assert added <= tested


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """What `make bundle` lays out, and the value to pin."""
    folder = tmp_path_factory.mktemp("image") / "bundle"
    done = subprocess.run(
        ["bash", "deploy/bundle.sh", folder], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return folder, done.stdout.split()[-1]


def test_the_bundle_passes_the_step_before_a_pod_opens_it(bundle: tuple[Path, str]) -> None:
    folder, pinned = bundle
    command = [sys.executable, "-I", str(VERIFY), f"--sums-sha256={pinned}", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in folder.iterdir()} == {"model_repository", "tagger", "index", "SHA256SUMS"}
    assert (folder / "model_repository/safety_classifier/1/model.onnx").exists()


def make_bundle(out: Path, **given: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "deploy/bundle.sh", out], cwd=ROOT, env={**os.environ, **given}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


def test_a_gpu_bundle_has_weights_and_the_cpu_encoder(tmp_path: Path) -> None:
    models, weights = tmp_path / "gpu", tmp_path / "weights"
    shutil.copytree(ROOT / "model_repository_gpu", models)
    given = {"PROFILE": "gpu", "GPU_REPOSITORY": str(models), "WEIGHTS": str(weights)}
    refused = make_bundle(tmp_path / "bundle", **given)
    assert refused.returncode == 1 and "safety_classifier/1/manifest.json is missing" in refused.stderr
    for model in ("safety_classifier", "responder"):
        (models / model / "1" / "manifest.json").write_text("{}", encoding="utf-8")
    assert "WEIGHTS holds no safety_llm" in make_bundle(tmp_path / "bundle", **given).stderr
    assert not (tmp_path / "bundle").exists(), "nothing is written before everything is there"
    for model in ("safety_llm", "responder_llm"):
        (weights / model).mkdir(parents=True)
        (weights / model / "model.safetensors").write_bytes(b"w")
    done = make_bundle(tmp_path / "bundle", **given)
    assert done.returncode == 0, done.stderr
    held = {path.name for path in (tmp_path / "bundle" / "model_repository").iterdir()}
    assert held == {"safety_classifier", "responder", "safety_llm", "responder_llm", "passage_encoder"}
    assert "weights/safety_llm/model.safetensors" in (tmp_path / "bundle" / "SHA256SUMS").read_text("utf-8")
    assert make_bundle(tmp_path / "bundle", PROFILE="tpu").returncode == 1


def test_compose_keeps_the_floor() -> None:
    services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))["services"]
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"] and service["user"] == "10001:10001", name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
    assert "outside" not in services["triton"]["networks"] + services["valkey"]["networks"]


def compose_environment(service: str) -> dict[str, str]:
    """Return the PORTICO_ variables of a service: required ones as an example, those that are passed on left out."""
    text = (ROOT / "deploy/compose.yaml").read_text(encoding="utf-8")
    given = yaml.safe_load(text)["services"][service]["environment"]
    examples = {"PORTICO_TENANT": "riverbend", "PORTICO_REDIS_URL": "redis://:x@valkey:6379/0"}
    return {
        name: examples.get(name, "https://example.org") if str(value).startswith("${") else str(value)
        for name, value in given.items()
        if value is not None
    }


def test_a_console_starts_with_what_compose_gives_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = compose_environment("console")
    open_console_with(given, tmp_path, monkeypatch)
    monkeypatch.delenv("PORTICO_STAFF_CLIENT_ID")
    (tmp_path / "second").mkdir()
    with pytest.raises(ConfigurationError, match="PORTICO_STAFF_CLIENT_ID"):
        open_console_with(
            {k: v for k, v in given.items() if k != "PORTICO_STAFF_CLIENT_ID"}, tmp_path / "second", monkeypatch
        )


def test_compose_names_settings_that_the_services_read() -> None:
    services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))["services"]
    for name, settings in {"gateway": GatewaySettings, "console": ConsoleSettings}.items():
        known = {f"PORTICO_{field}".upper() for field in settings.model_fields}
        assert services[name]["environment"].keys() - known == set(), name
