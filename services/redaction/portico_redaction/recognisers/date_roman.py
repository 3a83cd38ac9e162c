"""Days in Roman numerals: "IX.III.MCMLXXXIV", "the ix of march", "March IX, 1984".

Class C of 45 CFR 164.514(b)(2)(i). Years alone stay, in Roman numerals as in others, and so do stages, grades, types and
nerves ("stage IV", "CN VII"). Days with a Roman month in the middle ("9.III.1984") are in date.py.
"""

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser
from portico_redaction.recognisers.date_words import MONTH, YEAR

_DAY = r"(?:x{0,3}(?:ix|iv|v?i{0,3}))(?<=[xvi])(?:st|nd|rd|th)?"
_MONTH = r"(?:i{1,3}|iv|vi{0,3}|ix|xi{0,2})"
_YEAR = r"m{1,2}(?:cm|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"


class RomanDateRecogniser(FormRecogniser):
    """Find days in Roman numerals."""

    phi_type = PhiType.DATE
    needs = regex.compile(r"\b[ivx]{1,6}(?:st|nd|rd|th)?\b", regex.IGNORECASE)
    forms = (
        Form("all Roman", rf"(?<![\w./-]){_DAY}(?P<gap>[ ]?[./-][ ]?|[ ]){_MONTH}(?P=gap){_YEAR}(?![\w/-])", 0.85),
        Form("month first", rf"(?<![\w./-]){_MONTH}(?P<gap>[./-]){_DAY}(?P=gap){_YEAR}(?![\w/-])", 0.85),
        Form("Roman day of a month", rf"\b(?:the )?{_DAY} (?:of|de) {MONTH}(?:,? {YEAR}\b)?", 0.8),
        Form(
            "month and Roman day",
            rf"\b{MONTH} (?:the )?(?P<day>{_DAY})(?:,? {YEAR}\b|(?=[.,;!?)]|$))",
            0.75,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave "may I" and "march i": one letter that is a word is no day without more around it."""
        day = regex.search(r"\b[ivxIVX]{1,6}(?=\b|st|nd|rd|th)", value)
        alone = day is not None and day.group().lower() == "i"
        return form.name not in ("month and Roman day", "Roman day of a month") or not alone
