"""Driver's, professional and other licence and certificate numbers, passports and state identity cards.

Format: each state and country has its own, so a cue decides. Class K of 45 CFR 164.514(b)(2)(i), "certificate/license numbers".
Source: AAMVA DL/ID card design standard, element DAQ (https://www.aamva.org/identity/dl-id-card-design-standard);
ICAO Doc 9303 part 4 (passport numbers: up to nine letters and digits); USCIS A-numbers (A and seven to nine digits).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, GAP, GLUE, IDENTIFIER, NUMBER, START, Form, FormRecogniser
from portico_redaction.recognisers.spared import is_code

_HOLDER = (
    r"(?:driver'?s?'?|drivers|driving|medical|nursing|nurse'?s?|pharmacy|pharmacist'?s?|physician'?s?|doctor'?s?|professional|state|board"
    r"|rn|lpn|md|np|commercial|cdl|concealed carry|pilot'?s?|hunting|fishing|marriage|birth|death)"
)
_CUE = (
    START
    + rf"(?:(?:{_HOLDER} (?:licen[sc]es?|certificates?|permits?|lic)|licen[sc]es?|certificates?|certification|lic\.?|dl|d\.l\.|cdl|clia|upin|ptan|oln){NUMBER}{{1,2}}"
    rf"|{_HOLDER} (?:licen[sc]es?|lic|permits?)|state id(?: card)?{NUMBER}?|passports?{NUMBER}?|passport card{NUMBER}?|green card{NUMBER}?|alien{NUMBER}|a-number"
    rf"|(?:uscis|visa|permanent resident(?: card)?|naturali[sz]ation|global entry|known traveler|ktn|real id){NUMBER}"
    r"|(?:licencia|permiso|carn[eé])(?: de (?:conducir|manejar|conductor))|(?:n[uú]mero de )?(?:licencia|pasaporte)|dl ?[:#])"
)
_SURE_CUE = (
    START
    + r"(?:driver'?s? licen[sc]e|driving licen[sc]e|(?:state|medical|nursing|board|professional) licen[sc]e|state id|passport)"
)


class LicenceRecogniser(FormRecogniser):
    """Find licence numbers beside a cue."""

    phi_type = PhiType.LICENSE
    needs = DIGIT
    forms = (
        Form("beside a cue", _CUE + GLUE + rf"(?P<value>{IDENTIFIER})", 0.9),
        Form("in groups", _CUE + GLUE + r"(?P<value>[A-Z]?[0-9]{2,4}(?:[ -][0-9A-Z]{2,5}){1,4})(?![0-9A-Z])", 0.9),
        Form("DL", r"\bDL[: ]{1,2}(?P<value>[A-Z]{0,2}[0-9](?:-?[0-9]){5,13})(?![0-9])", 0.85),
        Form(
            "state before the number",
            rf"(?:{_CUE}|{START}dl)"
            + GLUE
            + r"(?:[A-Z]{2}[ :-]{1,2})(?P<value>[A-Z]{0,2}-?[0-9](?:-?[A-Z0-9]){4,15})(?![A-Z0-9])",
            0.9,
        ),
        Form("A-number", r"(?<![\w-])A[- ]?[0-9]{3}[- ]?[0-9]{3}[- ]?[0-9]{3}(?![\w-])", 0.75, 0),
        Form("some words between", _SURE_CUE + GAP + rf"(?P<value>{IDENTIFIER})", 0.55),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave years alone ("licence since 2010")."""
        return is_code(value, digits=5)
