"""Fax numbers: telephone numbers that the text calls fax. Class E of 45 CFR 164.514(b)(2)(i).

Format and source as portico_redaction.recognisers.phone.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, GLUE, START, Form, FormRecogniser

_NUMBER = r"(?P<value>\(?[+0-9][0-9](?:[ ./()-]{0,3}[0-9]){5,13}(?:,? ?(?:ext\.?|x) ?[0-9]{1,5})?)(?![0-9])"
_WORDS = r"[^.;!?\n0-9]{0,60}?\b(?:to|at|on|is|al?|por|en)\b[ :#]{1,3}"


class FaxRecogniser(FormRecogniser):
    """Find fax numbers by their cue, before or after."""

    phi_type = PhiType.FAX
    needs = DIGIT
    forms = (
        Form(
            "after the cue",
            r"(?<![0-9][ ./-])"
            + START
            + r"(?:fax(?:ed|es)?|facsimile|efax)(?![A-Za-z])(?: (?:number|no\.?|#|line))?"
            + GLUE
            + _NUMBER,
            0.92,
        ),
        Form(
            "some words after the cue",
            START + r"(?:fax(?:ed|es|ing)?|facsimile|efax)(?![A-Za-z])" + _WORDS + _NUMBER,
            0.9,
        ),
        Form("before the cue", _NUMBER + r"(?=[ -]{0,2}[(\[]?(?:e?fax|facsimile)\b)", 0.92),
        Form("F beside a number", r"(?:^|[\s|,;(])F(?:ax)?[:.] ?" + _NUMBER, 0.88, 0),
    )
