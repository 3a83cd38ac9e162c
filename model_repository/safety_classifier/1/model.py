"""safety_classifier: the verdict on a redacted message, before anything may answer it.

`TEXT` [rows, 1] → `SCORES` [rows, 6], a softmax in the order of `labels.txt`, and `TOKENS_SCORED` [rows, 1], the
number of tokens of the text that lay in a scored window: all of them, which the gateway holds against it. `LABELS`
[rows, 6] repeats the order, so that every reply says what its numbers mean.

A text longer than one window is looked at twice. Whole windows decide, as in training. But one urgent sentence among
260 calm tokens is lost in a whole window (seen in 2 of 120 authored mixtures), so short windows look again. Out of
their context, harmless fragments alarm too (35 % of calm mixtures), so a short window never raises an alarm by itself:
it halves the confidence, and what is not sure is neither answered nor declined but goes to a person.
"""

from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils
from numpy.typing import NDArray
from text_model import TextModel, cut_windows, error_response, load_text_model, read_texts, refuse_empty

# The most severe label that any window of a text says is the verdict. Danger to life within minutes comes first.
# out_of_scope stands above informational: an answer needs the whole input to be a health question.
SEVERITY = ("emergency", "crisis", "attack", "clinician", "out_of_scope", "informational")

URGENT = ("emergency", "crisis")
CLOSE_TOKENS, CLOSE_STRIDE = 62, 31
# Of 120 urgent messages hidden in calm ones this marks 61 %, of calm mixtures 35 %; other choices: MODEL_CARD.md.
CLOSE_CONFIDENCE = 0.6

Floats = NDArray[np.float32]


class TritonPythonModel:
    """What Triton's Python backend calls."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load and verify the model; Triton does not become ready if this raises."""
        self.model: TextModel = load_text_model(args)
        self.labels = _read_labels(args, self.model)
        self.temperature = float(self.model.manifest["temperature"])

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer each request by itself: one that fails does not touch its neighbours."""
        return [self._respond(request) for request in requests]

    def _respond(self, request: Any) -> Any:
        try:
            scored = [self._score(text) for text in read_texts(request, "TEXT")]
        except Exception as error:  # Whatever it is, this request fails and says so.
            return error_response(error)
        scores = np.stack([row for row, _ in scored])
        counts = np.array([[count] for _, count in scored], dtype=np.int32)
        order = np.array([[label.encode() for label in self.labels]] * len(scored), dtype=np.object_)
        outputs = {"SCORES": scores, "TOKENS_SCORED": counts, "LABELS": order}
        return pb_utils.InferenceResponse([pb_utils.Tensor(name, value) for name, value in outputs.items()])

    def _score(self, text: str) -> tuple[Floats, int]:
        tokens = refuse_empty(self.model.token_ids(text), "TEXT")
        windows = cut_windows(tokens)
        verdict = most_severe(self._probabilities(windows), self.labels)
        if len(windows) > 1:
            verdict = doubt(verdict, self._probabilities(cut_windows(tokens, CLOSE_TOKENS, CLOSE_STRIDE)), self.labels)
        return verdict, len(tokens)

    def _probabilities(self, windows: list[list[int]]) -> Floats:
        return softmax(np.stack([self.model.run(window) for window in windows]), self.temperature)


def softmax(logits: Floats, temperature: float) -> Floats:
    """Return probabilities of each row."""
    scaled = logits.astype(np.float64) / temperature
    exponent = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(exponent / exponent.sum(axis=1, keepdims=True), dtype=np.float32)


def most_severe(windows: Floats, labels: list[str]) -> Floats:
    """Return the scores of the window that decides.

    Of several windows with the most severe label the surest decides, except where all are informational: then
    the least sure one, because the whole text must be safe to answer.
    """
    said = [labels[int(best)] for best in windows.argmax(axis=1)]
    worst = min(said, key=SEVERITY.index)
    rows = [row for row, label in zip(windows, said, strict=True) if label == worst]
    choose = min if worst == "informational" else max
    return choose(rows, key=lambda row: float(row.max()))


def doubt(verdict: Floats, close: Floats, labels: list[str]) -> Floats:
    """Halve the confidence of a calm verdict if a short window is sure of an emergency or a crisis.

    The label stays; what it loses goes to the urgent one. The result sums to one and no score is above 0.52.
    """
    calm, urgent = int(verdict.argmax()), [labels.index(label) for label in URGENT]
    row, column = np.unravel_index(int(close[:, urgent].argmax()), (len(close), len(urgent)))
    alarm = urgent[column]
    if calm in urgent or close[row, alarm] < CLOSE_CONFIDENCE:
        return verdict
    moved = 0.49 * (verdict[calm] - verdict[alarm])
    doubted = verdict.copy()
    doubted[calm] -= moved
    doubted[alarm] += moved
    return doubted


def _read_labels(args: dict[str, str], model: TextModel) -> list[str]:
    """Return the label order, if file, manifest and severity agree on it."""
    labels = (Path(args["model_repository"]) / "labels.txt").read_text(encoding="utf-8").split()
    if labels != model.manifest.get("labels") or sorted(labels) != sorted(SEVERITY):
        raise pb_utils.TritonModelException("portico: safety_classifier: labels.txt and manifest.json do not agree")
    return labels
