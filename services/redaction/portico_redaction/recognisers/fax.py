"""Fax numbers: telephone numbers that the text calls fax. Class E of 45 CFR 164.514(b)(2)(i).

Format and source as portico_redaction.recognisers.phone.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, Form, FormRecogniser

_NUMBER = r"(?P<value>\(?[+0-9][0-9](?:[ ./()-]{0,3}[0-9]){5,13})(?![0-9])"


class FaxRecogniser(FormRecogniser):
    """Find fax numbers by their cue, before or after."""

    phi_type = PhiType.FAX
    forms = (
        Form(
            "after the cue",
            r"\bfax(?:ed|es)?\b(?: (?:it|this|them|the [a-z]{1,12}|me|us))?(?: (?:to|at|on))?" + GLUE + _NUMBER,
            0.92,
        ),
        Form("before the cue", _NUMBER + r"(?=[ -]{0,2}\(?fax\b)", 0.92),
    )
