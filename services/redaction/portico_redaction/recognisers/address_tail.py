"""What follows a street or a unit in an address: town, region, postal code, country, over commas and line breaks.

Class B of 45 CFR 164.514(b)(2)(i). Format: capitalised words, two-letter regions and codes of four to six digits, until
an everyday word, a drug, or the end of a sentence. Lower-case towns count only before a country or a code.
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.address_line import AddressLineRecogniser
from portico_redaction.recognisers.base import Found, ReadingRecogniser
from portico_redaction.recognisers.street import StreetRecogniser
from portico_redaction.recognisers.word_lists import is_never_name

_PART = regex.compile(
    r"(?P<gap>(?:[,;]|\.(?=[\s]{1,3}(?:Suite|Apt)))?[ \n\r\t>?]{1,8}|, )(?:, )?"
    r"(?P<part>(?:Suite|Apt\.?|Unit) [0-9]{1,5}|(?:[0-9]{4,6}|[0-9]{3} [0-9]{2})(?![\w/-])"
    r"|\p{Lu}(?:\p{L}|['.-](?=\p{L}))*(?:\([^)\n]{1,30}\))?)"
)
_MOST = 12


class AddressTailRecogniser(ReadingRecogniser):
    """Find the rest of an address."""

    phi_type = PhiType.GEOGRAPHIC

    def __init__(self) -> None:
        super().__init__()
        self._heads = (AddressLineRecogniser(), StreetRecogniser())

    def find(self, text: str) -> Iterator[Found]:
        """Yield each address read on to its end."""
        for head in self._heads:
            for found in head.find(text):
                end = _read_on(text, found.end)
                if end > found.end:
                    yield Found(found.start, end, 0.66)


def _read_on(text: str, position: int) -> int:
    for _ in range(_MOST):
        match = _PART.match(text, position)
        if match is None or _stops(match.group("part")):
            break
        position = match.end()
    return position


def _stops(part: str) -> bool:
    return not part[0].isdigit() and not part.startswith(("Suite", "Apt", "Unit")) and is_never_name(part)
