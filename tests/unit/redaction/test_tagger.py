"""The tagger reads every piece of a text once, and refuses files and numbers that are not right."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import BertPreTokenizer

from portico_core.errors import ConfigurationError
from portico_core.tagging import Tag
from portico_redaction.tagger import WINDOW_PIECES, Tagger, own_pieces, window_starts

ANA, DAYTON, OTHER = 200, 201, 202


def tokenizer() -> Tokenizer:
    """Words apart: "ana" and "dayton" are known."""
    made = Tokenizer(WordLevel({"Ana": ANA, "Dayton": DAYTON, "[UNK]": OTHER}, unk_token="[UNK]"))  # type: ignore[no-untyped-call]
    made.pre_tokenizer = BertPreTokenizer()  # type: ignore[no-untyped-call]
    return made


class WordSession:
    """A model that knows two words, keeps what it was asked, and may go wrong."""

    def __init__(self, *, number: float = 8.0) -> None:
        self.asked: list[dict[str, NDArray[np.int64]]] = []
        self._number = number

    def run(self, outputs: list[str], inputs: dict[str, NDArray[np.int64]]) -> list[NDArray[np.float32]]:
        self.asked.append(inputs)
        logits = np.zeros((*inputs["input_ids"].shape, len(Tag)), dtype=np.float32)
        logits[..., Tag.OUTSIDE] = 4.0
        logits[inputs["input_ids"] == ANA, Tag.NAME] = self._number
        logits[inputs["input_ids"] == DAYTON, Tag.PLACE] = self._number
        return [logits]


def tagger(session: WordSession, *, threshold: float = 0.5) -> Tagger:
    return Tagger(session=session, tokenizer=tokenizer(), threshold=threshold, version="0")


def found(text: str, session: WordSession, *, threshold: float = 0.5) -> list[tuple[str, Tag]]:
    return [(text[t.start : t.end], t.tag) for t in tagger(session, threshold=threshold).tag(text)]


@pytest.mark.parametrize("pieces", [1, WINDOW_PIECES - 1, WINDOW_PIECES, WINDOW_PIECES + 1, 500, 5_000])
def test_windows_judge_every_piece_once(pieces: int) -> None:
    judged: list[int] = []
    for start in window_starts(pieces):
        first, last = own_pieces(start, pieces)
        assert start <= first and last <= min(pieces, start + WINDOW_PIECES)
        judged.extend(range(first, last))
    assert judged == list(range(pieces))


def test_names_and_places_are_found_wherever_they_stand() -> None:
    text = " ".join(f"w{n}" if n % 57 else ("Ana" if n % 2 else "Dayton") for n in range(1, 1_000))
    session = WordSession()
    assert found(text, session) == [("Dayton" if n % 2 == 0 else "Ana", Tag.PLACE if n % 2 == 0 else Tag.NAME)
                                    for n in range(1, 1_000) if n % 57 == 0]  # fmt: skip
    assert max(len(asked["input_ids"]) for asked in session.asked) == 8


def test_case_goes_in_as_token_type_and_padding_is_masked() -> None:
    session = WordSession()
    found("Ana and DAYTON 5", session)
    assert session.asked[0]["token_types"].tolist() == [[0, 1, 0, 2, 3, 0]]
    assert session.asked[0]["attention_mask"].tolist() == [[1] * 6]


def test_a_higher_threshold_takes_less() -> None:
    """Control: the share of "name" here is .27, so the threshold decides."""
    assert found("Ana", WordSession(number=3.0), threshold=0.2) == [("Ana", Tag.NAME)]
    assert found("Ana", WordSession(number=3.0), threshold=0.5) == []


def test_a_number_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="no number"):
        found("Ana", WordSession(number=float("nan")))


@pytest.mark.parametrize("text", ["", " \n", "‍"])
def test_nothing_to_read_is_nothing_found(text: str) -> None:
    assert tagger(WordSession()).tag(text) == []


def write_files(folder: Path, **changed: Any) -> Path:
    files = {"model.onnx": b"no model", "tokenizer.json": b"{}"}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest = {"version": "0", "threshold": 0.5, "files": sums} | changed
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_a_folder_without_a_tagger_is_a_start_up_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no tagger"):
        Tagger.load(tmp_path)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"files": {"model.onnx": "0" * 64}}, "SHA-256 differs"),  # Somebody put another model there.
        ({"threshold": "high"}, "no tagger"),
        ({}, "cannot be opened"),  # The checksums agree, and still it is no model.
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Tagger.load(write_files(tmp_path, **changed))


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    (write_files(tmp_path) / "model.onnx").unlink()
    with pytest.raises(ConfigurationError, match=r"model\.onnx is missing"):
        Tagger.load(tmp_path)
