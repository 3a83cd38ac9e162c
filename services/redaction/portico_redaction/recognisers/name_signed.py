"""Names at the end of a letter: a short line of capitalised words after a closing, or a dash and a name at the very end.

Class A of 45 CFR 164.514(b)(2)(i).
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, Found, ReadingRecogniser
from portico_redaction.recognisers.name_words import is_capitalised_name, is_name_in_any_case, read_name
from portico_redaction.recognisers.word_lists import is_drug_name, is_given_name

_CLOSING = regex.compile(
    r"\b(?:thanks(?: so much| again| a lot| in advance)?|thank you(?: so much| again| very much)?|thx"
    r"|ty|regards|(?:best|kind|warm) regards|best|sincerely|respectfully|yours(?: truly)?"
    r"|cheers|love|take care|gracias|saludos|atentamente|cordialmente)[ ]?[,.!-]?\s{0,3}[\n,-]\s{0,3}(?=[^\W\d_])",
    regex.IGNORECASE,
)
_CLOSED = regex.compile(
    r"\b(?:thanks|thank you|thx|ty|tysm|cheers|regards|gracias|saludos)[.!]{1,3} (?=\p{Lu})", regex.IGNORECASE
)
"""A closing that ends its sentence; only the end of the message is then a signature."""
_DASHED = regex.compile(r"(?:^|\s)-{1,2} ?(?=[^\W\d_][^\n]{1,40}\s*\Z)", regex.MULTILINE)


class SignedNameRecogniser(ReadingRecogniser):
    """Find the name a message is signed with."""

    phi_type = PhiType.NAME

    def find(self, text: str) -> Iterator[Found]:
        """Yield names that fill the rest of their line."""
        for pattern, reads in ((_CLOSING, is_name_in_any_case), (_DASHED, is_capitalised_name)):
            for match in pattern.finditer(text, timeout=PATTERN_TIMEOUT_S):
                end = read_name(text, match.end(), reads=reads, most=4)
                if end is not None and text[end : end + 2].strip(" .,!\r\n\t") == "":
                    yield Found(match.end(), end, 0.8)
        for match in _CLOSED.finditer(text, timeout=PATTERN_TIMEOUT_S):
            end = read_name(text, match.end(), reads=_signs, most=3)
            if end is not None and text[end:].strip(" .,!\r\n\t") == "":
                yield Found(match.end(), end, 0.75)


def _signs(word: str) -> bool:
    """Say whether a capitalised word may sign: a name, or a given name that is a word as well ("Mo")."""
    return word[0].isupper() and (is_capitalised_name(word) or is_given_name(word)) and not is_drug_name(word)
