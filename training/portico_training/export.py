"""Write what serving needs: the adapter, the head and the calibration.

    python -m portico_training.export --config training/configs/classifier.toml

`portico models build` merges `W + lora_scaling · B @ A` in numpy and never sees torch. Biases, LayerNorms and
embeddings stay those of the base.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save

from portico_training.artefacts import BASE_SHA256, TrainingError, write_bytes, write_json
from portico_training.checkpoints import adapter_tensors, load_adapter
from portico_training.evaluate import read_calibration
from portico_training.messages import LABELS, load_messages, messages_digest
from portico_training.settings import RunSettings, load_run


def main() -> None:
    """Export one stage of a run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--stage", choices=("sft", "dpo"), default="dpo")
    args = parser.parse_args()
    try:
        export_run(load_run(args.config), args.stage)
    except (TrainingError, ValueError) as error:
        raise SystemExit(str(error)) from None


def export_run(run: RunSettings, stage: str) -> None:
    """Write adapter, head and description; the description last, so that it never names missing files."""
    scaling = run.sft.lora_alpha / run.sft.lora_rank
    adapter = load_adapter(run.work / f"{stage}.safetensors", scaling)
    calibration = read_calibration(run, stage)
    write_bytes(run.adapter / "adapter.safetensors", save(adapter_tensors(adapter, torch.float16)))
    head = {"weight": adapter.head_weight.float().contiguous(), "bias": adapter.head_bias.float().contiguous()}
    write_bytes(run.adapter / "head.safetensors", save(head))
    description = {
        "model": "safety_classifier", "version": run.version, "stage": stage, "labels": list(LABELS),
        "base_sha256": BASE_SHA256, "lora_scaling": scaling, "pooling": "mean", "max_tokens": run.sft.max_tokens,
        "temperature": calibration["temperature"], "thresholds": calibration["thresholds"],
        "data_sha256": messages_digest(load_messages(run.messages)), "extra_tensors": [],
    }  # fmt: skip
    write_json(run.adapter / "adapter.json", description)
    size = sum(file.stat().st_size for file in run.adapter.iterdir())
    print(f"{run.adapter}: {stage}, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
