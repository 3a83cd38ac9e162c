"""Rooms, beds, bays, wards and floors by number: with a facility and a day they single a patient out.

Class R of 45 CFR 164.514(b)(2)(i) (and unit numbers of class B). Format: a cue and one to four digits with a letter or two. Counts ("bed 2 nights",
"emergency room 3 times", "room 10 minutes") and readings ("room air 94") stay. HL7 v2 carries it in PV1-3.
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, EXACT_CASE, Form, FormRecogniser, Found
from portico_redaction.recognisers.spared import is_counted

_CUE = r"(?<![A-Za-z0-9])(?:(?:hospital |exam |private |patient |hosp )?rooms?|rm|bed|bay|bassinet|crib|cubicle|pod|stall|locker|suite|ste|ward|habitaci[oó]n|cuarto|cama|sala)"
_NUMBER = r"(?:[0-9]{1,2}[A-Z]-[0-9]{1,3}|[A-Z]{0,3}-?[0-9]{1,4}(?:[A-Z]{1,2}[0-9]?|-[A-Z0-9]{1,4}|(?-i: [A-H]))?)"


_COUNTED = regex.compile(
    r" (?:nights?|people|patients?|visits?|beds|more|or|to|of|out|with (?:a|my)|square|sq|degrees|feet|foot|sores?|rails?|minutes?|temp(?:erature)?|patients)\b",
    regex.IGNORECASE,
)
_ROW = regex.compile(r" [0-9]{2,3}(?:,| and|, and) (?:at )?bed(?:time)?[ :]{1,2}\Z", regex.IGNORECASE)


class RoomRecogniser(FormRecogniser):
    """Find numbers of rooms and beds."""

    phi_type = PhiType.OTHER_ID
    needs = DIGIT
    forms = (
        Form(
            "room and number",
            rf"{_CUE}(?: (?:number|no\.?|num\.?|n[uú]mero)|\.)?[ :#]{{1,3}}(?P<value>{_NUMBER})(?![\w/%:-]|[.,][0-9])",
            0.75,
        ),
        Form(
            "unit and bed",
            r"(?<![\w-])(?P<value>(?:[CMNPSTB]?ICU|CCU|PACU|CVU|ED|ER|LDR|L&D|TELE|PEDS|OBS|NICU|SDU|PCU)-[0-9]{1,4}[A-Z]?)(?![\w-])",
            0.65,
            EXACT_CASE,
        ),
        Form("in, and a room with a letter", r"\bin (?P<value>[1-9][0-9]{2,3}[A-D])(?![\w-])", 0.6, EXACT_CASE),
        Form("in one word", r"(?<![A-Za-z0-9])(?:rm|bed|room)(?P<value>[0-9]{1,4}[A-Z]?)(?![\w/%-]|[.,][0-9])", 0.7),
        Form(
            "which room", rf"{_CUE} (?:is|was|=) (?P<value>[A-Z]{{0,2}}-?[0-9]{{2,4}}[A-Z]?)(?![\w/%:-]|[.,][0-9])", 0.7
        ),
    )

    def find(self, text: str) -> Iterator[Found]:
        """Leave what is counted: nights, times, people."""
        for found in super().find(text):
            if _is_reading(text, found):
                continue
            if not is_counted(text, found.end) and not _COUNTED.match(text, found.end):
                yield found


def _is_reading(text: str, found: Found) -> bool:
    """Say whether it stands last in a row of readings ("lunch 188, dinner 244, bed 260")."""
    before = _ROW.search(text, max(0, found.start - 32), found.start)
    return before is not None and text[found.start : found.end].isdigit()
