"""Change the messages a little at every epoch, so that spelling and length never decide a label.

The tokenizer is uncased: lower case changes nothing, typing errors and lost punctuation do.
"""

import random
import re
from collections.abc import Sequence

from portico_training.messages import Message

_CALM = frozenset({"informational", "out_of_scope"})
_SEVERE = frozenset({"clinician", "emergency", "crisis", "attack"})
_MIXED_CHARACTERS = 500


def augment(message: Message, calm: Sequence[str], rng: random.Random, *, typos: float, mix: float) -> str:
    """Return a variant of a message; `typos` and `mix` are the shares that are changed."""
    text = message.text
    if message.label in _SEVERE and rng.random() < mix and len(text) < _MIXED_CHARACTERS:
        parts = [text, rng.choice(calm)]
        rng.shuffle(parts)
        text = " ".join(parts)
    return misspell(text, rng) if rng.random() < typos else text


def calm_texts(messages: Sequence[Message]) -> list[str]:
    """Return the harmless messages that a severe one may be mixed with; the severe part decides the label."""
    return [m.text for m in messages if m.label in _CALM and len(m.text) < _MIXED_CHARACTERS]


def misspell(text: str, rng: random.Random) -> str:
    """Drop punctuation, or swap, drop or double a letter in about one word of eight."""
    if rng.random() < 0.4:
        return re.sub(r"[^\w\s]", "", text)
    return " ".join(
        misspelled_word(word, rng) if len(word) > 3 and rng.random() < 0.12 else word for word in text.split()
    )


def misspelled_word(word: str, rng: random.Random) -> str:
    """Swap, drop or double one letter inside a word of four letters or more."""
    i = rng.randrange(1, len(word) - 1)
    kinds = (
        word[:i] + word[i + 1] + word[i] + word[i + 2 :],
        word[:i] + word[i + 1 :],
        word[:i] + word[i] + word[i:],
    )
    return rng.choice(kinds)
