"""Telephone numbers.

Format: North American (NANP) numbers, E.164 with +, national forms of other countries in two or more groups, and
seven-digit local numbers. Class D of 45 CFR 164.514(b)(2)(i).
Source: https://www.nanpa.com/numbering, ITU-T E.164.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, Form, FormRecogniser, digits_of

_CUE = (
    r"\b(?:tele(?:phone)?s?|tel|phones?|ph|cell(?:phone)?|mobile|call(?:ing|ed)?(?: me| us| him| her"
    r"| back)?(?: at| on)?|text(?: me)?(?: at| on)?"
    r"|reach(?:ed)?(?: me| us| him| her)? (?:at|on)|whatsapp|contact|answer(?:ing|s)? at|registered"
    r"|pager|beeper|voicemail|tel[eé]fono|celular|n[uú]mero)\b"
)
_EXTENSION = r"(?:,? ?(?:ext\.?|extension|x) ?[0-9]{1,6})?"
NANP = r"(?:\+?1[ .-]{0,3})?(?:\( ?[0-9]{3} ?\)|[0-9]{3})[ ./-]{0,3}[0-9]{3}[ .-]{1,3}[0-9]{4}"
GROUPED = r"\(?\+?[0-9]{1,5}\)?(?:[ ./-]{1,2}\(?[0-9]{1,5}\)?){0,5}[ ./-]{1,2}[0-9]{1,5}"


class PhoneRecogniser(FormRecogniser):
    """Find telephone numbers."""

    phi_type = PhiType.PHONE
    forms = (
        Form("NANP", rf"(?<![\w.-]){NANP}{_EXTENSION}(?![0-9])", 0.85),
        Form("NANP with area in brackets", rf"\([0-9]{{3}}\) ?[0-9]{{3}}[ .-]?[0-9]{{4}}{_EXTENSION}(?![0-9])", 0.88),
        Form(
            "E.164",
            rf"(?<![\w.])(?:\+|00[ -]?(?=[1-9]))[0-9](?:[ ./()-]{{0,2}}[0-9]){{6,14}}{_EXTENSION}(?![0-9])",
            0.86,
        ),
        Form(
            "beside a cue",
            _CUE + GLUE + rf"(?P<value>\(?[+0-9][0-9](?:[ ./()-]{{0,2}}[0-9]){{5,13}}{_EXTENSION})(?![0-9])",
            0.86,
        ),
        Form(
            "local", r"(?<![\w.$/-])[0-9]{3}-[0-9]{4}(?![\w/%]|-[0-9]| ?(?:mg|ml|mcg|units?|iu|cal|kcal|steps)\b)", 0.6
        ),
        Form(
            "four pairs",
            r"(?<![\w.,$/-])[0-9]{2}(?P<gap>[ .-])[0-9]{2}(?:(?P=gap)[0-9]{2}){2}(?![\w%]|[.,/-][0-9])",
            0.55,
        ),
        Form("national groups", rf"(?<![\w.,$/-]){GROUPED}(?![\w%]|[.,/-][0-9])", 0.55),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Take loose groups only with as many digits as a national number has, and not written like a date or a range."""
        if form.name != "national groups":
            return True
        count = len(digits_of(value))
        trunk = value.startswith(("0", "+", "(")) or value.count("-") == 3
        return (8 if trunk else 9) <= count <= 15
