"""Vehicle identification numbers.

Format: 17 letters and digits without I, O, Q; in North America position 9 is a check digit (49 CFR 565.15).
Class L of 45 CFR 164.514(b)(2)(i).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, Form, FormRecogniser

_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = {
    **{str(n): n for n in range(10)},
    **dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), 1, 2, 3, 4, 5, 7, 9, *range(2, 10)), strict=True)),
}


class VinRecogniser(FormRecogniser):
    """Find VINs by check digit, or beside a cue whatever the digit."""

    phi_type = PhiType.VEHICLE
    forms = (
        Form(
            "beside a cue",
            r"\b(?:VIN|vehicle(?: identification| id)?)(?: (?:number|num|no)\b\.?| ?#)?"
            + GLUE
            + r"(?P<value>[A-Z0-9]{11,17})(?![A-Z0-9])",
            0.95,
        ),
        Form("check digit", r"(?<![A-Z0-9])[A-HJ-NPR-Z0-9]{17}(?![A-Z0-9])", 0.9),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Check position 9 where no cue vouches."""
        if form.name == "beside a cue":
            return any(character.isdigit() for character in value)
        total = sum(_VALUES[character] * weight for character, weight in zip(value.upper(), _WEIGHTS, strict=True))
        return "0123456789X"[total % 11] == value[8].upper() and not value.isdigit()
