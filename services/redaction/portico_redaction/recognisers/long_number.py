"""Long bare numbers and coded strings without a cue: whatever they are, they single somebody out.

Class R of 45 CFR 164.514(b)(2)(i), and a fallback for the other classes: 9 digits read like an SSN, 10 or 11 like a telephone
number, more like an account; the class is a guess, that it goes is not. Counts with a unit stay ("1500000 copies/mL").
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser

_UNITS = (
    r"(?! ?(?:copies|cells|units?|iu|ml|mg|mcg|g|kg|l|u/|/|%|platelets|cfu|steps|people|dollars|usd|million|bpm|years))"
)


class LongNumberRecogniser(FormRecogniser):
    """Find long numbers and codes that nothing else explains."""

    phi_type = PhiType.OTHER_ID
    forms = (
        Form("digits", rf"(?<![\w.,$/-])[0-9]{{7,30}}(?![\w]|[.,][0-9]|-[0-9]){_UNITS}", 0.4),
        Form("code", r"(?<![\w./-])(?=[A-Z-]{1,6}[0-9])[A-Z]{1,5}-?[0-9]{5,20}(?![\w-])", 0.4, 0),
    )


class BareSsnRecogniser(FormRecogniser):
    """Nine digits: as an SSN."""

    phi_type = PhiType.SSN
    forms = (Form("nine digits", rf"(?<![\w.,$/+-])[0-9]{{9}}(?![\w]|[.,][0-9]|-[0-9]){_UNITS}", 0.42),)


class BarePhoneRecogniser(FormRecogniser):
    """Ten digits, or eleven after a 1: as a telephone number."""

    phi_type = PhiType.PHONE
    forms = (
        Form(
            "ten digits", rf"(?<![\w.,$/+-])(?:1?[2-9][0-9]{{9}}|0[0-9]{{9,10}})(?![\w]|[.,][0-9]|-[0-9]){_UNITS}", 0.45
        ),
    )


class BareAccountRecogniser(FormRecogniser):
    """Twelve digits or more: as an account."""

    phi_type = PhiType.ACCOUNT
    forms = (Form("twelve digits", rf"(?<![\w.,$/+-])[0-9]{{12,30}}(?![\w]|[.,][0-9]|-[0-9]){_UNITS}", 0.45),)
