"""Driver's, professional and other licence and certificate numbers.

Format: each state has its own, so a cue decides. Class K of 45 CFR 164.514(b)(2)(i).
Source: AAMVA DL/ID card design standard, element DAQ (https://www.aamva.org/identity/dl-id-card-design-standard).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, IDENTIFIER, Form, FormRecogniser

_CUE = (
    r"\b(?:(?:driver'?s?'?|drivers|driving|medical|nursing|pharmacy|pharmacist|physician|professional"
    r"|state|rn|md) licen[sc]e"
    r"(?: (?:number|num|no|id)\b\.?| ?#)?|licen[sc]e(?: (?:number|num|no|id)\b\.?| ?#)|lic ?(?:#"
    r"|no\b\.?)|dl(?: ?#| no\b\.?| number)"
    r"|state id(?: number| no\.?| #)?|certificate(?: (?:number|num|no)\b\.?| ?#)|licencia(?: de conducir)?)"
)


class LicenceRecogniser(FormRecogniser):
    """Find licence numbers beside a cue."""

    phi_type = PhiType.LICENSE
    forms = (
        Form("beside a cue", _CUE + GLUE + rf"(?P<value>{IDENTIFIER})", 0.9),
        Form("in groups", _CUE + GLUE + r"(?P<value>[A-Z]?[0-9]{2,4}(?:[ -][0-9A-Z]{2,5}){1,4})(?![0-9])", 0.9),
        Form("DL", r"\bDL[: ]{1,2}(?P<value>[A-Z]{0,2}[0-9](?:-?[0-9]){5,13})(?![0-9])", 0.85),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave years alone ("licence since 2010")."""
        return sum(character.isdigit() for character in value) >= 5 or not value.isdigit()
