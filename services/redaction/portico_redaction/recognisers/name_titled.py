"""Names after a title: "Dr. Smith", "Mrs. Van der Berg", "nurse Amy", "dr patel", "Sra. Gomez".

Class A of 45 CFR 164.514(b)(2)(i). Format: title, then name words; in lower case only after short titles and only words
that are not everyday English ("dr said" stays). A short title goes with its name: sources disagree on whether it
belongs, and it says nothing that is needed.
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, Found, ReadingRecogniser
from portico_redaction.recognisers.name_words import (
    Reads,
    is_capitalised_name,
    is_listed_name,
    is_name_in_any_case,
    names_a_disease,
    read_name,
)
from portico_redaction.recognisers.word_lists import is_ordinary_word

_SHORT = regex.compile(
    r"\b(?:dr|drs|doctor|mr|mrs|ms|miss|mx|prof|professor|sr|sra|srta|dra|don|do[nñ]a)\b\.? ?(?=[^\W\d_])",
    regex.IGNORECASE,
)
_LONG = regex.compile(
    r"\b(?:nurse|surgeon|therapist|pharmacist|physician|counselor|midwife|father|sister|brother|pastor"
    r"|reverend|rev|rabbi|imam|sir|madam|madame|lady|lord"
    r"|captain|capt|sgt|sergeant|officer|judge|senator|president|doctor|doctora|se[nñ]ora?|uncle|aunt"
    r"|auntie|grandma|grandpa|t[ií][oa]|np|pa|rn|cousin|coach)\b\.? ?(?=[^\W\d_])",
    regex.IGNORECASE,
)

_EVERYDAY = frozenset({"doctor", "miss", "don", "prof", "professor", "sr"})


class TitledNameRecogniser(ReadingRecogniser):
    """Find names after a title."""

    phi_type = PhiType.NAME

    def find(self, text: str) -> Iterator[Found]:
        """Yield what follows a title."""
        for match in _SHORT.finditer(text, timeout=PATTERN_TIMEOUT_S):
            capital = text[match.end()].isupper()
            end = read_name(
                text,
                match.end(),
                reads=_reads_for(match.group(), capital=capital),
                most=4 if capital else 1,
            )
            if end is not None:
                yield Found(match.start(), end, 0.88)
        for match in _LONG.finditer(text, timeout=PATTERN_TIMEOUT_S):
            end = read_name(text, match.end(), reads=is_capitalised_name)
            if end is not None and not names_a_disease(text, end):
                yield Found(match.end(), end, 0.7)


def _reads_for(title: str, *, capital: bool) -> Reads:
    """In lower case a title that is also an everyday word needs a name of the lists."""
    if capital:
        return is_capitalised_name
    return _is_listed_and_rare if title.strip(" .").lower() in _EVERYDAY else is_name_in_any_case


def _is_listed_and_rare(word: str) -> bool:
    return is_listed_name(word) and not is_ordinary_word(word)
