"""The classifier's own rules: the worst window decides, doubt lowers confidence, one bad request stays alone."""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

LABELS = ["informational", "clinician", "emergency", "crisis", "attack", "out_of_scope"]
Load = Callable[[str, str], ModuleType]


@pytest.fixture
def classifier(load_model: Load) -> ModuleType:
    return load_model("safety_classifier", "model")


def says(label: str, confidence: float) -> NDArray[np.float32]:
    row = np.full(6, (1 - confidence) / 5, dtype=np.float32)
    row[LABELS.index(label)] = confidence
    return row


@pytest.mark.parametrize(
    ("windows", "label", "confidence"),
    [
        ([("informational", 0.99), ("emergency", 0.4), ("informational", 0.99)], "emergency", 0.4),
        ([("crisis", 0.9), ("emergency", 0.5)], "emergency", 0.5),
        ([("attack", 0.9), ("crisis", 0.5)], "crisis", 0.5),
        ([("clinician", 0.9), ("attack", 0.5)], "attack", 0.5),
        ([("out_of_scope", 0.9), ("clinician", 0.5)], "clinician", 0.5),
        # The whole text must be a health question to be answered.
        ([("informational", 0.9), ("out_of_scope", 0.5)], "out_of_scope", 0.5),
        # Of several alarms the surest, …
        ([("emergency", 0.6), ("emergency", 0.8)], "emergency", 0.8),
        # … of several calm windows the least sure.
        ([("informational", 0.99), ("informational", 0.6)], "informational", 0.6),
    ],
)
def test_the_worst_window_decides(
    classifier: ModuleType, windows: list[tuple[str, float]], label: str, confidence: float
) -> None:
    row = classifier.most_severe(np.stack([says(*w) for w in windows]), LABELS)
    assert LABELS[row.argmax()] == label
    assert row.max() == pytest.approx(confidence)


@pytest.mark.parametrize("calm", ["informational", "out_of_scope", "attack", "clinician"])
def test_a_sure_short_window_halves_confidence_and_keeps_the_label(classifier: ModuleType, calm: str) -> None:
    close = np.stack([says("informational", 0.9), says("crisis", 0.95)])
    row = classifier.doubt(says(calm, 0.99), close, LABELS)
    assert LABELS[row.argmax()] == calm
    assert row.max() <= 0.52
    assert row.sum() == pytest.approx(1, abs=1e-5)


def test_an_unsure_short_window_changes_nothing(classifier: ModuleType) -> None:
    verdict = says("informational", 0.99)
    assert np.array_equal(classifier.doubt(verdict, np.stack([says("crisis", 0.59)]), LABELS), verdict)


def test_an_alarm_is_never_doubted(classifier: ModuleType) -> None:
    verdict = says("emergency", 0.6)
    assert np.array_equal(classifier.doubt(verdict, np.stack([says("crisis", 0.99)]), LABELS), verdict)


def test_softmax_uses_the_temperature(classifier: ModuleType) -> None:
    logits = np.array([[2.0, 0, 0, 0, 0, 0]], dtype=np.float32)
    cold, warm = classifier.softmax(logits, 0.5), classifier.softmax(logits, 2.0)
    assert cold[0, 0] > warm[0, 0]
    assert cold.sum() == pytest.approx(1)


class FakeText:
    """Scores a token by itself: token 7 is no number."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def token_ids(self, text: str) -> list[int]:
        return [int(word) for word in text.split()]

    def run(self, window: list[int]) -> NDArray[np.float32]:
        if 7 in window:
            raise self.module.Refused("the model gave a value that is not a number", 1)
        return says(LABELS[max(window)], 0.9)


def model_with_fakes(classifier: ModuleType) -> Any:
    model = classifier.TritonPythonModel()
    text = FakeText(SimpleNamespace(Refused=classifier.refuse_empty.__globals__["Refused"]))  # type: ignore[arg-type]
    model.model, model.labels, model.temperature = text, LABELS, 1.0
    return model


def test_one_bad_request_does_not_touch_its_neighbours(
    classifier: ModuleType, make_request: Callable[..., Any]
) -> None:
    requests = [make_request(TEXT=text) for text in ("0 2 0", "7", "", "0", "not a token")]
    responses = model_with_fakes(classifier).execute(requests)
    assert [r.error is None for r in responses] == [True, False, False, True, False]
    assert LABELS[responses[0].output("SCORES").argmax()] == "emergency"
    assert responses[0].output("TOKENS_SCORED").tolist() == [[3]]
    assert [r.error.text for r in responses if r.error] == [
        "the model gave a value that is not a number", "TEXT holds nothing to read", "the model failed",
    ]  # fmt: skip


def test_tokens_are_counted_once_though_windows_overlap(
    classifier: ModuleType, make_request: Callable[..., Any]
) -> None:
    response = model_with_fakes(classifier).execute([make_request(TEXT="0 " * 1000)])[0]
    assert response.output("TOKENS_SCORED").tolist() == [[1000]]
