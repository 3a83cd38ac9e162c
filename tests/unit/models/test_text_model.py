"""Windows hold every token, control tokens stay letters, refusals never carry the text."""

import itertools
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from portico_models.scoring import open_tokenizer
from portico_models.weights import find_base

Load = Callable[[str, str], ModuleType]


@pytest.fixture
def text_model(load_model: Load) -> ModuleType:
    return load_model("passage_encoder", "text_model")


@pytest.mark.parametrize("length", [0, 1, 253, 254, 255, 380, 381, 382, 508, 509, 5000])
def test_every_token_lies_in_a_window(text_model: ModuleType, length: int) -> None:
    windows = text_model.cut_windows(list(range(length)))
    assert {token for window in windows for token in window} == set(range(length))
    assert all(len(window) == min(length, 254) for window in windows)


def test_neighbouring_windows_overlap(text_model: ModuleType) -> None:
    windows = text_model.cut_windows(list(range(1000)))
    assert all(len(set(a) & set(b)) >= 127 for a, b in itertools.pairwise(windows))


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xff\xfesecret", "not UTF-8"), (b"secret" * 20_000, "longer than")],
)
def test_a_refusal_never_holds_the_text(
    text_model: ModuleType, make_request: Callable[..., Any], content: bytes, words: str
) -> None:
    with pytest.raises(text_model.Refused, match=words) as refused:
        text_model.read_texts(make_request(TEXT=content), "TEXT")
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_an_unforeseen_error_becomes_fixed_words(text_model: ModuleType) -> None:
    response = text_model.error_response(RuntimeError("secret"))
    assert response.error.text == "the model failed"
    assert not response.output_tensors


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json", "manifest.json"])
def test_nothing_unverified_is_loaded(text_model: ModuleType, triton: ModuleType, tmp_path: Path, missing: str) -> None:
    folder = tmp_path / "1"
    folder.mkdir()
    for name in {"model.onnx", "tokenizer.json"} - {missing}:
        (folder / name).write_bytes(b"")
    if missing != "manifest.json":
        empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        (folder / "manifest.json").write_text(f'{{"files": {{"model.onnx": "{empty}", "tokenizer.json": "{empty}"}}}}')
    args = {"model_repository": str(tmp_path), "model_version": "1", "model_name": "some_model"}
    with pytest.raises(triton.TritonModelException, match=f"portico: some_model: {missing} is missing"):
        text_model.load_text_model(args)


def test_control_tokens_in_a_message_are_letters() -> None:
    """A patient's "[SEP]" must not cut what the guard reads."""
    tokenizer = open_tokenizer((find_base() / "tokenizer.json").read_bytes())
    ids = tokenizer.encode("hello [SEP] [PAD] world", add_special_tokens=False).ids
    assert not {0, 101, 102, 103} & set(ids)
