"""Small sets on disk for the tests of the suite, with a word in every text that must reach no file."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from portico_core.errors import RedactionFailed
from portico_core.labels import PhiType
from portico_core.text import PatientText, PhiSpan, RedactedText, Redaction
from portico_evaluation.phi.suite import PhiSets, read_phi_sets

CANARY = "Quixwort"

PORTAL = [
    {"id": "p1", "marked": f"⟦NAME:{CANARY} Falk⟧ called", "voice": "patient, plain"},
    {"id": "p2", "marked": f"ring ⟦PHONE:218-555-0164⟧ {CANARY}", "voice": "carer, worried"},
    {"id": "p3", "marked": f"I take 5 mg of {CANARY} daily", "voice": "patient, plain"},
]
FRESH = [
    {"id": "f1", "marked": f"ask ⟦NAME:{CANARY} Falk⟧", "voice": "patient"},
    {"id": "f2", "marked": "tired", "voice": "patient"},
]
THIRD = [{"id": "t1", "marked": f"⟦NAME:{CANARY} Falk⟧", "voice": "relative"}]
DEVEL = [{"id": "d1", "marked": "hm", "voice": "patient"}]
UTILITY = [
    {"id": "u1", "text": f"take 5 mg of {CANARY}", "keep": ["5 mg", CANARY], "kind": "dose"},
    {"id": "u2", "text": "A1c 7.2 %", "keep": ["7.2 %"], "kind": "lab"},
]
OUTSIDE = [
    {"text": f"{CANARY} wrote", "spans": [{"start": 0, "end": 8, "type": "NAME"}], "source": "letters"},
    {"text": "nothing here", "spans": [], "source": "notes"},
]


def write_rows(file: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


def write_sets(folder: Path) -> Path:
    """Write the files; return the outside one."""
    write_rows(folder / "portal.jsonl", PORTAL)
    write_rows(folder / "portal_fresh.jsonl", FRESH)
    write_rows(folder / "portal_third.jsonl", THIRD)
    write_rows(folder / "portal_fourth.jsonl", THIRD)
    write_rows(folder / "portal_devel.jsonl", DEVEL)
    write_rows(folder / "utility.jsonl", UTILITY)
    return write_rows(folder / "outside.jsonl", OUTSIDE)


def read_sets(folder: Path, *, keep_files: bool = False) -> PhiSets:
    """Read the files; write them first unless they are to be kept."""
    outside = folder / "outside.jsonl" if keep_files else write_sets(folder)
    return read_phi_sets(folder, outside=[outside])


class FakeRedactor:
    """Finds given words, whatever the text; refuses texts with a given word."""

    def __init__(self, words: Mapping[str, PhiType], *, refuses: str | None = None) -> None:
        self._words, self._refuses = words, refuses

    def redact(self, text: PatientText | str, *, known_values: Sequence[tuple[PhiType, str]] = ()) -> Redaction:
        raw = text.reveal() if isinstance(text, PatientText) else text
        if self._refuses is not None and self._refuses in raw:
            raise RedactionFailed
        spans = [
            PhiSpan(raw.index(word), raw.index(word) + len(word), kind, 0.9)
            for word, kind in self._words.items()
            if word in raw
        ]
        return Redaction(RedactedText(raw), tuple(sorted(spans, key=lambda s: s.start)))
