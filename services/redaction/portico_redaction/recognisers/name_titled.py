"""Names after a title: "Dr. Smith", "Mrs. Van der Berg", "nurse Amy", "dr patel", "Sra. Gomez".

Class A of 45 CFR 164.514(b)(2)(i). Format: title, then name words; in lower case only after short titles and only words
that are not everyday English ("dr said" stays).
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, Found, ReadingRecogniser
from portico_redaction.recognisers.name_words import is_capitalised_name, is_name_in_any_case, read_name

_SHORT = regex.compile(
    r"\b(?:dr|drs|doctor|mr|mrs|ms|miss|mx|prof|professor|sr|sra|srta|dra|don|do[nñ]a)\b\.? ?(?=[^\W\d_])",
    regex.IGNORECASE,
)
_LONG = regex.compile(
    r"\b(?:nurse|surgeon|therapist|pharmacist|physician|counselor|midwife|father|sister|brother|pastor|reverend|rev|rabbi|imam|sir|madam|madame|lady|lord"
    r"|captain|capt|sgt|sergeant|officer|judge|senator|president|doctor|doctora|se[nñ]ora?|uncle|aunt|auntie|grandma|grandpa|t[ií][oa]|np|pa|rn|cousin|coach)\b\.? ?(?=[^\W\d_])",
    regex.IGNORECASE,
)


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
                reads=is_capitalised_name if capital else is_name_in_any_case,
                most=4 if capital else 1,
            )
            if end is not None:
                yield Found(match.end(), end, 0.88)
        for match in _LONG.finditer(text, timeout=PATTERN_TIMEOUT_S):
            end = read_name(text, match.end(), reads=is_capitalised_name)
            if end is not None:
                yield Found(match.end(), end, 0.7)
