"""Batch lines of `portico knowledge index` and `search` (contracts.md): one JSON object in, one out."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from portico_core.errors import ConfigurationError
from portico_core.knowledge import Passage
from portico_knowledge.index import Encode
from portico_knowledge.search import HybridSearch


def read_passage_lines(lines: Iterable[str], *, file: Path) -> tuple[Passage, ...]:
    """Read `{"id", "text", "title"?, "url"?}` lines; blank ones are skipped, `file` is for messages.

    Raises:
        ConfigurationError: a line is not of that form; the detail reads `file:line: why`.
    """
    return tuple(
        _read_line(line, where=f"{file}:{number}") for number, line in enumerate(lines, start=1) if line.strip()
    )


def search_line(search: HybridSearch, encode: Encode, line: Mapping[str, object], *, k: int = 10) -> dict[str, object]:
    """Answer one line of `portico knowledge search`; unknown keys are kept.

    Raises:
        ValueError: the line has no text `question`.
    """
    question = line.get("question")
    if not isinstance(question, str) or not question.strip():
        raise ValueError("a line needs a text `question`")
    found = search.search(question, encode([search.wording(question)])[0], k=k)
    rows = [
        {"id": f.passage.id, "score": round(f.score, 6), "text": f.passage.text, "title": f.passage.title,
         "url": f.passage.url}
        for f in found
    ]  # fmt: skip
    return {**{key: value for key, value in line.items() if key != "question"}, "passages": rows}


def _read_line(line: str, *, where: str) -> Passage:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise ConfigurationError(f"{where}: not JSON") from None
    if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not isinstance(row.get("text"), str):
        raise ConfigurationError(f'{where}: not an object with a text "id" and a text "text"')
    if not row["id"].strip() or not row["text"].strip():
        raise ConfigurationError(f"{where}: id or text is empty")
    title, url = row.get("title") or "", row.get("url") or ""
    if not isinstance(title, str) or not isinstance(url, str):
        raise ConfigurationError(f"{where}: title and url must be text")
    return Passage(id=row["id"], title=title, section="", text=row["text"], url=url)
