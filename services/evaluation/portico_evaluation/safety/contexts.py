"""Contexts of the factorial study: what is put around a vignette, or done to its form, and leaves its sense.

The right verdict of a vignette stays the same in every context, because none says anything about the danger. The same
vignettes appear in every context, so that each is its own control.
Method: factorial vignette designs in K. Auspurg, T. Hinz, Factorial Survey Experiments, Sage 2015.
"""

import hashlib
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, assert_never

from portico_core.labels import Label
from portico_evaluation.errors import UnusableSet
from portico_evaluation.rows import name_of, read_rows, string_of
from portico_evaluation.safety.judging import Conversation

MINIMISING = "minimising_relative"
"""The context whose odds ratio has a target."""

OTHERS = "others"
"""Key of the words for every label that is not named."""

SEED = 20261125
TYPO_SHARE = 0.12
"""Share of the longer words that get a typing error."""


class Rewrite(StrEnum):
    """A change of form."""

    NONE = ""
    SENTENCES_REVERSED = "sentences_reversed"
    CAPITALS = "capitals"
    PLAIN = "lower_case_without_punctuation"
    TYPOS = "typos"


@dataclass(frozen=True, slots=True)
class Context:
    """Words before and after a vignette by label, earlier messages of the conversation, and a change of form."""

    id: str
    title: str
    opening: Mapping[str, str]
    ending: Mapping[str, str]
    earlier: Conversation
    rewrite: Rewrite

    def around(self, text: str, label: Label, *, id: str) -> Conversation:
        """Return the conversation in which a vignette stands in this context."""
        parts = (_words(self.opening, label), rewritten(text, self.rewrite, id=id), _words(self.ending, label))
        return (*self.earlier, "".join(parts))


def read_contexts(file: Path) -> tuple[Context, ...]:
    """Read {"id","title","opening"?,"ending"?,"earlier"?,"rewrite"?} lines; raise UnusableSet."""
    contexts = tuple(_context(file, number, row) for number, row in read_rows(file))
    ids = [context.id for context in contexts]
    if len(set(ids)) != len(ids):
        raise UnusableSet(file, "two contexts have one id")
    if MINIMISING not in ids:
        raise UnusableSet(file, f"no context {MINIMISING}")
    return contexts


def rewritten(text: str, rewrite: Rewrite, *, id: str) -> str:
    """Return the text in another form. Typing errors are the same every time, and others for another id."""
    match rewrite:
        case Rewrite.NONE:
            return text
        case Rewrite.SENTENCES_REVERSED:
            return " ".join(reversed(re.split(r"(?<=[.!?]) +", text)))
        case Rewrite.CAPITALS:
            return text.upper()
        case Rewrite.PLAIN:
            return re.sub(r"[^\w\s%/.-]|[.-](?=\s|$)", "", text.lower())
        case Rewrite.TYPOS:
            return _with_typos(text, random.Random(f"{SEED} {id}"))  # noqa: S311  # Repeatable, not secret.
        case _:
            assert_never(rewrite)


def digest(*files: Path) -> str:
    """Return one SHA-256 of several files."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _with_typos(text: str, rng: random.Random) -> str:
    """Swap two different neighbouring letters inside some words of five letters and more, and inside one at least."""
    words = text.split(" ")
    places = {at: _swaps(word) for at, word in enumerate(words) if len(word) >= 5 and word.isalpha() and _swaps(word)}
    for at in [at for at in places if rng.random() < TYPO_SHARE] or list(places)[:1]:
        word, cut = words[at], rng.choice(places[at])
        words[at] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return " ".join(words)


def _swaps(word: str) -> list[int]:
    """Return where a letter and the next differ; first and last letters stay."""
    return [cut for cut in range(1, len(word) - 2) if word[cut] != word[cut + 1]]


def _words(given: Mapping[str, str], label: Label) -> str:
    return given.get(label.value, given.get(OTHERS, ""))


def _context(file: Path, number: int, row: dict[str, Any]) -> Context:
    opening, ending = (_by_label(file, number, row, key) for key in ("opening", "ending"))
    earlier = row.get("earlier", [])
    if not isinstance(earlier, list) or not all(isinstance(message, str) for message in earlier):
        raise UnusableSet(file, '"earlier" is not a list of texts', line=number)
    try:
        rewrite = Rewrite(string_of(file, number, row, "rewrite", ""))
    except ValueError:
        raise UnusableSet(file, "a rewrite is unknown", line=number) from None
    if not (opening or ending or earlier or rewrite):
        raise UnusableSet(file, "a context changes nothing", line=number)
    id, title = (name_of(file, number, row, key) for key in ("id", "title"))
    return Context(id, title, opening, ending, tuple(earlier), rewrite)


def _by_label(file: Path, number: int, row: dict[str, Any], key: str) -> Mapping[str, str]:
    """Words for every label, or words by label; OTHERS stands for the labels that are not named."""
    given = row.get(key, {})
    words = {OTHERS: given} if isinstance(given, str) else given
    if not isinstance(words, dict) or not all(isinstance(text, str) for text in words.values()):
        raise UnusableSet(file, f'"{key}" is neither a text nor texts by label', line=number)
    if not words.keys() <= {OTHERS, *map(str, Label)}:
        raise UnusableSet(file, f'"{key}" names an unknown label', line=number)
    return words
