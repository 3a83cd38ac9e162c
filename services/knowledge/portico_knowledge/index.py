"""Build, save and load an index of passages: their vectors, their words, and a manifest that says what it is made of.

A long passage is found by its beginning as well as by its parts: besides one vector for title and first words it gets
one for each part, and its closeness to a question is that of its closest vector (max-pool). Vectors are exact and in
memory: 50,000 of them take 3.4 ms a query (design/ecosystem.md), and nothing approximate has to be explained.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from portico_core.errors import ConfigurationError
from portico_core.knowledge import Passage
from portico_knowledge.words import content_stems

FORMAT = 1
HEAD_WORDS = 170  # about 250 tokens: what the encoder reads at once
PART_WORDS = 90
PART_STRIDE = 70
MAX_PASSAGES = 50_000
"""Passages of a gateway's own index; more belong into a search engine (docs/adr/0036)."""
MAX_IN_ENGINE = 500_000
_BATCH = 64

Floats = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Floats]
OnProgress = Callable[[int, int], None]


class IndexUnfit(ConfigurationError):
    """The index on disk is missing, incomplete, or not the one its manifest describes."""


@dataclass(frozen=True, slots=True)
class Index:
    """Passages with their vectors. `owners[i]` is the passage of vector i, ascending; `lexical` scores words."""

    passages: tuple[Passage, ...]
    vectors: Floats
    owners: NDArray[np.int32]
    lexical: Any
    encoder_version: str


def build_index(
    passages: Sequence[Passage], *, encode: Encode, encoder_version: str, on_progress: OnProgress | None = None
) -> Index:
    """Encode passages and index their words; `on_progress(done, total)` counts texts encoded.

    Raises:
        ConfigurationError: no passages, too many, or one id twice.
    """
    vectors = encode_passages(passages, encode=encode, on_progress=on_progress)
    return assemble_index(passages, vectors=vectors, encoder_version=encoder_version)


def encode_passages(
    passages: Sequence[Passage],
    *,
    encode: Encode,
    known: Mapping[str, Floats] | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, Floats]:
    """Return the vector of every text that the passages are found by; those of `known` texts are taken from there."""
    _refuse_unfit(passages)
    vectors = dict(known or {})
    texts = sorted(dict.fromkeys(text for text in _texts_of(passages)[0] if text not in vectors), key=len)
    for start in range(0, len(texts), _BATCH):
        chosen = texts[start : start + _BATCH]
        vectors.update(zip(chosen, np.asarray(encode(chosen), dtype=np.float32), strict=True))
        if on_progress:
            on_progress(start + len(chosen), len(texts))
    return vectors


def assemble_index(passages: Sequence[Passage], *, vectors: Mapping[str, Floats], encoder_version: str) -> Index:
    """Return the index of passages whose texts are encoded.

    Raises:
        ConfigurationError: no passages, too many, or one id twice.
    """
    _refuse_unfit(passages)
    texts, owners = _texts_of(passages)
    rows = np.stack([vectors[text] for text in texts])
    return Index(tuple(passages), rows, owners, _index_words(passages), encoder_version)


def known_vectors(index: Index) -> dict[str, Floats]:
    """Return the vectors of an index by the texts they are of: what did not change need not be encoded again."""
    return dict(zip(_texts_of(index.passages)[0], index.vectors, strict=True))


def save_index(index: Index, folder: Path) -> None:
    """Write an index so that the folder holds the old one or the new one, never a part of one."""
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write(index, fresh)
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def load_index(folder: Path) -> Index:
    """Read an index; every file is held against the manifest.

    Raises:
        IndexUnfit: something is missing, or is not what was built.
    """
    manifest = _read_manifest(folder)
    try:
        passages = tuple(_read_passages(folder / "passages.jsonl"))
        vectors = np.load(folder / "vectors.npy", allow_pickle=False).astype(np.float32)
        owners = np.load(folder / "owners.npy", allow_pickle=False)
        lexical = bm25s.BM25.load(str(folder / "bm25"), show_progress=False, verbosity=0)
    except (OSError, ValueError, KeyError, TypeError):
        raise IndexUnfit(f"{folder}: the index cannot be read; build it again") from None
    if len(passages) != manifest["passages"] or len(vectors) != len(owners):
        raise IndexUnfit(f"{folder}: the index does not hold what its manifest counts; build it again")
    return Index(passages, vectors, owners, lexical, str(manifest["encoder"]))


def passage_words(passage: Passage) -> list[str]:
    """Return the stems under which a passage is found; its names count twice, because questions name their topic."""
    names = content_stems(" ".join((passage.title, *passage.synonyms)))
    words = [*content_stems(passage.title), *names, *content_stems(passage.section), *content_stems(passage.text)]
    return words or [passage.id]  # bm25s divides by the mean length, so that no passage may be empty


