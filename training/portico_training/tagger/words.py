"""The authored word lists of the tagger (training/data/tagger/words), one word or phrase a line."""

from pathlib import Path

from portico_training.artefacts import TrainingError


class WordLists:
    """Word lists of one folder, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[str, ...]] = {}

    def __getitem__(self, name: str) -> tuple[str, ...]:
        """Return a list.

        Raises:
            TrainingError: it is missing or empty.
        """
        if name not in self._read:
            self._read[name] = read_words(self._folder / f"{name}.txt")
        return self._read[name]


def read_words(path: Path) -> tuple[str, ...]:
    """Read a word list; `# ` opens a comment."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise TrainingError(f"{path}: {error.strerror}") from None
    words = tuple(line.strip() for line in lines if line.strip() and not line.startswith("# "))
    if not words:
        raise TrainingError(f"{path}: no words")
    return words
