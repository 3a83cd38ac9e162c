"""Draw the learning curve of a run from its log."""

import io
from pathlib import Path

import matplotlib

from portico_training.artefacts import RunLog, write_bytes

matplotlib.use("Agg")
from matplotlib import pyplot
from matplotlib.figure import Figure


def draw_curve(log: RunLog, path: Path) -> None:
    """Write a PNG: losses and validation macro-F1 by epoch, reward margin by step."""
    epochs, steps = log.events("sft_epoch"), log.events("dpo_step")
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4))
    for seed in sorted({row["seed"] for row in epochs}):
        rows = [row for row in epochs if row["seed"] == seed]
        x = [row["epoch"] for row in rows]
        left.plot(x, [row["loss"] for row in rows], label=f"loss, seed {seed}")
        left.plot(x, [row["validation_macro_f1"] for row in rows], "--", label=f"macro-F1, seed {seed}")
    left.set(xlabel="epoch", title="SFT: training loss, validation macro-F1")
    if epochs:
        left.legend(fontsize=7)
    right.plot([row["step"] for row in steps], [row["margin"] for row in steps])
    right.set(xlabel="step", title="DPO: reward margin")
    _write(figure, path)


def draw_tagger_curve(log: RunLog, path: Path) -> None:
    """Write a PNG: the tagger's loss by block of texts, precision and recall on unseen templates."""
    blocks, validations = log.events("block"), log.events("validation")
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4))
    left.plot([row["block"] for row in blocks], [row["loss"] for row in blocks])
    left.set(xlabel="block of 1,024 texts", title="training loss", yscale="log")
    for name in ("name_recall", "name_precision", "place_recall", "place_precision"):
        right.plot([row["block"] for row in validations], [row[name] for row in validations], "o-", label=name)
    right.set(xlabel="block of 1,024 texts", title="units of unseen templates")
    right.legend(fontsize=7)
    _write(figure, path)


def draw_llm_curve(log: RunLog, path: Path) -> None:
    """Write a PNG of the LLM responder's run: loss of SFT, margin and accuracy of DPO's rewards, validation dashed."""
    figure, panels = pyplot.subplots(1, 3, figsize=(15, 4))
    for panel, step, name in zip(panels, ("sft", "dpo", "dpo"), ("loss", "margin", "accuracy"), strict=True):
        for event, style in ((f"{step}_step", "-"), (f"{step}_validation", "o--")):
            rows = log.events(event)
            panel.plot([row["step"] for row in rows], [row[name] for row in rows], style, label=event)
        panel.set(xlabel="step", title=f"{step.upper()}: {'loss' if name == 'loss' else f'reward {name}'}")
        panel.legend(fontsize=7)
    _write(figure, path)


def _write(figure: Figure, path: Path) -> None:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=90)
    pyplot.close(figure)
    write_bytes(path, buffer.getvalue())
