"""Medical record numbers.

Format: each hospital has its own, so a cue or the site's own pattern decides; letters, digits and single separators.
Class H of 45 CFR 164.514(b)(2)(i). HL7 v2 carries it in PID-3 (https://hl7-definition.caristix.com/v2/HL7v2.5/Fields/PID.3).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, IDENTIFIER, Form, FormRecogniser

_CUE = (
    r"\b(?:mrns?|m\.r\.n\.?|mr ?(?:#|no\b\.?|number)"
    r"|med(?:ical)?[ .-]{1,2}rec(?:ord)?s?(?:[ -](?:number|num|no|id)\b\.?|[ -]?#)?"
    r"|(?:chart|record|patient|hospital|unit|file)[ -]?(?:number|num\b|no\b\.?|id\b|identifier|#)"
    r"|(?:n[uú]mero de )?(?:historia cl[ií]nica|expediente))"
)


class MrnRecogniser(FormRecogniser):
    """Find medical record numbers beside a cue, and anything that fits the site's pattern."""

    phi_type = PhiType.MRN
    forms = (
        Form("beside a cue", _CUE + GLUE + rf"(?P<value>{IDENTIFIER})", 0.95),
        Form("cue and number in one word", r"\b(?P<value>MRN?[-_#]?[0-9](?:[-/.]?[A-Z0-9]){3,19})(?![A-Z0-9])", 0.95),
        Form("digits in groups", _CUE + GLUE + r"(?P<value>[0-9](?:[ -]{0,3}[0-9]){3,19})(?![0-9])", 0.9),
    )

    def __init__(self, site_pattern: str | None = None) -> None:
        own = (Form("site", site_pattern, 0.97),) if site_pattern else ()
        super().__init__(self.forms + own)
