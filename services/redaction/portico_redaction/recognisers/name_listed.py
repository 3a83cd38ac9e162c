"""Names without a cue, from lists: a common given name with a capitalised word after it ("Ana Ruiz", "Robert J.").

Class A of 45 CFR 164.514(b)(2)(i). A stop-gap until the trained tagger of issue 3: it knows only listed names and needs
capitals. Source of the lists: portico_redaction.recognisers.word_lists.
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, Found, ReadingRecogniser
from portico_redaction.recognisers.name_words import is_capitalised_name, read_name
from portico_redaction.recognisers.word_lists import is_family_name, is_given_name, is_ordinary_word

_CAPITAL = regex.compile(r"(?<![\w@./'-])\p{Lu}(?:[^\W\d_]|['-](?=[^\W\d_])){1,30}")
_NOT_AFTER = regex.compile(
    r"\s(?:Hospital|Medical|Clinic|Street|St\b|Ave|Avenue|Road|University|Center|Disease|Syndrome|Health)"
)


class ListedNameRecogniser(ReadingRecogniser):
    """Find capitalised names by the lists of names."""

    phi_type = PhiType.NAME

    def find(self, text: str) -> Iterator[Found]:
        """Yield given name and family name in either order, and a given name alone inside a sentence."""
        done = 0
        for match in _CAPITAL.finditer(text, timeout=PATTERN_TIMEOUT_S):
            if match.start() < done or not _opens_name(match.group()):
                continue
            end = read_name(text, match.start(), reads=is_capitalised_name)
            if end is None or _NOT_AFTER.match(text, end):
                continue
            if end > match.end() or _stands_alone(text, match.start(), match.group()):
                done = end
                yield Found(match.start(), end, 0.65)


def _opens_name(word: str) -> bool:
    return is_given_name(word) or (is_family_name(word) and not is_ordinary_word(word))


def _stands_alone(text: str, start: int, word: str) -> bool:
    """Take one word alone only inside a sentence, and only when it is nothing but a given name."""
    return (
        start > 1
        and text[start - 1] == " "
        and text[start - 2].isalpha()
        and is_given_name(word)
        and not is_ordinary_word(word)
    )
