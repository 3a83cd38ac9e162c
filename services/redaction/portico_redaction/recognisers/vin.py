"""Vehicle identification numbers.

Format: 17 letters and digits without I, O, Q; in North America position 9 is a check digit (49 CFR 565.15).
Class L of 45 CFR 164.514(b)(2)(i).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, GLUE, NUMBER, START, Form, FormRecogniser

_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = {
    **{str(n): n for n in range(10)},
    **dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), 1, 2, 3, 4, 5, 7, 9, *range(2, 10)), strict=True)),
}


class VinRecogniser(FormRecogniser):
    """Find VINs by check digit, or beside a cue whatever the digit."""

    phi_type = PhiType.VEHICLE
    needs = DIGIT
    forms = (
        Form(
            "beside a cue",
            START
            + rf"(?:VINs?|V\.I\.N\.|vehicle(?: identification| id)?|chassis|bastidor|car|truck|van){NUMBER}{{0,2}}"
            + GLUE
            + r"(?P<value>[A-Z0-9]{11,17})(?![A-Z0-9])",
            0.95,
        ),
        Form(
            "grouped, beside a cue",
            START
            + rf"(?:VIN|vehicle identification){NUMBER}{{0,2}}"
            + GLUE
            + r"(?P<value>[A-Z0-9]{3}(?:[ -]?[A-Z0-9]{1,6}){2,8})(?![A-Z0-9])",
            0.9,
        ),
        Form(
            "whole, a few words on",
            rf"{START}(?:VINs?|V\.I\.N\.|vehicle identification number)\b[^\n]{{0,30}}?(?<![A-Z0-9])(?P<value>[A-Z0-9]{{17}})(?![A-Z0-9])",
            0.92,
        ),
        Form(
            "last of a VIN",
            START
            + r"(?:last|final) (?:6|six|8|eight)(?: digits| characters)?(?: of(?: (?:the|my|his|her))?)? VIN"
            + GLUE
            + r"(?P<value>[A-Z0-9]{6,8})(?![A-Z0-9])",
            0.9,
        ),
        Form("check digit", r"(?<![A-Z0-9])[A-HJ-NPR-Z0-9]{17}(?![A-Z0-9])", 0.9),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Check position 9 where no cue vouches."""
        compact = value.replace(" ", "").replace("-", "").upper()
        digits = sum(character.isdigit() for character in compact)
        match form.name:
            case "check digit":
                total = sum(_VALUES[c] * weight for c, weight in zip(compact, _WEIGHTS, strict=True))
                return "0123456789X"[total % 11] == compact[8] and not compact.isdigit()
            case "grouped, beside a cue":
                return 11 <= len(compact) <= 18 and digits >= 4
            case _:
                return digits >= 3
