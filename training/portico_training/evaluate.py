"""Measure a run before and after DPO, on every split.

    python -m portico_training.evaluate --config training/configs/classifier.toml

Every rate comes with its N and its 95 % Wilson interval; `evaluation.json` in the work folder holds them all.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from portico_training.artefacts import RunLog, TrainingError, write_json
from portico_training.messages import LABELS, SPLITS
from portico_training.scoring import Floats, macro_f1, routes_of, safety_rates, softmax
from portico_training.settings import RunSettings, load_run


def main() -> None:
    """Print and write the figures of both stages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--stages", nargs="+", default=["sft", "dpo"])
    parser.add_argument("--splits", nargs="+", choices=SPLITS, default=list(SPLITS))
    args = parser.parse_args()
    try:
        evaluate_run(load_run(args.config), args.stages, args.splits)
    except (TrainingError, ValueError) as error:
        raise SystemExit(str(error)) from None


def evaluate_run(run: RunSettings, stages: Sequence[str], splits: Sequence[str]) -> None:
    """Measure the stages of a run."""
    from portico_training.stages import stage_logits  # torch is needed only here, not by the tests

    report: dict[str, Any] = {}
    for stage in stages:
        calibration = read_calibration(run, stage)
        scored = stage_logits(run, stage, splits)
        report[stage] = {split: measure(*rows, calibration) for split, rows in scored.items()}
        for split, figures in report[stage].items():
            print_figures(stage, split, figures)
            RunLog(run.log_path).record("evaluation", stage=stage, split=split, macro_f1=figures["macro_f1"])
    write_json(run.work / "evaluation.json", report)


def read_calibration(run: RunSettings, stage: str) -> dict[str, Any]:
    """Read what `calibrate` wrote for a stage."""
    path = run.work / f"calibration-{stage}.json"
    if not path.is_file():
        raise TrainingError(f"{path}: run portico_training.calibrate first")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def measure(logits: Floats, gold: Sequence[str], calibration: Mapping[str, Any]) -> dict[str, Any]:
    """Return macro-F1, recall by label and the safety rates."""
    probabilities = softmax(logits, calibration["temperature"])
    said = [LABELS[i] for i in probabilities.argmax(axis=1)]
    rates = safety_rates(gold, routes_of(probabilities, calibration["thresholds"]))
    recall = {
        label: round(sum(g == s == label for g, s in zip(gold, said, strict=True)) / max(1, list(gold).count(label)), 4)
        for label in LABELS
    }
    return {
        "n": len(gold), "macro_f1": round(macro_f1(gold, said), 4), "recall": recall,
        **{name: asdict(rate) for name, rate in rates.items()},
    }  # fmt: skip


def print_figures(stage: str, split: str, figures: Mapping[str, Any]) -> None:
    """Print one split's figures, a line each."""
    print(f"{stage} {split}: n {figures['n']}, macro-F1 {figures['macro_f1']:.4f}, recall {figures['recall']}")
    for name, rate in figures.items():
        if isinstance(rate, dict) and "hits" in rate:
            interval = f"[{rate['low']:.4f}, {rate['high']:.4f}]"
            print(f"  {name:<18} {rate['hits']:>4}/{rate['n']:<5} {rate['value']:.4f} {interval}")


if __name__ == "__main__":
    main()
