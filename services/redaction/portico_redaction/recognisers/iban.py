"""International bank account numbers.

Format: two letters, two check digits, 11 to 30 letters and digits, often in groups of four; remainder 97 of the
rearranged number is 1. Class J of 45 CFR 164.514(b)(2)(i). Source: ISO 13616, https://www.swift.com/resource/iban-registry-pdf
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, Form, FormRecogniser


class IbanRecogniser(FormRecogniser):
    """Find IBANs by their check digits."""

    phi_type = PhiType.ACCOUNT
    needs = DIGIT
    forms = (
        Form(
            "grouped", r"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}(?:[ -][A-Z0-9]{4}){2,7}(?:[ -][A-Z0-9]{1,3})?(?![A-Z0-9])", 0.95
        ),
        Form("in one piece", r"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}(?![A-Z0-9])", 0.95),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Check ISO 7064 mod 97-10."""
        compact = "".join(character for character in value.upper() if character.isalnum() and character.isascii())
        turned = compact[4:] + compact[:4]
        return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1
