"""Base weights and the committed adapter → the tagger of names and places, which the gateway opens itself.

It goes to a folder of its own and not into the model repository: Triton takes every folder there for a model, and raw
text must not go there. It is published only where int8 tags as the float model does, and loses none that matters.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from portico_core.tagging import Tag, UnitCase, cut_units, owners_of
from portico_models.artefacts import (
    MODEL,
    REFERENCE,
    TOKENIZER,
    publish,
    read_manifest,
    sha256_of,
    stage,
    staging_folder,
)
from portico_models.bert_graph import BertShape, Head, build_tagger
from portico_models.errors import ModelBuildError, ModelCheckError
from portico_models.quantise import as_npy, quantised
from portico_models.scoring import open_session, open_tokenizer
from portico_models.weights import (
    BASE_SHA256,
    Base,
    merge_changes,
    read_file,
    read_head,
    read_tensors,
    refuse_adapter,
    weight_changes,
)

TAGGER = "phi_tagger"
TAGS = [tag.name.lower() for tag in Tag]
LEAST_AGREEMENT = 0.985
"""Least share of golden word pieces that int8 and float tag alike."""
MOST_LOST = 0.01
"""How far int8 may fall behind float in the share of golden names and places that it finds: the safety gate."""

_TYPES = "embeddings.token_type_embeddings.weight"


@dataclass(frozen=True, slots=True)
class GoldenText:
    """An invented text and the tag of each of its units (portico_core.tagging)."""

    text: str
    tags: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TaggerReport:
    """How int8 compares with float over the golden texts; `problems` empty means fit to be used."""

    version: str
    pieces: int = 0
    agreement: float = 0.0
    found_by_float: float = 1.0
    found_by_int8: float = 0.0
    problems: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Say whether the tagger may be used."""
        return not self.problems


def build_phi_tagger(base: Base, adapters: Path, folder: Path) -> TaggerReport:
    """Merge, quantise, measure and publish the tagger into `folder`.

    Raises:
        ModelBuildError: one line; nothing has been published.
    """
    source = adapters / TAGGER
    about = _read_about(read_file(source / "adapter.json"), source / "adapter.json")
    changes = weight_changes(
        read_tensors(read_file(source / "adapter.safetensors"), source / "adapter.safetensors"),
        float(about["lora_scaling"]),
        base.weights,
    )
    head, types = _read_head(read_file(source / "head.safetensors"), source / "head.safetensors")
    shape = BertShape(token_types=len(UnitCase))
    graph = build_tagger({**merge_changes(base.weights, changes), _TYPES: types}, shape, head)
    model = quantised(graph, shape)
    reference = run_golden_texts(graph.SerializeToString(), open_tokenizer(base.tokenizer))
    files_of = {MODEL: model, TOKENIZER: base.tokenizer, REFERENCE: as_npy(reference)}
    folder.mkdir(parents=True, exist_ok=True)
    with staging_folder(folder) as staged:
        stage(staged / TAGGER, files_of, _about_file(about, model))
        report = check_phi_tagger(staged / TAGGER)
        if not report.passed:
            raise ModelBuildError(f"not published: {'; '.join(report.problems)}")
        publish(staged / TAGGER, folder)
    return report


def check_phi_tagger(folder: Path) -> TaggerReport:
    """Check the published tagger; what is missing or damaged is a problem of the report, not an error."""
    try:
        manifest = read_manifest(folder)
        reference = np.load(folder / REFERENCE, allow_pickle=False)
        words = open_tokenizer((folder / TOKENIZER).read_bytes())
        found = run_golden_texts((folder / MODEL).read_bytes(), words)
    except (ModelCheckError, OSError, ValueError) as error:
        reason = str(error) if isinstance(error, ModelCheckError) else f"{folder / REFERENCE} is unreadable"
        return TaggerReport("", problems=(reason,))
    if found.shape != reference.shape or not np.isfinite(found).all():
        return TaggerReport("", problems=(f"{folder / MODEL} was measured on other texts; run `portico models build`",))
    said, meant = found.argmax(axis=1), reference.argmax(axis=1)
    wanted = np.array([tag for golden in load_golden_texts() for tag in _piece_tags(words, golden)]) != Tag.OUTSIDE
    return _judged(
        TaggerReport(
            version=str(manifest["version"]), pieces=len(said), agreement=float((said == meant).mean()),
            found_by_float=float((meant[wanted] != Tag.OUTSIDE).mean()),
            found_by_int8=float((said[wanted] != Tag.OUTSIDE).mean()),
        )
    )  # fmt: skip


