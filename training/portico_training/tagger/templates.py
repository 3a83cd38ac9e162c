"""Read the authored templates and split them: a template of the validation split is never trained on."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from portico_training.artefacts import TrainingError
from portico_training.tagger.slots import SLOT

_VALIDATION_PERCENT = 6


@dataclass(frozen=True, slots=True)
class Template:
    """One authored line and the genre it stands under."""

    text: str
    genre: str

    @property
    def is_validation(self) -> bool:
        """Say whether this template is kept for validation, by its hash."""
        return hashlib.sha256(self.text.encode()).digest()[0] * 100 < _VALIDATION_PERCENT * 256


def read_templates(path: Path, slots: frozenset[str]) -> list[Template]:
    """Read a template file.

    Raises:
        TrainingError: names the line that has an unknown slot or an open brace.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise TrainingError(f"{path}: {error.strerror}") from None
    templates, genre = [], ""
    for number, line in enumerate(lines, start=1):
        if line.startswith("## "):
            genre = line[3:].strip()
        elif line.strip() and not line.startswith("#"):
            _check(path, number, line, slots)
            templates.append(Template(line.strip().replace("\\n", "\n"), genre))
    return templates


def _check(path: Path, number: int, line: str, slots: frozenset[str]) -> None:
    unknown = {match[1] for match in SLOT.finditer(line)} - slots
    if unknown or "{" in SLOT.sub("", line) or "}" in SLOT.sub("", line):
        raise TrainingError(f"{path}:{number}: unknown slot {min(unknown, default='or an open brace')!r}")
