"""Telephone numbers.

Format: North American (NANP) numbers, E.164 with +, national forms of other countries in two or more groups,
seven-digit local numbers, numbers spelled in letters, and extensions and pagers beside a cue. Readings ("110 132 145"), blood pressures in a row
and codes of drugs (NDC) stay, and so do public help lines. Class D of 45 CFR 164.514(b)(2)(i).
Source: https://www.nanpa.com/numbering, ITU-T E.164.
"""

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, GLUE, START, Form, FormRecogniser, digits_of
from portico_redaction.recognisers.spared import is_public_line

_CUE = (
    START + r"(?:tele(?:phone)?s?|tel|phones?|ph|cell(?:phone|ular)?s?|mobiles?|mob|call(?:ing|ed)?(?: me| us| him| her"
    r"| back| the office| my \w{2,12})?(?: at| on)?|text(?:ed)?(?: me)?(?: at| on)?|sms"
    r"|reach(?:ed)?(?: me| us| him| her)? (?:at|on)|whats ?app|contact(?: number| phone)?|(?:my|his|her|our|their|the|new|best|right|correct) (?:number|no\.)|answer(?:ing|s)? at|registered|dial|ring|landline|home|work|daytime|evening"
    r"|pager|beeper|voice ?mail|call ?back|cb ?#|tel[eé]fono|celular|m[oó]vil|n[uú]mero|ll[aá]m[ae]\w{0,4})(?![A-Za-z])"
)
_EXTENSION = r"(?:,? ?(?:ext(?:ension|n)?\.?|x|anexo) ?[0-9]{1,6})?"
NANP = r"(?:\+?1[ .-]{0,3})?(?:\( ?[0-9]{3} ?\)|[0-9]{3})[ ./-]{0,3}[0-9]{3}[ .-]{1,3}[0-9]{4}"
GROUPED = r"\(?\+?[0-9]{1,5}\)?(?:[ ./-]{1,2}\(?[0-9]{1,5}\)?){0,5}[ ./-]{1,2}[0-9]{1,5}"
_PRESSURES = regex.compile(r"[0-9]{2,3}/[0-9]{2,3}(?:[ -]{1,3}[0-9]{2,3}/[0-9]{2,3})*")
_ZIP_PLUS_4 = regex.compile(r"[0-9]{5} ?- ?[0-9]{4}")
_READING = range(20, 451)
"""What a pulse, pressure or sugar can be: a row of such numbers is a diary, not a telephone number."""


class PhoneRecogniser(FormRecogniser):
    """Find telephone numbers."""

    phi_type = PhiType.PHONE
    needs = DIGIT
    forms = (
        Form("NANP", rf"(?<![\w.-]){NANP}{_EXTENSION}(?![0-9])", 0.85),
        Form("NANP with area in brackets", rf"\([0-9]{{3}}\) ?[0-9]{{3}}[ .-]?[0-9]{{4}}{_EXTENSION}(?![0-9])", 0.88),
        Form(
            "E.164",
            rf"(?<![\w.])(?:\+|00[ -]?(?=[1-9]))[0-9](?:[ ./()-]{{0,2}}[0-9]){{6,14}}{_EXTENSION}(?![0-9])",
            0.86,
            loose=True,
        ),
        Form(
            "beside a cue",
            _CUE + GLUE + rf"(?P<value>\(?[+0-9][0-9](?:[ ./()-]{{0,2}}[0-9]){{5,13}}{_EXTENSION})(?![0-9])",
            0.86,
        ),
        Form("local", r"(?<![\w.$/-])[0-9]{3}-[0-9]{4}(?![\w/%]|-[0-9]|\.[0-9])", 0.6, loose=True),
        Form("local with extension", rf"(?<![\w.$/-])[0-9]{{3}}-[0-9]{{4}}{_EXTENSION[:-1]}(?![\w/%-])", 0.65),
        Form(
            "four pairs",
            r"(?<![\w.,$/-])[0-9]{2}(?P<gap>[ .-])[0-9]{2}(?:(?P=gap)[0-9]{2}){2}(?![\w%]|[.,/-][0-9])",
            0.55,
            loose=True,
        ),
        Form("national groups", rf"(?<![\w.,$/-]){GROUPED}(?![\w%]|[.,/-][0-9])", 0.55, loose=True),
        Form(
            "in letters",
            r"(?<![\w.-])(?:1[ .-])?8(?:00|33|44|55|66|77|88)[ .-](?=[0-9-]{0,4}[A-Z])[A-Z0-9]{2,8}(?:-[A-Z0-9]{2,5})?(?![\w-])",
            0.8,
            0,
        ),
        Form("spaced digits", r"(?<![\w.,$/-])[0-9](?:[ .-][0-9]){6,14}(?![\w%]|[.,/ -][0-9])", 0.5, loose=True),
        Form(
            "extension",
            START + r"(?:ext(?:ension|n)?\.?|anexo)[ :#]{0,2}(?:is |number |# ?)?(?P<value>[0-9]{2,6})(?![\w/.%-])",
            0.7,
        ),
        Form(
            "last digits",
            START
            + r"(?:phone|cell|mobile|landline|line|number|telephone|tel[eé]fono|celular)(?: number| on file)?,?(?: that| which)?"
            + r" (?:end(?:s|ing)|termina(?:ndo)?) (?:in|with|on|en) (?P<value>[0-9]{3,4})(?![\w/.%-])",
            0.72,
        ),
        Form(
            "pager",
            START
            + r"(?:pager|beeper|page me|page us|speed dial)(?: number| no\.?| ?#)?[ :#]{0,2}(?:is |at |on )?(?P<value>[0-9]{3,7})(?![\w/.%-])",
            0.7,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave public help lines; take loose groups only with as many digits as a national number has, and not written like readings or a date."""
        groups = [int(group) for group in regex.findall(r"[0-9]+", value)]
        match form.name:
            case "four pairs":
                return not all(number % 5 == 0 for number in groups)
            case "national groups" if all(number % 5 == 0 for number in groups) and groups == sorted(
                groups, reverse=True
            ):
                return False  # A taper: "40-30-20-10".
            case "spaced digits":
                return len(groups) in (7, 10, 11) and groups not in (sorted(groups), sorted(groups, reverse=True))
            case _ if is_public_line(value) or (form.name == "in letters" and _is_short(value)):
                return False
            case "national groups":
                return _is_national(value, groups)
            case _:
                return True


def _is_short(value: str) -> bool:
    """Say whether letters after 800 are too few for a number ("800 IU")."""
    return sum(map(str.isalnum, value.removeprefix("1"))) < 9


def _is_national(value: str, groups: list[int]) -> bool:
    if (
        _PRESSURES.fullmatch(value)
        or _ZIP_PLUS_4.fullmatch(value)
        or (value[0] not in "0+(" and all(number in _READING for number in groups))
    ):
        return False
    trunk = value.startswith(("0", "+", "(")) or value.count("-") == 3
    return (8 if trunk else 9) <= len(digits_of(value)) <= 15