def run_golden_texts(model: bytes, words: Tokenizer) -> NDArray[np.float32]:
    """Return the logits of every word piece of the golden texts, shape [pieces, 3]."""
    session = open_session(model)
    return np.concatenate([_run(session, words, golden.text) for golden in load_golden_texts()])


def load_golden_texts() -> list[GoldenText]:
    """Return the committed golden texts; training never sees their templates."""
    rows = map(json.loads, (files("portico_models") / "golden_texts.jsonl").read_text(encoding="utf-8").splitlines())
    return [GoldenText(row["text"], tuple(map(int, row["tags"]))) for row in rows]


def _run(session: onnxruntime.InferenceSession, words: Tokenizer, text: str) -> NDArray[np.float32]:
    encoding, units = words.encode(text), cut_units(text)
    inner = owners_of(units, encoding.offsets[1:-1])
    cases = [0, *(int(units[owner].case) if owner >= 0 else 0 for owner in inner), 0]
    ids = np.array([encoding.ids], dtype=np.int64)
    arrays = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_types": np.array([cases], dtype=np.int64)}
    return np.asarray(session.run(None, arrays)[0][0, 1:-1], dtype=np.float32)


def _piece_tags(words: Tokenizer, golden: GoldenText) -> list[int]:
    """Return what each word piece should be called: the tag of its unit."""
    owners = owners_of(cut_units(golden.text), words.encode(golden.text).offsets[1:-1])
    return [golden.tags[owner] if owner >= 0 else Tag.OUTSIDE for owner in owners]


def _judged(report: TaggerReport) -> TaggerReport:
    problems = []
    if not report.agreement >= LEAST_AGREEMENT:
        problems.append(f"tagger parity: pieces agree in {report.agreement:.4f}, wanted {LEAST_AGREEMENT}")
    if not report.found_by_int8 >= report.found_by_float - MOST_LOST:
        shares = f"int8 finds {report.found_by_int8:.4f} of names and places, float {report.found_by_float:.4f}"
        problems.append(f"tagger gate: {shares}")
    return replace(report, problems=tuple(problems))


def _about_file(about: Mapping[str, Any], model: bytes) -> dict[str, Any]:
    return {
        "format": 1, "model": TAGGER, "version": f"{about['version']}+int8.{sha256_of(model)[:8]}", "tags": TAGS,
        "threshold": float(about["threshold"]), "base_sha256": BASE_SHA256["model.safetensors"],
    }  # fmt: skip


def _read_about(content: bytes, path: Path) -> dict[str, Any]:
    try:
        about = dict(json.loads(content))
        numbers = [float(about["lora_scaling"]), float(about["threshold"])]
        version = str(about["version"])
    except (ValueError, TypeError, KeyError):
        raise ModelBuildError(f"{path} is unreadable or lacks a field") from None
    refuse_adapter(
        path, about.get("base_sha256") != BASE_SHA256["model.safetensors"], "was made for other base weights"
    )
    refuse_adapter(path, about.get("tags") != TAGS, "has other tags, or another order, than this build")
    refuse_adapter(path, not version or not np.isfinite(numbers).all(), "holds a number that is none")
    refuse_adapter(path, not 0 < numbers[1] < 1, "has a threshold out of range")
    return about


def _read_head(content: bytes, path: Path) -> tuple[Head, NDArray[np.float32]]:
    types = read_tensors(content, path).get("token_types")
    if types is None or types.ndim != 2 or len(types) != len(UnitCase):
        raise ModelBuildError(f"{path} holds no token types")
    return read_head(content, path, len(TAGS)), types.astype(np.float32)
