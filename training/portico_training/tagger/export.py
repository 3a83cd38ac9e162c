"""Write what serving needs of the tagger: the adapter, and the head with the token types.

    python -m portico_training.tagger.export --config training/configs/tagger.toml --threshold 0.5

`portico models build` merges `W + lora_scaling · B @ A` in numpy, as it does for the classifier. The threshold is the
least probability of "name or place" at which a unit is taken; it is chosen on texts of unseen templates.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load, save

from portico_core.tagging import Tag
from portico_training.artefacts import BASE_SHA256, TrainingError, write_bytes, write_json
from portico_training.tagger.settings import TaggerSettings, load_tagger_run
from portico_training.tagger.train import data_digest

_HEAD = {"head.weight": "weight", "head.bias": "bias", "embeddings.token_type_embeddings.weight": "token_types"}


def main() -> None:
    """Export one run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--threshold", type=float, required=True)
    args = parser.parse_args()
    try:
        export_tagger(load_tagger_run(args.config), threshold=args.threshold)
    except TrainingError as error:
        raise SystemExit(str(error)) from None


def export_tagger(settings: TaggerSettings, *, threshold: float) -> None:
    """Write adapter, head and description; the description last, so that it never names missing files."""
    path = settings.work / "tagger.safetensors"
    if not path.is_file():
        raise TrainingError(f"{path}: run the training first")
    tensors = load(path.read_bytes())
    head = {new: tensors.pop(old).float().contiguous() for old, new in _HEAD.items()}
    adapter = {name: tensor.to(torch.float16).contiguous() for name, tensor in tensors.items()}
    write_bytes(settings.adapter / "adapter.safetensors", save(adapter))
    write_bytes(settings.adapter / "head.safetensors", save(head))
    description = {
        "model": "phi_tagger", "version": settings.version, "tags": [tag.name.lower() for tag in Tag],
        "base_sha256": BASE_SHA256, "lora_scaling": settings.lora_alpha / settings.lora_rank, "threshold": threshold,
        "samples": settings.samples, "seed": settings.seed, "data_sha256": data_digest(settings.data),
    }  # fmt: skip
    write_json(settings.adapter / "adapter.json", description)
    size = sum(file.stat().st_size for file in settings.adapter.iterdir())
    print(f"{settings.adapter}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
