"""Classify JSON lines with the exported adapter, as `portico classify` will, to measure with score.py.

python -m portico_training.classify --config training/configs/classifier.toml < GOLD.jsonl > PREDICTIONS.jsonl
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from portico_training.checkpoints import Adapter, factors_from, merge_adapter
from portico_training.messages import LABELS
from portico_training.model import LabelLanguageModel, load_base, load_tokenizer, logits_of
from portico_training.scoring import route_confidence, route_of, softmax
from portico_training.settings import load_run


def main() -> None:
    """Read `{"text"}` lines, write `{"label","confidence","scores","route"}` lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    run = load_run(parser.parse_args().config)
    torch.set_num_threads(run.threads)
    about = json.loads((run.adapter / "adapter.json").read_text(encoding="utf-8"))
    model = exported_model(run.base, run.adapter, about)
    texts = [json.loads(line)["text"] for line in sys.stdin if line.strip()]
    logits = logits_of(model, load_tokenizer(run.base), texts, max_tokens=about["max_tokens"])
    for row in softmax(logits, about["temperature"]):
        best = int(row.argmax())
        confidence = float(row[best])
        verdict = {
            "label": LABELS[best], "confidence": confidence,
            "scores": dict(zip(LABELS, map(float, row), strict=True)),
            "route": route_of(LABELS[best], route_confidence(row), about["thresholds"]),
        }  # fmt: skip
        print(json.dumps(verdict))


def exported_model(base: Path, folder: Path, about: dict[str, Any]) -> LabelLanguageModel:
    """Merge the exported files into the base weights."""
    head = load_file(folder / "head.safetensors")
    factors = factors_from(load_file(folder / "adapter.safetensors"))
    return merge_adapter(load_base(base), Adapter(factors, about["lora_scaling"], head["weight"], head["bias"]))


if __name__ == "__main__":
    main()
