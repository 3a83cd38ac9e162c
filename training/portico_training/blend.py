"""Join adapters of unequal weight into one of a chosen rank.

    python -m portico_training.blend --config training/configs/classifier.toml --rank 32 --out dpo \\
        dpo-raw=0.75 training/adapters/safety_classifier=0.25

Each part is a working file of the run (`sft`, `dpo`) or an exported folder, with its share; shares add up to one.
A model part of the way back to the one it was trained from keeps what that one knew of text unlike the new messages
(Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). The sum of the weight changes is cut to the rank by
singular values, which is the nearest of that rank.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from portico_training.artefacts import TrainingError
from portico_training.checkpoints import Adapter, load_adapter, save_adapter
from portico_training.settings import RunSettings, load_run


def main() -> None:
    """Blend what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--rank", type=int, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("parts", nargs="+", metavar="ADAPTER=SHARE")
    args = parser.parse_args()
    try:
        run = load_run(args.config)
        joined = blend(read_parts(run, args.parts), rank=args.rank, scaling=run.sft.lora_alpha / run.sft.lora_rank)
        save_adapter(joined, run.work / f"{args.out}.safetensors")
    except (TrainingError, ValueError) as error:
        raise SystemExit(str(error)) from None


def read_parts(run: RunSettings, parts: Sequence[str]) -> list[tuple[Adapter, float]]:
    """Read adapters and shares; raise TrainingError where a part is malformed or the shares do not add up to one."""
    read = []
    for part in parts:
        name, _, share = part.rpartition("=")
        path = Path(name) if Path(name).is_dir() else run.work / f"{name}.safetensors"
        try:
            read.append((load_adapter(path, run.sft.lora_alpha / run.sft.lora_rank), float(share)))
        except ValueError:
            raise TrainingError(f"{part}: ADAPTER=SHARE is asked for") from None
    if abs(sum(share for _, share in read) - 1) > 1e-6:
        raise TrainingError("the shares do not add up to one")
    return read


def blend(parts: Sequence[tuple[Adapter, float]], *, rank: int, scaling: float) -> Adapter:
    """Return the weighted mean of the parts' weight changes, cut to `rank`, and of their heads."""
    factors = {}
    for name in parts[0][0].factors:
        change = sum((share / scaling * change_of(part, name) for part, share in parts), torch.zeros(()))
        left, values, right = torch.linalg.svd(change, full_matrices=False)
        root = values[:rank].sqrt()
        factors[name] = ((root[:, None] * right[:rank]).contiguous(), (left[:, :rank] * root).contiguous())
    weight = sum((share * part.head_weight for part, share in parts), torch.zeros(()))
    bias = sum((share * part.head_bias for part, share in parts), torch.zeros(()))
    return Adapter(factors=factors, scaling=scaling, head_weight=weight, head_bias=bias)


def change_of(adapter: Adapter, name: str) -> torch.Tensor:
    """Return what an adapter adds to a base weight, [out, in]."""
    a, b = adapter.factors[name]
    return adapter.scaling * b.float() @ a.float()


if __name__ == "__main__":
    main()
