"""Payment card numbers.

Format: 13 to 19 digits with a Luhn check digit (ISO/IEC 7812-1), often in groups of four. Class J of 45 CFR 164.514(b)(2)(i).
Numbers of one or two digits in a row are doses or readings
("40 40 30 30 20 20"), unless a view has joined them on a cue. A number of the right length that starts like a card but fails the check is taken too: one mistyped digit hides nobody.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, Form, FormRecogniser, digits_of, luhn_valid

_ISSUER_DIGITS = "23456"
"""First digits of payment cards (ISO/IEC 7812-1: travel, banking, merchandising and petroleum)."""


class CardRecogniser(FormRecogniser):
    """Find card numbers, grouped or not."""

    phi_type = PhiType.ACCOUNT
    needs = DIGIT
    forms = (
        Form(
            "grouped digits",
            r"(?<![\w.,-])(?![0-9]{1,2}(?: [0-9]{1,2}){6}(?![0-9]))[0-9](?:[ -]?[0-9]){12,18}(?![\w]|[.,-][0-9])",
            0.9,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Take what passes the check digit or starts like a card."""
        digits = digits_of(value)
        return luhn_valid(digits) or digits[0] in _ISSUER_DIGITS
