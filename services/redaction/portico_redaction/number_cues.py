"""Words that announce an identifier, for views that must tell a number from a list of readings or a count.

A view rebuilds numbers out of words or single characters. "Scores 7, 6, 5, 4, 3" and "one two three four five" are
built of the same pieces as a spelled member number; what stands before them tells the two apart. Which identifier it
is, the recognisers decide. Source: the cues of `recognisers/`, shortened; English and Spanish.
"""

from collections.abc import Sequence
from itertools import pairwise

import regex

_BEFORE = 60
"""How far before a number its cue may stand, in characters: one clause."""

_CUE = regex.compile(
    r"\b(?:ssn|social|itin|tax|phones?|tel|telephone|cell|mobile|call|text|reach|fax|pager|numbers?|no|num|mrns?|record"
    r"|chart|member|subscriber|policy|group|plan|insurance|medicare|medicaid|mbi|account|acct|routing|card|visa|iban|id"
    r"|ids|zip|postal|postcode|dob|born|birth|birthday|licen[sc]e|licence|npi|dea|serial|device|udi|imei|vin|plate|pin"
    r"|dl|s/n|sn|lic|code|passport|claim|order|case|confirmation|reference|ref|e-?mail|address|ip|url|website|site|login|password"
    r"|n[uú]mero|tel[eé]fono|celular|seguro|cuenta|tarjeta|expediente|p[oó]liza|c[oó]digo|licencia|c[eé]dula|correo)\b",
    regex.IGNORECASE,
)


def announces_number(text: str, position: int) -> bool:
    """Say whether a cue stands in the clause before a position."""
    before = text[max(0, position - _BEFORE) : position]
    return _CUE.search(before) is not None


def is_count(values: Sequence[int]) -> bool:
    """Say whether values go up or down by one, as in counting or on a scale."""
    steps = {after - before for before, after in pairwise(values)}
    return len(values) > 2 and steps in ({1}, {-1})
