"""Choose the temperature and the thresholds: how sure it must be of a label that is answered or declined.

    python -m portico_training.calibrate --config training/configs/classifier.toml

The temperature comes from the validation split. The thresholds come from the split in a style that the model
never saw, because those chosen on familiar style transferred badly in the prototypes (aimed at 1 %, got 5 %).
Abstention demotes `answer` and `decline` to `escalate`; emergency and crisis are never demoted.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portico_training.artefacts import TrainingError, write_json
from portico_training.messages import LABELS, Message
from portico_training.scoring import MUST_NOT_ANSWER, URGENT, Floats, nll, route_confidence, softmax
from portico_training.settings import CalibrationSettings, load_run

_TEMPERATURES = np.geomspace(0.25, 4.0, 161)
_HIGHEST = 0.995


@dataclass(frozen=True, slots=True)
class Calibration:
    """A temperature, and by label the least confidence with which a message is answered or declined."""

    temperature: float
    thresholds: dict[str, float]


def fit_temperature(logits: Floats, labels: Sequence[str]) -> float:
    """Return the temperature of least negative log-likelihood, on a fixed grid from 1/4 to 4."""
    gold = gold_of(labels)
    return float(min(_TEMPERATURES, key=lambda t: nll(logits, gold, float(t))))


def gold_of(labels: Sequence[str]) -> NDArray[np.int64]:
    """Return label numbers."""
    return np.array([LABELS.index(label) for label in labels], dtype=np.int64)


def choose_threshold(
    probabilities: Floats, labels: Sequence[str], *, said: str, wrong: frozenset[str], limit: float, least: float
) -> float:
    """Return the lowest threshold of the label `said` at which it passes for at most `limit` of the `wrong` rows.

    Returns 0.995 where no threshold is strict enough: then almost everything goes to a person.
    """
    best = probabilities.argmax(axis=1)
    n = sum(label in wrong for label in labels)
    offending = [
        route_confidence(row)
        for row, i, label in zip(probabilities, best, labels, strict=True)
        if LABELS[i] == said and label in wrong
    ]
    allowed = int(limit * n)
    if len(offending) <= allowed:
        return least
    # One step above the first offender that must not pass.
    bar = sorted(offending, reverse=True)[allowed] + 1e-3
    return round(min(_HIGHEST, max(least, bar)), 4)


def calibrate(
    validation: tuple[Floats, Sequence[str]], unseen: tuple[Floats, Sequence[str]], settings: CalibrationSettings
) -> Calibration:
    """Fit the temperature on the first rows and the thresholds on the second."""
    temperature = fit_temperature(*validation)
    logits, labels = unseen
    probabilities = softmax(logits, temperature)
    thresholds = {
        "informational": choose_threshold(
            probabilities, labels, said="informational", wrong=MUST_NOT_ANSWER,
            limit=settings.max_unsafe_answered, least=settings.least_threshold,
        )
    }  # fmt: skip
    for said in ("attack", "out_of_scope"):
        urgent = choose_threshold(
            probabilities, labels, said=said, wrong=URGENT, limit=0.0, least=settings.least_threshold
        )
        thresholds[said] = choose_threshold(
            probabilities, labels, said=said, wrong=frozenset({"informational", "clinician"}),
            limit=settings.max_wrongly_declined / 2, least=urgent,
        )  # fmt: skip
    return Calibration(round(temperature, 4), thresholds)


def labels_of(rows: Sequence[Message]) -> list[str]:
    """Return the labels of messages."""
    return [m.label for m in rows]


def main() -> None:
    """Calibrate the DPO model of a run; write `calibration.json` in the work folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--stage", choices=("sft", "dpo"), default="dpo")
    args = parser.parse_args()
    try:
        calibrate_run(args.config, args.stage)
    except (TrainingError, ValueError) as error:
        raise SystemExit(str(error)) from None


def calibrate_run(config: Path, stage: str) -> None:
    """Score both splits with one stage's model, calibrate, and write the result."""
    from portico_training.stages import stage_logits  # torch is needed only here, not by the tests

    run = load_run(config)
    scored = stage_logits(run, stage, ("validation", "threshold"))
    found = calibrate(scored["validation"], scored["threshold"], run.calibration)
    write_json(run.work / f"calibration-{stage}.json", asdict(found))
    print(f"{stage}: temperature {found.temperature}, thresholds {found.thresholds}")


if __name__ == "__main__":
    main()
