"""Write what `model_repository_gpu` serves: the merged model or the adapter, and the responder's manifest.

    python -m portico_training.responder_llm.export --config training/configs/responder_llm.toml [--adapter]

    EXPORT/weights/responder_llm/           merged model and tokenizer; or, with --adapter,
    EXPORT/adapters/responder-dpo/          the adapter, for an engine that has the base
    EXPORT/responder/1/manifest.json        goes to model_repository_gpu/responder/1
    EXPORT/responder_llm.json               what it was made of

The manifest comes last, so that it never names what is not there.
"""

import argparse
from pathlib import Path
from typing import Any

from portico_training.artefacts import TrainingError, write_json
from portico_training.responder_llm import base
from portico_training.responder_llm.prompts import Prompt
from portico_training.responder_llm.settings import LlmRun, load_llm_run

ENGINE = "responder_llm"


def main() -> None:
    """Export one stage of a run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--stage", choices=("sft", "dpo"), default="dpo")
    parser.add_argument("--adapter", action="store_true", help="the adapter alone; the engine has the base")
    args = parser.parse_args()
    try:
        export_run(load_llm_run(args.config), args.stage, merged=not args.adapter)
    except (TrainingError, ValueError) as error:
        raise SystemExit(str(error)) from None


def export_run(run: LlmRun, stage: str, *, merged: bool) -> None:
    """Write weights or adapter, then description and manifest."""
    digest, tokenizer = base.base_digest(run.base), base.load_tokenizer(run)
    made_of = base.read_stage(run, stage, digest)
    prompt = base.shared_prompt(run, tokenizer, digest)
    if made_of["prompt"] != prompt.version:
        raise TrainingError(f"{run.work / stage}: trained on prompt {made_of['prompt']}, and {prompt.version} serves")
    model = base.load_stage(run, stage, prompt, tokenizer)
    name = f"responder-{stage}"
    if merged:
        folder = run.export / "weights" / ENGINE
        model.merge_and_unload(safe_merge=True).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    else:
        folder = run.export / "adapters" / name
        model.save_pretrained(folder)
    write_json(run.export / f"{ENGINE}.json", {"stage": stage, "merged": merged, **made_of})
    manifest = manifest_of(run, prompt, lora=None if merged else name)
    write_json(run.export / "responder" / "1" / "manifest.json", manifest)
    print(f"{folder}: {stage}, {sum(file.stat().st_size for file in folder.iterdir()) / 1e6:.1f} MB")
    if not merged:
        print(f'the engine needs "enable_lora": true, "max_lora_rank": {run.lora.rank} and {name} in multi_lora.json')


def manifest_of(run: LlmRun, prompt: Prompt, *, lora: str | None) -> dict[str, Any]:
    """Return the manifest of `model_repository_gpu/responder` (its README has the fields)."""
    manifest: dict[str, Any] = {
        "version": f"{run.version}+{prompt.version}", "llm": ENGINE, "prompt": list(prompt.parts),
        "control_tokens": list(prompt.control_tokens), "max_tokens": run.drafts.max_new_tokens,
    }  # fmt: skip
    return manifest | ({"lora": lora} if lora else {})


if __name__ == "__main__":
    main()
