"""Other numbers and codes that single out a person: appointments, orders, claims, cases, prescriptions, users, passports.

Class R of 45 CFR 164.514(b)(2)(i): "any other unique identifying number, characteristic, or code".
Format: a cue decides; user names also by @.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, IDENTIFIER, Form, FormRecogniser

_NUMBER = r"(?: ?(?:id|number|num|no|code|ref|reference)\b\.?| ?#){1,2}"
_CUE = (
    rf"\b(?:(?:appointment|appt|order|claim|case|ticket|prescription|rx|referral|authorization|auth"
    rf"|confirmation|reference|tracking|visit|encounter|accession|specimen|sample"
    rf"|lab|invoice|receipt|study|trial|participant|subject|employee|student|badge|passport|visa"
    rf"|military|va|voter|national|tribal|request|message|report|booking|registration){_NUMBER}"
    r"|passport|accession|id ?(?:#|number|no\b\.?|:)|ref(?:erence)?\.?(?: code)?(?: ?#|:)"
    r"|confirmation(?: code)?:?|rx ?#|pasaporte|curp|dni|nie|c[eé]dula)"
)


class OtherIdRecogniser(FormRecogniser):
    """Find other identifiers beside a cue, and user names."""

    phi_type = PhiType.OTHER_ID
    forms = (
        Form("beside a cue", _CUE + GLUE + rf"(?P<value>{IDENTIFIER})", 0.8),
        Form("number sign", r"(?<![\w])#(?P<value>[A-Z]{0,4}-?[0-9][0-9-]{3,18}[0-9])(?!\w)", 0.6),
        Form(
            "user name",
            r"\b(?:user ?name|user ?id|login|log[- ]?in|screen name|handle|portal id|usuario)(?: is| was|:| -"
            r"|=)? ?:? ?(?P<value>(?=[\w.@-]{0,30}[0-9_@.-])[\w.@-]{3,40}\w)",
            0.85,
        ),
        Form(
            "user name in words",
            r"\b(?:user ?name|screen name|login|usuario)(?: is|:|=) ?\"?'?(?P<value>[\w.@-]{3,40}\w)",
            0.8,
        ),
        Form("handle", r"(?<![\w@.])@[A-Za-z_][\w.]{2,30}\b", 0.6),
        Form("password", r"\b(?:password|passcode|pin|contrase[nñ]a)(?: is|:|=) ?\"?'?(?P<value>[^\s\"']{4,40})", 0.8),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave years and short counts alone."""
        digits = sum(character.isdigit() for character in value)
        if form.name == "beside a cue":
            return digits >= 4 or (digits >= 2 and not value.isdigit() and len(value) >= 5)
        return True
