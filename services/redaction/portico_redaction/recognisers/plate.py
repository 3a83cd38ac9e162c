"""Vehicle registration plates.

Format: two to eight letters and digits, each state and country its own, so a cue decides. Class L of 45 CFR 164.514(b)(2)(i).
Source: https://www.nhtsa.gov/ (state plate formats are not uniform); vanity plates have letters only and need the word "plate".
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, Form, FormRecogniser

_CUE = (
    r"\b(?:(?:licen[sc]e|number|car|vehicle) plates?|plates?|license tag|tag|registration|placas?"
    r"|matr[ií]cula)(?: (?:number|num|no)\b\.?| ?#)?"
)


class PlateRecogniser(FormRecogniser):
    """Find plates beside a cue."""

    phi_type = PhiType.VEHICLE
    forms = (
        Form(
            "with digits",
            _CUE + GLUE + r"(?P<value>(?=[A-Z -]{0,5}[0-9])[A-Z0-9]{1,4}[ -]?[A-Z0-9]{2,5}(?![A-Z0-9]))",
            0.9,
        ),
        Form("vanity", r"\b(?i:licen[sc]e plate|plate number|plates?)" + GLUE + r"(?P<value>[A-Z]{4,8})\b", 0.8, 0),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave counts and years alone ("plate 1", "tag 2020"), and doses ("plate 5 mg")."""
        letters = sum(character.isalpha() for character in value)
        return letters >= 1 and not value.lower().endswith(("mg", "ml", "cm", "mm", "kg", "am", "pm"))
