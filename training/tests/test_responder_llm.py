"""The LLM responder's recipe on a tiny model: SFT → DPO → drafts → export, and what each step refuses.

Run in .venv-train by `make train-responder`; half a minute. The model is random, so its drafts are nonsense: what is
shown is that it learns, that what was learned is what is exported, and that nonsense is refused by name.
"""

import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from tiny_llm import BEGIN, END, TEMPLATE, make_base, make_tokenizer, write_pairs
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback

from portico_core import drafting
from portico_gateway.guards.draft import DraftRefused, parse_draft
from portico_training.artefacts import RunLog, TrainingError
from portico_training.responder.preferences import load_preferences, read_passages
from portico_training.responder_llm import base, dpo, drafts, export, sft
from portico_training.responder_llm.examples import Example, sft_examples
from portico_training.responder_llm.prompts import prompt_ids, read_prompt
from portico_training.responder_llm.settings import LlmRun, load_llm_run

ROOT = Path(__file__).parents[2]
SERVING_PYTHON = ROOT / ".venv" / "bin" / "python"
TAGGER = ROOT / "services" / "redaction" / "tagger" / "manifest.json"


@dataclass(frozen=True)
class Done:
    """A run whose every step has run, and the texts of its passages."""

    run: LlmRun
    texts: list[str]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    folder = tmp_path_factory.mktemp("llm")
    texts = write_pairs(ROOT / "training" / "data" / "responder", folder / "pairs", folder / "passages.jsonl", each=1)
    make_base(folder / "base", texts)
    run = replace(
        load_llm_run(ROOT / "training" / "configs" / "responder_llm_tiny.toml"), pairs=folder / "pairs",
        passages=folder / "passages.jsonl", base=folder / "base", work=folder / "run", export=folder / "export",
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRACKIO_DIR", str(folder / "tracked"))
        sft.run_sft(run)
        dpo.run_dpo(run)
        for stage in base.STAGES:
            drafts.draft_stage(run, stage)
        yield Done(run, texts)


@pytest.fixture
def rows(done: Done) -> dict[str, list[dict[str, Any]]]:
    folder = done.run.work / "drafts"
    return {s: [json.loads(x) for x in (folder / f"{s}.jsonl").read_text("utf-8").splitlines()] for s in base.STAGES}


def copy_of(done: Done, folder: Path) -> LlmRun:
    """Return the run in a work folder of its own, so that a test can spoil it."""
    shutil.copytree(done.run.work, folder / "run")
    return replace(done.run, work=folder / "run", export=folder / "export")


def prompt_of(run: LlmRun) -> tuple[Any, Any]:
    tokenizer = base.load_tokenizer(run)
    return tokenizer, base.shared_prompt(run, tokenizer, base.base_digest(run.base))


def test_sft_learns_and_dpo_prefers(done: Done, rows: dict[str, list[dict[str, Any]]]) -> None:
    log = RunLog(done.run.log_path)
    losses = [row["loss"] for row in log.events("sft_validation")]
    assert losses[-1] < losses[0] - 0.3, "what topics never trained on lose, falls"
    margins = [row["margin"] for row in log.events("dpo_step")]
    assert margins[0] == 0.0 and margins[-1] > 0.2
    assert [row["accuracy"] for row in log.events("dpo_step")][-1] == 1.0

    def gain(before: dict[str, Any], after: dict[str, Any], name: str) -> float:
        return float(after[f"{name}_logp"] - before[f"{name}_logp"])

    scored = [(a, b) for a, b in zip(rows["sft"], rows["dpo"], strict=True) if "chosen_logp" in a]
    assert sum(gain(a, b, "chosen") - gain(a, b, "rejected") for a, b in scored) > 0, "on test topics"


def test_figures_are_tracked_in_the_local_store(done: Done) -> None:
    with sqlite3.connect(Path(os.environ["TRACKIO_DIR"]) / f"{done.run.name}.db") as store:
        found = store.execute("select run_name, metrics from metrics").fetchall()
    said = {(name.partition("-")[0], key) for name, figures in found for key in json.loads(figures)}
    assert {("sft", "train/loss"), ("dpo", "train/rewards/accuracies"), ("dpo", "eval/rewards/margins")} <= said
    assert (done.run.work / "curve.png").stat().st_size > 5_000


def test_only_the_draft_and_its_end_are_learned(done: Done) -> None:
    tokenizer, prompt = prompt_of(done.run)
    texts = read_passages(done.run.passages)
    examples = sft_examples(done.run, load_preferences(done.run.pairs, texts), texts, "train")
    for row, example in zip(sft.make_rows(done.run, tokenizer, prompt, examples), examples, strict=True):
        learned = [i for i, mask in zip(row["input_ids"], row["completion_mask"], strict=True) if mask]
        asked = [i for i, mask in zip(row["input_ids"], row["completion_mask"], strict=True) if not mask]
        assert tokenizer.decode(learned) == example.draft + END
        assert tokenizer.decode(asked) == BEGIN + prompt.fill(example.question, example.passages)
    assert any(example.draft == '{"sentences": []}' for example in examples)


def test_a_stopped_run_goes_on_and_ends_where_it_would_have(done: Done, tmp_path: Path) -> None:
    class Stop(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step == 3:
                raise KeyboardInterrupt

    run = replace(done.run, work=tmp_path / "run")
    with pytest.raises(KeyboardInterrupt):
        sft.run_sft(run, [Stop()])
    assert not (run.work / "sft.json").exists()
    sft.run_sft(run)
    steps = [row["step"] for row in RunLog(run.log_path).events("sft_step")]
    assert steps[:2] == [1, 2] and steps.count(1) == 1, "it went on from the checkpoint of step 2"
    for name, tensor in adapter(done.run, "sft").items():
        torch.testing.assert_close(adapter(run, "sft")[name], tensor, atol=1e-5, rtol=1e-4)


def adapter(run: LlmRun, stage: str) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return dict(load_file(run.work / stage / "adapter_model.safetensors"))


def test_drafting_goes_on_and_does_not_mix_adapters(done: Done, tmp_path: Path) -> None:
    run = copy_of(done, tmp_path)
    path = run.work / "drafts" / "dpo.jsonl"
    whole = path.read_text("utf-8")
    first, *_ = lines = whole.splitlines()
    path.write_text(first + "\n" + lines[1].replace(json.loads(first)["key"], "of another adapter") + "\n", "utf-8")
    assert drafts.draft_stage(run, "dpo").read_text("utf-8") == whole


def test_what_is_exported_is_what_was_trained(done: Done, tmp_path: Path) -> None:
    run = copy_of(done, tmp_path)
    export.export_run(run, "dpo", merged=True)
    folder = run.export / "weights" / "responder_llm"
    served, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    manifest = json.loads((run.export / "responder" / "1" / "manifest.json").read_text("utf-8"))
    assert manifest["version"] == f"0.0.1+{drafting.PROMPT_VERSION}" and "lora" not in manifest
    own, prompt = prompt_of(run)
    asked = as_served(manifest, example(run))
    assert asked == prompt.fill(example(run).question, example(run).passages)
    ids = torch.tensor([tokenizer(asked)["input_ids"]])
    assert ids[0].tolist() == prompt_ids(own, asked)
    trained = base.load_stage(run, "dpo", prompt, own).eval()
    torch.testing.assert_close(served(ids).logits, trained(ids).logits, atol=1e-4, rtol=1e-3)
    untrained = base.load_stage(run, "base", prompt, own).eval()
    assert (served(ids).logits - untrained(ids).logits).abs().max() > 0.01, "control: training changed something"
    text = tokenizer.decode(served.generate(ids, max_new_tokens=24, do_sample=False)[0, ids.shape[1] :])
    with pytest.raises(DraftRefused, match="not of the schema"):
        parse_draft(text)


def test_an_adapter_alone_is_exported_for_an_engine_with_the_base(
    done: Done, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = copy_of(done, tmp_path)
    export.export_run(run, "sft", merged=False)
    manifest = json.loads((run.export / "responder" / "1" / "manifest.json").read_text("utf-8"))
    config = json.loads((run.export / "adapters" / manifest["lora"] / "adapter_config.json").read_text("utf-8"))
    assert (manifest["lora"], config["r"]) == ("responder-sft", 8)
    assert '"max_lora_rank": 8' in capsys.readouterr().out
    assert not (run.export / "weights").exists()


def serving_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Load the file of the GPU repository that fills the prompt; what it needs of Triton is not used for that."""
    monkeypatch.setitem(sys.modules, "triton_python_backend_utils", ModuleType("triton_python_backend_utils"))
    spec = importlib.util.spec_from_file_location("llm", ROOT / "model_repository_gpu" / "responder" / "1" / "llm.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "llm", module)
    spec.loader.exec_module(module)
    return module


def as_served(manifest: dict[str, Any], example: Example) -> str:
    """Return the prompt as `model_repository_gpu/responder` fills it."""
    with pytest.MonkeyPatch.context() as patch:
        shown = "\n".join(f"[{passage.id}] {passage.text}" for passage in example.passages)
        return str(serving_module(patch).fill_prompt(manifest, shown, example.question))


def example(run: LlmRun) -> Example:
    texts = read_passages(run.passages)
    return sft_examples(run, load_preferences(run.pairs, texts), texts, "test")[0]


def test_nonsense_is_refused_by_name(rows: dict[str, list[dict[str, Any]]]) -> None:
    for row in [row for stage in base.STAGES for row in rows[stage]]:
        with pytest.raises(DraftRefused, match="not of the schema"):
            parse_draft(row["draft"])


@pytest.mark.skipif(not (SERVING_PYTHON.exists() and TAGGER.exists()), reason="the serving environment: make setup")
def test_the_validators_that_serve_judge_every_stage(done: Done) -> None:
    run = done.run
    command = [SERVING_PYTHON, "-m", "reliability.llm_drafts", "--work", run.work, "--pairs", run.pairs]
    environment = {**os.environ, "PYTHONPATH": "tests:training"}
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, check=False)
    assert told.returncode == 0, told.stderr[-800:]
    (suite,) = json.loads((run.work / "evaluation" / "results.json").read_text("utf-8"))["suites"]
    found = {(row["set"], row["measure"]): (row["hits"], row["n"]) for row in suite["figures"] if not row["key"]}
    assert {stage: found[stage, "valid"] for stage in base.STAGES} == dict.fromkeys(base.STAGES, (0, 5))
    assert found["dpo", "reward"][1] == found["dpo", "likelier"][1] == 4
    assert "<svg" in (run.work / "evaluation" / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (None, "no chat template"),
        (TEMPLATE.replace("<|end|>", "\n--\n"), "ends a reply with no special token"),
        (TEMPLATE.replace("| trim", "| upper"), "shows passages or question not once"),
        (TEMPLATE.replace("{{ message['content'] | trim }}", "{{ message['content'][:40] }}"), "not once"),
        (TEMPLATE.replace("{{ bos_token }}", ""), "gives other ids than the template"),
    ],
)
def test_a_template_that_cannot_be_served_is_refused(done: Done, template: str | None, reason: str) -> None:
    with pytest.raises(TrainingError, match=reason):
        read_prompt(make_tokenizer(done.texts, template), {})


def test_the_engine_adds_its_first_token_once(done: Done) -> None:
    prompt = read_prompt(make_tokenizer(done.texts), {})
    assert not prompt.parts[0].startswith(BEGIN), "the tokenizer adds it by itself"
    other = make_tokenizer(done.texts)
    other.backend_tokenizer.post_processor = None
    assert read_prompt(other, {}).parts[0].startswith(BEGIN), "control: this one does not"
    assert set(prompt.control_tokens) == {BEGIN, "<|turn|>", END} and prompt.stop == END


def test_a_draft_is_never_cut(done: Done) -> None:
    with pytest.raises(TrainingError, match="tokens, and max_tokens is 300"):
        sft.run_sft(replace(done.run, max_tokens=300))


def test_a_base_that_would_not_stop_is_refused(done: Done, tmp_path: Path) -> None:
    make_base(tmp_path / "base", done.texts, ends=False)
    with pytest.raises(TrainingError, match=r"does not end a reply at <\|end\|>"):
        sft.run_sft(replace(done.run, base=tmp_path / "base", work=tmp_path / "run"))


def test_a_step_goes_on_only_from_what_the_one_before_left(done: Done, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="run the step sft first"):
        dpo.run_dpo(replace(done.run, work=tmp_path / "none"))
    make_base(tmp_path / "base", [*done.texts, "other words"] * 2)
    with pytest.raises(TrainingError, match="trained on another base"):
        export.export_run(replace(done.run, base=tmp_path / "base"), "dpo", merged=True)
    run = copy_of(done, tmp_path)
    shutil.copy(run.work / "sft" / "adapter_model.safetensors", run.work / "dpo" / "adapter_model.safetensors")
    with pytest.raises(TrainingError, match="not the one that the step left"):
        export.export_run(run, "dpo", merged=True)
    assert not run.export.exists()


def test_an_adapter_of_another_prompt_is_not_exported(
    done: Done, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copy_of(done, tmp_path)
    for module in ("prompts", "base"):
        monkeypatch.setattr(f"portico_training.responder_llm.{module}.PROMPT_VERSION", "draft-99")
    with pytest.raises(TrainingError, match="trained on prompt draft-1, and draft-99 serves"):
        export.export_run(run, "dpo", merged=True)


def test_figures_stay_here_and_a_missing_card_is_named(done: Done, monkeypatch: pytest.MonkeyPatch) -> None:
    if not torch.cuda.is_available():
        with pytest.raises(TrainingError, match="CUDA"):
            sft.run_sft(replace(done.run, device="cuda"))
    monkeypatch.setenv("TRACKIO_SERVER_URL", "https://tracked.example")
    with pytest.raises(TrainingError, match="TRACKIO_SERVER_URL is set"):
        dpo.run_dpo(done.run)
    monkeypatch.delenv("TRACKIO_SERVER_URL")
    monkeypatch.delenv("TRACKIO_DIR")
    with pytest.raises(TrainingError, match="TRACKIO_DIR is not set"):
        dpo.run_dpo(done.run)
