"""Medicare Beneficiary Identifiers.

Format: eleven characters C A N/A N A N/A N A A N N without S, L, O, I, B, Z, often in groups of 4-3-4.
Class I of 45 CFR 164.514(b)(2)(i).
Source: https://www.cms.gov/medicare/new-medicare-card/understanding-the-mbi-with-format.pdf
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, Form, FormRecogniser

_LETTER = "[AC-HJKMNP-RT-Y]"
_EITHER = "[AC-HJKMNP-RT-Y0-9]"


class MbiRecogniser(FormRecogniser):
    """Find Medicare Beneficiary Identifiers by their format."""

    phi_type = PhiType.HEALTH_PLAN
    needs = DIGIT
    forms = (
        Form(
            "format",
            rf"(?<![A-Z0-9])[1-9]{_LETTER}{_EITHER}[0-9][ -]?{_LETTER}{_EITHER}[0-9]["
            rf" -]?{_LETTER}{{2}}[0-9]{{2}}(?![A-Z0-9])",
            0.95,
        ),
    )
