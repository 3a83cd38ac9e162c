"""The images' files: linted, pinned, not root, and made of the same requirement files and make steps as a checkout."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from portico_models import triton_server

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
    given = [c.removeprefix("--chmod=755 ") for c in instructions(file.read_text("utf-8"), "COPY")]
    copied = [c.split()[:-1] for c in given if not c.startswith("--from")]
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


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    ("base", "status"),
    [
        ("python:3.11-slim@sha256:" + "0" * 64, 0),
        ("python:3.11-slim", 1),
        ("python@sha512:" + "0" * 64, 1),
        ("", 1),
    ],
)
def test_a_base_without_a_digest_ends_the_build(file: Path, base: str, status: int) -> None:
    """The first step of each image, run by the shell that Docker would run it by."""
    text = file.read_text(encoding="utf-8")
    step = instructions(text, "RUN")[0]
    name = re.findall(r"^FROM \$\{([A-Z]+_BASE)\}", text, re.M)[0]
    assert f"\nARG {name}\nRUN {step}\n" in text.partition("\nFROM ")[2], (
        "a stage sees no argument that it does not name"
    )
    done = subprocess.run(
        ["/bin/sh", "-c", step], env={name: base}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == status
    assert ("name the base by its digest" in done.stderr) is bool(status)


def test_triton_starts_as_closed_as_the_tested_one(tmp_path: Path) -> None:
    """The flags of deploy/triton/serve.sh, as a program prints them, are those of `portico_models.triton_server`."""
    (tmp_path / "tritonserver").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    (tmp_path / "tritonserver").chmod(0o755)

    def flags() -> list[str]:
        command = ["bash", str(ROOT / "deploy/triton/serve.sh"), "--allow-gpu-metrics=false"]
        done = subprocess.run(
            command, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout.splitlines()

    given, wanted = flags(), triton_server._flags(tmp_path, tmp_path, triton_server.Ports(8001, 8000, 8002), "portico-")
    assert {_opened(f) for f in wanted if not f.startswith("--backend-directory")} == {_opened(f) for f in given}
    words = {re.findall(r":([0-9a-f]{32})=\1$", flag)[0] for flag in given + flags() if "-restricted-" in flag}
    assert len(words) == 2, "a word of its own for each start"
    for name in ("cpu", "gpu"):
        text = (ROOT / f"deploy/images/triton-{name}.Dockerfile").read_text(encoding="utf-8")
        assert 'ENTRYPOINT ["/opt/portico/serve.sh"]' in text
        assert "--chmod=755 deploy/triton/serve.sh /opt/portico/serve.sh" in instructions(text, "COPY")


def _opened(flag: str) -> str:
    """Return a flag without what is another one in every place: addresses, folders and the secret word."""
    plain = re.sub(r"(-restricted-[a-z]+=[^:]+):.+", r"\1", flag)
    return re.sub(r"^(--(?:[a-z]+-address|model-repository))=.+", r"\1", plain)


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


def test_a_folder_that_is_no_bundle_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    done = make_bundle(tmp_path)
    assert done.returncode == 1 and "is no bundle; it is not written over" in done.stderr
    assert (tmp_path / "letters.txt").read_text(encoding="utf-8") == "mine"
