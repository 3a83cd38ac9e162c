"""Social Security and individual taxpayer numbers.

Format: nine digits, AAA-GG-SSSS, with any separator; without one only beside a cue, because nine bare digits are also
routing and member numbers. Impossible areas (000, 666, 900 up) are taken too: a mistyped number is still somebody's.
The last four digits count where the text calls them so. Class G of 45 CFR 164.514(b)(2)(i).
Source: https://www.ssa.gov/employer/randomization.html
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, Form, FormRecogniser

_CUE = r"\b(?:ssn|ss ?#|s\.s\.n\.?|socials?|social security|soc(?:ial)? sec|seguro social|itin|tax ?id|taxpayer id)\b"


class SsnRecogniser(FormRecogniser):
    """Find SSNs and ITINs: written, beside a cue, masked, or their last four digits."""

    phi_type = PhiType.SSN
    forms = (
        Form("separated", r"(?<![\w-])[0-9]{3}(?P<gap> ?[-./] ?| )[0-9]{2}(?P=gap)[0-9]{4}(?![\w]|-[0-9])", 0.9),
        Form("beside a cue", _CUE + GLUE + r"(?P<value>[0-9](?:[\s./-]{0,3}[0-9]){8})(?![0-9])", 0.95),
        Form("before its cue", r"(?<![\w-])(?P<value>[0-9]{9})(?= (?:is|was) (?:my|his|her|the) (?:ssn|social))", 0.95),
        Form("masked", r"(?<![\w])[x*#]{3}[- ]?[x*#]{2}[- ]?(?P<value>[0-9]{4})(?![0-9])", 0.9),
        Form(
            "first part", _CUE + GLUE + r"(?:starts? with |begins? with )(?P<value>[0-9]{3}(?:[- ]?[0-9]{2})?)\b", 0.9
        ),
        Form("last four after the cue", _CUE + r"[^.\n]{0,30}?\b(?P<value>[0-9]{4})(?![\w/-])", 0.85),
        Form(
            "last four before the cue",
            r"\b(?:last|final) (?:four|4)(?: digits| numbers)?[^.\n0-9]{0,40}?(?P<value>[0-9]{4})(?![\w/-])",
            0.8,
        ),
        Form("four, then the cue", r"\b(?P<value>[0-9]{4})(?= (?:is|are) the last (?:four|4))", 0.85),
    )
