"""DEA registration numbers of prescribers.

Format: a registrant letter, a letter or 9, six digits and a check digit: (d1+d3+d5) + 2(d2+d4+d6), last digit.
Class K of 45 CFR 164.514(b)(2)(i). Source: https://www.deadiversion.usdoj.gov/ (registration number check).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, GLUE, NUMBER, START, Form, FormRecogniser, digits_of


class DeaRecogniser(FormRecogniser):
    """Find DEA numbers by check digit, or beside a cue whatever the digit."""

    phi_type = PhiType.LICENSE
    needs = DIGIT
    forms = (
        Form(
            "beside a cue",
            START
            + rf"(?:DEA|D\.E\.A\.)(?: registration| reg\.?| licen[sc]e)?{NUMBER}{{0,2}}"
            + GLUE
            + r"(?P<value>[A-Z][A-Z0-9][ -]?[0-9]{3}[ -]?[0-9]{4})(?![A-Z0-9])",
            0.95,
        ),
        Form("check digit", r"(?<![A-Z0-9])[ABCDEFGHJKLMPRSTUX][A-Z9]-?[0-9]{7}(?![A-Z0-9])", 0.9),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Check the last digit where no cue vouches."""
        if form.name == "beside a cue":
            return True
        digits = [int(character) for character in digits_of(value)[-7:]]
        return (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]
