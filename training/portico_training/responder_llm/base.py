"""The base model of a run, its adapters, and the prompt that all steps share."""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from portico_core.drafting import PROMPT_VERSION
from portico_training.artefacts import TrainingError, sha256_of, write_json
from portico_training.responder_llm.examples import Example
from portico_training.responder_llm.prompts import Prompt, draft_ids, prompt_ids, read_prompt
from portico_training.responder_llm.settings import LlmRun

STAGES = ("base", "sft", "dpo")
_WEIGHTS_AND_WORDS = ("*.safetensors", "*.json", "*.jinja", "*.model", "*.txt")
# What would send a run's figures elsewhere; they stay in TRACKIO_DIR (training/runs/environment.sh).
_REMOTE = ("TRACKIO_SPACE_ID", "TRACKIO_SERVER_URL", "TRACKIO_DATASET_ID", "TRACKIO_BUCKET_ID", "TRACKIO_WEBHOOK_URL")


def check_place(run: LlmRun) -> None:
    """Raise TrainingError where the device is missing, or figures would go elsewhere or nowhere."""
    if run.device == "cuda" and not torch.cuda.is_available():
        raise TrainingError("this run wants a CUDA device and there is none")
    if sent := next((name for name in _REMOTE if os.environ.get(name)), ""):
        raise TrainingError(f"{sent} is set: the figures of a run stay on this machine")
    if not os.environ.get("TRACKIO_DIR"):
        raise TrainingError("TRACKIO_DIR is not set: training/runs/environment.sh says where figures are kept")


def base_digest(folder: Path) -> str:
    """Return the SHA-256 of a base's weights, tokenizer and configuration.

    Raises:
        TrainingError: it holds no weights as safetensors.
    """
    files = sorted({path for pattern in _WEIGHTS_AND_WORDS for path in folder.glob(pattern)})
    if not any(path.suffix == ".safetensors" for path in files):
        raise TrainingError(f"{folder}: no *.safetensors; put an instruct model there")
    lines = [f"{path.name} {sha256_of(path)}" for path in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def load_tokenizer(run: LlmRun) -> Any:
    """Return the base's tokenizer; what it pads with is never learned."""
    tokenizer = AutoTokenizer.from_pretrained(run.base, local_files_only=True)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    return tokenizer


def shared_prompt(run: LlmRun, tokenizer: Any, digest: str) -> Prompt:
    """Return the prompt that the first step of a run wrote, so that a template with a date in it stays one prompt."""
    path = run.work / "prompt.json"
    key = {"base": digest, "version": PROMPT_VERSION, "template": run.template}
    if path.is_file():
        saved = json.loads(path.read_text(encoding="utf-8"))
        if saved["key"] == key:
            said = saved["prompt"]
            return Prompt(said["version"], tuple(said["parts"]), said["stop"], tuple(said["control_tokens"]))
    prompt = read_prompt(tokenizer, run.template)
    write_json(path, {"key": key, "prompt": prompt.as_json()})
    return prompt


def load_base(run: LlmRun, prompt: Prompt, tokenizer: Any) -> Any:
    """Return the base model on its device.

    Raises:
        TrainingError: it would not stop where its chat template ends a reply.
    """
    dtype = torch.bfloat16 if run.device == "cuda" else torch.float32
    model = AutoModelForCausalLM.from_pretrained(run.base, dtype=dtype, local_files_only=True)
    ends = model.generation_config.eos_token_id
    if tokenizer.convert_tokens_to_ids(prompt.stop) not in (ends if isinstance(ends, list) else [ends]):
        raise TrainingError(f"{run.base}: generation_config.json does not end a reply at {prompt.stop}")
    return model.to(run.device)


def fresh_adapter(model: Any, run: LlmRun) -> PeftModel:
    """Wrap a base with a LoRA adapter that changes nothing yet."""
    lora = run.lora
    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=lora.targets,
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def load_stage(run: LlmRun, stage: str, prompt: Prompt, tokenizer: Any, *, trainable: bool = False) -> Any:
    """Return the model of a stage: the base, or the base with the adapter that a step left."""
    model = load_base(run, prompt, tokenizer)
    if stage == "base":
        return model
    return PeftModel.from_pretrained(model, run.work / stage, is_trainable=trainable)


def save_stage(run: LlmRun, stage: str, model: PeftModel, said: dict[str, Any]) -> None:
    """Write the adapter of a stage, and last what it was made of."""
    model.save_pretrained(run.work / stage, selected_adapters=["default"])
    write_json(run.work / f"{stage}.json", {**said, "adapter": adapter_digest(run, stage)})


def read_stage(run: LlmRun, stage: str, digest: str) -> dict[str, Any]:
    """Return what a stage was made of.

    Raises:
        TrainingError: it has not run, it began from another base, or its adapter is another one than it left.
    """
    try:
        said = dict(json.loads((run.work / f"{stage}.json").read_text(encoding="utf-8")))
    except OSError:
        raise TrainingError(f"{run.work / stage}: run the step {stage} first") from None
    if said["base"] != digest:
        raise TrainingError(f"{run.work / stage}: trained on another base than {run.base}")
    if said["adapter"] != adapter_digest(run, stage):
        raise TrainingError(f"{run.work / stage}: the adapter is not the one that the step left")
    return said


def adapter_digest(run: LlmRun, stage: str) -> str:
    """Return the SHA-256 of a stage's adapter; of the base, an empty text."""
    return "" if stage == "base" else sha256_of(run.work / stage / "adapter_model.safetensors")


def encode(run: LlmRun, tokenizer: Any, prompt: Prompt, example: Example, *drafts: str) -> tuple[list[int], ...]:
    """Return the ids of the prompt and of each draft.

    Raises:
        TrainingError: together they are longer than the run allows: a draft that is cut teaches to stop early.
    """
    asked = prompt_ids(tokenizer, prompt.fill(example.question, example.passages))
    said = [draft_ids(tokenizer, prompt, draft) for draft in drafts]
    longest = len(asked) + max(map(len, said))
    if longest > run.max_tokens:
        raise TrainingError(f"{example.id}: {longest} tokens, and max_tokens is {run.max_tokens}")
    return asked, *said


def trl_arguments(run: LlmRun, step: Any, folder: Path, *, name: str, progress: bool) -> dict[str, Any]:
    """Return the arguments that SFT and DPO give TRL alike; `step` is the section of the configuration."""
    on_card = run.device == "cuda"
    return {
        "output_dir": str(folder), "seed": step.seed, "data_seed": step.seed, "num_train_epochs": step.epochs,
        "per_device_train_batch_size": step.batch_size, "per_device_eval_batch_size": step.batch_size,
        "gradient_accumulation_steps": step.accumulate, "learning_rate": step.learning_rate,
        "lr_scheduler_type": "cosine", "warmup_steps": 0.05, "max_grad_norm": 1.0, "max_length": None,
        "bf16": on_card, "use_cpu": not on_card, "gradient_checkpointing": on_card,
        "save_steps": step.save_steps, "save_total_limit": 1, "eval_strategy": "epoch",
        "logging_steps": step.log_steps, "logging_nan_inf_filter": False, "disable_tqdm": not progress,
        "report_to": ["trackio"], "project": run.name, "run_name": name, "trackio_static_space_id": False,
        "dataloader_num_workers": 0,
    }  # fmt: skip


def sizes(rows: Sequence[dict[str, list[int]]]) -> dict[str, int]:
    """Return how many rows there are, and the longest of each column, for the log."""
    longest = {f"longest_{name}": max(len(row[name]) for row in rows) for name in rows[0]}
    return {"rows": len(rows), **longest}
