"""The tagger of names and places: a quantised token classifier that runs inside the gateway process.

It runs here and not on Triton because raw text stays in this process. The files are those that `portico models build`
published; each is checked against the manifest's SHA-256 before it is opened, and a folder that lacks one is a start-up
error: without names and places nothing may be redacted. Long text is read in overlapping windows, and each word piece
is judged in the window where it stands farthest from an edge.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from portico_core.errors import ConfigurationError
from portico_core.tagging import Tag, Unit, cut_units, join_tags, owners_of

MODEL, TOKENIZER, MANIFEST = "model.onnx", "tokenizer.json", "manifest.json"
WINDOW_PIECES = 126
OVERLAP_PIECES = 32
_CLS, _SEP = 101, 102
_ROWS = 8
"""Windows a run: enough for one core, and it bounds memory."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tagged:
    """A name or a place: code points `start` up to `end`, and the mean probability of its units."""

    start: int
    end: int
    tag: Tag
    score: float


class Tagger:
    """Find names and places in folded text. Safe to share between threads."""

    def __init__(self, *, session: Any, tokenizer: Any, threshold: float, version: str) -> None:
        self._session, self._tokenizer, self._threshold = session, tokenizer, threshold
        self.version = version

    @classmethod
    def load(cls, folder: Path) -> "Tagger":
        """Open the published files; raise ConfigurationError when one is missing or is not the one that was built."""
        manifest = _read_manifest(folder)
        model, words = (_read_checked(folder, name, manifest) for name in (MODEL, TOKENIZER))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # More threads than cores collapse (design/prototypes.md).
        options.inter_op_num_threads = 1
        try:
            session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            tokenizer = Tokenizer.from_str(words.decode())
            tokenizer.no_padding()
            tokenizer.no_truncation()
            return cls(
                session=session, tokenizer=tokenizer, threshold=float(manifest["threshold"]),
                version=str(manifest["version"]),
            )  # fmt: skip
        except Exception:  # onnxruntime and tokenizers raise types of their own that are no public API.
            raise ConfigurationError(f"the tagger in {folder} cannot be opened; run `portico models build`") from None

    def tag(self, text: str) -> list[Tagged]:
        """Return the names and places of a text, in reading order."""
        units = cut_units(text)
        if not units:
            return []
        shares = self._unit_shares(text, units)
        tags = [self._decide(row) for row in shares]
        return [
            Tagged(
                units[span.first].start, units[span.last - 1].end, span.tag,
                float(shares[span.first : span.last, int(span.tag)].mean()),
            )
            for span in join_tags(text, units, tags)
        ]  # fmt: skip

    def _decide(self, row: Floats) -> Tag:
        """Take the likelier of name and place where together they reach the threshold."""
        if 1.0 - float(row[Tag.OUTSIDE]) < self._threshold:
            return Tag.OUTSIDE
        return Tag.NAME if row[Tag.NAME] >= row[Tag.PLACE] else Tag.PLACE

    def _unit_shares(self, text: str, units: Sequence[Unit]) -> Floats:
        """Return the probabilities of each unit, shape [units, 3]: softmax over the mean of its pieces' logits."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        owners = owners_of(units, encoding.offsets)
        cases = [int(units[owner].case) if owner >= 0 else 0 for owner in owners]
        logits = self._piece_logits(encoding.ids, cases)
        sums = np.zeros((len(units), len(Tag)), dtype=np.float32)
        inside = np.array(owners) >= 0
        numbers = np.array(owners)[inside]
        np.add.at(sums, numbers, logits[inside])
        counts = np.bincount(numbers, minlength=len(units)).astype(np.float32)
        means = sums / np.maximum(counts, 1.0)[:, None]
        means[counts == 0] = (30.0, 0.0, 0.0)  # A unit without a piece is white space to the tokenizer.
        exponents = np.exp(means - means.max(axis=1, keepdims=True))
        return np.asarray(exponents / exponents.sum(axis=1, keepdims=True))

    def _piece_logits(self, ids: Sequence[int], cases: Sequence[int]) -> Floats:
        """Return the logits of each piece, shape [pieces, 3]."""
        logits = np.zeros((len(ids), len(Tag)), dtype=np.float32)
        starts = window_starts(len(ids))
        for at in range(0, len(starts), _ROWS):
            rows = starts[at : at + _ROWS]
            found = self._run([(ids[s : s + WINDOW_PIECES], cases[s : s + WINDOW_PIECES]) for s in rows])
            for start, row in zip(rows, found, strict=True):
                first, last = own_pieces(start, len(ids))
                logits[first:last] = row[1 + first - start : 1 + last - start]
        if not np.isfinite(logits).all():
            raise ValueError("the tagger gave a value that is no number")
        return logits

    def _run(self, windows: Sequence[tuple[Sequence[int], Sequence[int]]]) -> Floats:
        width = 2 + max(len(ids) for ids, _ in windows)
        arrays = {
            name: np.zeros((len(windows), width), dtype=np.int64)
            for name in ("input_ids", "attention_mask", "token_types")
        }
        for at, (ids, cases) in enumerate(windows):
            size = len(ids) + 2
            arrays["input_ids"][at, :size] = (_CLS, *ids, _SEP)
            arrays["token_types"][at, 1 : size - 1] = cases
            arrays["attention_mask"][at, :size] = 1
        return np.asarray(self._session.run(["logits"], arrays)[0])


def window_starts(pieces: int) -> list[int]:
    """Return where windows begin so that every piece lies in one."""
    return list(range(0, max(1, pieces - OVERLAP_PIECES), WINDOW_PIECES - OVERLAP_PIECES))


def own_pieces(start: int, pieces: int) -> tuple[int, int]:
    """Return the pieces that the window at `start` judges: all but half an overlap at inner edges."""
    half = OVERLAP_PIECES // 2
    end = start + WINDOW_PIECES
    return (start + half if start else 0), (pieces if end >= pieces else end - half)


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        float(manifest["threshold"]), str(manifest["version"]), dict(manifest["files"])
    except (OSError, ValueError, TypeError, KeyError):
        raise ConfigurationError(f"no tagger in {folder}; run `portico models build`") from None
    return dict(manifest)


def _read_checked(folder: Path, name: str, manifest: dict[str, Any]) -> bytes:
    try:
        content = (folder / name).read_bytes()
    except OSError:
        raise ConfigurationError(f"{folder / name} is missing; run `portico models build`") from None
    if hashlib.sha256(content).hexdigest() != manifest["files"].get(name):
        raise ConfigurationError(f"{folder / name} is not the file that was built (SHA-256 differs)")
    return content