def refuse_too_many(passages: Sequence[Passage], *, most: int = MAX_PASSAGES) -> None:
    """Raise ConfigurationError for more passages than a place may hold."""
    if len(passages) > most:
        raise ConfigurationError(f"{len(passages)} passages; an index here holds {most} at most")


def _refuse_unfit(passages: Sequence[Passage]) -> None:
    if not passages:
        raise ConfigurationError("there is no passage to index")
    refuse_too_many(passages, most=MAX_IN_ENGINE)
    seen: set[str] = set()
    for passage in passages:
        if passage.id in seen:
            raise ConfigurationError(f"passage id {passage.id} stands twice")
        seen.add(passage.id)


def _texts_of(passages: Sequence[Passage]) -> tuple[list[str], NDArray[np.int32]]:
    texts, owners = list[str](), list[int]()
    for number, passage in enumerate(passages):
        for text in _views(passage):
            texts.append(text)
            owners.append(number)
    return texts, np.array(owners, dtype=np.int32)


def _views(passage: Passage) -> Iterator[str]:
    """Yield what is encoded of a passage: title, section and beginning; of a long one, its parts too."""
    words = passage.text.split()
    label = ". ".join(part for part in (passage.title, passage.section) if part)
    yield f"{label}. {' '.join(words[:HEAD_WORDS])}" if label else " ".join(words[:HEAD_WORDS])
    if len(words) > PART_WORDS:
        for start in range(0, len(words) - PART_WORDS + PART_STRIDE, PART_STRIDE):
            part = " ".join(words[start : start + PART_WORDS])
            yield f"{passage.title}. {part}" if passage.title else part


def _index_words(passages: Sequence[Passage]) -> Any:
    """Index the stems of passages (BM25, Lucene's form).

    The numbers of the stems are given here: bm25s numbers them in the order of a set, another one in every process.
    """
    vocabulary = dict[str, int]()
    numbered = [[vocabulary.setdefault(w, len(vocabulary)) for w in passage_words(passage)] for passage in passages]
    lexical = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    lexical.index((numbered, vocabulary), show_progress=False)
    return lexical


def _write(index: Index, folder: Path) -> None:
    with (folder / "passages.jsonl").open("w", encoding="utf-8") as file:
        for passage in index.passages:
            file.write(json.dumps(_passage_row(passage), ensure_ascii=False) + "\n")
    np.save(folder / "vectors.npy", index.vectors.astype(np.float16), allow_pickle=False)
    np.save(folder / "owners.npy", index.owners, allow_pickle=False)
    index.lexical.save(str(folder / "bm25"), show_progress=False)
    manifest = {
        "format": FORMAT,
        "encoder": index.encoder_version,
        "passages": len(index.passages),
        "vectors": len(index.vectors),
        "files": {name: _sha256(folder / name) for name in _file_names(folder)},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _file_names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json")


def _swap(fresh: Path, folder: Path) -> None:
    """Put the new folder in the old one's place; two renames, the second undone by the first if it fails."""
    old = fresh.with_name(fresh.name + ".old")
    if folder.exists():
        folder.replace(old)
    try:
        fresh.replace(folder)
    except OSError:
        if old.exists():
            old.replace(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_manifest(folder: Path) -> Mapping[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        files = dict(manifest["files"])
        for name, expected in files.items():
            if _sha256(folder / name) != expected:
                raise IndexUnfit(f"{folder / name}: not the file that was built; build the index again")
    except (OSError, ValueError, KeyError, TypeError):
        raise IndexUnfit(f"{folder}: no index here; build it with `portico knowledge index`") from None
    if manifest.get("format") != FORMAT:
        raise IndexUnfit(f"{folder}: an index of another format; build it again")
    return manifest


def _passage_row(passage: Passage) -> dict[str, object]:
    return {
        "id": passage.id, "title": passage.title, "section": passage.section, "text": passage.text,
        "url": passage.url, "source": passage.source, "synonyms": list(passage.synonyms),
        "reviewed_on": passage.reviewed_on.isoformat() if passage.reviewed_on else None,
        "review_due": passage.review_due.isoformat() if passage.review_due else None,
        "reviewed": passage.reviewed,
    }  # fmt: skip


def _read_passages(path: Path) -> Iterator[Passage]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield Passage(
                id=row["id"], title=row["title"], section=row["section"], text=row["text"], url=row["url"],
                source=row["source"], synonyms=tuple(row["synonyms"]), reviewed_on=_day(row["reviewed_on"]),
                review_due=_day(row["review_due"]), reviewed=row.get("reviewed") is True,
            )  # fmt: skip


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
