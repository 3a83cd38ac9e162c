"""National Provider Identifiers.

Format: ten digits that start with 1 or 2; Luhn check digit over the number with 80840 before it.
Class K of 45 CFR 164.514(b)(2)(i). Source: https://www.cms.gov/Regulations-and-Guidance/Administrative-Simplification/NationalProvIdentStand
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, GLUE, NUMBER, START, Form, FormRecogniser, luhn_valid


class NpiRecogniser(FormRecogniser):
    """Find NPIs by check digit, or beside a cue whatever the digit."""

    phi_type = PhiType.LICENSE
    needs = DIGIT
    forms = (
        Form(
            "beside a cue",
            START
            + rf"(?:NPI|N\.P\.I\.|national provider(?: identifier| id)?){NUMBER}{{0,2}}"
            + GLUE
            + r"(?P<value>[0-9](?:[ -]?[0-9]){9})(?![0-9])",
            0.95,
        ),
        Form("check digit", r"(?<![\w.,+-])[12][0-9]{9}(?![\w]|[.,-][0-9])", 0.85),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Check the last digit where no cue vouches."""
        return form.name == "beside a cue" or luhn_valid("80840" + value)
