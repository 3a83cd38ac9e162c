"""An index is whole or it is not there, and says what it was built from."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import portico_knowledge.index as index_module
from portico_core.errors import ConfigurationError
from portico_core.knowledge import Passage
from portico_knowledge.index import (
    IndexUnfit,
    assemble_index,
    build_index,
    encode_passages,
    known_vectors,
    load_index,
    save_index,
)
from portico_knowledge.lines import read_passage_lines, search_line
from portico_knowledge.search import HybridSearch


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """Encode by hashed words: deterministic, and like texts are near each other."""
    rows = np.zeros((len(texts), 64), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in text.lower().split():
            row[sum(map(ord, word.strip(".,?"))) % 64] += 1
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def passages(*texts: str) -> tuple[Passage, ...]:
    return tuple(Passage(id=f"p{i}", title="", section="", text=text) for i, text in enumerate(texts))


def test_a_saved_index_loads_as_it_was(tmp_path: Path) -> None:
    built = build_index(passages("Cats purr.", "Dogs bark."), encode=encode, encoder_version="v1")
    save_index(built, tmp_path / "index")
    loaded = load_index(tmp_path / "index")
    assert loaded.passages == built.passages
    assert loaded.encoder_version == "v1"
    assert np.allclose(loaded.vectors, built.vectors, atol=1e-3)
    manifest = json.loads((tmp_path / "index" / "manifest.json").read_text())
    assert manifest["passages"] == 2
    assert set(manifest["files"]) > {"passages.jsonl", "vectors.npy", "owners.npy"}


BUILD = """
import sys
from pathlib import Path
from portico_knowledge.index import build_index, save_index
from unit.knowledge.test_index import encode, passages
given = passages("Cats purr at night and sleep all day.", "Dogs bark at cats.", "A bird sings to the sun.")
save_index(build_index(given, encode=encode, encoder_version="v1"), Path(sys.argv[1]))
"""


def test_two_processes_build_one_index_byte_for_byte(tmp_path: Path) -> None:
    """Sets of words have another order in each process; nothing of that may reach the files."""
    tests = str(Path(__file__).parents[2])
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": tests, "PATH": ""}
        subprocess.run([sys.executable, "-c", BUILD, str(tmp_path / seed)], env=environment, check=True)
    one, other = (
        {str(path.relative_to(tmp_path / seed)): path.read_bytes() for path in (tmp_path / seed).rglob("*.*")}
        for seed in ("1", "2")
    )
    assert len(one) >= 6 and one == other


def test_what_did_not_change_is_not_encoded_again() -> None:
    encoded = list[str]()

    def counted(texts: Sequence[str]) -> NDArray[np.float32]:
        encoded.extend(texts)
        return encode(texts)

    old = build_index(passages("Cats purr.", "Dogs bark."), encode=encode, encoder_version="v1")
    given = passages("Cats purr.", "Dogs howl.")
    vectors = encode_passages(given, encode=counted, known=known_vectors(old))
    new = assemble_index(given, vectors=vectors, encoder_version="v1")
    assert encoded == ["Dogs howl."]
    assert np.array_equal(new.vectors, build_index(given, encode=encode, encoder_version="v1").vectors)


def test_a_new_index_replaces_the_old_one_and_leaves_nothing_behind(tmp_path: Path) -> None:
    for text in ("Old.", "New."):
        save_index(build_index(passages(text), encode=encode, encoder_version="v1"), tmp_path / "index")
    assert load_index(tmp_path / "index").passages[0].text == "New."
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_an_interrupted_build_leaves_the_old_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_index(build_index(passages("Old."), encode=encode, encoder_version="v1"), tmp_path / "index")

    def stop(*_args: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(index_module, "_sha256", stop)
    with pytest.raises(KeyboardInterrupt):
        save_index(build_index(passages("New."), encode=encode, encoder_version="v1"), tmp_path / "index")
    monkeypatch.undo()
    assert load_index(tmp_path / "index").passages[0].text == "Old."
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


@pytest.mark.parametrize(
    "name", ["passages.jsonl", "vectors.npy", "owners.npy", "manifest.json", "bm25/data.csc.index.npy"]
)
@pytest.mark.parametrize("fault", ["missing", "changed"])
def test_a_damaged_index_is_not_loaded(tmp_path: Path, name: str, fault: str) -> None:
    save_index(build_index(passages("Cats purr."), encode=encode, encoder_version="v1"), tmp_path)
    if fault == "missing":
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(b"x" + (tmp_path / name).read_bytes())
    with pytest.raises(IndexUnfit) as error:
        load_index(tmp_path)
    assert "\n" not in str(error.value)


def test_no_index_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(IndexUnfit, match="build it with"):
        load_index(tmp_path / "none")


@pytest.mark.parametrize(
    ("given", "message"),
    [((), "no passage"), ((*passages("a"), *passages("b")), "stands twice")],
)
def test_what_cannot_be_indexed_is_refused(given: tuple[Passage, ...], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        build_index(given, encode=encode, encoder_version="v1")


def test_the_end_of_a_long_passage_is_found() -> None:
    long = "The weather was fine. " * 100 + "Penguins huddle together in winter storms."
    index = build_index(passages(long, "Cats purr."), encode=encode, encoder_version="v1")
    assert len(index.vectors) > 3
    found = HybridSearch(index).search("penguins huddle", encode(["penguins huddle"])[0], k=1)
    assert found[0].passage.id == "p0"


def test_progress_reaches_the_total() -> None:
    seen = list[tuple[int, int]]()
    build_index(
        passages(*map(str, range(150))),
        encode=encode,
        encoder_version="v",
        on_progress=lambda a, b: seen.append((a, b)),
    )
    assert seen[-1] == (150, 150)
    assert len(seen) == 3


def test_reads_passage_lines() -> None:
    rows = ['{"id": "1", "text": "A.", "title": "T", "url": "https://x.org"}', "", '{"id": "2", "text": "B."}']
    found = read_passage_lines(rows, file=Path("f.jsonl"))
    assert [(p.id, p.text, p.title, p.url) for p in found] == [("1", "A.", "T", "https://x.org"), ("2", "B.", "", "")]


UNUSABLE = [
    "junk",
    "[]",
    '{"id": 1, "text": "a"}',
    '{"id": "1"}',
    '{"id": "", "text": "a"}',
    '{"id": "1", "text": "a", "title": 3}',
    "[" * 20_000,
]


@pytest.mark.parametrize("row", UNUSABLE, ids=range(len(UNUSABLE)))
def test_an_unusable_passage_line_names_file_and_line(row: str) -> None:
    with pytest.raises(ConfigurationError, match=r"f\.jsonl:2: "):
        read_passage_lines(['{"id": "1", "text": "A."}', row], file=Path("f.jsonl"))


def test_a_search_line_keeps_its_id() -> None:
    search = HybridSearch(build_index(passages("Cats purr.", "Dogs bark."), encode=encode, encoder_version="v1"))
    line = search_line(search, encode, {"id": 3, "question": "do cats purr"}, k=1)
    assert line["id"] == 3
    assert [row["id"] for row in line["passages"]] == ["p0"]  # type: ignore[attr-defined]
    assert set(line["passages"][0]) == {"id", "score", "text", "title", "url"}  # type: ignore[index]
    with pytest.raises(ValueError, match="question"):
        search_line(search, encode, {"text": "x"})
