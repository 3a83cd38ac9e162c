"""Other readings of a text, for the rules that must see danger however it is written.

A person in danger may get round a school's or a phone's filter out of habit: look-alike letters, digits for letters,
letters spread out. Each reading is only looked at beside the text as it stands, so it can add a red flag and never
take one away. What is folded is not shown and not kept.
"""

import re
from collections.abc import Iterator

from portico_redaction.normalise import look_alikes

_DIGITS_FOR_LETTERS = str.maketrans("013457@$!", "oieastasi")
_MIXED_WORD = re.compile(
    r"(?<![\w@$!])(?=[a-z]{0,12}[013457@$!]{1,4}[a-z])[a-z013457@$!]{3,16}(?![\w@$])", re.IGNORECASE
)
_SPREAD_OUT = re.compile(r"(?<![a-z])[a-z](?:[ .*_-]{1,3}[a-z]){5,60}(?![a-z])", re.IGNORECASE)
_SIGN = re.compile(r"[^a-z]+")
_LONGEST_WORD = 10

# Words that spread-out letters are told apart by. A run that holds any other stays as it is.
# fmt: off
_WORDS = frozenset({
    "i", "im", "ive", "a", "an", "my", "me", "he", "hes", "she", "shes", "his", "her", "it", "the", "we", "our",
    "baby", "mom", "dad", "husband", "wife", "son", "daughter", "am", "is", "are", "be", "do", "dont", "can",
    "cant", "cannot", "wont", "will", "not", "no", "to", "of", "in", "on", "all", "so", "now", "and", "just",
    "please", "help", "want", "wanna", "need", "going", "gonna", "having", "have", "has", "had", "feel", "breathe",
    "breathing", "breath", "choking", "chest", "pain", "hurts", "heart", "attack", "stroke", "seizure", "overdose",
    "overdosed", "took", "too", "many", "much", "pills", "bleeding", "blood", "passed", "out", "wake", "up",
    "unconscious", "kill", "killing", "hang", "shoot", "cut", "hurt", "myself", "suicide", "suicidal", "die",
    "dying", "dead", "end", "life", "alive", "anymore", "live", "stop",
})
# fmt: on


def disguised(text: str) -> Iterator[str]:
    """Yield each other reading of a text that differs from it."""
    if not text.isascii():
        letters = "".join(look_alikes().get(character, character) for character in text)
        if letters != text:
            yield letters
            text = letters
    if (words := _MIXED_WORD.sub(lambda match: match[0].translate(_DIGITS_FOR_LETTERS), text)) != text:
        yield words
        text = words
    if (joined := _SPREAD_OUT.sub(_told_apart, text)) != text:
        yield joined


def _told_apart(match: re.Match[str]) -> str:
    return " ".join(_words_of(_SIGN.sub("", match[0].casefold()))) or match[0]


def _words_of(letters: str) -> list[str]:
    """Return the known words that letters spell, as few as can be; none where a letter is left over."""
    best: list[list[str] | None] = [[]] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - _LONGEST_WORD), end):
            before, word = best[start], letters[start:end]
            if before is not None and word in _WORDS and (best[end] is None or len(before) < len(best[end] or []) - 1):
                best[end] = [*before, word]
    return best[-1] or []
